//! A list or number of the caller's decides how many reads are made.

use super::read::option;
use crate::program::{ExprAt, FunctionId, Program, Scope};
use crate::rules::look::{Body, Input, Reach, input, kinds, mentions, reach, spans};
use crate::rules::reads::pages::target_names;
use crate::rules::rule::{Rule, rule};
use crate::rules::{Cx, Draft, Drafts, Meta, Spot};
use crate::syntax::{ExprId, ExprKind, Span, StmtKind, Tree};
use crate::values::Value;

rule! {
    /// A list or number of the caller's decides how many reads are made.
    UnboundedBatch { id: "unbounded-batch", weakness: UnboundedBatch, kind: Cost, severity: Medium, since: "0.1.0" }
}

/// Operations that read.
const READS: &[&str] = &["get_item", "query", "scan", "batch_get_item", "paginate", "transact_get_items"];

impl Rule for UnboundedBatch {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, cx: &Cx<'_>, out: &mut Drafts) {
        batches(cx, out);
        let mut scopes: Vec<Scope> = cx.handlers().iter().copied().map(Scope::Function).collect();
        for name in READS {
            scopes.extend(cx.program.calls_named(name).map(|site| site.scope));
        }
        let mut seen = rustc_hash::FxHashSet::default();
        scopes.retain(|scope| seen.insert(*scope));
        for scope in scopes {
            if scope.function().is_some() && reach(cx, scope) == Reach::Request {
                loops(cx, scope, out);
            }
        }
    }
}

/// `batch_get_item` of what the caller sends.
fn batches(cx: &Cx<'_>, out: &mut Drafts) {
    let program = cx.program;
    for site in program.calls_named("batch_get_item") {
        if reach(cx, site.scope) != Reach::Request {
            continue;
        }
        let Some(items) = option(cx, site.at, "RequestItems") else { continue };
        let tree = program.tree(items.module);
        let mut parts = Vec::new();
        all(tree, items.expr, &mut parts);
        let found = parts.into_iter().filter(|&part| matches!(tree[part].kind, ExprKind::Comprehension { .. } | ExprKind::Name(_))).find_map(|part| {
            let at = items.beside(part);
            let lists = match tree[part].kind {
                ExprKind::Comprehension { clauses, .. } => at.beside(tree[clauses].first()?.iter),
                _ => at,
            };
            let is_key = matches!(tree[part].kind, ExprKind::Name(_)) && program.comprehension_target(at, name_of(program, at)?).is_some();
            if is_key { None } else { input(cx, lists).filter(|found| is_plural(cx, found)) }
        });
        if let Some(found) = found {
            push(cx, Spot::expr(program, site.at), site.scope, found, out);
        }
    }
}

fn name_of(program: &Program, at: ExprAt) -> Option<crate::syntax::Sym> {
    crate::rules::look::name(program, at)
}

fn all(tree: &Tree, expr: ExprId, found: &mut Vec<ExprId>) {
    found.push(expr);
    tree.children(expr, &mut |child| all(tree, child, found));
}

/// Whether what comes in may be a list: not a parameter that is declared as one text or number.
fn is_plural(cx: &Cx<'_>, found: &Input) -> bool {
    let program = cx.program;
    let param = program.params(found.entry).iter().find(|param| param.span == found.spot.span);
    param.and_then(|param| param.annotation).is_none_or(|annotation| {
        let at = found.entry.module.expr(annotation);
        !matches!(program.expr(at).kind, ExprKind::Name(name) if matches!(program.text(name), "str" | "int" | "float"))
    })
}

/// Loops and comprehensions over what the caller sends, with a read in each turn.
fn loops(cx: &Cx<'_>, scope: Scope, out: &mut Drafts) {
    let program = cx.program;
    let module = scope.module();
    let tree = program.tree(module);
    let body = Body::of(program, scope);
    for &stmt in &body.stmts {
        if let StmtKind::For { iter, target, .. } = tree[stmt].kind {
            let names = target_names(program, module.expr(target));
            let used = reads_in(cx, scope, tree[stmt].span, &|call| names.is_empty() || mentions(program, call, |name| names.contains(&name)) || body_uses(program, &body, &names));
            if used && let Some(found) = many(cx, module.expr(iter)) {
                push(cx, Spot { module, span: tree[stmt].span }, scope, found, out);
            }
        }
        let mut found = Vec::new();
        tree.exprs_of(stmt, &mut |expr| all(tree, expr, &mut found));
        for expr in found {
            let ExprKind::Comprehension { clauses, .. } = tree[expr].kind else { continue };
            let Some(clause) = tree[clauses].first() else { continue };
            if reads_in(cx, scope, tree[expr].span, &|_| true)
                && let Some(found) = many(cx, module.expr(clause.iter))
            {
                push(cx, Spot { module, span: tree[expr].span }, scope, found, out);
            }
        }
    }
}

fn body_uses(program: &Program, body: &Body, names: &[crate::syntax::Sym]) -> bool {
    let _ = program;
    names.iter().any(|&name| !body.reads(name).is_empty())
}

/// What a loop goes through, where the caller decides how much that is: a list, or `range(number)`. A text is one thing until it is split.
fn many(cx: &Cx<'_>, iter: ExprAt) -> Option<Input> {
    input(cx, iter)
}

/// Whether a read is made within a span: directly, or by a function of the project that reads.
fn reads_in(cx: &Cx<'_>, scope: Scope, within: Span, is: &dyn Fn(ExprAt) -> bool) -> bool {
    let program = cx.program;
    let tree = program.tree(scope.module());
    program.calls_in(scope).iter().any(|site| {
        spans(within, tree[site.at.expr].span) && is(site.at) && (is_read(cx, site.at) || called(cx, site.at).is_some_and(|function| reads_itself(cx, function)))
    })
}

fn is_read(cx: &Cx<'_>, call: ExprAt) -> bool {
    let program = cx.program;
    let named = crate::rules::look::call_name(program, call).is_some_and(|name| READS.contains(&name));
    named
        && program.receiver(call).is_some_and(|receiver| match kinds::store(cx, receiver) {
            kinds::Store::Yes => true,
            kinds::Store::No => false,
            kinds::Store::Unknown => ["Key", "TableName", "KeyConditionExpression"].iter().any(|key| program.keyword(call, key).is_some()),
        })
}

fn called(cx: &Cx<'_>, call: ExprAt) -> Option<FunctionId> {
    let (callee, _) = cx.program.call(call)?;
    cx.values.eval(callee).iter().find_map(|value| match value {
        Value::Function(function) | Value::Bound(function, _) => Some(*function),
        _ => None,
    })
}

fn reads_itself(cx: &Cx<'_>, function: FunctionId) -> bool {
    cx.program.calls_in(Scope::Function(function)).iter().any(|site| is_read(cx, site.at))
}

fn push(cx: &Cx<'_>, spot: Spot, scope: Scope, found: Input, out: &mut Drafts) {
    let draft = Draft::new(
        &UnboundedBatch::META,
        spot,
        scope,
        "the caller decides how many reads one request makes, and nothing says how many that may be",
    )
    .step(found.spot, "what the caller sends comes in here")
    .step(spot, "and each part of it is a read");
    let _ = cx;
    out.push(draft);
}
