//! The text of an exception in an answer: who answers in a handler, with what, and which part of it tells of the error. Judges nothing, and leaves out what
//! only a flag for debugging shows.

mod carried;
mod debug;
mod known;

use rustc_hash::FxHashSet;

use super::{Body, call_name, is_aside, name, reach, root_name, spans, texts};
use crate::program::{Decorated, ExprAt, FunctionId, ModuleId, Program, Scope, Symbol};
use crate::rules::Cx;
use crate::syntax::{Const, ExprId, ExprKind, Handler, Operator, Param, ParamKind, StmtId, StmtKind, Sym};
pub use carried::{carries, parts};
pub use known::{Given, Known};

/// Calls that make an answer.
const ANSWERS: &[&str] = &[
    "HTTPException",
    "JsonResponse",
    "JSONResponse",
    "Response",
    "HttpResponse",
    "HttpResponseBadRequest",
    "HttpResponseServerError",
    "jsonify",
    "make_response",
    "abort",
    "APIException",
    "ORJSONResponse",
    "PlainTextResponse",
    "HTMLResponse",
    "HttpResponseNotFound",
    "json_response",
];

/// Decorators that register a handler of errors.
const HANDLERS: &[&str] =
    &["exception_handler", "errorhandler", "app_errorhandler", "add_exception_handler", "register_error_handler"];

/// Functions of the standard library that write the frames of an exception.
pub const TRACES: &[&str] = &["traceback.format_exc", "traceback.format_exception", "traceback.format_tb"];

/// An answer with the text of an error in it.
#[derive(Clone, Copy, Debug)]
pub struct Told {
    /// What is returned, raised or given to `abort`.
    pub answer: ExprAt,
    /// The innermost argument of it that holds the text.
    pub part: ExprAt,
    /// Whether the error's own text is in it.
    pub text: bool,
    /// Whether the frames of the error are in it.
    pub trace: bool,
}

/// The scopes that answer requests or messages and may do so in a handler of errors, in the order of modules and source.
pub fn scopes(cx: &Cx<'_>) -> Vec<Scope> {
    let program = cx.program;
    let mut scopes: FxHashSet<Scope> = FxHashSet::default();
    for answer in ANSWERS {
        scopes.extend(program.calls_named(answer).filter(|site| site.around.in_handler).map(|site| site.scope));
    }
    scopes.extend(cx.handlers().iter().copied().map(Scope::Function));
    let mut scopes: Vec<Scope> =
        scopes.into_iter().filter(|&scope| scope.function().is_some() && reach(cx, scope).is_hot()).collect();
    scopes.sort_by_key(|scope| scope.function());
    scopes
}

/// The handlers of errors that are registered with an application, each with what it handles.
pub fn registered(cx: &Cx<'_>) -> Vec<(ExprAt, FunctionId)> {
    let program = cx.program;
    let mut found = Vec::new();
    for handler in HANDLERS {
        for decorator in program.decorators_named(handler) {
            if let (Decorated::Function(function), Some(about)) = (decorator.on, program.positional(decorator.at, 0)) {
                found.push((about, function));
            }
        }
    }
    for site in program.calls_named("add_exception_handler") {
        if let (Some(about), Some(handler)) = (program.positional(site.at, 0), program.positional(site.at, 1))
            && let Some(Symbol::Function(function)) = program.resolve(handler)
        {
            found.push((about, function));
        }
    }
    found.retain(|(_, function)| !is_aside(program.module(function.module).role));
    found
}

/// The parameter that a registered handler gets the error as: the last one, as in `(request, exc)`, `(self, request, exc)` and `(error)`.
pub fn error_param(program: &Program, function: FunctionId) -> Option<Sym> {
    let given = |param: &&Param| !matches!(param.kind, ParamKind::Args | ParamKind::Kwargs | ParamKind::KeywordOnly);
    program.params(function).iter().rfind(given).map(|param| param.name)
}

/// What a registered handler answers with the text of its error in it, or with its frames.
pub fn of_registered(program: &Program, function: FunctionId) -> Vec<Told> {
    let body = Body::of(program, Scope::Function(function));
    answers(program, function.module, &body.stmts, error_param(program, function))
}

/// The handlers of `except` in a scope, each with its `try`.
pub fn caught(program: &Program, scope: Scope, body: &Body) -> Vec<(StmtId, Handler)> {
    let tree = program.tree(scope.module());
    let mut found = Vec::new();
    for &stmt in &body.stmts {
        if let StmtKind::Try { handlers, .. } = tree[stmt].kind {
            found.extend(tree[handlers].iter().map(|&handler| (stmt, handler)));
        }
    }
    found
}

/// The statements of a handler, those in its blocks included.
pub fn inside(program: &Program, module: ModuleId, body: &Body, handler: &Handler) -> Vec<StmtId> {
    let tree = program.tree(module);
    body.stmts.iter().copied().filter(|&inner| spans(handler.span, tree[inner].span)).collect()
}

