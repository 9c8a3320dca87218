//! The text of an exception of the SDK is part of an answer.

use rustc_hash::FxHashSet;

use crate::program::{Decorated, ExprAt, FunctionId, ModuleId, Program, Scope, Symbol};
use crate::rules::look::{Body, call_name, is_aside, kinds, name, reach, root_name, spans, texts};
use crate::rules::rule::{Rule, rule};
use crate::rules::{Cx, Draft, Drafts, Meta, Spot};
use crate::syntax::{ExprId, ExprKind, StmtId, StmtKind, Sym, Tree, Visit};

rule! {
    /// The text of an exception of the SDK is part of an answer.
    SdkErrorAnswered { id: "sdk-error-answered", weakness: StoreErrorExposed, kind: Exposure, severity: Medium, since: "0.1.0" }
}

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

impl Rule for SdkErrorAnswered {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, cx: &Cx<'_>, out: &mut Drafts) {
        let program = cx.program;
        let mut scopes: FxHashSet<Scope> = FxHashSet::default();
        for answer in ANSWERS {
            scopes.extend(program.calls_named(answer).filter(|site| site.around.in_handler).map(|site| site.scope));
        }
        scopes.extend(cx.handlers().iter().copied().map(Scope::Function));
        let mut scopes: Vec<Scope> = scopes.into_iter().filter(|scope| scope.function().is_some()).collect();
        scopes.sort_by_key(|scope| scope.function());
        for scope in scopes {
            if reach(cx, scope).is_hot() {
                caught(cx, scope, out);
            }
        }
        for handler in HANDLERS {
            for decorator in program.decorators_named(handler) {
                let Decorated::Function(function) = decorator.on else { continue };
                let about = program.positional(decorator.at, 0);
                if about.is_some_and(|about| {
                    is_sdk_error(program, about) || is_any_error(program, about) && uses_sdk(program)
                }) {
                    registered(cx, function, out);
                }
            }
        }
        for site in program.calls_named("add_exception_handler") {
            let (Some(about), Some(handler)) = (program.positional(site.at, 0), program.positional(site.at, 1)) else {
                continue;
            };
            let fits = is_sdk_error(program, about) || is_any_error(program, about) && uses_sdk(program);
            if let (true, Some(Symbol::Function(function))) = (fits, program.resolve(handler)) {
                registered(cx, function, out);
            }
        }
    }
}

/// Handlers of `except` in a scope that put what they caught into an answer.
fn caught(cx: &Cx<'_>, scope: Scope, out: &mut Drafts) {
    let program = cx.program;
    let module = scope.module();
    let tree = program.tree(module);
    let body = Body::of(program, scope);
    for &stmt in &body.stmts {
        let StmtKind::Try { body: guarded, handlers, .. } = tree[stmt].kind else { continue };
        for handler in &tree[handlers] {
            let Some(error) = handler.name else { continue };
            let ours = handler.exceptions.is_some_and(|exceptions| is_sdk_error(program, module.expr(exceptions)))
                || handler.exceptions.is_none_or(|exceptions| is_any_error(program, module.expr(exceptions)))
                    && tree[guarded].iter().any(|&inner| calls_sdk(cx, scope, inner));
            if !ours {
                continue;
            }
            let inside: Vec<StmtId> = body
                .stmts
                .iter()
                .copied()
                .filter(|&inner| spans(handler.span, tree[inner].span) && inner != stmt)
                .collect();
            if let Some(at) = answered(program, module, &inside, error) {
                say(cx, at, scope, Spot { module, span: handler.span }, out);
            }
        }
    }
}

/// The answer that statements give with the text of an error in it.
fn answered(program: &Program, module: ModuleId, stmts: &[StmtId], error: Sym) -> Option<ExprAt> {
    let tree = program.tree(module);
    let mut names = vec![error];
    for &stmt in stmts {
        match tree[stmt].kind {
            StmtKind::Assign { targets, value: Some(value), .. } => {
                let value = module.expr(value);
                if tells(program, value, &names) {
                    names.extend(tree[targets].iter().filter_map(|&target| name(program, module.expr(target))));
                }
            }
            StmtKind::Return(Some(value)) => {
                let value = module.expr(value);
                if is_answer(program, value) && tells(program, value, &names) {
                    return Some(place(program, value, &names));
                }
            }
            StmtKind::Raise { exception: Some(exception), .. } => {
                let value = module.expr(exception);
                let answer = call_name(program, value).is_some_and(|name| ANSWERS.contains(&name));
                if answer && tells(program, value, &names) {
                    return Some(place(program, value, &names));
                }
            }
            StmtKind::Expr(value) => {
                let value = module.expr(value);
                if call_name(program, value) == Some("abort") && tells(program, value, &names) {
                    return Some(place(program, value, &names));
                }
            }
            _ => {}
        }
    }
    None
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

/// Whether an expression holds the text of one of the names: `str(e)`, `f"{e}"`, `e.args`, `e.response["Error"]["Message"]`, a name made of it.
fn tells(program: &Program, at: ExprAt, names: &[Sym]) -> bool {
    struct Find<'t> {
        program: &'t Program,
        module: ModuleId,
        names: &'t [Sym],
        found: bool,
    }
    impl Visit for Find<'_> {
        fn expr(&mut self, tree: &Tree, expr: ExprId) -> bool {
            let (program, module) = (self.program, self.module);
            let ours = |expr: ExprId| name(program, module.expr(expr)).is_some_and(|name| self.names.contains(&name));
            let found = match tree[expr].kind {
                ExprKind::Call { args, .. } => {
                    let called = call_name(program, module.expr(expr));
                    matches!(called, Some("str" | "repr" | "format_exc" | "format"))
                        && tree[args].iter().any(|arg| ours(arg.value))
                }
                ExprKind::Fstring(parts) => {
                    tree[parts].iter().any(|&part| ours(part) || is_text_of(program, module.expr(part), self.names))
                }
                ExprKind::Subscript { .. } | ExprKind::Attribute { .. } => {
                    is_text_of(program, module.expr(expr), self.names)
                }
                // A name that was given the text, not the error itself.
                ExprKind::Name(name) => self.names[1..].contains(&name),
                ExprKind::Compare { .. } => return false,
                _ => false,
            };
            self.found |= found;
            !self.found
        }
    }
    let mut find = Find { program, module: at.module, names, found: false };
    program.tree(at.module).walk_expr(at.expr, &mut find);
    find.found
}

