//! Rows of a scan that Python picks, as a part of `scan-instead-of-query`.

use rustc_hash::FxHashSet;

use super::read::Op;
use super::rows::Rows;
use super::scan_instead_of_query::{ScanInsteadOfQuery, is_constant};
use crate::program::{ExprAt, Scope};
use crate::rules::look::{self, Body, kinds, reach};
use crate::rules::{Cx, Draft, Drafts, Spot};
use crate::syntax::{Compare, Const, ExprId, ExprKind, Tree};

/// Rows of a scan that Python picks by an equality: `[row for row in rows if row["kind"] == kind]`.
pub(super) fn picked(cx: &Cx<'_>, out: &mut Drafts) {
    let program = cx.program;
    let rows = Rows::new(cx);
    let mut scopes: Vec<Scope> = cx.reading().to_vec();
    scopes.extend(cx.handlers().iter().copied().map(Scope::Function));
    for function in
        cx.reading().iter().filter_map(|scope| scope.function()).filter(|&function| rows.returned(function).is_some())
    {
        scopes.extend(program.calls_of(Some(program.function(function).name)).map(|site| site.scope));
    }
    let mut seen: FxHashSet<Scope> = FxHashSet::default();
    scopes.retain(|scope| seen.insert(*scope));
    for scope in scopes {
        let reach = reach(cx, scope);
        if !reach.is_hot() {
            continue;
        }
        let body = Body::of(program, scope);
        let names = rows.names(scope, &body);
        let tree = program.tree(scope.module());
        let mut found: Vec<ExprId> = Vec::new();
        for &stmt in &body.stmts {
            tree.exprs_of(stmt, &mut |expr| comprehensions(tree, expr, &mut found));
        }
        for at in found.into_iter().map(|expr| scope.module().expr(expr)) {
            let ExprKind::Comprehension { clauses, .. } = program.expr(at).kind else { continue };
            let [clause] = &tree[clauses] else { continue };
            let Some(origin) = rows.all_rows(at.beside(clause.iter), &names).filter(|origin| origin.op == Op::Scan)
            else {
                continue;
            };
            let Some((condition, attribute)) =
                tree[clause.conditions].iter().find_map(|&condition| equality(cx, at.beside(condition)))
            else {
                continue;
            };
            let draft = Draft::new(
                &ScanInsteadOfQuery::META,
                Spot::expr(program, condition),
                scope,
                format!("every row of the table is read to pick those with one `{attribute}` in Python"),
            )
            .step(Spot::expr(program, origin.read), "the rows are scanned here")
            .step(Spot::expr(program, condition), "and picked by one value here");
            out.push(draft);
        }
    }
}

fn comprehensions(tree: &Tree, expr: ExprId, found: &mut Vec<ExprId>) {
    if let ExprKind::Comprehension { .. } = tree[expr].kind {
        found.push(expr);
    }
    tree.children(expr, &mut |child| comprehensions(tree, child, found));
}

/// `row["kind"] == kind`: the condition and the attribute.
fn equality(cx: &Cx<'_>, condition: ExprAt) -> Option<(ExprAt, String)> {
    let program = cx.program;
    let tree = program.tree(condition.module);
    match tree[condition.expr].kind {
        ExprKind::Compare { left, rest } => {
            let [only] = &tree[rest] else { return None };
            if only.op != Compare::Eq {
                return None;
            }
            let (left, right) = (condition.beside(left), condition.beside(only.right));
            let attribute =
                [left, right].into_iter().find_map(|side| look::keyed(program, side).map(|(_, key, _)| key))?;
            let other = if look::keyed(program, left).is_some() { right } else { left };
            let constant =
                is_constant(program, other) || matches!(program.expr(other).kind, ExprKind::Const(Const::Str(_)));
            (!constant && kinds::objects(cx, other).next().is_none()).then(|| (condition, attribute.to_owned()))
        }
        ExprKind::Bool { or: false, values } => {
            tree[values].iter().find_map(|&value| equality(cx, condition.beside(value)))
        }
        _ => None,
    }
}