/// The answers that statements give with the text of an error in it, or with its frames.
pub fn answers(program: &Program, module: ModuleId, stmts: &[StmtId], error: Option<Sym>) -> Vec<Told> {
    let tree = program.tree(module);
    let known = Known::of(program, module, stmts, error);
    let mut found = Vec::new();
    for &stmt in stmts {
        let answer = match tree[stmt].kind {
            StmtKind::Return(Some(value)) if is_answer(program, module.expr(value)) => value,
            StmtKind::Raise { exception: Some(value), .. }
                if call_name(program, module.expr(value)).is_some_and(|name| ANSWERS.contains(&name)) =>
            {
                value
            }
            StmtKind::Expr(value) if call_name(program, module.expr(value)) == Some("abort") => value,
            _ => continue,
        };
        let answer = module.expr(answer);
        if let Some((text, trace)) = known.tells(answer)
            && !debug::is_guarded(program, module, stmt)
        {
            found.push(Told { answer, part: place(program, &known, answer), text, trace });
        }
    }
    found
}

/// Whether a returned value is an answer by its looks: a dict, a text, a tuple with a status, a response.
fn is_answer(program: &Program, value: ExprAt) -> bool {
    match program.expr(value).kind {
        ExprKind::Dict(_) | ExprKind::Tuple(_) | ExprKind::Fstring(_) => true,
        ExprKind::Call { .. } => call_name(program, value).is_some_and(|name| {
            ANSWERS.contains(&name) || matches!(name, "str" | "repr") || name.ends_with("Response")
        }),
        _ => false,
    }
}

/// The innermost line to show: the part of the answer that holds the text.
fn place(program: &Program, known: &Known<'_>, value: ExprAt) -> ExprAt {
    let tree = program.tree(value.module);
    if let ExprKind::Call { args, .. } = tree[value.expr].kind
        && let Some(arg) = tree[args].iter().find(|arg| known.tells(value.beside(arg.value)).is_some())
    {
        return value.beside(arg.value);
    }
    value
}

/// What an expression says of an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Text {
    /// Its text, as text.
    Words,
    /// Something of it that is no text: its arguments, the whole answer of a service.
    Other,
    /// Its frames.
    Frames,
}

/// What an expression itself says of the error of this name: `str(e)`, `f"{e}"`, `e.args`, `e.response["Error"]["Message"]`, `traceback.format_exc()`.
pub fn own_text(program: &Program, at: ExprAt, error: Option<Sym>) -> Option<Text> {
    let tree = program.tree(at.module);
    let ours = |expr: ExprId| error.is_some() && name(program, at.beside(expr)) == error;
    match tree[at.expr].kind {
        ExprKind::Call { callee, args } => {
            if program.external(at.beside(callee)).is_some_and(|path| TRACES.contains(&path)) {
                return Some(Text::Frames);
            }
            let called = call_name(program, at);
            let says = matches!(called, Some("str" | "repr" | "format"));
            if says && tree[args].iter().any(|arg| ours(arg.value)) {
                return Some(Text::Words);
            }
            error.and_then(|error| is_text_of(program, at, error))
        }
        ExprKind::Fstring(parts) => {
            let tells = |part: ExprId| {
                ours(part) || error.is_some_and(|error| is_text_of(program, at.beside(part), error).is_some())
            };
            tree[parts].iter().any(|&part| tells(part)).then_some(Text::Words)
        }
        ExprKind::Subscript { .. } | ExprKind::Attribute { .. } => {
            error.and_then(|error| is_text_of(program, at, error))
        }
        // `"failed: %s" % e`, `"%s: %s" % (name, e)`
        ExprKind::Binary { op: Operator::Mod, left, right } => {
            let is_filled = matches!(tree[left].kind, ExprKind::Const(Const::Str(_)) | ExprKind::Fstring(_));
            let among = |expr: ExprId| matches!(tree[expr].kind, ExprKind::Tuple(parts) if tree[parts].iter().any(|&part| ours(part)));
            (is_filled && (ours(right) || among(right))).then_some(Text::Words)
        }
        _ => None,
    }
}

/// `e.response["Error"]["Message"]`, `e.args`, `e.message`: not its code.
fn is_text_of(program: &Program, at: ExprAt, error: Sym) -> Option<Text> {
    if root_name(program, at) != Some(error) || is_base(program, at) {
        return None;
    }
    match program.expr(at).kind {
        ExprKind::Attribute { base, name } => {
            crate::rules::look::name(program, at.beside(base))?;
            match program.text(name) {
                "message" | "msg" => Some(Text::Words),
                "args" | "response" => Some(Text::Other),
                _ => None,
            }
        }
        ExprKind::Subscript { .. } => {
            let keys = texts(program, at);
            if keys.contains(&"Message") { Some(Text::Words) } else { (keys == ["Error"]).then_some(Text::Other) }
        }
        ExprKind::Call { .. } => (matches!(call_name(program, at), Some("get"))
            && texts(program, at).contains(&"Message"))
        .then_some(Text::Words),
        _ => None,
    }
}

/// Whether something is taken out of the expression.
fn is_base(program: &Program, at: ExprAt) -> bool {
    let module = program.module(at.module);
    module.links.parent(at.expr).is_some_and(|parent| match module.tree[parent].kind {
        ExprKind::Subscript { base, .. } | ExprKind::Attribute { base, .. } => base == at.expr,
        _ => false,
    })
}
