//! A synchronous request makes an event loop.

use crate::rules::look::{calls, reach};
use crate::rules::rule::{Rule, rule};
use crate::rules::{Cx, Draft, Drafts, Meta, Spot};

rule! {
    /// A synchronous request makes an event loop.
    EventLoopPerRequest { id: "event-loop-per-request", weakness: ClientPerRequest, kind: Cost, severity: Low, since: "0.1.0" }
}

impl Rule for EventLoopPerRequest {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, cx: &Cx<'_>, out: &mut Drafts) {
        for name in ["run", "new_event_loop"] {
            for site in calls(cx, name) {
                let path = cx.program.call(site.at).and_then(|(callee, _)| cx.program.external(callee));
                if !matches!(
                    path,
                    Some("asyncio.run" | "asyncio.new_event_loop" | "uvloop.run" | "uvloop.new_event_loop")
                ) {
                    continue;
                }
                if !reach(cx, site.scope).is_hot() || super::kept::is_guarded(cx.program, site.at) {
                    continue;
                }
                out.push(Draft::new(
                    &Self::META,
                    Spot::expr(cx.program, site.at),
                    site.scope,
                    "every call makes an event loop of its own: a selector and sockets each time, and no asynchronous client can be shared between calls",
                ));
            }
        }
    }
}
