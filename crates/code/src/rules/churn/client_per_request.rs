//! A boto3 client is built inside a request.

use super::build::{Build, builds};
use crate::program::ExprAt;
use crate::rules::look::kinds;
use crate::rules::rule::{Rule, rule};
use crate::rules::{Cx, Drafts, Meta};
use crate::values::Kind;

rule! {
    /// A boto3 client is built inside a request.
    ClientPerRequest { id: "client-per-request", weakness: ClientPerRequest, kind: Cost, severity: Low, since: "0.1.0" }
}

impl Rule for ClientPerRequest {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, cx: &Cx<'_>, out: &mut Drafts) {
        for build in clients(cx) {
            if is_of_new_session(cx, build.at) || is_provided(cx, &build) {
                continue;
            }
            let (what, cost) = match build.kind {
                Kind::ClientContext { .. } => {
                    ("an asynchronous client", "about 70 ms of CPU and a new connection each time")
                }
                _ => ("a client", "6 to 20 ms of CPU each time, and a new connection"),
            };
            if let Some(draft) = build.draft(cx, &Self::META, what, cost) {
                out.push(draft);
            }
        }
    }
}

/// Calls that build a client; those that are built by hand by the kind.
pub fn clients(cx: &Cx<'_>) -> Vec<Build> {
    builds(cx, &["client", "create_client", "Client"], |object| {
        matches!(object.kind, Kind::Client { .. } | Kind::ClientContext { resource: false, .. })
    })
}

/// Whether the session that makes it is itself made here: then that is said, which is the larger part.
pub fn is_of_new_session(cx: &Cx<'_>, call: ExprAt) -> bool {
    let program = cx.program;
    let Some(receiver) = program.receiver(call) else { return false };
    kinds::objects(cx, receiver).any(|object| {
        matches!(object.kind, Kind::Session(_))
            && object.scope.function().is_some()
            && super::rebuilt(cx, object.made).is_some()
    })
}

/// Whether a provider of `Depends` builds it, which has a rule of its own.
pub fn is_provided(cx: &Cx<'_>, build: &Build) -> bool {
    build.scope.function().is_some_and(|function| {
        cx.entries
            .routes
            .iter()
            .any(|route| route.handler != Some(function) && route.class.is_none() && route.enters.contains(&function))
    })
}
