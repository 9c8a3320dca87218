//! One page is read, and the key of the next one is dropped.

use plimsoll_model::Severity;

use super::read::{Read, bound_name, keys_of, option, reads};
use crate::program::{ExprAt, Owner, Program};
use crate::rules::look::{Body, Keyed, Reach, call_name, int, is_none, reach, texts};
use crate::rules::rule::{Rule, rule};
use crate::rules::{Cx, Draft, Drafts, Meta, Spot};
use crate::syntax::{ExprKind, StmtKind};

rule! {
    /// One page is read, and the key of the next one is dropped.
    DroppedCursor { id: "dropped-cursor", weakness: SilentTruncation, kind: DataLoss, severity: Medium, since: "0.1.0" }
}

/// Below this, a limit is meant as a cut: the latest ten, one row to see whether there is any.
const MEANT: i64 = 50;

impl Rule for DroppedCursor {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, cx: &Cx<'_>, out: &mut Drafts) {
        for read in reads(cx) {
            if reach(cx, read.scope) == Reach::Request
                && let Some(draft) = draft(cx, &read)
            {
                out.push(draft);
            }
        }
    }
}

fn draft(cx: &Cx<'_>, read: &Read) -> Option<Draft> {
    let program = cx.program;
    if option(cx, read.call, "Select").is_some() {
        return None;
    }
    let body = Body::of(program, read.scope);
    if looks_further(program, &body, read.call) || is_handed_on(program, &body, read.call) {
        return None;
    }
    let items: Vec<ExprAt> = keys_of(program, &body, read.call)
        .into_iter()
        .filter(|(_, key, how)| key == "Items" && *how != Keyed::In)
        .map(|(at, ..)| at)
        .collect();
    if !items.iter().any(|&at| uses_rows(program, &body, at)) {
        return None;
    }
    let limit = option(cx, read.call, "Limit").filter(|&limit| !is_none(program, limit));
    if let Some(limit) = limit {
        let number = int(program, limit).or_else(|| cx.values.int(limit)).filter(|&number| number >= MEANT)?;
        let draft = Draft::new(
            &DroppedCursor::META,
            Spot::expr(program, limit),
            read.scope,
            format!(
                "rows after the first {number} are dropped without a word: `LastEvaluatedKey` is neither followed nor handed out"
            ),
        );
        return Some(steps(draft, program, read, items[0]));
    }
    let draft = Draft::new(
        &DroppedCursor::META,
        Spot::expr(program, read.call),
        read.scope,
        format!(
            "rows after the first megabyte of the {} are dropped without a word: `LastEvaluatedKey` is not looked at",
            read.op.verb()
        ),
    )
    .severity(Severity::Low);
    Some(steps(draft, program, read, items[0]))
}

fn steps(draft: Draft, program: &Program, read: &Read, items: ExprAt) -> Draft {
    draft
        .step(Spot::expr(program, read.call), "one page is read")
        .step(Spot::expr(program, items), "and its rows are taken for all")
}

/// Whether the function looks at the key of the next page.
fn looks_further(program: &Program, body: &Body, call: ExprAt) -> bool {
    let tree = program.tree(call.module);
    body.stmts.iter().any(|&stmt| {
        let mut says = false;
        tree.exprs_of(stmt, &mut |expr| {
            says |= texts(program, call.beside(expr))
                .iter()
                .any(|text| matches!(*text, "LastEvaluatedKey" | "ExclusiveStartKey"));
        });
        says
    }) || program.keyword(call, "ExclusiveStartKey").is_some()
}

/// Whether the whole answer goes to somebody who can look.
fn is_handed_on(program: &Program, body: &Body, call: ExprAt) -> bool {
    if let Some(name) = bound_name(program, call) {
        return body.captures(name) || body.reads(name).iter().any(|&read| goes_whole(program, call.beside(read)));
    }
    goes_whole(program, call)
}

/// Whether an expression as a whole is returned, stored or given to a call.
fn goes_whole(program: &Program, at: ExprAt) -> bool {
    let module = program.module(at.module);
    match module.links.owner(at.expr) {
        Some(Owner::Stmt(stmt)) => matches!(module.tree[stmt].kind, StmtKind::Return(_) | StmtKind::Assign { .. }),
        Some(Owner::Expr(parent)) => match module.tree[parent].kind {
            ExprKind::Await(_) => goes_whole(program, at.beside(parent)),
            ExprKind::Call { callee, .. } => {
                callee != at.expr
                    && !matches!(call_name(program, at.beside(parent)), Some("len" | "print" | "debug" | "info"))
            }
            ExprKind::Dict(_)
            | ExprKind::List(_)
            | ExprKind::Tuple(_)
            | ExprKind::Yield(_)
            | ExprKind::IfElse { .. }
            | ExprKind::Bool { .. } => true,
            _ => false,
        },
        None => true,
    }
}

/// Whether more than the first row, or their being there, is made of an answer's rows.
fn uses_rows(program: &Program, body: &Body, items: ExprAt) -> bool {
    match bound_name(program, items) {
        Some(name) => {
            body.captures(name) || body.reads(name).iter().any(|&read| !is_narrow(program, items.beside(read)))
        }
        None => !is_narrow(program, items),
    }
}

/// `rows[0]`, `rows[:10]`, `if rows`, `len(rows) == 1`, `bool(rows)`.
fn is_narrow(program: &Program, at: ExprAt) -> bool {
    let module = program.module(at.module);
    match module.links.owner(at.expr) {
        Some(Owner::Stmt(stmt)) => matches!(
            module.tree[stmt].kind,
            StmtKind::If { .. } | StmtKind::While { .. } | StmtKind::Expr(_) | StmtKind::Assert { .. }
        ),
        Some(Owner::Expr(parent)) => match module.tree[parent].kind {
            ExprKind::Subscript { base, .. } => base == at.expr,
            ExprKind::Unary { .. } | ExprKind::Compare { .. } => true,
            ExprKind::IfElse { test, .. } => test == at.expr,
            ExprKind::Bool { values, .. } => {
                module.tree[values].last() != Some(&at.expr) || is_narrow(program, at.beside(parent))
            }
            ExprKind::Call { callee, .. } => {
                callee != at.expr && matches!(call_name(program, at.beside(parent)), Some("bool" | "next" | "any"))
            }
            ExprKind::Attribute { name, .. } => program.text(name) == "pop",
            _ => false,
        },
        None => false,
    }
}
