//! A logging handler or filter is added for every request.

use super::registered::{is_new_each_time, is_once, is_set_up, is_undone};
use crate::program::CallSite;
use crate::rules::{Cx, Draft, Drafts, Meta, Rule, Spot, rule};
use crate::syntax::ExprKind;

rule! {
    /// A logging handler or filter is added for every request.
    LoggingHandlerPerRequest { id: "logging-handler-per-request", weakness: HandlerPerRequest, kind: Leak, severity: High, since: "0.2.0" }
}

impl Rule for LoggingHandlerPerRequest {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, cx: &Cx<'_>, out: &mut Drafts) {
        for (add, remove) in [("addHandler", "removeHandler"), ("addFilter", "removeFilter")] {
            for site in cx.program.calls_named(add).filter(|site| cx.lifetimes.is_hot(site.scope)) {
                let Some(handler) = cx.program.positional(site.at, 0) else { continue };
                let new =
                    is_new_each_time(cx, handler) || matches!(cx.program.expr(handler).kind, ExprKind::Call { .. });
                if !new
                    || is_once(cx, site)
                    || is_set_up(cx, site)
                    || is_undone(cx, site, Some(handler), &[remove])
                    || is_reset(cx, site)
                {
                    continue;
                }
                let spot = Spot::expr(cx.program, site.at);
                let message = format!(
                    "`{add}` runs for every request with something new, and no `{remove}` on every way out: the logger keeps all of them, and each later record goes through all of them."
                );
                let draft = Draft::new(&Self::META, spot, site.scope, message)
                    .step(Spot::expr(cx.program, handler), "made for this request")
                    .step(spot, "added here to a logger, which lives as long as the process");
                out.push(draft);
            }
        }
    }
}

/// `logger.handlers.clear()` or `logger.handlers = [handler]` in the same function.
fn is_reset(cx: &Cx<'_>, site: &CallSite) -> bool {
    let cleared = cx.program.calls_named("clear").filter(|clear| clear.scope == site.scope).any(|clear| {
        cx.program.receiver(clear.at).is_some_and(|base| {
            matches!(cx.program.expr(base).kind, ExprKind::Attribute { name, .. } if cx.program.text(name) == "handlers")
        })
    });
    cleared || cx.program.attribute_stores("handlers").any(|store| store.scope == site.scope)
}
