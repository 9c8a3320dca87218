//! Fixes that hold a task for as long as it runs, and no longer.

use super::holder::{Holder, How};
use super::site::Site;
use super::source::{FILE, Source, insert, replace};
use super::{Fix, Refusal};
use crate::rules::look::spans;
use crate::syntax::{ExprId, ExprKind, Span, StmtKind};

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

/// `tasks[key] = create_task(…)` gets the callback that takes the task out again; who waits for it does so before it can be gone.
pub(super) fn popped(site: &Site<'_>) -> Result<Fix, Refusal> {
    let source = &site.source;
    let tree = source.tree();
    let holder = Holder::of(site)?;
    let store = holder.uses.iter().find_map(|one| match one.how {
        How::Store { key, value } if source.line(tree[one.stmt].span.start) == site.line => Some((one, key, value)),
        _ => None,
    });
    let (store, key, value) =
        store.ok_or_else(|| Refusal::shape("the task is not stored under a key by a plain assignment"))?;
    if !matches!(tree[value].kind, ExprKind::Call { .. } | ExprKind::Name(_)) {
        return Err(Refusal::shape("what is stored is no task that is made there"));
    }
    let from = holder.uses.iter().filter(|one| one.function == store.function).map(|one| tree[one.at].span.start).min();
    for one in &holder.uses {
        let trusts = matches!(one.how, How::Load { .. } | How::Drop { .. } | How::Other);
        if !trusts {
            continue;
        }
        let waits = Span { start: from.unwrap_or_default(), end: tree[one.at].span.start };
        if one.function != store.function || one.how == How::Other || source.suspends(one.function, waits, one.at) {
            return Err(Refusal::OtherUsers {
                name: holder.name.clone(),
                place: format!("{}:{}", site.file, source.line(tree[one.at].span.start)),
                why: "a task is expected that would be gone by then".to_owned(),
            });
        }
    }
    holder.is_own(site)?;
    let of = source.expr(store.at);
    let (task, made) = if let ExprKind::Name(_) = tree[value].kind {
        (source.expr(value), None)
    } else {
        let free = source.free(&["task", "running", "started"]);
        let free = free.ok_or_else(|| Refusal::shape("no short name is free there"))?;
        (free, Some(insert(tree[store.stmt].span.start, format!("{free} = "))))
    };
    let line = format!("{task}.add_done_callback(lambda _, key={}: {of}.pop(key, None))", source.expr(key));
    let odd = || Refusal::shape("a statement shares its line with another");
    let mut edits: Vec<super::Edit> = made.into_iter().collect();
    edits.push(source.after(store.stmt, &[&line]).ok_or_else(odd)?);
    Ok(Fix::review("take the task out when it is done", edits)
        .minding("who asks after a task is done starts a new one, instead of getting the old result"))
}

impl Source<'_> {
    /// Whether a function may be suspended within a span, but for an `await` of the expression itself.
    fn suspends(&self, function: Option<crate::program::FunctionId>, within: Span, but: ExprId) -> bool {
        let tree = self.tree();
        let inside = |span: Span| within.start <= span.start && span.start < within.end;
        let expr = |expr: ExprId| match tree[expr].kind {
            ExprKind::Await(_) | ExprKind::Yield(_) | ExprKind::YieldFrom(_) => {
                let span = tree[expr].span;
                inside(span) && !spans(span, tree[but].span)
            }
            _ => false,
        };
        let own = |at: ExprId| self.program.scope_of(FILE.expr(at)).function() == function;
        self.exprs().any(|at| expr(at) && own(at))
            || self.all_statements().into_iter().any(|stmt| {
                let waits = matches!(
                    tree[stmt].kind,
                    StmtKind::For { is_async: true, .. } | StmtKind::With { is_async: true, .. }
                );
                waits && inside(tree[stmt].span)
            })
    }
}
