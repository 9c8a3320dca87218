//! Fixes that put a `with` around what follows, or take one away.

use super::Fix;
use super::source::{Source, dedented, indented, insert, replace};
use crate::syntax::{ExprId, ExprKind, Span, StmtId, StmtKind};

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
    let mut body = indented(source.slice(Span { start: from, end: until }), source.unit())?;
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
    if !matches!(source.tree()[handler.expr].kind, ExprKind::Name(_)) {
        return None;
    }
    let undo = format!("{logger}.removeHandler({})", source.expr(handler.expr));
    Some(Fix::review("take the handler off again", vec![undone(source, stmt, &undo)?]))
}

/// `events.register(name, handler)` of a handler that is made for this call gets a `finally` that takes it off again.
pub(super) fn unregistered(source: &Source<'_>, line: u32) -> Option<Fix> {
    let names = ["register", "register_first", "register_last"];
    let site = source.calls(line, |name| names.contains(&name)).into_iter().next()?;
    let stmt = source.directly_of(site.at.expr)?;
    let (_, args) = source.program.call(site.at)?;
    let [event, handler, ..] = args else { return None };
    if args.iter().any(|arg| arg.double_star) || !is_local_function(source, handler.value) {
        return None;
    }
    let events = source.expr(source.program.receiver(site.at)?.expr);
    let rest =
        source.slice(Span { start: source.tree()[event.value].span.start, end: source.tree()[site.at.expr].span.end });
    let undo = format!("{events}.unregister({rest}");
    Some(Fix::review("take the handler off again", vec![undone(source, stmt, &undo)?]))
}

/// `signal.connect(receiver, …)` of a receiver that is made for this call gets a `finally` that disconnects it.
pub(super) fn disconnected(source: &Source<'_>, line: u32) -> Option<Fix> {
    let site = source.calls(line, |name| name == "connect").into_iter().next()?;
    let stmt = source.directly_of(site.at.expr)?;
    let receiver = source.program.argument(site.at, 0, "receiver")?;
    if !is_local_function(source, receiver.expr) {
        return None;
    }
    let signal = source.expr(source.program.receiver(site.at)?.expr);
    let mut undo = format!("{signal}.disconnect({}", source.expr(receiver.expr));
    for name in ["sender", "dispatch_uid"] {
        if let Some(value) = source.program.keyword(site.at, name) {
            undo.push_str(&format!(", {name}={}", source.expr(value.expr)));
        }
    }
    undo.push(')');
    Some(Fix::review("disconnect the receiver again", vec![undone(source, stmt, &undo)?]))
}

/// Whether an expression names a function that is made within the function that it stands in.
pub(super) fn is_local_function(source: &Source<'_>, expr: ExprId) -> bool {
    let ExprKind::Name(name) = source.tree()[expr].kind else { return false };
    let scope = source.program.scope_of(super::source::FILE.expr(expr));
    let mut bindings = source.program.bindings(scope, name);
    matches!((bindings.next(), bindings.next()), (Some(crate::program::Binding::Function(_)), None))
        && scope.function().is_some()
}

/// Puts `try` around all that the function does after a statement, and a `finally` that undoes the statement.
fn undone(source: &Source<'_>, stmt: StmtId, undo: &str) -> Option<super::Edit> {
    // What comes after the block would run without it.
    let outer = source.way_up(stmt);
    if outer.iter().skip(1).any(|&stmt| {
        !source.following(stmt).is_empty()
            || matches!(source.tree()[stmt].kind, StmtKind::For { .. } | StmtKind::While { .. })
    }) {
        return None;
    }
    let span = source.tree()[stmt].span;
    let indent = source.indent(span.start)?;
    let head = format!("{}\n{indent}try:", source.slice(span));
    let tail = format!("{indent}finally:\n{indent}{}{undo}\n", source.unit());
    rest(source, stmt, &head, &tail)
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
    let text = format!("with {} as file:\n{indent}{}{before}file{after}", source.slice(call), source.unit());
    Some(Fix::review("close the file", vec![replace(span, text)]))
}
