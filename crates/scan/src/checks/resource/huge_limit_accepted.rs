//! `huge-limit-accepted`: a page of any size is served.

use plimsoll_http::{Exchange, Probe};
use plimsoll_model::PartKind;
use plimsoll_spec::Location;

use super::bounds::{HUGE, SANE_PAGE, has_next, is_cap, maximum, number, severity, size, tells_of_more};
use crate::check::{Check, Meta, check};
use crate::draft::Draft;
use crate::list::List;
use crate::view::Op;

check! {
    /// A huge page size that the answer follows.
    pub struct HugeLimitAccepted {
        id: "huge-limit-accepted", weakness: UnboundedPageSize, mode: Active, since: "0.1.0", page: "http/huge-limit-accepted.md",
    }
}

/// What became of a huge page size.
pub enum Kept<'a> {
    /// It was refused, or the answer was cut.
    Bounded(&'a Exchange),
    /// The answer followed it.
    Honoured,
    /// Not asked, or the list is too short to tell.
    Unknown,
}

/// The request with a huge page size.
pub fn huge(op: &Op<'_>) -> Option<Probe> {
    let limit = op.paging().limit?;
    op.list()?;
    Some(op.probe().query(&limit, &HUGE.to_string()))
}

/// What became of it.
pub fn kept<'a>(op: &Op<'a>) -> Kept<'a> {
    let Some(answer) = huge(op).and_then(|probe| op.reply(&probe)) else { return Kept::Unknown };
    if answer.status().is_some_and(|status| (400..500).contains(&status) && status != 429) {
        return Kept::Bounded(answer);
    }
    match List::in_answer(answer) {
        Some(list) if list.len() > SANE_PAGE => Kept::Honoured,
        Some(list)
            if !list.is_empty() && (has_next(answer) || is_cap(list.len()) && tells_of_more(answer, list.len())) =>
        {
            Kept::Bounded(answer)
        }
        _ => Kept::Unknown,
    }
}

impl Check for HugeLimitAccepted {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn probes(&self, op: &Op<'_>) -> Vec<Probe> {
        single(op).into_iter().chain(huge(op).filter(|_| is_followed(op))).collect()
    }

    fn judge(&self, op: &Op<'_>) -> Vec<Draft> {
        let (Some(limit), Some(probe)) = (op.paging().limit, huge(op)) else { return Vec::new() };
        let Some(list) = op.success(&probe).and_then(List::in_answer) else { return Vec::new() };
        // A page size that changes nothing is another weakness.
        let small = single(op).and_then(|probe| op.success(&probe)).or_else(|| op.baseline()).and_then(List::in_answer);
        if small.is_none_or(|small| small.len() >= list.len()) {
            return Vec::new();
        }
        let declared = op
            .spec
            .parameter(Location::Query, &limit)
            .and_then(|parameter| maximum(&parameter.schema))
            .map(|max| max as u64);
        let message = match declared {
            Some(declared) if list.len() > declared => format!(
                "The contract allows `{limit}` up to {}; asked for {}, the service answers with {} elements ({}).",
                number(declared),
                number(HUGE),
                number(list.len()),
                size(list.bytes()),
            ),
            _ if list.len() > SANE_PAGE => format!(
                "`{limit}={HUGE}` is honoured: {} elements ({}) in one answer.",
                number(list.len()),
                size(list.bytes()),
            ),
            _ => return Vec::new(),
        };
        vec![
            op.finding(message)
                .part(PartKind::Query, &limit)
                .severity(severity(op, list.len(), list.bytes()))
                .outline(list.exchange, format!("with {limit}={HUGE}: {} elements", number(list.len()))),
        ]
    }
}

/// The request for one element.
pub fn single(op: &Op<'_>) -> Option<Probe> {
    let limit = op.paging().limit?;
    op.list()?;
    Some(op.probe().query(&limit, "1"))
}

/// Whether the page size is known to change something: one element was asked for and fewer came than usual, or the size was refused. Where it
/// changes nothing, every further question costs a whole list and shows nothing. A list of one element or none cannot tell.
pub fn is_followed(op: &Op<'_>) -> bool {
    let (Some(usual), Some(answer)) = (op.list(), single(op).and_then(|probe| op.reply(&probe))) else { return false };
    !answer.is_success() || usual.len() <= 1 || List::in_answer(answer).is_some_and(|list| list.len() < usual.len())
}
