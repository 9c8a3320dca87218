//! The logger that an error is given to: the file's own, or a new one. Refuses where a new one would stand in front of the import that it needs.

use super::super::source::{FILE, Source, insert};
use super::super::{Edit, Refusal};
use crate::program::Scope;
use crate::syntax::{ExprKind, StmtId, StmtKind};

/// Names that the logger of a file goes by.
const NAMES: &[&str] = &["logger", "log", "_logger", "LOG", "LOGGER"];

/// The file's logger, or a new one with the edits that make it.
pub(super) fn logger(source: &Source<'_>, scope: Scope) -> Result<(String, Vec<Edit>), Refusal> {
    let tree = source.tree();
    let module = Scope::Module(FILE);
    let is_free = |name: &str| {
        source.program.names.find(name).is_none_or(|name| source.program.binding_scope(scope, name) == Some(module))
    };
    if let Some(name) = own(source).filter(|name| is_free(name)) {
        return Ok((name.to_owned(), Vec::new()));
    }
    let loguru = tree[tree.body].iter().any(|&stmt| source.slice(tree[stmt].span) == "from loguru import logger");
    if loguru && is_free("logger") {
        return Ok(("logger".to_owned(), Vec::new()));
    }
    let name =
        source.free(&["logger", "log", "_logger"]).ok_or_else(|| Refusal::shape("no short name is free there"))?;
    let mut edits = source.import("logging").ok_or_else(|| Refusal::shape("`logging` is another name there"))?;
    let mut last = None;
    for &stmt in &tree[tree.body] {
        match tree[stmt].kind {
            StmtKind::Import(_) => last = Some(stmt),
            StmtKind::Pass if last.is_none() => {}
            _ => break,
        }
    }
    let mut last = last.ok_or_else(|| Refusal::shape("the file imports nothing at its top"))?;
    if edits.is_empty() {
        // It may come after `sys.path.insert(…)`, or in a `try`.
        let import = imports_logging(source);
        let import = import.ok_or_else(|| Refusal::shape("`logging` is only imported on a condition"))?;
        last = if tree[import].span.start > tree[last].span.start { import } else { last };
    }
    if !source.ends_line(last) {
        return Err(Refusal::shape("a statement shares its line with another"));
    }
    let after = source.line_end(tree[last].span.end - 1);
    edits.push(insert(after, format!("\n{name} = logging.getLogger(__name__)\n")));
    Ok((name.to_owned(), edits))
}

/// The name of a logger that is made in any case, and that is meant for the file: others may be silent on purpose.
fn own<'s>(source: &'s Source<'_>) -> Option<&'s str> {
    let tree = source.tree();
    let is_own = |call: &crate::program::CallSite| {
        let stmt = source.directly_of(call.at.expr).filter(|stmt| tree[tree.body].contains(stmt))?;
        let name = source.assigned(stmt, call.at.expr)?;
        let of_file = source.program.positional(call.at, 0).is_some_and(
            |of| matches!(tree[of.expr].kind, ExprKind::Name(of) if source.program.text(of) == "__name__"),
        );
        let sym = source.program.names.find(name)?;
        let once = source.program.bindings(Scope::Module(FILE), sym).count() == 1;
        (once && (of_file || NAMES.contains(&name))).then_some(name)
    };
    ["getLogger", "get_logger"].into_iter().find_map(|made| source.program.calls_named(made).find_map(is_own))
}

/// The statement at the top of the file that imports `logging` by this name.
fn imports_logging(source: &Source<'_>) -> Option<StmtId> {
    let tree = source.tree();
    tree[tree.body].iter().copied().find(|&stmt| {
        let StmtKind::Import(imports) = tree[stmt].kind else { return false };
        tree[imports].iter().any(|import| {
            let path = source.program.text(import.module);
            import.name.is_none() && import.alias.is_none() && path.split('.').next() == Some("logging")
        })
    })
}
