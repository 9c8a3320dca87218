//! `truncated-list`: a list ends at a round number and says nothing of the rest.

use std::collections::HashSet;

use plimsoll_http::{Exchange, OpId, Probe};
use plimsoll_model::{Confidence, PartKind, Severity};

use super::bounds::{is_cap, number, tells_of_more};
use super::params::{following, is_top_few, narrower, neighbours, search, sibling};
use crate::check::{Check, Meta, check};
use crate::draft::Draft;
use crate::list::List;
use crate::view::Op;

check! {
    /// A list that is cut without a cursor, a flag or a total.
    pub struct TruncatedList {
        id: "truncated-list", weakness: SilentTruncation, mode: Active, since: "0.1.0", page: "http/truncated-list.md",
    }
}

/// From this length on, a round number is remarkable by itself.
const REMARKABLE: u64 = 100;

/// Why there must be more than the answer shows.
struct Proof<'a> {
    exchange: &'a Exchange,
    words: String,
}

impl Check for TruncatedList {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn probes(&self, op: &Op<'_>) -> Vec<Probe> {
        let Some(list) = silent(op) else { return Vec::new() };
        let mut probes: Vec<Probe> = larger(op, &list).into_iter().collect();
        if is_cap(list.len()) {
            probes.extend(neighbours(op, 3));
            probes.extend(narrower(op, &list, 3));
            probes.extend(other_searches(op));
            probes.extend(next_detail(op, &list));
        }
        probes
    }

    fn judge(&self, op: &Op<'_>) -> Vec<Draft> {
        let Some(list) = silent(op) else { return Vec::new() };
        let is_cut = is_cap(list.len());
        let proof = by_limit(op, &list)
            .or_else(|| by_filter(op, &list).filter(|_| is_cut))
            .or_else(|| by_detail(op, &list).filter(|_| is_cut && !grows(op, &list)))
            .or_else(|| by_equal_length(op, &list).filter(|_| is_cut && !grows(op, &list)));
        let path = if list.tally.path.is_empty() { "$" } else { &list.tally.path };
        let draft = |message: String| {
            op.finding(message)
                .part(PartKind::ResponseBody, path)
                .outline(list.exchange, format!("{} elements, and no sign of more", number(list.len())))
        };
        match proof {
            Some(proof) => vec![
                draft(format!(
                    "The answer ends after {} elements without a cursor, a flag or a total, although there are more: {}.",
                    number(list.len()),
                    proof.words
                ))
                .outline(proof.exchange, proof.words),
            ],
            None if is_cap(list.len()) && list.len() >= REMARKABLE && !grows(op, &list) => vec![
                draft(format!(
                    "The answer has exactly {} elements and no cursor, flag or total: it may be cut, and a caller cannot know.",
                    number(list.len())
                ))
                .severity(Severity::Low)
                .confidence(Confidence::Suspected),
            ],
            None => Vec::new(),
        }
    }
}

/// The list of an operation that offers no way past its end and says nothing about it.
fn silent<'a>(op: &Op<'a>) -> Option<List<'a>> {
    let list = op.list().filter(|list| op.is_get() && !list.is_empty())?;
    let paging = op.paging();
    let ends = !paging.can_advance() && paging.next.is_none() && !tells_of_more(list.exchange, list.len());
    // A ranked search with a page size shows its best few by nature.
    let ranked = paging.limit.is_some() && search(op).is_some();
    (ends && !ranked && !is_top_few(op)).then_some(list)
}

/// Twice the usual page, where there is a page size but no way to the next page.
fn larger(op: &Op<'_>, list: &List<'_>) -> Option<Probe> {
    let limit = op.paging().limit?;
    let declared = op
        .spec
        .parameter(plimsoll_spec::Location::Query, &limit)
        .and_then(|parameter| parameter.schema.default.as_ref()?.as_u64());
    let given = op.base().and_then(|base| base.query_value(&limit)?.parse().ok());
    let is_page = is_cap(list.len()) || [declared, given].contains(&Some(list.len()));
    is_page.then(|| op.probe().query(&limit, &(list.len() * 2).to_string()))
}

