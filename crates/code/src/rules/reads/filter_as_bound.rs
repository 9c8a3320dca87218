//! A filter together with a limit: the page is cut first.

use super::pages::{page_loops, read_in_turns};
use super::read::{Read, option, reads};
use crate::program::{ExprAt, Program};
use crate::rules::look::{Body, Reach, int, reach, spans, texts};
use crate::rules::rule::{Rule, rule};
use crate::rules::{Cx, Draft, Drafts, Meta, Spot};
use crate::syntax::{Const, ExprId, ExprKind, StmtKind, Tree, Visit};

rule! {
    /// A filter together with a limit.
    FilterAsBound { id: "filter-as-bound", weakness: BrokenPagination, kind: DataLoss, severity: Low, since: "0.1.0" }
}

impl Rule for FilterAsBound {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, cx: &Cx<'_>, out: &mut Drafts) {
        let program = cx.program;
        for read in reads(cx) {
            let (Some(limit), Some(filter)) =
                (option(cx, read.call, "Limit"), option(cx, read.call, "FilterExpression"))
            else {
                continue;
            };
            if reach(cx, read.scope) != Reach::Request || int(program, limit) == Some(1) {
                continue;
            }
            let body = Body::of(program, read.scope);
            let tree = program.tree(read.scope.module());
            let goes_on = page_loops(cx, read.scope, &body)
                .iter()
                .any(|found| spans(tree[found.stmt].span, tree[read.call.expr].span));
            if goes_on
                || reads_some_turns(cx, &body, &read)
                || is_fixed(program, filter) && hands_out_cursor(program, &body, read.call)
            {
                continue;
            }
            let draft = Draft::new(
                &Self::META,
                Spot::expr(program, filter),
                read.scope,
                "the filter runs after the page is cut: a page may come out empty although matching rows exist behind it",
            )
            .step(Spot::expr(program, limit), "so many rows are read")
            .step(Spot::expr(program, filter), "and of these the filter takes some, or none");
            out.push(draft);
        }
    }
}

/// Whether a loop of so many turns reads on, and where it ended is used behind it: clients get a cursor there, and go on.
fn reads_some_turns(cx: &Cx<'_>, body: &Body, read: &Read) -> bool {
    let program = cx.program;
    let module = read.scope.module();
    let tree = program.tree(module);
    let is_position = |value: ExprId| texts(program, module.expr(value)).contains(&"LastEvaluatedKey");
    body.loops(tree).into_iter().any(|stmt| {
        let turns = tree[stmt].span;
        let ends = body.stmts.iter().filter(|&&inner| spans(turns, tree[inner].span)).filter_map(|&inner| {
            let StmtKind::Assign { targets, value: Some(value), .. } = tree[inner].kind else { return None };
            let [target] = tree[targets] else { return None };
            match tree[target].kind {
                ExprKind::Name(name) if is_position(value) => Some(name),
                _ => None,
            }
        });
        matches!(tree[stmt].kind, StmtKind::For { .. })
            && read_in_turns(cx, read.scope, body, stmt).is_some_and(|found| found.call == read.call)
            && ends.into_iter().any(|name| body.reads(name).iter().any(|&used| tree[used].span.start >= turns.end))
    })
}

/// Whether the filter is always the same: then clients see the same kind of page every time, and learn to follow the cursor.
fn is_fixed(program: &Program, filter: ExprAt) -> bool {
    let links = &program.module(filter.module).links;
    let conditional = links.stmt_of(filter.expr).is_some_and(|stmt| {
        let is_store = matches!(program.tree(filter.module)[stmt].kind, StmtKind::Assign { .. });
        is_store && links.parent_stmt(stmt).is_some()
    });
    !conditional && !depends(program, filter)
}

/// Whether an argument of a condition is not a constant.
fn depends(program: &Program, filter: ExprAt) -> bool {
    struct Args {
        found: Vec<ExprId>,
    }
    impl Visit for Args {
        fn expr(&mut self, tree: &Tree, expr: ExprId) -> bool {
            if let ExprKind::Call { args, .. } = tree[expr].kind {
                self.found.extend(tree[args].iter().map(|arg| arg.value));
            }
            true
        }
    }
    let tree = program.tree(filter.module);
    let mut args = Args { found: Vec::new() };
    tree.walk_expr(filter.expr, &mut args);
    args.found.into_iter().any(|arg| match tree[arg].kind {
        ExprKind::Const(Const::Str(_) | Const::Int(_) | Const::Bool(_) | Const::None | Const::Float(_)) => false,
        ExprKind::Name(name) => program.text(name).chars().any(char::is_lowercase),
        _ => true,
    })
}

fn hands_out_cursor(program: &Program, body: &Body, call: ExprAt) -> bool {
    let tree = program.tree(call.module);
    body.stmts.iter().any(|&stmt| {
        let mut says = false;
        tree.exprs_of(stmt, &mut |expr| says |= texts(program, call.beside(expr)).contains(&"LastEvaluatedKey"));
        says
    })
}
