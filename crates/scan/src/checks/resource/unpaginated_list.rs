//! `unpaginated-list`: a long list and no way to ask for a part of it.

use plimsoll_model::PartKind;

use super::bounds::{LARGE_LEN, is_cap, is_large, number, severity, size};
use super::params::is_top_few;
use super::synchronous_export::is_export;
use super::unbounded_search::UnboundedSearch;
use crate::check::{Check, Meta, check};
use crate::draft::Draft;
use crate::list::List;
use crate::view::Op;

check! {
    /// A list of many elements without any page control.
    pub struct UnpaginatedList {
        id: "unpaginated-list", weakness: UnboundedRead, mode: Passive, since: "0.1.0", page: "http/unpaginated-list.md",
    }
}

/// Sets that the world decides, not the data of the service: they are served whole everywhere.
const REFERENCE: &[&str] = &[
    "countries",
    "currencies",
    "languages",
    "locales",
    "timezones",
    "time-zones",
    "time_zones",
    "states",
    "regions",
    "units",
    "icons",
    "emojis",
    "permissions",
    "enums",
    "mime-types",
    "airports",
    "holidays",
    "translations",
];

impl Check for UnpaginatedList {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn judge(&self, op: &Op<'_>) -> Vec<Draft> {
        let Some(list) = uncontrolled(op).filter(is_large) else { return Vec::new() };
        // A round number is a cut, unless the operation is known to give more.
        let cut =
            is_cap(list.len()) && !op.exchanges().filter_map(List::in_answer).any(|other| other.len() > list.len());
        if cut || is_export(op) || !UnboundedSearch.judge(op).is_empty() {
            return Vec::new();
        }
        let open = if op.is_open() { ", to anybody" } else { "" };
        let draft = op
            .finding(format!(
                "The answer has {} elements ({}), and neither the contract nor the answer offers a page size, an offset, a cursor or a next page{open}.",
                number(list.len()),
                size(list.bytes()),
            ))
            .part(PartKind::ResponseBody, if list.tally.path.is_empty() { "$" } else { &list.tally.path })
            .severity(severity(op, list.len(), list.bytes()))
            .outline(list.exchange, format!("{} elements without page control", number(list.len())))
            .note("Whether the service also holds the whole list in memory, `plimsoll memory` can prove or refute.");
        vec![draft]
    }
}

/// The list of an operation that offers no page control of any style; none for what is no list of records: the parts of one thing, a series
/// of numbers, a set that the world decides, as many rows as the request asks for.
pub fn uncontrolled<'a>(op: &Op<'a>) -> Option<List<'a>> {
    let list = op.list()?;
    let response = list.exchange.response()?;
    let by_range = response.status == 206
        || response.headers.iter().any(|(name, value)| {
            name == "content-range" || name == "accept-ranges" && !matches!(value.as_str(), "none" | "bytes")
        });
    let is_of_records = list.items().first().is_none_or(|item| item.is_object() || item.is_string());
    let asked_for = op.base().is_some_and(|base| {
        base.query
            .iter()
            .any(|(_, value)| value.parse().is_ok_and(|asked: u64| asked > 1 && list.len().abs_diff(asked) <= 1))
    });
    let plain = op.is_get() && !op.paging().is_any() && !by_range && is_of_records && !asked_for;
    (plain && !is_of_one_thing(&list) && !is_reference(op) && !is_top_few(op)).then_some(list)
}

/// Whether the list is a part of one thing that the answer describes: its envelope has an id of its own.
fn is_of_one_thing(list: &List<'_>) -> bool {
    let parent = list.tally.path.rsplit_once('.').map_or("", |(parent, _)| parent);
    list.exchange.response().is_some_and(|response| {
        response.body.tally.scalars.iter().any(|(path, value)| {
            let (above, last) = path.rsplit_once('.').unwrap_or(("", path));
            above == parent
                && !value.is_null()
                && matches!(last, "id" | "_id" | "uuid" | "pk" | "created_at" | "createdAt" | "title" | "name")
        })
    })
}

fn is_reference(op: &Op<'_>) -> bool {
    let last = op.key().path.trim_end_matches('/').rsplit('/').find(|segment| !segment.starts_with('{'));
    let small = op.list().is_some_and(|list| list.len() < LARGE_LEN * 10);
    small && last.is_some_and(|last| REFERENCE.contains(&last.to_ascii_lowercase().as_str()))
}
