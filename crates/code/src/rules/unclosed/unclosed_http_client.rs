//! An HTTP client that is not closed on every path.

use plimsoll_model::Severity;

use crate::rules::look::{Body, Closing, Fate, Reach, calls, fate, kinds, reach};
use crate::rules::rule::{Rule, rule};
use crate::rules::{Cx, Draft, Drafts, Meta, Spot};
use crate::values::{HttpLib, Kind};

rule! {
    /// An HTTP client that is not closed on every path.
    UnclosedHttpClient { id: "unclosed-http-client", weakness: UnclosedResource, kind: Cost, severity: Low, since: "0.1.0" }
}

const CLOSERS: &[&str] = &["close", "aclose", "__exit__", "__aexit__"];

impl Rule for UnclosedHttpClient {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, cx: &Cx<'_>, out: &mut Drafts) {
        for name in ["Client", "AsyncClient", "Session", "session", "ClientSession", "PoolManager"] {
            for site in calls(cx, name) {
                let Some(lib) = kinds::made_here(cx, site.at).and_then(|object| match object.kind {
                    Kind::HttpClient { lib, .. } => Some(lib),
                    _ => None,
                }) else {
                    continue;
                };
                let reach = reach(cx, site.scope);
                if reach == Reach::Rare {
                    continue;
                }
                let body = Body::of(cx.program, site.scope);
                let (message, unguarded) = match fate(cx.program, &body, site.scope, site.at, CLOSERS) {
                    Fate::Local(Closing::Never) | Fate::Dropped | Fate::Chained(_) => {
                        ("the client is never closed: its connections stay open until the collector comes", false)
                    }
                    Fate::Local(Closing::LeftAt(_)) => ("the client is not closed on every way out", false),
                    Fate::Local(Closing::Unguarded) => ("the client is not closed when something between raises", true),
                    _ => continue,
                };
                let severity = if unguarded || lib == HttpLib::Requests || !reach.is_hot() {
                    Severity::Info
                } else {
                    Severity::Low
                };
                let mut draft =
                    Draft::new(&Self::META, Spot::expr(cx.program, site.at), site.scope, message).severity(severity);
                if let Fate::Local(Closing::LeftAt(stmt)) = fate(cx.program, &body, site.scope, site.at, CLOSERS) {
                    draft = draft.step(Spot::stmt(cx.program, site.at.module.stmt(stmt)), "left here without closing");
                }
                out.push(draft);
            }
        }
    }
}
