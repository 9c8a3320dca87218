//! `deprecated-operation`: an operation that the contract calls deprecated still answers.

use plimsoll_http::Response;
use plimsoll_model::Severity;

use crate::check::{Check, Meta, check};
use crate::date::seconds;
use crate::draft::Draft;
use crate::view::Op;

check! {
    /// A deprecated operation that answers with a 2xx.
    pub struct DeprecatedOperation {
        id: "deprecated-operation", weakness: DeprecatedOperation, mode: Passive, since: "0.1.0",
        page: "http/deprecated-operation.md",
    }
}

/// What the answer says of the operation's end, by its `Sunset` header (RFC 8594).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sunset {
    /// Nothing.
    Unknown,
    /// It is still to come.
    Announced,
    /// It is past.
    Passed,
}

fn sunset(response: &Response) -> Sunset {
    let Some(end) = response.header("sunset").and_then(seconds) else { return Sunset::Unknown };
    match response.header("date").and_then(seconds) {
        Some(now) if now >= end => Sunset::Passed,
        _ => Sunset::Announced,
    }
}

impl Check for DeprecatedOperation {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn judge(&self, op: &Op<'_>) -> Vec<Draft> {
        let Some(exchange) = op.baseline().filter(|_| op.spec.deprecated) else { return Vec::new() };
        let Some(response) = exchange.response() else { return Vec::new() };
        let status = response.status;
        let (message, severity) = match sunset(response) {
            Sunset::Unknown => (
                format!(
                    "The contract calls this operation deprecated; it answers {status}, and nothing says when it ends."
                ),
                Severity::Low,
            ),
            Sunset::Passed => (
                format!(
                    "This deprecated operation answers {status} although the end that its `Sunset` header announces is past."
                ),
                Severity::Low,
            ),
            Sunset::Announced => (
                format!("This deprecated operation answers {status}; its `Sunset` header announces when it ends."),
                Severity::Info,
            ),
        };
        vec![
            op.finding(message)
                .severity(severity)
                .contract(&op.spec.place, format!("{}: deprecated: true", op.key()))
                .exchange(exchange, "still answered")
                .headers(exchange, &["sunset", "deprecation", "date"]),
        ]
    }
}
