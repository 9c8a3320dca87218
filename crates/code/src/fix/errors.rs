//! Fixes of an error's text in an answer: a fixed text takes its place, the error is logged, and what is raised keeps its cause.
//!
//! Refuses where the answer holds parts of the error that are no text, and where a condition decides whether it is shown.

use super::site::Site;
use super::source::{FILE, Source, insert, replace};
use super::{Edit, Fix, Refusal};
use crate::program::{ExprAt, Scope};
use crate::rules::look::told::{self, Text, Told};
use crate::rules::look::{Body, call_name, mentions, name};
use crate::syntax::{Const, ExprId, ExprKind, Handler, Operator, Span, StmtId, StmtKind, Sym};

/// What is answered where nothing of the old text can stay.
const WORDS: &str = "\"the request could not be completed\"";

/// Methods and functions that give a text of a text, so that they go with it.
const SHAPED: &[&str] =
    &["str", "repr", "escape", "force_str", "join", "strip", "replace", "lower", "capitalize", "format", "title"];

/// Every answer of the handler that the line stands in gets a fixed text.
pub(super) fn fixed_text(site: &Site<'_>) -> Result<Fix, Refusal> {
    let source = &site.source;
    let tree = source.tree();
    let none = || Refusal::shape("no text of an error is answered there");
    let answers = |kind: &StmtKind| matches!(kind, StmtKind::Return(_) | StmtKind::Raise { .. } | StmtKind::Expr(_));
    let stmt = source.statement(site.line, answers).ok_or_else(none)?;
    let scope = source.program.scope_of_stmt(FILE.stmt(stmt));
    let function = scope.function().ok_or_else(none)?;
    let body = Body::of(&source.program, scope);
    let handler = handler_of(source, stmt);
    let (stmts, error, span) = if let Some(handler) = &handler {
        (told::inside(&source.program, FILE, &body, handler), handler.name, handler.span)
    } else {
        let mut params = source.program.params(function).iter().map(|param| param.name);
        let told = |name: &Sym| !told::answers(&source.program, FILE, &body.stmts, Some(*name)).is_empty();
        let name = params.find(told).ok_or_else(none)?;
        (body.stmts.clone(), Some(name), tree[function.ix].span)
    };
    let told = told::answers(&source.program, FILE, &stmts, error);
    let names = texts(source, &stmts, error);
    let mut edits = Vec::new();
    let mut said = None;
    for one in &told {
        for (at, text) in parts(source, one, error, &names) {
            let (span, words) = replaced(source, at, text)?;
            said.get_or_insert_with(|| words.clone());
            edits.push(replace(span, words));
        }
    }
    let said = said.ok_or_else(none)?;
    let caught = handler.is_some();
    if caught && let Some(error) = error {
        for one in &told {
            let raised = source.stmt_of(one.answer.expr).ok_or_else(none)?;
            if let StmtKind::Raise { cause: None, .. } = tree[raised].kind {
                edits.push(insert(tree[raised].span.end, format!(" from {}", source.program.text(error))));
            }
        }
    }
    let mut title = "answer with a fixed text".to_owned();
    if !is_logged(source, &stmts, error) {
        title.push_str(", and log the error");
        let (logger, made) = logger(source, scope)?;
        edits.extend(made);
        let line = match error {
            Some(error) if !caught => format!("{logger}.error({said}, exc_info={})", source.program.text(error)),
            _ => format!("{logger}.exception({said})"),
        };
        let first = match (&told[..], &handler) {
            ([only], _) => source.stmt_of(only.answer.expr),
            (_, Some(handler)) => tree[handler.body].first().copied(),
            (_, None) => source.first_of(function),
        };
        let before = first.and_then(|first| source.before(first, &line));
        edits.push(before.ok_or_else(|| Refusal::shape("a statement shares its line with another"))?);
    }
    edits.extend(unused(source, &names, &body, &edits));
    if let Some(handler) = &handler {
        edits.extend(unnamed(source, handler, span, &edits));
    }
    Ok(Fix::review(title, edits).minding(
        "callers get a fixed text in place of the error's; whoever matches on the text has to look at the status",
    ))
}

/// The innermost handler that a statement stands in.
fn handler_of(source: &Source<'_>, stmt: StmtId) -> Option<Handler> {
    let tree = source.tree();
    let at = tree[stmt].span.start;
    source.way_up(stmt).into_iter().find_map(|up| match tree[up].kind {
        StmtKind::Try { handlers, .. } => {
            tree[handlers].iter().find(|handler| (handler.span.start..handler.span.end).contains(&at)).copied()
        }
        _ => None,
    })
}

