//! `undeclared-status`: an operation answers with a status that its contract does not know.

use plimsoll_model::Severity;

use super::declared::{own, response};
use crate::check::{Check, Meta, check};
use crate::draft::Draft;
use crate::view::Op;

check! {
    /// Statuses that the contract does not declare.
    pub struct UndeclaredStatus {
        id: "undeclared-status", weakness: UndocumentedAnswer, mode: Passive, since: "0.3.0", page: "http/undeclared-status.md",
    }
}

impl Check for UndeclaredStatus {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn judge(&self, op: &Op<'_>) -> Vec<Draft> {
        if op.spec.responses.is_empty() {
            return Vec::new();
        }
        let mut drafts: Vec<Draft> = Vec::new();
        let mut told: Vec<u16> = Vec::new();
        for (exchange, answer) in own(op) {
            let status = answer.status;
            // A server that fails is another finding, and a limit of callers or of the target's load is nobody's contract.
            if status >= 500 || matches!(status, 429 | 304) || told.contains(&status) || response(op, status).is_some()
            {
                continue;
            }
            told.push(status);
            let declared: Vec<&str> = op.spec.responses.keys().map(String::as_str).collect();
            let message = format!("The operation answers {status}; its contract declares {}.", declared.join(", "));
            // A success of another kind breaks clients. Refusals are what many frameworks leave out of the contracts that they write: one fact for all.
            let draft = if status < 400 {
                op.finding(message).severity(Severity::Low)
            } else {
                op.finding(message).severity(Severity::Info).cause(format!("refusal {status}"))
            };
            let place = &op.spec.place;
            drafts.push(draft.contract(place, "the operation").exchange(exchange, "an answer that is not declared"));
        }
        drafts
    }
}
