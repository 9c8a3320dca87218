//! `plain-http`: the API answers over http, or http does not lead to https at once.

use plimsoll_http::Survey;
use plimsoll_model::Severity;
use url::Url;

use super::way;
use crate::check::{Check, Meta, check};
use crate::draft::Draft;
use crate::view::{App, Op};

check! {
    /// Answers over http where there should be a redirect to https, or nothing.
    pub struct PlainHttp {
        id: "plain-http", weakness: PlaintextTransport, mode: Passive, since: "0.2.0", page: "http/plain-http.md",
    }
}

/// What the port of http does beside a target on https, where that is wrong.
fn beside(survey: &Survey) -> Option<(String, Severity)> {
    let plain = survey.plain.as_ref()?;
    let (port, status) = (plain.port, plain.status?);
    match status {
        200..=299 => {
            Some((format!("Port {port} answers {status} over http instead of a redirect to https."), Severity::Medium))
        }
        300..=399 => {
            let base = Url::parse(&format!("http://{}:{port}/", survey.host)).ok()?;
            let to = base.join(plain.location.as_deref()?).ok()?;
            let same = to.host_str() == base.host_str();
            match (to.scheme(), same) {
                ("https", true) => None,
                ("https", false) => Some((
                    format!(
                        "Port {port} redirects to another host before this host was ever reached over https, so its HSTS never applies."
                    ),
                    Severity::Info,
                )),
                _ => Some((
                    format!("Port {port} redirects to another address over http instead of to https first."),
                    Severity::Low,
                )),
            }
        }
        // Refused: nothing of the API is served.
        _ => None,
    }
}

impl Check for PlainHttp {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn judge_app(&self, app: &App<'_>) -> Vec<Draft> {
        let local = way::is_local(app);
        if way::is_https(app) {
            let found = app.seen.active.survey.as_ref().and_then(beside);
            let found = found.map(|(message, severity)| {
                let severity = if local { severity.min(Severity::Low) } else { severity };
                app.finding(message).severity(severity).cause("http beside https")
            });
            return found.into_iter().collect();
        }
        // Between processes of one machine and within a private network this is how people work.
        if local {
            return Vec::new();
        }
        let answering: Vec<Op<'_>> = app.ops().filter(|op| op.baseline().is_some()).collect();
        let Some(exchange) = answering.first().and_then(Op::baseline) else { return Vec::new() };
        let message =
            format!("{} operations answer over http; nobody on the way has to do more than read.", answering.len());
        vec![app.finding(message).cause("http").exchange_excerpt(exchange, "over http", "")]
    }
}
