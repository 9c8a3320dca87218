//! A pool of threads or processes that is never shut down.

use plimsoll_model::Severity;

use crate::rules::look::{Body, Closing, Fate, Reach, calls, fate, kinds, reach};
use crate::rules::rule::{Rule, rule};
use crate::rules::{Cx, Draft, Drafts, Meta, Spot};
use crate::values::Kind;

rule! {
    /// A pool of threads or processes that is never shut down.
    UnclosedExecutor { id: "unclosed-executor", weakness: UnclosedResource, kind: Cost, severity: Low, since: "0.1.0" }
}

const CLOSERS: &[&str] = &["shutdown", "close", "terminate", "__exit__"];

impl Rule for UnclosedExecutor {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, cx: &Cx<'_>, out: &mut Drafts) {
        for name in ["ThreadPoolExecutor", "ProcessPoolExecutor", "Pool", "ThreadPool"] {
            for site in calls(cx, name).into_iter().filter(|site| !site.in_with) {
                let reach = reach(cx, site.scope);
                let made =
                    kinds::made_here(cx, site.at).is_some_and(|object| matches!(object.kind, Kind::Executor { .. }));
                if !made || reach == Reach::Rare || site.scope.function().is_none() {
                    continue;
                }
                let body = Body::of(cx.program, site.scope);
                let message = match fate(cx.program, &body, site.scope, site.at, CLOSERS) {
                    Fate::Local(Closing::Never) | Fate::Dropped | Fate::Chained(_) => "the pool is never shut down",
                    Fate::Local(Closing::LeftAt(_)) => "the pool is not shut down on every way out",
                    _ => continue,
                };
                let severity = if reach.is_hot() { Severity::Low } else { Severity::Info };
                out.push(
                    Draft::new(&Self::META, Spot::expr(cx.program, site.at), site.scope, message).severity(severity),
                );
            }
        }
    }
}
