//! A boto3 resource is built inside a request.

use super::build::{Build, builds};
use super::client_per_request::{is_of_new_session, is_provided};
use crate::rules::rule::{Rule, rule};
use crate::rules::{Cx, Drafts, Meta};
use crate::values::Kind;

rule! {
    /// A boto3 resource is built inside a request.
    ResourcePerRequest { id: "resource-per-request", weakness: ClientPerRequest, kind: Cost, severity: Low, since: "0.1.0" }
}

impl Rule for ResourcePerRequest {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, cx: &Cx<'_>, out: &mut Drafts) {
        for build in resources(cx) {
            if is_of_new_session(cx, build.at) || is_provided(cx, &build) {
                continue;
            }
            if let Some(draft) =
                build.draft(cx, &Self::META, "a resource", "8 to 20 ms of CPU each time, and a new connection")
            {
                out.push(draft);
            }
        }
    }
}

/// Calls that build a resource.
pub fn resources(cx: &Cx<'_>) -> Vec<Build> {
    builds(cx, &["resource"], |object| {
        matches!(object.kind, Kind::Resource { .. } | Kind::ClientContext { resource: true, .. })
    })
}
