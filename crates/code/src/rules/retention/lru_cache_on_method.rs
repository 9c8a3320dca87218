//! A method is cached without a bound, and the cache keeps every instance (flake8-bugbear's B019, where it leaks).

use plimsoll_model::Severity;

use super::lru::{is_cleared, unbounded};
use crate::lifetimes::Spread;
use crate::program::Scope;
use crate::rules::{Cx, Draft, Drafts, Meta, Rule, Spot, rule};

rule! {
    /// A method is cached without a bound, and the cache keeps every instance.
    LruCacheOnMethod { id: "lru-cache-on-method", weakness: UnboundedCache, kind: Leak, severity: High, since: "0.2.0" }
}

impl Rule for LruCacheOnMethod {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, cx: &Cx<'_>, out: &mut Drafts) {
        for cached in unbounded(cx) {
            let function = cached.function;
            let Some(class) = cx.program.class_of(function).filter(|_| cx.lifetimes.is_method(function)) else {
                continue;
            };
            if is_cleared(cx, function) {
                continue;
            }
            let again = cx.lifetimes.is_made_again(class);
            let open = (1..cx.program.params(function).len())
                .any(|n| cx.lifetimes.param_spread_of(function, n) == Spread::Open);
            let hot = cx.entries.heat(function).is_hot();
            let lives = cx.lifetimes.of_class(class).life;
            // Instances that are made at import, once each, are few.
            if lives.is_long() && !again && !(hot && open) {
                continue;
            }
            let name = cx.program.text(cx.program.function(function).name);
            let of = cx.program.text(cx.program.class(class).name);
            let spot = Spot::expr(cx.program, cached.at);
            let message = format!(
                "`{name}` is cached without a bound and `self` is part of the key: the cache lives as long as the class and keeps every instance of `{of}` that it was called on."
            );
            let draft = Draft::new(&Self::META, spot, Scope::Function(function), message)
                .cause(name)
                .step(spot, "cached here, for the whole class")
                .step(Spot::class(cx.program, class), "instances of this class are kept");
            out.push(match (hot, again || open) {
                (true, true) => draft,
                (true, false) | (false, true) => draft.severity(Severity::Medium).suspected(),
                _ => draft
                    .severity(Severity::Low)
                    .suspected()
                    .note("Where instances are made, and how many, was not seen."),
            });
        }
    }
}
