//! A request walks a whole table for a number or a few values.

use super::pages::{Unit, page_loops, source};
use super::read::Op;
use crate::program::{ExprAt, Scope};
use crate::rules::look::{Body, Reach, reach, spans};
use crate::rules::rule::{Rule, rule};
use crate::rules::{Cx, Draft, Drafts, Meta, Spot};
use crate::syntax::{ExprId, ExprKind, Tree};

rule! {
    /// A request walks a whole table for a number or a few values.
    TableWalked { id: "table-walked", weakness: WholeTableRead, kind: Cost, severity: Info, since: "0.1.0" }
}

impl Rule for TableWalked {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, cx: &Cx<'_>, out: &mut Drafts) {
        for &scope in cx.reading() {
            let Some(function) = scope.function() else { continue };
            // What a generator hands out is somebody else's to walk.
            if reach(cx, scope) == Reach::Request && !cx.program.function(function).is_generator {
                walks(cx, scope, out);
            }
        }
    }
}

fn walks(cx: &Cx<'_>, scope: Scope, out: &mut Drafts) {
    let program = cx.program;
    let module = scope.module();
    let tree = program.tree(module);
    let body = Body::of(program, scope);
    let kept =
        |read: ExprAt| cx.collected().iter().any(|collected| collected.scope == scope && collected.source.read == read);
    let mut reads: Vec<ExprAt> = page_loops(cx, scope, &body)
        .into_iter()
        .filter(|found| {
            found.source.op == Op::Scan && found.source.unit != Unit::Models && !found.is_bounded(program, &body, None)
        })
        .map(|found| found.source.read)
        .collect();
    for &stmt in &body.stmts {
        let mut iterated = Vec::new();
        tree.exprs_of(stmt, &mut |expr| first_clauses(tree, expr, &mut iterated));
        for iter in iterated {
            let found = source(cx, module.expr(iter))
                .filter(|found| found.op == Op::Scan && found.unit == Unit::Pages && !found.bounded);
            reads.extend(found.map(|found| found.read));
        }
    }
    reads.dedup();
    for read in reads {
        // A helper's read is told about where it is walked, which is here.
        let own = read.module == module && body.stmts.iter().any(|&stmt| spans(tree[stmt].span, tree[read.expr].span));
        if kept(read) || !own {
            continue;
        }
        let draft = Draft::new(
            &TableWalked::META,
            Spot::expr(program, read),
            scope,
            "every request that gets here reads the whole table: its time and its read units grow with the data",
        );
        out.push(draft);
    }
}

/// What the generator expressions and set comprehensions of an expression go through.
fn first_clauses(tree: &Tree, expr: ExprId, found: &mut Vec<ExprId>) {
    use crate::syntax::Comprehension::{Generator, Set};
    if let ExprKind::Comprehension { kind: Generator | Set, clauses, .. } = tree[expr].kind
        && let Some(clause) = tree[clauses].first()
    {
        found.push(clause.iter);
    }
    tree.children(expr, &mut |child| first_clauses(tree, child, found));
}
