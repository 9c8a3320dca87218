//! `unbounded-search`: a search for nothing in particular returns everything.

use plimsoll_http::Probe;
use plimsoll_model::PartKind;

use super::bounds::{has_next, is_cap, is_large, number, severity, size};
use super::params::search;
use crate::check::{Check, Meta, check};
use crate::draft::Draft;
use crate::list::List;
use crate::view::Op;

check! {
    /// An empty, a wildcard or a one-letter search that returns the table.
    pub struct UnboundedSearch {
        id: "unbounded-search", weakness: UnboundedSearch, mode: Active, since: "0.1.0", page: "http/unbounded-search.md",
    }
}

/// Searches for nothing in particular, and how to call them. The second letter stands for all: it is frequent in most languages.
const WIDE: [(&str, &str); 4] =
    [("", "an empty search"), ("*", "the wildcard `*`"), ("%", "the wildcard `%`"), ("a", "one letter")];
/// A search that no text answers.
const NARROW: &str = "zqxjkvw";

impl Check for UnboundedSearch {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn probes(&self, op: &Op<'_>) -> Vec<Probe> {
        let Some(name) = search(op).filter(|_| op.list().is_some()) else { return Vec::new() };
        let ask = |value: &str| op.probe().query(&name, value);
        let mut probes: Vec<Probe> = WIDE[..2].iter().map(|(value, _)| ask(value)).collect();
        let first = probes.iter().map(|probe| op.reply(probe)).collect::<Option<Vec<_>>>();
        if let Some(first) = first {
            if first.into_iter().filter_map(List::in_answer).any(|list| is_unbounded(op, &list)) {
                probes.push(ask(NARROW));
            } else {
                // Only where neither showed anything: other ways to say "everything".
                probes.extend(WIDE[2..].iter().map(|(value, _)| ask(value)));
                probes.push(ask(NARROW));
            }
        }
        probes
    }

    fn judge(&self, op: &Op<'_>) -> Vec<Draft> {
        let Some(name) = search(op) else { return Vec::new() };
        let answer = |value: &str| op.success(&op.probe().query(&name, value)).and_then(List::in_answer);
        let unbounded: Vec<_> = WIDE
            .iter()
            .filter_map(|(value, words)| Some((*words, answer(value)?)))
            .filter(|(_, list)| is_unbounded(op, list))
            .collect();
        // The first of the longest: an empty search says it best.
        let Some((words, widest)) = unbounded.iter().rev().max_by_key(|(_, list)| list.len()) else {
            return Vec::new();
        };
        // A search that finds as much for a text that nothing contains is no search: the parameter is ignored.
        let narrow = answer(NARROW);
        if narrow.is_some_and(|narrow| narrow.len() * 2 > widest.len()) {
            return Vec::new();
        }
        let usual = op.list().filter(|list| !list.is_empty() && list.len() * 2 <= widest.len());
        let (specific, against) = match (usual, narrow) {
            (Some(list), _) => (Some(list), format!(", a specific one with {}", number(list.len()))),
            (None, Some(list)) => (Some(list), format!(", a text that nothing contains with {}", number(list.len()))),
            (None, None) => (None, String::new()),
        };
        let mut sentence = words.to_string();
        if let Some(first) = sentence.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        let mut draft = op
            .finding(format!(
                "{sentence} in `{name}` is answered with {} elements ({}) and no next page{against}.",
                number(widest.len()),
                size(widest.bytes()),
            ))
            .part(PartKind::Query, &name)
            .severity(severity(op, widest.len(), widest.bytes()))
            .outline(widest.exchange, format!("{words}: {} elements", number(widest.len())));
        if let Some(list) = specific {
            draft = draft.outline(list.exchange, format!("a specific search: {} elements", number(list.len())));
        }
        vec![draft]
    }
}

/// Whether an answer is long because nothing bounds it: not a page, not a customary cut, not the page size that was asked for.
fn is_unbounded(op: &Op<'_>, list: &List<'_>) -> bool {
    let limit = op.paging().limit.and_then(|limit| list.exchange.request.query_value(&limit)?.parse::<u64>().ok());
    is_large(list) && !is_cap(list.len()) && !has_next(list.exchange) && limit != Some(list.len())
}
