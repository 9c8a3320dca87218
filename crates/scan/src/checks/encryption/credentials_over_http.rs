//! `credentials-over-http`: tokens and passwords travel without encryption.

use plimsoll_http::Who;
use plimsoll_model::{PartKind, Severity};

use super::way;
use crate::check::{Check, Meta, check};
use crate::draft::Draft;
use crate::view::{App, Op};

check! {
    /// Credentials are asked for, or were taken, over plain http.
    pub struct CredentialsOverHttp {
        id: "credentials-over-http", weakness: PlaintextTransport, mode: Passive, since: "0.2.0",
        page: "http/credentials-over-http.md",
    }
}

impl Check for CredentialsOverHttp {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn judge_app(&self, app: &App<'_>) -> Vec<Draft> {
        if way::is_https(app) || app.seen.all().is_empty() {
            return Vec::new();
        }
        let local = way::is_local(app);
        // Whoever is answered with data had the token read on the way; whoever is asked for one will send it.
        let carried = app.seen.has_credentials.then(|| {
            app.seen.all().iter().find(|exchange| exchange.probe.who != Who::Anonymous && exchange.is_success())
        });
        let asked = app.ops().find(|op| op.spec.requires_credentials());
        let (message, severity) = match (carried.flatten(), &asked) {
            (Some(_), _) => (
                "The service takes credentials over http: whoever is on the way can read and use them.",
                Severity::High,
            ),
            (None, Some(_)) if !local => {
                ("The contract asks for credentials, and the service is reached over http.", Severity::Medium)
            }
            _ => return Vec::new(),
        };
        let severity = if local { Severity::Info } else { severity };
        let mut draft =
            app.finding(message).severity(severity).part(PartKind::Header, "credentials").cause("credentials");
        if let Some(exchange) = carried.flatten().or_else(|| asked.as_ref().and_then(Op::baseline)) {
            draft = draft.exchange_excerpt(exchange, "over http", "");
        }
        vec![draft]
    }
}
