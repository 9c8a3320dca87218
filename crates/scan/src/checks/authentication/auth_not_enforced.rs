//! `auth-not-enforced`: the contract requires credentials, and the operation answers without.

use plimsoll_http::{Exchange, Probe};
use plimsoll_model::{Confidence, Severity};

use super::access::{anonymous, anonymous_probe, is_for_everybody, refuses};
use crate::check::{Check, Meta, check};
use crate::checks::resource::bounds::size;
use crate::draft::Draft;
use crate::fields::{self, Privacy};
use crate::view::{App, Op};

check! {
    /// Credentials that the contract requires and the service does not ask for.
    pub struct AuthNotEnforced {
        id: "auth-not-enforced", weakness: AuthNotEnforced, mode: Active, since: "0.1.0", page: "http/auth-not-enforced.md",
    }
}

/// From this many operations on, none of which asks, the cause is one: nobody asks at all.
const NOBODY_ASKS: usize = 3;

impl Check for AuthNotEnforced {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn probes(&self, op: &Op<'_>) -> Vec<Probe> {
        if op.is_get() && op.spec.requires_credentials() { vec![anonymous_probe(op)] } else { Vec::new() }
    }

    fn judge_app(&self, app: &App<'_>) -> Vec<Draft> {
        let required: Vec<Op<'_>> =
            app.ops().filter(|op| op.is_get() && op.spec.requires_credentials() && anonymous(op).is_some()).collect();
        let open: Vec<(Op<'_>, &Exchange)> = required.iter().filter_map(|op| Some((*op, data(op)?))).collect();
        let nobody = open.len() >= NOBODY_ASKS && !required.iter().any(refuses);
        open.iter()
            .map(|(op, exchange)| {
                let draft = op
                    .finding(message(op, exchange))
                    .severity(severity(op, exchange))
                    .confidence(confidence(op, exchange))
                    .contract(&op.spec.place, "security is required")
                    .outline(exchange, "without credentials");
                if nobody { draft.cause("nothing is enforced") } else { draft }
            })
            .collect()
    }
}

/// The data that the operation hands out without credentials, if it is what a caller with credentials gets.
fn data<'a>(op: &Op<'a>) -> Option<&'a Exchange> {
    let exchange = anonymous(op).filter(|exchange| exchange.is_success() && fields::has_data(exchange))?;
    match op.baseline() {
        // An object of another form may be what strangers are meant to see: a teaser, or an error that says 200.
        Some(given) if op.seen.has_credentials => same_form(given, exchange).then_some(exchange),
        _ => Some(exchange),
    }
}

/// Whether two answers have the same names at the top, or are rows of the same kind.
fn same_form(a: &Exchange, b: &Exchange) -> bool {
    let top = |exchange: &Exchange| -> Option<Vec<String>> {
        let mut names: Vec<String> = exchange.json()?.as_object()?.keys().cloned().collect();
        names.sort();
        Some(names)
    };
    match (top(a), top(b)) {
        (Some(a), Some(b)) => a == b,
        _ => fields::names(a) == fields::names(b),
    }
}

fn severity(op: &Op<'_>, exchange: &Exchange) -> Severity {
    let internal = op.key().path.split('/').any(|segment| matches!(segment, "admin" | "internal" | "management"));
    if is_for_everybody(&op.key().path) {
        Severity::Low
    } else if internal || fields::privacy(exchange) > Privacy::None {
        Severity::Critical
    } else {
        Severity::Medium
    }
}

/// Where credentials are optional and the framework cannot say so in the contract, the same public data comes with and without them.
fn confidence(op: &Op<'_>, exchange: &Exchange) -> Confidence {
    if severity(op, exchange) == Severity::Critical { Confidence::Observed } else { Confidence::Suspected }
}

fn message(op: &Op<'_>, exchange: &Exchange) -> String {
    let status = exchange.status().unwrap_or(200);
    let same = match op.baseline() {
        Some(given) if op.seen.has_credentials && digest(given) == digest(exchange) => ", the same as with credentials",
        _ => "",
    };
    let bytes = exchange.response().map_or(0, |response| response.body.decoded_len);
    format!(
        "The contract requires credentials; without any, the answer is {status} with {} of data{same}.",
        size(bytes)
    )
}

fn digest(exchange: &Exchange) -> Option<[u8; 16]> {
    exchange.response().map(|response| response.body.digest)
}
