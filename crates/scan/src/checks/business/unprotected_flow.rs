//! `unprotected-flow`: a flow that is sensitive to being automated, and nothing that stands in the way of a machine.

use std::collections::BTreeMap;

use plimsoll_http::Exchange;
use plimsoll_model::{Confidence, Severity};

use super::flows::{Flow, declared_protection, flow, is_counted};
use crate::check::{Check, Meta, check};
use crate::draft::Draft;
use crate::view::{App, Op};

check! {
    /// A flow without a limit or a challenge.
    pub struct UnprotectedFlow {
        id: "unprotected-flow", weakness: UnprotectedFlow, mode: Passive, since: "0.1.0", page: "http/unprotected-flow.md",
    }
}

impl Check for UnprotectedFlow {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn judge_app(&self, app: &App<'_>) -> Vec<Draft> {
        // Where callers are counted anywhere, flows are most likely counted too; only their owner knows.
        if app.seen.all().iter().any(is_counted) {
            return Vec::new();
        }
        let mut flows: BTreeMap<Flow, Vec<Op<'_>>> = BTreeMap::new();
        for op in app.ops() {
            if let Some(flow) = flow(&op).filter(|_| declared_protection(&op).is_none()) {
                flows.entry(flow).or_default().push(op);
            }
        }
        flows.into_iter().filter_map(|(flow, ops)| draft(flow, &ops)).collect()
    }
}

fn draft(flow: Flow, ops: &[Op<'_>]) -> Option<Draft> {
    let first = ops.first()?;
    let (what, harm) = flow.as_str();
    let is_open = ops.iter().any(|op| !op.spec.requires_credentials());
    let severity = if flow.is_guessing() && is_open { Severity::Medium } else { Severity::Low };
    let seen: usize =
        ops.iter().map(|op| op.exchanges().filter(|exchange| exchange.response().is_some()).count()).sum();
    let answers = match seen {
        0 => String::new(),
        1 => " The one answer that was seen announces no limit either.".to_owned(),
        _ => format!(" The {seen} answers that were seen announce no limit either."),
    };
    let message = format!(
        "Nothing in the contract says that {what} is limited or asks for a challenge: no 429, no header of a limit, no field for a challenge. Without one, {harm}.{answers}"
    );
    let draft = first
        .finding(message)
        .severity(severity)
        .confidence(Confidence::Suspected)
        .cause(format!("flow: {what}"))
        .also(ops.iter().skip(1).map(|op| op.key().clone()))
        .contract(&first.spec.place, first.spec.summary.clone());
    let shown: Option<&Exchange> =
        ops.iter().find_map(|op| op.exchanges().find(|exchange| exchange.response().is_some()));
    Some(match shown {
        Some(exchange) => draft.outline(exchange, "an answer without a limit"),
        None => draft.note("No request was sent: a flow that is tried out is a flow that happened."),
    })
}
