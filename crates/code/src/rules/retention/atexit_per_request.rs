//! A function is registered with `atexit` for every request.

use plimsoll_model::Severity;

use super::registered::{is_once, is_set_up, is_undone};
use crate::program::{Decorated, Scope};
use crate::rules::{Cx, Draft, Drafts, Meta, Rule, Spot, rule};
use crate::syntax::Parent;

rule! {
    /// A function is registered with `atexit` for every request.
    AtexitPerRequest { id: "atexit-per-request", weakness: HandlerPerRequest, kind: Leak, severity: High, since: "0.2.0" }
}

const WHY: &str =
    "`atexit.register` runs for every request: what is registered is kept, with its arguments, until the process ends.";

impl Rule for AtexitPerRequest {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, cx: &Cx<'_>, out: &mut Drafts) {
        for site in cx.program.calls_named("register").filter(|site| cx.lifetimes.is_hot(site.scope)) {
            let Some((callee, _)) = cx.program.call(site.at) else { continue };
            if cx.values.path(callee) != Some("atexit.register") || is_once(cx, site) || is_set_up(cx, site) {
                continue;
            }
            let what = cx.program.positional(site.at, 0);
            if is_undone(cx, site, what, &["unregister"]) {
                continue;
            }
            let spot = Spot::expr(cx.program, site.at);
            let draft = Draft::new(&Self::META, spot, site.scope, WHY).step(spot, "registered here");
            out.push(if is_of_instance(cx, site.scope) || super::is_everywhere(cx, site.scope) {
                draft.severity(Severity::Low).suspected()
            } else {
                draft
            });
        }
        for decorator in cx.program.decorators_named("register") {
            let Decorated::Function(function) = decorator.on else { continue };
            let Parent::Function(outer) = cx.program.function(function).parent else { continue };
            let scope = Scope::Function(function.module.function(outer));
            if cx.lifetimes.is_hot(scope) && cx.program.external(decorator.at) == Some("atexit.register") {
                let spot = Spot::expr(cx.program, decorator.at);
                out.push(Draft::new(&Self::META, spot, scope, WHY).step(spot, "registered here"));
            }
        }
    }
}

/// A method that an object calls when it starts to work: how often that is, only its callers know.
fn is_of_instance(cx: &Cx<'_>, scope: Scope) -> bool {
    scope.function().is_some_and(|function| {
        cx.lifetimes.is_method(function)
            && !cx.entries.is_entry(function)
            && cx.program.text(cx.program.function(function).name) != "__init__"
    })
}
