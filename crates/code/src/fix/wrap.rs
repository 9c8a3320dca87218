//! Fixes that put a `with` around what follows, or take one away.

use super::Fix;
use super::source::{Source, dedented, indented, insert, replace};
use crate::syntax::{ExprId, Span, StmtId, StmtKind};

/// `with paginate(…) as pages:` becomes `pages = paginate(…)`, with its body one step out.
pub(super) fn unwrapped_iterator(source: &Source<'_>, line: u32) -> Option<Fix> {
    let stmt = source.statement(line, |kind| matches!(kind, StmtKind::With { .. }))?;
    let tree = source.tree();
    let StmtKind::With { items, body, .. } = tree[stmt].kind else { return None };
    let [item] = &tree[items] else { return None };
    let name = source.expr(item.target?);
    let context = crate::program::ExprAt { module: super::source::FILE, expr: item.context };
    let closing = crate::rules::look::call_name(&source.program, context) == Some("closing");
    let iterator = if closing { source.program.positional(context, 0)?.expr } else { item.context };
    let span = tree[stmt].span;
    let indent = source.indent(span.start)?;
    let &first = tree[body].first()?;
    let inner = source.indent(tree[first].span.start)?;
    let from = source.line_start(tree[first].span.start);
    let until = source.line_end(span.end - 1);
    let body = dedented(source.slice(Span { start: from, end: until }), inner.len().checked_sub(indent.len())?)?;
    let text = format!("{indent}{name} = {}\n{body}", source.expr(iterator));
    let whole = Span { start: source.line_start(span.start), end: until };
    Some(Fix::safe("iterate the pages without a `with`", vec![replace(whole, text)]))
}

/// `with` becomes `async with` in a coroutine function.
pub(super) fn async_with(source: &Source<'_>, line: u32) -> Option<Fix> {
    let stmt = source.statement(line, |kind| matches!(kind, StmtKind::With { is_async: false, .. }))?;
    let at = crate::program::StmtAt { module: super::source::FILE, stmt };
    let function = source.program.scope_of_stmt(at).function()?;
    let StmtKind::With { items, .. } = source.tree()[stmt].kind else { return None };
    if !source.program.function(function).is_async || source.tree()[items].len() != 1 {
        return None;
    }
    let start = source.tree()[stmt].span.start;
    Some(Fix::safe("enter it with `async with`", vec![insert(start, "async ")]))
}

/// `pool = Pool()` becomes `with Pool() as pool:` around what follows.
pub(super) fn in_with(source: &Source<'_>, line: u32) -> Option<Fix> {
    let site = source.calls(line, |name| name.starts_with(char::is_uppercase)).into_iter().next()?;
    let is_async = site.name.is_some_and(|name| matches!(source.program.text(name), "AsyncClient" | "ClientSession"));
    around(source, site.at.expr, if is_async { "async with" } else { "with" })
}

/// `client = session.client(…)` of an asynchronous SDK becomes `async with session.client(…) as client:`.
pub(super) fn entered(source: &Source<'_>, line: u32) -> Option<Fix> {
    // The finding stands where the client is used; it is made in a line before.
    let used = source.calls(line, |_| true).into_iter().next()?;
    let function = used.scope.function()?;
    let made = source.program.calls_in(used.scope).iter().filter(|site| {
        site.name.is_some_and(|name| matches!(source.program.text(name), "client" | "resource" | "create_client"))
    });
    let site = made.filter(|site| source.line(source.tree()[site.at.expr].span.start) <= line).last()?;
    let stmt = source.directly_of(site.at.expr)?;
    source.assigned(stmt, site.at.expr)?;
    if !source.program.function(function).is_async {
        return None;
    }
    around(source, site.at.expr, "async with")
}

/// Puts a `with` around what follows the assignment of a value.
fn around(source: &Source<'_>, value: ExprId, word: &str) -> Option<Fix> {
    let stmt = source.directly_of(value)?;
    let name = source.assigned(stmt, value)?.to_owned();
    let head = format!("{word} {} as {name}:", source.expr(value));
    let edit = rest(source, stmt, &head, "")?;
    Some(Fix::review(format!("close `{name}` on every way out"), vec![edit]))
}

/// Replaces a statement by the head of a block that holds what follows, and puts something behind.
fn rest(source: &Source<'_>, stmt: StmtId, head: &str, tail: &str) -> Option<super::Edit> {
    let tree = source.tree();
    let span = tree[stmt].span;
    let indent = source.indent(span.start)?;
    let following = source.following(stmt);
    let (first, last) = (following.first()?, following.last()?);
    let from = source.line_start(tree[*first].span.start);
    let until = source.line_end(tree[*last].span.end - 1);
    let between = source.slice(Span { start: source.line_end(span.end - 1), end: from });
    let mut body = indented(source.slice(Span { start: from, end: until }), "    ")?;
    if !body.ends_with('\n') {
        body.push('\n');
    }
    let text = format!("{indent}{head}\n{between}{body}{tail}");
    Some(replace(Span { start: source.line_start(span.start), end: until }, text))
}

/// `logger.addHandler(handler)` in a function gets a `finally` that takes the handler off again.
pub(super) fn handler_removed(source: &Source<'_>, line: u32) -> Option<Fix> {
    let site = source.calls(line, |name| name == "addHandler").into_iter().next()?;
    let stmt = source.directly_of(site.at.expr)?;
    let logger = source.expr(source.program.receiver(site.at)?.expr);
    let handler = source.program.positional(site.at, 0)?;
    if !matches!(source.tree()[handler.expr].kind, crate::syntax::ExprKind::Name(_)) {
        return None;
    }
    let handler = source.expr(handler.expr);
    let span = source.tree()[stmt].span;
    let indent = source.indent(span.start)?;
    let head = format!("{}\n{indent}try:", source.slice(span));
    let tail = format!("{indent}finally:\n{indent}    {logger}.removeHandler({handler})\n");
    let edit = rest(source, stmt, &head, &tail)?;
    Some(Fix::review("take the handler off again", vec![edit]))
}

/// `x = json.load(open(path))` becomes `with open(path) as file:` around it.
pub(super) fn file(source: &Source<'_>, line: u32) -> Option<Fix> {
    let opens = |name: &str| matches!(name, "open" | "ZipFile" | "NamedTemporaryFile" | "TemporaryFile" | "fdopen");
    let site = source.calls(line, opens).into_iter().next()?;
    if let Some(stmt) = source.directly_of(site.at.expr) {
        return if source.assigned(stmt, site.at.expr).is_some() { around(source, site.at.expr, "with") } else { None };
    }
    let stmt = source.stmt_of(site.at.expr)?;
    if !matches!(source.tree()[stmt].kind, StmtKind::Expr(_) | StmtKind::Assign { .. } | StmtKind::Return(_)) {
        return None;
    }
    let (span, call) = (source.tree()[stmt].span, source.tree()[site.at.expr].span);
    let indent = source.indent(span.start)?;
    let text = source.slice(span);
    if text.contains('\n') || source.program.names.find("file").is_some() {
        return None;
    }
    let (before, after) = (&text[..(call.start - span.start) as usize], &text[(call.end - span.start) as usize..]);
    let text = format!("with {} as file:\n{indent}    {before}file{after}", source.slice(call));
    Some(Fix::review("close the file", vec![replace(span, text)]))
}
