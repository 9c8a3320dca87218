//! Fixes that take something away.

use super::Fix;
use super::source::{Source, replace};
use crate::syntax::{Const, ExprKind, Span, StmtKind};

/// Takes a `del` away.
pub(super) fn statement(source: &Source<'_>, line: u32) -> Option<Fix> {
    let stmt = source.statement(line, |kind| matches!(kind, StmtKind::Delete(_)))?;
    let span = source.tree()[stmt].span;
    let StmtKind::Delete(targets) = source.tree()[stmt].kind else { return None };
    let indent = source.indent(span.start)?;
    let rest = source.slice(Span { start: span.end, end: source.line_end(span.start) });
    if source.tree()[targets].len() != 1 || !rest.trim().is_empty() {
        return None;
    }
    let lines = source.lines_of(span);
    let module = source.program.module(super::source::FILE);
    let block = module.links.parent_stmt(stmt);
    let mut others = module.tree.functions().flat_map(|(_, function)| module.tree[function.body].to_vec());
    let is_alone = match block {
        None => others.all(|other| other == stmt || module.links.scope(other) != module.links.scope(stmt)),
        Some((outer, _)) => {
            let mut alone = false;
            module
                .tree
                .blocks_of(outer, &mut |block| alone |= module.tree[block].len() == 1 && module.tree[block][0] == stmt);
            alone
        }
    };
    let text = if is_alone { format!("{indent}pass\n") } else { String::new() };
    Some(Fix::safe("take the `del` away", vec![replace(lines, text)]))
}

/// Takes `weak=False` away, so that the signal does not keep the receiver. The function that made the receiver does, for as long as it runs.
pub(super) fn strong_reference(source: &Source<'_>, line: u32) -> Option<Fix> {
    let site = source.calls(line, |name| name == "connect").into_iter().next()?;
    let (_, args) = source.program.call(site.at)?;
    let tree = source.tree();
    let receiver = source.program.argument(site.at, 0, "receiver")?;
    if !super::wrap::is_local_function(source, receiver.expr) {
        return None;
    }
    let at = args.iter().position(|arg| {
        arg.keyword.is_some_and(|keyword| source.program.text(keyword) == "weak")
            && matches!(tree[arg.value].kind, ExprKind::Const(Const::Bool(false)))
    })?;
    let value = tree[args[at].value].span;
    let from = match at.checked_sub(1) {
        Some(before) => tree[args[before].value].span.end,
        None => return None,
    };
    let edit = replace(Span { start: from, end: value.end }, "");
    Some(Fix::review("take `weak=False` away", vec![edit]))
}
