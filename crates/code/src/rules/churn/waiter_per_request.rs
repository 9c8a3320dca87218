//! A waiter is made, and waited for, inside a request.

use plimsoll_model::Severity;

use crate::rules::look::{Reach, kinds, reach};
use crate::rules::rule::{Rule, rule};
use crate::rules::{Cx, Draft, Drafts, Meta, Spot};
use crate::values::Kind;

rule! {
    /// A waiter is made, and waited for, inside a request.
    WaiterPerRequest { id: "waiter-per-request", weakness: ClientPerRequest, kind: Cost, severity: Info, since: "0.1.0" }
}

impl Rule for WaiterPerRequest {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, cx: &Cx<'_>, out: &mut Drafts) {
        for (name, what) in [("get_waiter", "waiter"), ("get_paginator", "paginator")] {
            for site in cx.program.calls_named(name) {
                let known = kinds::objects(cx, site.at)
                    .any(|object| matches!(object.kind, Kind::Waiter | Kind::Paginator { .. }));
                let looped = site.around.loops > 0;
                let waits = what == "waiter";
                let reach = reach(cx, site.scope);
                let one = waits && reach == Reach::Request;
                if !reach.is_hot() || !(one || looped) || !(known || cx.program.receiver(site.at).is_some()) {
                    continue;
                }
                let message = match (waits, looped) {
                    (true, true) => "a waiter is built for each element: a class from its model each time".to_owned(),
                    (true, false) => {
                        "a request waits here for what may take minutes, and builds the waiter's class each time"
                            .to_owned()
                    }
                    (false, _) => format!("a {what} is built for each element"),
                };
                let severity = if waits && looped { Severity::Low } else { Severity::Info };
                let draft =
                    Draft::new(&Self::META, Spot::expr(cx.program, site.at), site.scope, message).severity(severity);
                out.push(draft);
            }
        }
    }
}
