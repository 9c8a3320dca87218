//! A session of an SDK is made inside a request.

use super::build::{Build, builds};
use super::client_per_request::is_provided;
use crate::rules::rule::{Rule, rule};
use crate::rules::{Cx, Drafts, Meta};
use crate::values::Kind;

rule! {
    /// A session of an SDK is made inside a request.
    SessionPerRequest { id: "session-per-request", weakness: ClientPerRequest, kind: Cost, severity: Medium, since: "0.1.0" }
}

impl Rule for SessionPerRequest {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, cx: &Cx<'_>, out: &mut Drafts) {
        for build in sessions(cx) {
            if is_provided(cx, &build) {
                continue;
            }
            if let Some(draft) =
                build.draft(cx, &Self::META, "a session", "110 to 240 ms of CPU each time with its first client")
            {
                out.push(draft);
            }
        }
    }
}

/// Calls that make a session.
pub fn sessions(cx: &Cx<'_>) -> Vec<Build> {
    builds(cx, &["Session", "get_session", "AioSession"], |object| matches!(object.kind, Kind::Session(_)))
}
