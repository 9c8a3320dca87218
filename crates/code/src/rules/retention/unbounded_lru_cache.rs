//! A function's results are cached by what requests bring, without a bound.

use super::lru::{is_cleared, is_unbounded, unbounded};
use crate::lifetimes::Spread;
use crate::program::{Binding, ExprAt, FunctionId, Scope, Symbol};
use crate::rules::{Cx, Draft, Drafts, Meta, Rule, Spot, rule};
use crate::syntax::{ExprKind, StmtKind};
use crate::values::Value;

rule! {
    /// A function's results are cached by what requests bring, without a bound.
    UnboundedLruCache { id: "unbounded-lru-cache", weakness: UnboundedCache, kind: Leak, severity: High, since: "0.2.0" }
}

impl Rule for UnboundedLruCache {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, cx: &Cx<'_>, out: &mut Drafts) {
        for cached in unbounded(cx) {
            let function = cached.function;
            if cx.lifetimes.is_method(function) || !cx.entries.heat(function).is_hot() || is_cleared(cx, function) {
                continue;
            }
            let first = usize::from(cx.program.class_of(function).is_some() && !cx.lifetimes.is_static(function));
            let open = (first..cx.program.params(function).len())
                .find(|&n| cx.lifetimes.param_spread_of(function, n) == Spread::Open);
            if let Some(n) = open {
                out.push(draft(cx, cached.at, function, Scope::Function(function), n));
            }
        }
        by_hand(cx, out);
    }
}

/// `cached = lru_cache(maxsize=None)(function)` at the top of a module.
fn by_hand(cx: &Cx<'_>, out: &mut Drafts) {
    for name in ["lru_cache", "cache"] {
        for site in cx.program.calls_named(name).filter(|site| matches!(site.scope, Scope::Module(_))) {
            let module = cx.program.module(site.at.module);
            // `cache(function)`, or what `lru_cache(maxsize=None)` gives is called with the function.
            let outer = match module.links.parent(site.at.expr).map(|parent| (parent, module.tree[parent].kind)) {
                Some((parent, ExprKind::Call { callee, .. }))
                    if callee == site.at.expr && is_unbounded(cx, site.at) =>
                {
                    site.at.beside(parent)
                }
                _ => match cx.program.call(site.at) {
                    Some((callee, _)) if cx.program.external(callee) == Some("functools.cache") => site.at,
                    _ => continue,
                },
            };
            let Some(function) = cx.program.positional(outer, 0).and_then(|of| {
                cx.values
                    .eval(of)
                    .iter()
                    .find_map(|value| if let Value::Function(function) = value { Some(*function) } else { None })
            }) else {
                continue;
            };
            let StmtKind::Assign { targets, .. } = module.tree[site.stmt].kind else { continue };
            let [target] = module.tree[targets] else { continue };
            let ExprKind::Name(name) = module.tree[target].kind else { continue };
            let open = cx.program.calls_of(Some(name)).find(|call| {
                let Some((callee, args)) = cx.program.call(call.at) else { return false };
                cx.program.resolve(callee) == Some(Symbol::Variable(module.id, name))
                    && cx.lifetimes.is_hot(call.scope)
                    && args.iter().any(|arg| cx.lifetimes.spread(call.at.beside(arg.value)) == Spread::Open)
            });
            let only = cx
                .program
                .bindings(Scope::Module(module.id), name)
                .filter(|binding| matches!(binding, Binding::Target(_)))
                .count()
                == 1;
            if let (Some(call), true) = (open, only) {
                let draft =
                    draft(cx, outer, function, Scope::Module(module.id), 0).operations(cx.operations(call.scope));
                out.push(draft.step(Spot::expr(cx.program, call.at), "called here with what a request brings"));
            }
        }
    }
}

fn draft(cx: &Cx<'_>, at: ExprAt, function: FunctionId, scope: Scope, n: usize) -> Draft {
    let name = cx.program.text(cx.program.function(function).name);
    let param = cx.program.params(function).get(n).map(|param| cx.program.text(param.name)).unwrap_or_default();
    let spot = Spot::expr(cx.program, at);
    let message = format!(
        "Every result of `{name}` is kept for the life of the process: the cache has no bound, and `{param}` is whatever requests bring."
    );
    Draft::new(&UnboundedLruCache::META, spot, scope, message)
        .cause(name)
        .step(spot, "cached here, without a bound")
        .step(Spot::function(cx.program, function), format!("`{param}` is part of the key"))
}
