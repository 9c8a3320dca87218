//! `size-follows-data`: a list that is short here and long elsewhere, without page control.

use plimsoll_http::Probe;
use plimsoll_model::{PartKind, Series};
use plimsoll_spec::Location;

use super::bounds::{has_next, is_cap, is_large, number, severity, size};
use super::params::{breadth, neighbours, range, search};
use super::synchronous_export::is_export;
use super::unpaginated_list::uncontrolled;
use crate::check::{Check, Meta, check};
use crate::draft::Draft;
use crate::list::List;
use crate::paging::role;
use crate::view::Op;

check! {
    /// A list whose length grows with the data behind another id or a broader filter.
    pub struct SizeFollowsData {
        id: "size-follows-data", weakness: UnboundedRead, mode: Active, since: "0.1.0", page: "http/size-follows-data.md",
    }
}

/// How many other ids are tried.
const OTHERS: usize = 3;

impl Check for SizeFollowsData {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn probes(&self, op: &Op<'_>) -> Vec<Probe> {
        asked(op)
    }

    fn judge(&self, op: &Op<'_>) -> Vec<Draft> {
        let Some(list) = uncontrolled(op) else { return Vec::new() };
        let others = asked(op).into_iter().filter_map(|probe| List::in_answer(op.success(&probe)?));
        let mut lists: Vec<List<'_>> =
            std::iter::once(list).chain(others).filter(|list| !has_next(list.exchange)).collect();
        lists.sort_by_key(List::len);
        let (Some(least), Some(most)) = (lists.first(), lists.last()) else { return Vec::new() };
        if !is_large(most) || is_cap(most.len()) || most.len() < least.len() * 2 {
            return Vec::new();
        }
        let points = lists.iter().map(|list| [list.len() as f64, list.bytes() as f64]).collect();
        let request = &most.exchange.request;
        let draft = op
            .finding(format!(
                "The answer has {} elements for one request and {} ({}) for another, and nothing bounds it: no page size, no next page.",
                number(least.len()),
                number(most.len()),
                size(most.bytes()),
            ))
            .part(PartKind::ResponseBody, if most.tally.path.is_empty() { "$" } else { &most.tally.path })
            .severity(severity(op, most.len(), most.bytes()))
            .outline(least.exchange, format!("{} elements", number(least.len())))
            .outline(most.exchange, format!("{} elements of {}", number(most.len()), request.path))
            .series(Series {
                title: "Size of the answer against its number of elements".to_owned(),
                x_label: "elements".to_owned(),
                y_label: "bytes".to_owned(),
                points,
                fit: None,
            })
            .note("Whether the service also holds the whole list in memory, `plimsoll memory` can prove or refute.");
        vec![draft]
    }
}

/// Requests for the same list behind other ids, and without optional filters. Only where the baseline is short and nothing else explains its length.
fn asked(op: &Op<'_>) -> Vec<Probe> {
    let Some(list) = uncontrolled(op) else { return Vec::new() };
    if is_large(&list) || is_export(op) || search(op).is_some() || range(op).is_some() {
        return Vec::new();
    }
    let mut probes = neighbours(op, OTHERS);
    let filters: Vec<&str> = op
        .spec
        .parameters_in(Location::Query)
        .filter(|parameter| !parameter.required && role(&parameter.name).is_none() && breadth(parameter).is_none())
        .filter(|parameter| op.base().is_some_and(|base| base.query_value(&parameter.name).is_some()))
        .map(|parameter| parameter.name.as_str())
        .collect();
    if !filters.is_empty() {
        probes.push(filters.into_iter().fold(op.probe(), Probe::drop_query));
    }
    probes
}
