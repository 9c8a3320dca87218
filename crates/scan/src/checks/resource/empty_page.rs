//! `empty-page`: a page without elements although there are more.

use plimsoll_http::{Exchange, Probe};
use plimsoll_model::PartKind;

use super::bounds::{has_next, number};
use super::huge_limit_accepted::huge;
use super::walk::walk;
use crate::check::{Check, Meta, check};
use crate::draft::Draft;
use crate::list::List;
use crate::view::Op;

check! {
    /// An empty page with a cursor, before the end of the list.
    pub struct EmptyPage {
        id: "empty-page", weakness: BrokenPagination, mode: Active, since: "0.1.0", page: "http/empty-page.md",
    }
}

impl Check for EmptyPage {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn probes(&self, op: &Op<'_>) -> Vec<Probe> {
        let Some(walk) = walk(op).filter(|_| op.list().is_some()) else { return Vec::new() };
        // A short walk that found no element is compared with one large page.
        let large = (empty(op).is_some() && shown(op).is_none()).then(|| huge(op)).flatten();
        walk.next.into_iter().chain(large).collect()
    }

    fn judge(&self, op: &Op<'_>) -> Vec<Draft> {
        let (Some(empty), Some(shown)) = (empty(op), shown(op)) else { return Vec::new() };
        let len = number(List::in_answer(shown).map_or(0, |list| list.len()));
        let mut draft = op.finding(format!(
            "A page is empty and has another page behind it, although the list is not at its end ({len} elements are shown by another request): a caller \
             who stops at the first empty page loses the rest."
        ));
        if let Some(cursor) = op.paging().cursor {
            draft = draft.part(PartKind::Query, cursor);
        }
        vec![
            draft
                .outline(empty, "an empty page that offers a next one")
                .outline(shown, format!("{len} elements of the same list")),
        ]
    }
}

/// The first empty page of the walk that offers a next one.
fn empty<'a>(op: &Op<'a>) -> Option<&'a Exchange> {
    let pages = walk(op)?.pages;
    pages.into_iter().find(|page| page.len == 0 && has_next(page.exchange)).map(|page| page.exchange)
}

/// An answer that has elements which the pages before the empty one do not have: a later page, or one larger page.
fn shown<'a>(op: &Op<'a>) -> Option<&'a Exchange> {
    let pages = walk(op)?.pages;
    let at = pages.iter().position(|page| page.len == 0 && has_next(page.exchange))?;
    let before: u64 = pages[..at].iter().map(|page| page.len).sum();
    let later = pages[at + 1..].iter().find(|page| page.len > 0).map(|page| page.exchange);
    let large = op.baseline().into_iter().chain(huge(op).and_then(|probe| op.success(&probe)));
    later.or_else(|| large.into_iter().find(|answer| List::in_answer(answer).is_some_and(|list| list.len() > before)))
}
