//! The caller chooses how many rows are read, without a maximum.

use plimsoll_model::Severity;

use super::read::{option, reads};
use super::rows::Rows;
use crate::program::{ExprAt, Scope};
use crate::rules::look::{Body, Input, input};
use crate::rules::rule::{Rule, rule};
use crate::rules::{Cx, Draft, Drafts, Meta, Spot};
use crate::syntax::{ExprId, ExprKind, Tree};

rule! {
    /// The caller chooses how many rows are read, without a maximum.
    CallerChosenPageSize { id: "caller-chosen-page-size", weakness: UnboundedPageSize, kind: Cost, severity: Medium, since: "0.1.0" }
}

/// What callers call a page size.
const NAMES: &[&str] = &[
    "limit",
    "size",
    "page_size",
    "per_page",
    "count",
    "top",
    "first",
    "max_results",
    "n",
    "num",
    "rows",
    "amount",
    "number",
];

impl Rule for CallerChosenPageSize {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, cx: &Cx<'_>, out: &mut Drafts) {
        for read in reads(cx) {
            if let Some(limit) = option(cx, read.call, "Limit") {
                say(cx, limit, read.call, Severity::Medium, out);
            }
        }
        for site in cx.program.calls_named("paginate") {
            let Some(config) = option(cx, site.at, "PaginationConfig") else { continue };
            let ExprKind::Dict(entries) = cx.program.expr(config).kind else { continue };
            for entry in &cx.program.tree(config.module)[entries] {
                say(cx, config.beside(entry.value), site.at, Severity::Medium, out);
            }
        }
        slices(cx, out);
    }
}

fn say(cx: &Cx<'_>, number: ExprAt, used: ExprAt, severity: Severity, out: &mut Drafts) {
    let Some(found) = input(cx, number) else { return };
    let draft = Draft::new(
        &CallerChosenPageSize::META,
        found.spot,
        Scope::Function(found.entry),
        "the caller chooses how many rows are read, and nothing says how many that may be",
    )
    .severity(severity)
    .part(found.part(cx))
    .step(found.spot, "the number comes in here")
    .step(Spot::expr(cx.program, used), "and decides the size of this read");
    out.push(draft);
}

/// `rows[:limit]` in a handler, where the rows are all rows of a read, or a list of the process that the number's name calls a page of.
fn slices(cx: &Cx<'_>, out: &mut Drafts) {
    if !cx.reads() {
        return;
    }
    let program = cx.program;
    let rows = Rows::new(cx);
    for &handler in cx.handlers() {
        let scope = Scope::Function(handler);
        let body = Body::of(program, scope);
        let tree = program.tree(handler.module);
        let mut found: Vec<(ExprId, ExprId)> = Vec::new();
        for &stmt in &body.stmts {
            tree.exprs_of(stmt, &mut |expr| slices_of(tree, expr, &mut found));
        }
        let names = if found.is_empty() { None } else { Some(rows.names(scope, &body)) };
        for (base, upper) in found {
            let base = handler.module.expr(base);
            let reads = names.as_ref().is_some_and(|names| rows.all_rows(base, names).is_some() || is_answer(cx, base));
            let mut parts = Vec::new();
            names_of(tree, upper, &mut parts);
            let severity = if reads { Severity::Medium } else { Severity::Low };
            let sized = parts
                .iter()
                .map(|&part| handler.module.expr(part))
                .find(|&part| input(cx, part).is_some_and(|found| named_like_a_size(cx, found)));
            match sized {
                Some(part) => say(cx, part, base, severity, out),
                None if reads => say(cx, handler.module.expr(upper), base, severity, out),
                None => {}
            }
        }
    }
}

fn names_of(tree: &Tree, expr: ExprId, found: &mut Vec<ExprId>) {
    if let ExprKind::Name(_) = tree[expr].kind {
        found.push(expr);
    }
    tree.children(expr, &mut |child| names_of(tree, child, found));
}

/// Whether the rows of one answer are meant.
fn is_answer(cx: &Cx<'_>, base: ExprAt) -> bool {
    use crate::values::Kind;
    cx.values.is(base, |kind| matches!(kind, Kind::Items { .. }))
}

fn slices_of(tree: &Tree, expr: ExprId, found: &mut Vec<(ExprId, ExprId)>) {
    if let ExprKind::Subscript { base, index } = tree[expr].kind
        && let ExprKind::Slice { upper: Some(upper), .. } = tree[index].kind
    {
        found.push((base, upper));
    }
    tree.children(expr, &mut |child| slices_of(tree, child, found));
}

/// Whether the parameter or the key is called like a page size.
fn named_like_a_size(cx: &Cx<'_>, found: Input) -> bool {
    found.name.is_some_and(|name| NAMES.contains(&cx.program.text(name)))
}