/// The names that statements give the text of an error to, each with its statement.
fn texts(source: &Source<'_>, stmts: &[StmtId], error: Option<Sym>) -> Vec<(Sym, StmtId)> {
    let tree = source.tree();
    let mut names: Vec<(Sym, StmtId)> = Vec::new();
    for &stmt in stmts {
        let StmtKind::Assign { targets, value: Some(value), .. } = tree[stmt].kind else { continue };
        let tells = !told::parts(&source.program, FILE.expr(value), &|at| says(source, at, error, &names)).is_empty();
        if tells {
            let targets = tree[targets].iter();
            names.extend(
                targets.filter_map(|&target| name(&source.program, FILE.expr(target))).map(|name| (name, stmt)),
            );
        }
    }
    names
}

fn says(source: &Source<'_>, at: ExprAt, error: Option<Sym>, names: &[(Sym, StmtId)]) -> Option<Text> {
    match source.tree()[at.expr].kind {
        ExprKind::Name(found) if names.iter().any(|(name, _)| *name == found) => Some(Text::Words),
        _ => told::own_text(&source.program, at, error),
    }
}

/// The parts of an answer that tell.
fn parts(source: &Source<'_>, told: &Told, error: Option<Sym>, names: &[(Sym, StmtId)]) -> Vec<(ExprAt, Text)> {
    told::parts(&source.program, told.answer, &|at| says(source, at, error, names))
}

/// What a part of an answer is replaced by, and how much of it.
fn replaced(source: &Source<'_>, at: ExprAt, text: Text) -> Result<(Span, String), Refusal> {
    let tree = source.tree();
    if text == Text::Other {
        return Err(Refusal::shape("the answer holds parts of the error that are no text"));
    }
    let callee = source.program.call(at).and_then(|(callee, _)| source.program.external(callee));
    // These give lists of lines.
    let mut lines = text == Text::Frames && callee.is_some_and(|path| path != "traceback.format_exc");
    let mut whole = at.expr;
    let mut front = None;
    while let Some(parent) = source.parent(whole) {
        match tree[parent].kind {
            ExprKind::Binary { op, left, .. } => {
                let word = matches!(tree[left].kind, ExprKind::Const(Const::Str(_))) && op == Operator::Add;
                front = word.then(|| source.expr(left)).filter(|_| left != whole);
            }
            ExprKind::Attribute { base, name } if base == whole => {
                if !SHAPED.contains(&source.program.text(name)) {
                    return Err(Refusal::shape("something else is made of the error's text"));
                }
            }
            ExprKind::Subscript { base, index } if base == whole && !lines => {
                if !matches!(tree[index].kind, ExprKind::Slice { .. }) {
                    return Err(Refusal::shape("something else is made of the error's text"));
                }
            }
            ExprKind::Call { callee, .. } => {
                let called = call_name(&source.program, FILE.expr(parent)).unwrap_or_default();
                if callee != whole && !SHAPED.contains(&called) {
                    break;
                }
                lines &= called != "join";
            }
            ExprKind::IfElse { .. } | ExprKind::Bool { .. } => {
                return Err(Refusal::shape("a condition decides whether the error's text is shown"));
            }
            ExprKind::Fstring(_) => front = None,
            _ => break,
        }
        whole = parent;
    }
    if lines {
        return Err(Refusal::shape("the answer holds parts of the error that are no text"));
    }
    let words = match tree[whole].kind {
        ExprKind::Fstring(_) => beginning(source.expr(whole).strip_prefix('f').unwrap_or_default()),
        _ => front.and_then(words),
    };
    Ok((tree[whole].span, words.unwrap_or_else(|| WORDS.to_owned())))
}

/// The words in front of the only thing that an f-string puts in, at its end.
fn beginning(text: &str) -> Option<String> {
    let quote = text.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    let inner = text.strip_prefix(quote)?.strip_suffix(quote)?;
    let (front, rest) = inner.split_once('{')?;
    let ends = rest.strip_suffix('}').is_some_and(|rest| !rest.contains(['{', '}']));
    if !ends {
        return None;
    }
    words(&format!("{quote}{front}{quote}"))
}

/// A literal without the punctuation that led to what followed it.
fn words(literal: &str) -> Option<String> {
    let quote = literal.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    let inner = literal.strip_prefix(quote)?.strip_suffix(quote)?;
    let inner = inner.trim_end_matches([' ', ':', '-', '(', ',', '=', '\'', '"']);
    let plain = inner.len() > 2 && !inner.contains([quote, '\\', '{', '}', '%', '\n']);
    plain.then(|| format!("\"{inner}\"")).filter(|_| !inner.contains('"'))
}