fn by_limit<'a>(op: &Op<'a>, list: &List<'_>) -> Option<Proof<'a>> {
    let probe = larger(op, list)?;
    let exchange = op.success(&probe)?;
    let more =
        List::in_answer(exchange).filter(|more| more.len() > list.len() && !tells_of_more(exchange, more.len()))?;
    Some(Proof { exchange, words: format!("asked for {}, it gives {}", number(list.len() * 2), number(more.len())) })
}

/// Elements that a filtered request shows and the unfiltered one does not.
fn by_filter<'a>(op: &Op<'a>, list: &List<'_>) -> Option<Proof<'a>> {
    if list.items().len() as u64 != list.len() {
        return None;
    }
    let known: HashSet<String> = list.identities().into_iter().collect();
    narrower(op, list, 3).into_iter().find_map(|probe| {
        let exchange = op.success(&probe)?;
        let missing = List::in_answer(exchange)?.identities().into_iter().filter(|id| !known.contains(id)).count();
        (missing > 0)
            .then(|| Proof { exchange, words: format!("a filtered request shows {missing} that are not among them") })
    })
}

/// The detail operation below the list, asked for the id after the last one, where the list's ids are numbered without a gap.
fn next_detail(op: &Op<'_>, list: &List<'_>) -> Option<Probe> {
    let base = op.base().filter(|base| base.query.is_empty())?;
    let below = op.app().op(OpId(op.index.element_of(&op.key().path)?))?;
    let detail = sibling(op, &below.key().path)?;
    let mut ids: Vec<String> = list
        .items()
        .iter()
        .map(|item| {
            item.get("id").map_or(String::new(), |id| id.as_str().map_or_else(|| id.to_string(), str::to_owned))
        })
        .collect();
    ids.sort_by_key(|id| (id.len(), id.clone()));
    let gapless = ids
        .windows(2)
        .all(|pair| following(&pair[0]).and_then(|mut ids| ids.next()).is_some_and(|next| next == pair[1]));
    let next = following(ids.last()?)?.next().filter(|_| gapless && ids.len() as u64 == list.len())?;
    Some(detail.probe().path(&format!("{}/{next}", base.path.trim_end_matches('/'))))
}

fn by_detail<'a>(op: &Op<'a>, list: &List<'_>) -> Option<Proof<'a>> {
    let exchange = op.success(&next_detail(op, list)?)?;
    Some(Proof {
        exchange,
        words: format!(
            "the ids are numbered without a gap, and the one after the last exists ({})",
            exchange.request.path
        ),
    })
}

/// Other requests with other answers that end at the same number: two further searches, or the list of another id. Below a hundred, lists
/// of two ids may be equally long by their nature, such as the questions of two exams.
fn by_equal_length<'a>(op: &Op<'a>, list: &List<'_>) -> Option<Proof<'a>> {
    let ends_there = |probe: &Probe| {
        let exchange = op.success(probe)?;
        let other = List::in_answer(exchange)?;
        (other.len() == list.len() && other.identities() != list.identities()).then_some(exchange)
    };
    let searches = other_searches(op);
    let all: Option<Vec<&Exchange>> = searches.iter().map(ends_there).collect();
    let by_search = all.and_then(|all| all.first().copied());
    let by_id = || neighbours(op, 3).iter().find_map(ends_there).filter(|_| list.len() >= REMARKABLE);
    let exchange = by_search.or_else(by_id)?;
    Some(Proof {
        exchange,
        words: format!("another request with other elements ends after {} too", number(list.len())),
    })
}

fn other_searches(op: &Op<'_>) -> Vec<Probe> {
    let Some(name) = search(op) else { return Vec::new() };
    ["a", "e"].iter().map(|letter| op.probe().query(&name, letter)).collect()
}

/// Whether any request of the operation was answered with more.
fn grows(op: &Op<'_>, list: &List<'_>) -> bool {
    op.exchanges().filter_map(List::in_answer).any(|other| other.len() > list.len())
}
