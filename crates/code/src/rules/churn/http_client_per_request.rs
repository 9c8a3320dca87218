//! An HTTP client is built inside a request.

use super::build::{Build, builds};
use super::client_per_request::is_provided;
use crate::rules::rule::{Rule, rule};
use crate::rules::{Cx, Drafts, Meta};
use crate::values::Kind;

rule! {
    /// An HTTP client is built inside a request.
    HttpClientPerRequest { id: "http-client-per-request", weakness: ClientPerRequest, kind: Cost, severity: Low, since: "0.1.0" }
}

impl Rule for HttpClientPerRequest {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, cx: &Cx<'_>, out: &mut Drafts) {
        for build in http_clients(cx) {
            if is_provided(cx, &build) {
                continue;
            }
            let cost = "a new pool of connections each time, and no connection is used twice";
            if let Some(draft) = build.draft(cx, &Self::META, "an HTTP client", cost) {
                out.push(draft);
            }
        }
    }
}

/// Calls that build an HTTP client.
pub fn http_clients(cx: &Cx<'_>) -> Vec<Build> {
    let names = ["Client", "AsyncClient", "Session", "session", "ClientSession", "PoolManager", "CachedSession"];
    builds(cx, &names, |object| matches!(object.kind, Kind::HttpClient { .. }))
}
