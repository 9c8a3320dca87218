//! A list or number of the caller's decides how many reads are made.

use plimsoll_model::Severity;

use super::read::option;
use crate::program::{ClassId, ExprAt, FunctionId, Program, Scope, Symbol};
use crate::rules::look::{Body, Input, Reach, call_name, input, kinds, name, reach, spans};
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

/// Class methods of a PynamoDB model that read.
const OF_MODELS: &[&str] = &["get", "query", "scan", "count", "batch_get"];

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
        // `get` is everywhere: only what names a model is looked at.
        let gets = cx.program.calls_named("get").filter(|site| names_model(cx, site.at));
        scopes.extend(gets.map(|site| site.scope));
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
        let found = parts
            .into_iter()
            .filter(|&part| matches!(tree[part].kind, ExprKind::Comprehension { .. } | ExprKind::Name(_)))
            .find_map(|part| {
                let at = items.beside(part);
                let lists = match tree[part].kind {
                    ExprKind::Comprehension { clauses, .. } => at.beside(tree[clauses].first()?.iter),
                    _ => at,
                };
                let is_key = matches!(tree[part].kind, ExprKind::Name(_))
                    && program.comprehension_target(at, name(program, at)?).is_some();
                if is_key { None } else { input(cx, lists).filter(|found| is_plural(cx, found)) }
            });
        if let Some(found) = found {
            push(cx, Spot::expr(program, site.at), site.scope, found, false, out);
        }
    }
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
        if let StmtKind::For { iter, .. } = tree[stmt].kind {
            let iter = module.expr(iter);
            if reads_in(cx, scope, tree[stmt].span)
                && let Some(found) = input(cx, iter)
            {
                push(cx, Spot { module, span: tree[stmt].span }, scope, found, is_split(program, &body, iter), out);
            }
        }
        let mut found = Vec::new();
        tree.exprs_of(stmt, &mut |expr| all(tree, expr, &mut found));
        for expr in found {
            let ExprKind::Comprehension { clauses, .. } = tree[expr].kind else { continue };
            let Some(clause) = tree[clauses].first() else { continue };
            let iter = module.expr(clause.iter);
            if reads_in(cx, scope, tree[expr].span)
                && let Some(found) = input(cx, iter)
            {
                push(cx, Spot { module, span: tree[expr].span }, scope, found, is_split(program, &body, iter), out);
            }
        }
    }
}

/// Whether a text is taken apart: then the length of a URL bounds how many parts there are, some hundreds.
fn is_split(program: &Program, body: &Body, iter: ExprAt) -> bool {
    let whole = match name(program, iter) {
        Some(name) => {
            body.values_of(program.tree(iter.module), name).into_iter().map(|value| iter.beside(value)).collect()
        }
        None => vec![iter],
    };
    whole.into_iter().any(|value| matches!(call_name(program, value), Some("split" | "rsplit" | "splitlines")))
}

/// Whether a read is made within a span: directly, or by a function of the project that reads.
fn reads_in(cx: &Cx<'_>, scope: Scope, within: Span) -> bool {
    let program = cx.program;
    let tree = program.tree(scope.module());
    program.calls_in(scope).iter().any(|site| {
        spans(within, tree[site.at.expr].span)
            && (is_read(cx, site.at) || called(cx, site.at).is_some_and(|function| reads_itself(cx, function)))
    })
}

/// `Order.get(…)`: a class method of a model that the program names.
fn names_model(cx: &Cx<'_>, call: ExprAt) -> bool {
    let program = cx.program;
    program.receiver(call).is_some_and(
        |receiver| matches!(program.resolve(receiver), Some(Symbol::Class(class)) if is_model(program, class)),
    )
}

fn is_model(program: &Program, class: ClassId) -> bool {
    program.derives_from(class, |path| path.starts_with("pynamodb."))
}

/// The same where a variable is the model.
fn reads_model(cx: &Cx<'_>, call: ExprAt) -> bool {
    let named = call_name(cx.program, call).is_some_and(|name| OF_MODELS.contains(&name));
    let model = |receiver: ExprAt| {
        let classes = cx.values.eval(receiver).iter();
        classes.into_iter().any(|value| matches!(value, Value::Class(class) if is_model(cx.program, *class)))
    };
    named && (names_model(cx, call) || cx.program.receiver(call).is_some_and(model))
}

fn is_read(cx: &Cx<'_>, call: ExprAt) -> bool {
    let program = cx.program;
    if reads_model(cx, call) {
        return true;
    }
    let named = call_name(program, call).is_some_and(|name| READS.contains(&name));
    named
        && program.receiver(call).is_some_and(|receiver| match kinds::store(cx, receiver) {
            kinds::Store::Yes => true,
            kinds::Store::No => false,
            kinds::Store::Unknown => {
                ["Key", "TableName", "KeyConditionExpression"].iter().any(|key| program.keyword(call, key).is_some())
            }
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

fn push(cx: &Cx<'_>, spot: Spot, scope: Scope, found: Input, split: bool, out: &mut Drafts) {
    let draft = Draft::new(
        &UnboundedBatch::META,
        spot,
        scope,
        "the caller decides how many reads one request makes, and nothing says how many that may be",
    )
    .part(found.part(cx))
    .step(found.spot, "what the caller sends comes in here")
    .step(spot, "and each part of it is a read");
    out.push(if split {
        draft
            .severity(Severity::Info)
            .note("It is a text that is taken apart: the length of a URL lets some hundreds through.")
    } else {
        draft
    });
}
