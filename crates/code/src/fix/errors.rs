//! Fixes of an error's text in an answer: a fixed text takes its place, the error is logged, and what is raised keeps its cause.
//!
//! Refuses where the answer holds parts of the error that are no text, where something else is called for the text, and where a condition decides whether it
//! is shown.

mod logger;
mod parts;

use super::site::Site;
use super::source::{FILE, Source, insert, replace};
use super::{Edit, Fix, Refusal};
use crate::rules::look::told::{self, Given, Known};
use crate::rules::look::{Body, call_name, mentions, spans};
use crate::syntax::{ExprId, ExprKind, Handler, Span, StmtId, StmtKind, Sym};
use parts::Parts;

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
        let name = told::error_param(&source.program, function).ok_or_else(none)?;
        (body.stmts.clone(), Some(name), tree[function.ix].span)
    };
    let told = told::answers(&source.program, FILE, &stmts, error);
    let known = Known::of(&source.program, FILE, &stmts, error);
    let mut parts =
        Parts { source, known: &known, body: &body, told: &told, edits: Vec::new(), said: None, texts: Vec::new() };
    for one in &told {
        parts::always(source, &stmts, &told, one, error)?;
        parts.of(one.answer)?;
    }
    let Parts { mut edits, said, texts, .. } = parts;
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
        let (logger, made) = logger::logger(source, scope)?;
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
    edits.extend(unused(source, &known, &texts, &body, &edits));
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

/// Takes assignments of the text away whose names nobody reads any more.
fn unused(source: &Source<'_>, known: &Known<'_>, texts: &[Given], body: &Body, edits: &[Edit]) -> Vec<Edit> {
    let tree = source.tree();
    let gone = |expr: &ExprId| edits.iter().any(|edit| spans(edit.span, tree[*expr].span));
    let mut out: Vec<Edit> = Vec::new();
    for &Given { name, stmt, value, .. } in texts {
        let StmtKind::Assign { targets, .. } = tree[stmt].kind else { continue };
        let pure = parts::is_pure(source, known, FILE.expr(value));
        let alone = source.siblings(stmt).len() > 1 && tree[targets].len() == 1 && source.ends_line(stmt);
        let plain = source.indent(tree[stmt].span.start).is_some();
        let lines = source.lines_of(tree[stmt].span);
        let twice = out.iter().any(|edit| edit.span == lines);
        if pure && alone && plain && !twice && !body.captures(name) && body.reads(name).iter().all(gone) {
            out.push(replace(lines, ""));
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
            && spans(span, tree[expr].span)
            && !edits.iter().any(|edit| spans(edit.span, tree[expr].span))
    });
    let end = tree[exceptions].span.end;
    let rest = source.slice(Span { start: end, end: source.line_end(end) });
    let named = format!(" as {}", source.program.text(error));
    let follows = rest.strip_prefix(&named).is_some_and(|rest| rest.starts_with(':'));
    (!read && follows).then(|| replace(Span { start: end, end: end + named.len() as u32 }, ""))
}
