//! Decorators that cache a function's results: which have no bound, and what they stand on.

use crate::program::{Decorated, ExprAt, FunctionId};
use crate::rules::Cx;
use crate::syntax::{Const, ExprKind};
use crate::values::{Bound, Kind};

/// From this size on a cache has no bound worth the name.
const TOO_LARGE: i64 = 500_000;

/// A cache without a bound, and the function whose results it keeps.
pub(super) struct Cached {
    pub(super) at: ExprAt,
    pub(super) function: FunctionId,
}

/// Every function that is decorated with a cache without a bound, outside of tests.
pub(super) fn unbounded(cx: &Cx<'_>) -> Vec<Cached> {
    let mut found = Vec::new();
    for name in ["cache", "lru_cache", "alru_cache", "cached", "memoize"] {
        for decorator in cx.program.decorators_named(name) {
            if let Decorated::Function(function) = decorator.on
                && cx.lifetimes.is_production(function.module)
                && is_unbounded(cx, decorator.at)
            {
                found.push(Cached { at: decorator.at, function });
            }
        }
    }
    found
}

/// Whether an expression, as a decorator, caches without a bound.
pub(super) fn is_unbounded(cx: &Cx<'_>, at: ExprAt) -> bool {
    let call = cx.program.call(at);
    let path = match call {
        Some((callee, _)) => cx.program.external(callee),
        None => cx.program.external(at),
    };
    match path {
        Some("functools.cache") => call.is_none(),
        Some("functools.lru_cache" | "async_lru.alru_cache" | "django.utils.lru_cache.lru_cache") => {
            let size = call.and_then(|_| cx.program.argument(at, 0, "maxsize"));
            size.is_some_and(|size| match cx.program.expr(size).kind {
                ExprKind::Const(Const::None) => true,
                _ => cx.values.int(size).is_some_and(|size| size >= TOO_LARGE),
            })
        }
        Some("cachetools.cached" | "cachetools.func.cached") => {
            let store = call.and_then(|_| cx.program.argument(at, 0, "cache"));
            store.is_some_and(|store| {
                cx.values.is(store, |kind| {
                    matches!(kind, Kind::Container { kind: crate::values::Container::Dict, bound: Bound::Unbounded })
                })
            })
        }
        _ => false,
    }
}

/// Whether something empties the cache while the program works.
pub(super) fn is_cleared(cx: &Cx<'_>, function: FunctionId) -> bool {
    cx.program.calls_named("cache_clear").any(|site| {
        let name = cx.program.receiver(site.at).map(|of| cx.program.expr(of).kind);
        let same = match name {
            Some(ExprKind::Name(name) | ExprKind::Attribute { name, .. }) => name == cx.program.function(function).name,
            _ => false,
        };
        same && cx.lifetimes.is_production(site.at.module) && cx.lifetimes.is_hot(site.scope)
    })
}
