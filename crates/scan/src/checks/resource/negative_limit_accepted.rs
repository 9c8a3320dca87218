//! `negative-limit-accepted`: a page of minus one elements is served.

use plimsoll_http::Probe;
use plimsoll_model::PartKind;

use super::bounds::number;
use super::odd_limit_accepted::{asked, is_everything, probes};
use crate::check::{Check, Meta, check};
use crate::draft::Draft;
use crate::list::List;
use crate::view::Op;

check! {
    /// A negative page size that reaches the query or the slice behind it.
    pub struct NegativeLimitAccepted {
        id: "negative-limit-accepted", weakness: InvalidValueAccepted, mode: Active, since: "0.1.0", page: "http/negative-limit-accepted.md",
    }
}

impl Check for NegativeLimitAccepted {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn probes(&self, op: &Op<'_>) -> Vec<Probe> {
        probes(op)
    }

    fn judge(&self, op: &Op<'_>) -> Vec<Draft> {
        let (Some(limit), Some(usual)) = (op.paging().limit, op.list()) else { return Vec::new() };
        let single = op.success(&op.probe().query(&limit, "1")).and_then(List::in_answer);
        let negative = asked(op).into_iter().find(|(odd, _)| *odd < 0);
        let Some(list) = negative.and_then(|(_, probe)| List::in_answer(op.success(&probe)?)) else {
            return Vec::new();
        };
        // A service that takes the default page or the smallest one instead has handled the value.
        let handled = list.len() == usual.len() || single.is_some_and(|single| single.len() == list.len());
        if handled || is_everything(&usual, &list) {
            return Vec::new();
        }
        vec![
            op.finding(format!(
                "`{limit}=-1` is accepted and changes the answer: {} elements instead of {}.",
                number(list.len()),
                number(usual.len()),
            ))
            .part(PartKind::Query, &limit)
            .outline(list.exchange, format!("with {limit}=-1: {} elements", number(list.len()))),
        ]
    }
}
