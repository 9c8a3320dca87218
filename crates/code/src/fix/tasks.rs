//! Fixes that hold a task for as long as it runs, and no longer.

use super::Fix;
use super::source::{Source, insert, replace};
use crate::syntax::{ExprKind, Span, StmtKind};

/// `tasks.add(task)` gets the callback that takes the task out again.
pub(super) fn discarded(source: &Source<'_>, line: u32) -> Option<Fix> {
    let site = source.calls(line, |name| matches!(name, "add" | "append")).into_iter().next()?;
    let stmt = source.directly_of(site.at.expr)?;
    let holder = source.program.receiver(site.at)?;
    let task = source.program.positional(site.at, 0)?;
    let span = source.tree()[stmt].span;
    let indent = source.indent(span.start)?;
    let holder = source.expr(holder.expr);
    let leave = if site.name.is_some_and(|name| source.program.text(name) == "add") { "discard" } else { "remove" };
    let title = "take the task out when it is done".to_owned();
    let at = source.line_end(span.end - 1);
    match source.tree()[task.expr].kind {
        ExprKind::Name(_) => {
            let task = source.expr(task.expr);
            let line = format!("{indent}{task}.add_done_callback({holder}.{leave})\n");
            Some(Fix::safe(title, vec![insert(at, line)]))
        }
        ExprKind::Call { .. } => {
            let made = source.expr(task.expr);
            let method = source.program.text(site.name?);
            let text = format!(
                "task = {made}\n{indent}{holder}.{method}(task)\n{indent}task.add_done_callback({holder}.{leave})"
            );
            Some(Fix::review(title, vec![replace(span, text)]))
        }
        _ => None,
    }
}

/// A task that nobody holds goes into a set of the module, until it is done.
pub(super) fn kept(source: &Source<'_>, line: u32) -> Option<Fix> {
    let site = source.calls(line, |name| matches!(name, "create_task" | "ensure_future")).into_iter().next()?;
    let stmt = source.directly_of(site.at.expr)?;
    if !matches!(source.tree()[stmt].kind, StmtKind::Expr(_) | StmtKind::Assign { .. }) {
        return None;
    }
    let span = source.tree()[stmt].span;
    let indent = source.indent(span.start)?;
    let made = source.expr(site.at.expr);
    let (set, task) = ("_running_tasks", "task");
    if source.program.names.find(set).is_some() || source.program.scope_of(site.at).function().is_none() {
        return None;
    }
    let top = source.top(site.at)?;
    let at = source.line_start(top.start);
    let text = format!("{task} = {made}\n{indent}{set}.add({task})\n{indent}{task}.add_done_callback({set}.discard)");
    let edits =
        vec![insert(at, format!("{set} = set()\n\n\n")), replace(Span { start: span.start, end: span.end }, text)];
    Some(Fix::review("hold the task until it is done", edits))
}
