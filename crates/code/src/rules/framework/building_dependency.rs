//! A provider of `Depends` builds what should be shared.

use plimsoll_model::Severity;

use crate::entries::Framework;
use crate::rules::churn::{Build, clients, http_clients, is_cached, is_provided, resources, sessions};
use crate::rules::look::{Reach, directly_of, reach};
use crate::rules::rule::{Rule, rule};
use crate::rules::{Cx, Draft, Drafts, Meta, Spot};
use crate::syntax::StmtKind;

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
        for build in clients(cx).into_iter().chain(resources(cx)) {
            if is_idle_provider(cx, &build) {
                let message = "nobody calls this yet; as a provider of `Depends` it would build for every request";
                let draft = Draft::new(&Self::META, Spot::expr(cx.program, build.at), build.scope, message);
                out.push(draft.severity(Severity::Info).suspected());
            }
        }
    }
}

/// Whether a function returns what it builds, is called by nobody, and stands beside routes of FastAPI.
fn is_idle_provider(cx: &Cx<'_>, build: &Build) -> bool {
    let Some(function) = build.scope.function() else { return false };
    let tree = cx.program.tree(function.module);
    let returned = directly_of(cx.program, build.at).is_some_and(|stmt| matches!(tree[stmt].kind, StmtKind::Return(_)));
    let beside = cx
        .entries
        .routes
        .iter()
        .any(|route| route.framework == Framework::FastApi && route.declared.module == function.module);
    returned
        && beside
        && !is_cached(cx.program, function)
        && reach(cx, build.scope) == Reach::Unknown
        && cx.values.callers(function).is_empty()
}
