//! `odd-limit-accepted`: a page size of zero or below switches the bound off.

use plimsoll_http::Probe;
use plimsoll_model::PartKind;

use super::bounds::{LARGE_LEN, SANE_PAGE, has_next, is_cap, number, severity, size};
use super::huge_limit_accepted::{is_followed, single};
use crate::check::{Check, Meta, check};
use crate::draft::Draft;
use crate::list::List;
use crate::view::Op;

check! {
    /// A page size of zero or minus one that returns everything.
    pub struct OddLimitAccepted {
        id: "odd-limit-accepted", weakness: UnboundedPageSize, mode: Active, since: "0.1.0", page: "http/odd-limit-accepted.md",
    }
}

/// Page sizes that no page has.
pub const ODD: [i64; 2] = [0, -1];

/// The requests with odd page sizes; none where the list is too short to tell.
pub fn asked(op: &Op<'_>) -> Vec<(i64, Probe)> {
    let Some(limit) = op.paging().limit.filter(|_| op.list().is_some_and(|list| list.len() > 1)) else {
        return Vec::new();
    };
    ODD.iter().map(|odd| (*odd, op.probe().query(&limit, &odd.to_string()))).collect()
}

/// One element first, then the odd page sizes where the page size changes anything.
pub fn probes(op: &Op<'_>) -> Vec<Probe> {
    let odd = asked(op);
    if odd.is_empty() {
        return Vec::new();
    }
    let odd = odd.into_iter().map(|(_, probe)| probe).filter(|_| is_followed(op));
    single(op).into_iter().chain(odd).collect()
}

/// Whether the answer to an odd page size is everything there is, or all but the last element: more than the usual page, and neither a page
/// of customary length nor one with another page behind it.
pub fn is_everything(usual: &List<'_>, odd: &List<'_>) -> bool {
    let long = odd.len() > usual.len() && odd.len() > LARGE_LEN && !is_cap(odd.len());
    long && (odd.len() > SANE_PAGE || !has_next(odd.exchange))
}

impl Check for OddLimitAccepted {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn probes(&self, op: &Op<'_>) -> Vec<Probe> {
        probes(op)
    }

    fn judge(&self, op: &Op<'_>) -> Vec<Draft> {
        let (Some(limit), Some(usual)) = (op.paging().limit, op.list()) else { return Vec::new() };
        let answers =
            asked(op).into_iter().filter_map(|(odd, probe)| Some((odd, List::in_answer(op.success(&probe)?)?)));
        let everything: Vec<_> = answers.filter(|(_, list)| is_everything(&usual, list)).collect();
        let Some((odd, longest)) = everything.iter().max_by_key(|(_, list)| list.len()) else { return Vec::new() };
        let mut draft = op
            .finding(format!(
                "`{limit}={odd}` is accepted and answers with {} elements ({}); the usual page has {}.",
                number(longest.len()),
                size(longest.bytes()),
                number(usual.len()),
            ))
            .part(PartKind::Query, &limit)
            .severity(severity(op, longest.len(), longest.bytes()));
        for (odd, list) in &everything {
            draft = draft.outline(list.exchange, format!("with {limit}={odd}: {} elements", number(list.len())));
        }
        vec![draft]
    }
}
