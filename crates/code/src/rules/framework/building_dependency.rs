//! A provider of `Depends` builds what should be shared.

use plimsoll_model::Severity;

use crate::rules::churn::{clients, http_clients, is_provided, resources, sessions};
use crate::rules::rule::{Rule, rule};
use crate::rules::{Cx, Drafts, Meta};

rule! {
    /// A provider of `Depends` builds what should be shared.
    BuildingDependency { id: "building-dependency", weakness: ClientPerRequest, kind: Cost, severity: Low, since: "0.1.0" }
}

impl Rule for BuildingDependency {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, cx: &Cx<'_>, out: &mut Drafts) {
        let kinds = [
            (clients(cx), "a client of this provider", "FastAPI calls it each time, 6 to 20 ms of CPU", Severity::Low),
            (
                resources(cx),
                "a resource of this provider",
                "FastAPI calls it each time, 8 to 20 ms of CPU",
                Severity::Low,
            ),
            (
                sessions(cx),
                "a session of this provider",
                "FastAPI calls it each time, 110 to 240 ms of CPU",
                Severity::Medium,
            ),
            (
                http_clients(cx),
                "an HTTP client of this provider",
                "FastAPI calls it each time, and no connection is used twice",
                Severity::Low,
            ),
        ];
        for (builds, what, cost, severity) in kinds {
            for build in builds.into_iter().filter(|build| is_provided(cx, build)) {
                if let Some(draft) = build.draft(cx, &Self::META, what, cost) {
                    out.push(if build.is_personal(cx) { draft } else { draft.severity(severity) });
                }
            }
        }
    }
}