/// `e.response["Error"]["Message"]`, `e.args`, `e.message`: not its code.
fn is_text_of(program: &Program, at: ExprAt, names: &[Sym]) -> bool {
    if root_name(program, at).is_none_or(|root| !names.contains(&root)) {
        return false;
    }
    match program.expr(at).kind {
        ExprKind::Attribute { base, name } => {
            matches!(program.text(name), "args" | "message" | "response" | "msg")
                && crate::rules::look::name(program, at.beside(base)).is_some()
                && !is_base(program, at)
        }
        ExprKind::Subscript { .. } => {
            let keys = texts(program, at);
            !is_base(program, at) && (keys.contains(&"Message") || keys == ["Error"])
        }
        ExprKind::Call { .. } => {
            matches!(call_name(program, at), Some("get")) && texts(program, at).contains(&"Message")
        }
        _ => false,
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

/// The innermost line to show: the part of the answer that holds the text.
fn place(program: &Program, value: ExprAt, names: &[Sym]) -> ExprAt {
    let tree = program.tree(value.module);
    if let ExprKind::Call { args, .. } = tree[value.expr].kind
        && let Some(arg) = tree[args].iter().find(|arg| tells(program, value.beside(arg.value), names))
    {
        return value.beside(arg.value);
    }
    value
}

/// Whether the expression names exceptions of the SDK.
fn is_sdk_error(program: &Program, at: ExprAt) -> bool {
    match program.expr(at).kind {
        ExprKind::Tuple(parts) => {
            program.tree(at.module)[parts].iter().any(|&part| is_sdk_error(program, at.beside(part)))
        }
        ExprKind::Attribute { base, name } => {
            // `client.exceptions.ResourceNotFoundException`
            let of_client = matches!(program.expr(at.beside(base)).kind, ExprKind::Attribute { name, .. } if program.text(name) == "exceptions");
            of_client && program.text(name) != "RequestException" && program.external(at).is_none()
                || is_sdk_path(program, at)
        }
        _ => is_sdk_path(program, at),
    }
}

fn is_sdk_path(program: &Program, at: ExprAt) -> bool {
    program.external(at).is_some_and(|path| {
        path.starts_with("botocore.exceptions.")
            || path.starts_with("boto3.exceptions.")
            || path.starts_with("aiobotocore.")
            || path.starts_with("pynamodb.exceptions.")
    })
}

fn is_any_error(program: &Program, at: ExprAt) -> bool {
    matches!(program.external(at), Some("builtins.Exception" | "builtins.BaseException"))
}

fn uses_sdk(program: &Program) -> bool {
    ["boto3", "botocore", "aioboto3", "aiobotocore", "pynamodb"]
        .into_iter()
        .any(|name| program.names.find(name).is_some())
}

/// Whether a statement calls the SDK: here, or in a function of the project that it calls.
fn calls_sdk(cx: &Cx<'_>, scope: Scope, stmt: StmtId) -> bool {
    let program = cx.program;
    let tree = program.tree(scope.module());
    let within = tree[stmt].span;
    program.calls_in(scope).iter().filter(|site| spans(within, tree[site.at.expr].span)).any(|site| {
        is_store_call(cx, site.at)
            || cx.values.targets(site.at).into_iter().any(|function| {
                program.calls_in(Scope::Function(function)).iter().any(|site| is_store_call(cx, site.at))
            })
    })
}

fn is_store_call(cx: &Cx<'_>, call: ExprAt) -> bool {
    cx.program.receiver(call).is_some_and(|receiver| kinds::store(cx, receiver) == kinds::Store::Yes)
}

/// A handler of errors of the application that answers with the text of what it is given.
fn registered(cx: &Cx<'_>, function: FunctionId, out: &mut Drafts) {
    let program = cx.program;
    if is_aside(program.module(function.module).role) {
        return;
    }
    let scope = Scope::Function(function);
    let body = Body::of(program, scope);
    for param in program.params(function) {
        if let Some(at) = answered(program, function.module, &body.stmts, param.name) {
            say(cx, at, scope, Spot::function(program, function), out);
        }
    }
}

fn say(cx: &Cx<'_>, at: ExprAt, scope: Scope, handler: Spot, out: &mut Drafts) {
    let draft = Draft::new(
        &SdkErrorAnswered::META,
        Spot::expr(cx.program, at),
        scope,
        "the text of the store's error is part of the answer: it names operation, table and account to whoever asks",
    )
    .step(handler, "caught here")
    .step(Spot::expr(cx.program, at), "and told to the caller");
    out.push(draft);
}
