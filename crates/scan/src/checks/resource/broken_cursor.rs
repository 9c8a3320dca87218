//! `broken-cursor`: following the pages loops, repeats or skips elements.

use plimsoll_http::Probe;
use plimsoll_model::PartKind;

use super::limit_ignored::LimitIgnored;
use super::walk::{Fault, PAGES, Walk, fault, walk};
use crate::check::{Check, Meta, check};
use crate::draft::Draft;
use crate::list::List;
use crate::view::Op;

check! {
    /// Pages that a caller cannot follow to the end without loss.
    pub struct BrokenCursor {
        id: "broken-cursor", weakness: BrokenPagination, mode: Active, since: "0.1.0", page: "http/broken-cursor.md",
    }
}

impl Check for BrokenCursor {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn probes(&self, op: &Op<'_>) -> Vec<Probe> {
        let Some(walk) = walk(op).filter(|_| op.list().is_some()) else { return Vec::new() };
        let again = suspicion(op, &walk).map(|_| walk.first.clone().nth(1));
        // The large page is asked last: only where all pages came.
        let at_once = walk.at_once.clone().filter(|_| walk.next.is_none() && walk.pages.len() > 1);
        walk.next.into_iter().chain(at_once).chain(again).collect()
    }

    fn judge(&self, op: &Op<'_>) -> Vec<Draft> {
        let Some(walk) = walk(op) else { return Vec::new() };
        let Some(fault) = suspicion(op, &walk) else { return Vec::new() };
        // A list that changes while it is read shows nothing.
        let again = op.success(&walk.first.clone().nth(1)).and_then(List::in_answer);
        if again.is_none_or(|again| again.identities() != walk.pages[0].ids) || !LimitIgnored.judge(op).is_empty() {
            return Vec::new();
        }
        let (page, message) = match fault {
            Fault::Loops(index) if walk.points_back => (
                index - 1,
                format!(
                    "Page {index} points back to a page that came before it: a caller who follows the pages never ends."
                ),
            ),
            Fault::Loops(index) => (
                index,
                format!(
                    "Page {} is the same as an earlier one: a caller who follows the pages never ends and never sees the rest.",
                    index + 1
                ),
            ),
            Fault::Repeats(index, count) => (
                index,
                format!(
                    "{count} of the {} elements of page {} were on an earlier page.",
                    walk.pages[index].len,
                    index + 1
                ),
            ),
            Fault::Skips(index, count) => (
                index,
                format!(
                    "{count} elements that one large page has before those of page {} are on none of the small pages.",
                    index + 1
                ),
            ),
        };
        let part = op.paging();
        let name = part.cursor.or(part.page).or(part.offset).or(part.limit);
        let mut draft = op.finding(message);
        if let Some(name) = name {
            draft = draft.part(PartKind::Query, name);
        }
        if page > 0 {
            draft = draft.outline(walk.pages[page - 1].exchange, format!("page {page}"));
        }
        draft = draft.outline(walk.pages[page].exchange, format!("page {}", page + 1));
        if let (Fault::Skips(..), Some(whole)) = (&fault, walk.at_once.as_ref().and_then(|probe| op.success(probe))) {
            draft = draft.outline(whole, "the same elements in one page");
        }
        vec![draft]
    }
}

/// What seems to be wrong, before the first page was asked for again.
fn suspicion(op: &Op<'_>, walk: &Walk<'_>) -> Option<Fault> {
    let ended = walk.next.is_none() || walk.pages.len() >= PAGES;
    let at_once = walk.at_once.as_ref().and_then(|probe| op.success(probe)).and_then(List::in_answer);
    // Without a page size of one's own, the same page twice may be the service's answer to a page beyond the end.
    let fault = fault(walk, at_once.as_ref()).filter(|_| ended)?;
    let beyond =
        matches!(fault, Fault::Loops(_)) && !walk.points_back && walk.size.is_none() && op.paging().next.is_none();
    let unsure = walk.size.is_some() && at_once.is_none() && !walk.points_back;
    (!beyond && !unsure).then_some(fault)
}
