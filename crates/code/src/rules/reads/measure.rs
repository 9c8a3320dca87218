//! Conditions that end a loop after a number of pages, of rows, or of seconds.

use crate::program::{ExprAt, Program};
use crate::rules::look::{call_name, int, mentions};
use crate::rules::reads::pages::PageLoop;
use crate::syntax::{Compare, Const, ExprId, ExprKind, StmtId, StmtKind, Sym};

/// The conditions under which a statement of the loop runs.
pub(super) fn guards(program: &Program, found: &PageLoop, stmt: StmtId) -> Vec<ExprId> {
    let module = program.module(found.scope.module());
    let mut tests = Vec::new();
    let mut at = stmt;
    while let Some((parent, _)) = module.links.parent_stmt(at) {
        if parent == found.stmt {
            break;
        }
        if let StmtKind::If { test, .. } = module.tree[parent].kind {
            tests.push(test);
        }
        at = parent;
    }
    tests
}

/// Whether a condition compares a length or a count with something.
pub(super) fn is_measure(program: &Program, test: ExprAt, counters: &[Sym]) -> bool {
    let tree = program.tree(test.module);
    match tree[test.expr].kind {
        ExprKind::Compare { left, rest } => {
            let sized = |expr: ExprId| {
                let at = test.beside(expr);
                mentions(program, at, |name| counters.contains(&name))
                    || matches!(tree[expr].kind, ExprKind::Call { .. })
                        && matches!(call_name(program, at), Some("len" | "time" | "monotonic" | "perf_counter"))
                    || matches!(tree[expr].kind, ExprKind::Binary { .. }) && measured_part(program, at)
            };
            tree[rest].iter().any(|comparison| {
                let ordered =
                    matches!(comparison.op, Compare::Lt | Compare::LtE | Compare::Gt | Compare::GtE | Compare::Eq);
                let zero = int(program, test.beside(comparison.right)) == Some(0)
                    || matches!(tree[comparison.right].kind, ExprKind::Const(Const::None));
                ordered && !zero && (sized(left) || sized(comparison.right))
            })
        }
        ExprKind::Bool { values, .. } => {
            tree[values].iter().any(|&value| is_measure(program, test.beside(value), counters))
        }
        ExprKind::Unary { value, .. } => is_measure(program, test.beside(value), counters),
        _ => false,
    }
}

fn measured_part(program: &Program, at: ExprAt) -> bool {
    let ExprKind::Binary { left, right, .. } = program.expr(at).kind else { return false };
    [left, right]
        .into_iter()
        .any(|part| matches!(call_name(program, at.beside(part)), Some("len" | "time" | "monotonic")))
}