/// Whether one of the statements logs the error, or hands it to who does.
fn is_logged(source: &Source<'_>, stmts: &[StmtId], error: Option<Sym>) -> bool {
    let tree = source.tree();
    stmts.iter().any(|&stmt| {
        let StmtKind::Expr(value) = tree[stmt].kind else { return false };
        let inner = if let ExprKind::Await(inner) = tree[value].kind { inner } else { value };
        let ExprKind::Call { callee, args } = tree[inner].kind else { return false };
        let called = call_name(&source.program, FILE.expr(inner)).unwrap_or_default();
        let is_method = matches!(tree[callee].kind, ExprKind::Attribute { .. });
        let of_error = error.is_some_and(|error| {
            tree[args].iter().any(|arg| mentions(&source.program, FILE.expr(arg.value), |name| name == error))
        });
        let level = matches!(called, "error" | "warning" | "critical" | "fatal" | "info" | "debug" | "log");
        let exc_info = source.program.keyword(FILE.expr(inner), "exc_info").is_some();
        called == "exception" && is_method
            || called == "capture_exception"
            || called == "print_exc"
            || is_method && level && (of_error || exc_info || source.expr(inner).contains("format_exc"))
    })
}

/// The file's logger, or a new one with the edits that make it.
fn logger(source: &Source<'_>, scope: Scope) -> Result<(String, Vec<Edit>), Refusal> {
    let tree = source.tree();
    let module = Scope::Module(FILE);
    let is_free = |name: &str| {
        source.program.names.find(name).is_none_or(|name| source.program.binding_scope(scope, name) == Some(module))
    };
    for made in ["getLogger", "get_logger"] {
        for call in source.program.calls_named(made).filter(|call| call.scope == module) {
            let name = source.directly_of(call.at.expr).and_then(|stmt| source.assigned(stmt, call.at.expr));
            if let Some(name) = name.filter(|name| is_free(name)) {
                return Ok((name.to_owned(), Vec::new()));
            }
        }
    }
    let loguru = tree[tree.body].iter().any(|&stmt| source.slice(tree[stmt].span) == "from loguru import logger");
    if loguru && is_free("logger") {
        return Ok(("logger".to_owned(), Vec::new()));
    }
    let name =
        source.free(&["logger", "log", "_logger"]).ok_or_else(|| Refusal::shape("no short name is free there"))?;
    let mut edits = source.import("logging").ok_or_else(|| Refusal::shape("`logging` is another name there"))?;
    let mut after = None;
    for &stmt in &tree[tree.body] {
        match tree[stmt].kind {
            StmtKind::Import(_) => after = Some(source.line_end(tree[stmt].span.end - 1)),
            StmtKind::Pass if after.is_none() => {}
            _ => break,
        }
    }
    let after = after.ok_or_else(|| Refusal::shape("the file imports nothing at its top"))?;
    edits.push(insert(after, format!("\n{name} = logging.getLogger(__name__)\n")));
    Ok((name.to_owned(), edits))
}

/// Takes assignments away whose names nobody reads any more.
fn unused(source: &Source<'_>, names: &[(Sym, StmtId)], body: &Body, edits: &[Edit]) -> Vec<Edit> {
    let tree = source.tree();
    let gone = |expr: &ExprId| edits.iter().any(|edit| covers(edit.span, tree[*expr].span));
    let mut out = Vec::new();
    for &(name, stmt) in names {
        let StmtKind::Assign { targets, value: Some(value), .. } = tree[stmt].kind else { continue };
        let pure = told::own_text(&source.program, FILE.expr(value), None).is_some()
            || matches!(tree[value].kind, ExprKind::Call { .. } | ExprKind::Fstring(_));
        let alone = source.siblings(stmt).len() > 1 && tree[targets].len() == 1 && source.ends_line(stmt);
        let plain = source.indent(tree[stmt].span.start).is_some();
        if pure && alone && plain && !body.captures(name) && body.reads(name).iter().all(gone) {
            out.push(replace(source.lines_of(tree[stmt].span), ""));
        }
    }
    out
}

/// Takes `as error` away where nothing reads the name any more.
fn unnamed(source: &Source<'_>, handler: &Handler, span: Span, edits: &[Edit]) -> Option<Edit> {
    let tree = source.tree();
    let (error, exceptions) = (handler.name?, handler.exceptions?);
    let from = format!("from {}", source.program.text(error));
    if edits.iter().any(|edit| edit.text.contains(&from)) {
        return None;
    }
    let read = source.exprs().any(|expr| {
        matches!(tree[expr].kind, ExprKind::Name(found) if found == error)
            && covers(span, tree[expr].span)
            && !edits.iter().any(|edit| covers(edit.span, tree[expr].span))
    });
    let end = tree[exceptions].span.end;
    let rest = source.slice(Span { start: end, end: source.line_end(end) });
    let named = format!(" as {}", source.program.text(error));
    let follows = rest.strip_prefix(&named).is_some_and(|rest| rest.starts_with(':'));
    (!read && follows).then(|| replace(Span { start: end, end: end + named.len() as u32 }, ""))
}

fn covers(outer: Span, inner: Span) -> bool {
    outer.start <= inner.start && inner.end <= outer.end && outer.start < outer.end
}
