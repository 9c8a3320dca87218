//! Walking through the first pages of a list, in whatever style it is paged, and what can go wrong on the way.

use std::collections::HashSet;

use plimsoll_http::{Exchange, Probe};
use plimsoll_spec::Location;
use serde_json::Value;

use crate::list::{List, identity};
use crate::paging::{self, Next, Paging};
use crate::view::Op;

/// The page size that is asked for.
pub const SIZE: u64 = 3;
/// How many pages are walked.
pub const PAGES: usize = 4;

/// A page of the walk.
#[derive(Debug)]
pub struct Page<'a> {
    /// The answer.
    pub exchange: &'a Exchange,
    /// Number of elements.
    pub len: u64,
    /// What identifies its elements, in order.
    pub ids: Vec<String>,
}

/// The first pages of a list.
#[derive(Debug)]
pub struct Walk<'a> {
    /// The first request.
    pub first: Probe,
    /// Its page size, where one was asked for and kept.
    pub size: Option<u64>,
    /// The pages in order.
    pub pages: Vec<Page<'a>>,
    /// The request for the page after the last one, where there seems to be one.
    pub next: Option<Probe>,
    /// Whether the page after the last one is asked for with a request that was already sent: the cursor points back.
    pub points_back: bool,
    /// The request for all walked pages in one.
    pub at_once: Option<Probe>,
}

/// The walk as far as it was answered; none where the operation has no page control.
pub fn walk<'a>(op: &Op<'a>) -> Option<Walk<'a>> {
    let paging = op.paging();
    if !paging.can_advance() && paging.next.is_none() {
        return None;
    }
    let small = paging.limit.as_ref().map(|limit| op.probe().query(limit, &SIZE.to_string()));
    // A service may have a smallest page: then its own first page is walked from.
    let refused = small.as_ref().is_some_and(|probe| op.reply(probe).is_some_and(|answer| !answer.is_success()));
    let first = match small {
        Some(probe) if !refused => probe,
        _ => op.probe(),
    };
    let mut walk = Walk {
        first: first.clone(),
        size: None,
        pages: Vec::new(),
        next: Some(first.clone()),
        points_back: false,
        at_once: None,
    };
    let mut sent: Vec<Probe> = Vec::new();
    while let Some(probe) = walk.next.clone() {
        let Some(exchange) = op.reply(&probe) else { break };
        walk.next = None;
        let Some(list) = Some(exchange).filter(|answer| answer.is_success()).and_then(List::in_answer) else { break };
        walk.pages.push(Page { exchange, len: list.len(), ids: list.identities() });
        sent.push(probe);
        if walk.pages.len() == 1 && !refused && paging.limit.is_some() && list.len() <= SIZE + 1 {
            walk.size = Some(SIZE);
            walk.at_once =
                paging.limit.as_ref().map(|limit| op.probe().query(limit, &(SIZE * PAGES as u64).to_string()));
        }
        let next = advance(op, &paging, &walk, exchange);
        if next.as_ref().is_some_and(|probe| sent.contains(probe)) {
            walk.points_back = true;
        } else if walk.pages.len() < PAGES {
            walk.next = next;
        }
    }
    Some(walk)
}

/// The request for the page after the last one of the walk.
fn advance(op: &Op<'_>, paging: &Paging, walk: &Walk<'_>, last: &Exchange) -> Option<Probe> {
    let turns = walk.pages.len() as u64;
    let len = walk.pages.last()?.len;
    match paging::next(last) {
        Some(Next::Key(path)) => return follow_key(paging, &walk.first, last, &path),
        Some(Next::Cursor { .. } | Next::Link(_)) => return paging.follow(&walk.first, last),
        Some(Next::Flag) | None => {}
    }
    let says_more = matches!(paging::next(last), Some(Next::Flag));
    if says_end(last) || (!says_more && len < walk.size.unwrap_or(walk.pages[0].len).max(1)) {
        return None;
    }
    let start = |name: &str| {
        let given = op.base().and_then(|base| base.query_value(name)).and_then(|value| value.parse::<u64>().ok());
        let declared =
            op.spec.parameter(Location::Query, name).and_then(|parameter| parameter.schema.default.as_ref()?.as_u64());
        given.or(declared)
    };
    if let Some(page) = &paging.page {
        return Some(walk.first.clone().query(page, &(start(page).unwrap_or(1) + turns).to_string()));
    }
    let offset = paging.offset.as_ref()?;
    let step = walk.size.unwrap_or(walk.pages[0].len);
    Some(walk.first.clone().query(offset, &(start(offset).unwrap_or(0) + step * turns).to_string()))
}

/// The next request with the store's key written as JSON, where a parameter takes a cursor.
fn follow_key(paging: &Paging, first: &Probe, last: &Exchange, path: &str) -> Option<Probe> {
    let cursor = paging.cursor.as_ref()?;
    let mut value = last.json()?;
    for name in path.split('.') {
        value = value.get(name)?;
        let holds_key = value.as_object().is_some_and(|map| {
            !map.values().any(|inner| inner.as_object().is_some_and(|o| o.values().any(Value::is_object)))
        });
        if holds_key {
            return Some(first.clone().query(cursor, &value.to_string()));
        }
    }
    None
}

/// Whether an answer says that there is no further page.
fn says_end(answer: &Exchange) -> bool {
    answer.response().is_some_and(|response| {
        response.body.tally.scalars.iter().any(|(path, value)| {
            let last = path.rsplit('.').next().unwrap_or(path).to_ascii_lowercase();
            (last.contains("next") || last.contains("more")) && (value.is_null() || *value == Value::Bool(false))
        })
    })
}

/// What is wrong with a walk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The page with this index sends back to an earlier one, or is the same.
    Loops(usize),
    /// This many elements of the page with this index were on an earlier page.
    Repeats(usize, usize),
    /// This many elements are on no page although one large page has them in between; the first page after such a gap.
    Skips(usize, usize),
}

/// The fault of these pages, judged against the same elements in one large page where that was asked for.
pub fn fault(walk: &Walk<'_>, at_once: Option<&List<'_>>) -> Option<Fault> {
    // Elements that cannot be told apart show nothing.
    let distinct = |ids: &[String]| ids.iter().collect::<HashSet<_>>().len() == ids.len();
    let whole: Option<Vec<String>> = at_once.map(|list| list.items().iter().map(identity).collect());
    if !walk.pages.iter().all(|page| distinct(&page.ids)) || !whole.as_deref().is_none_or(distinct) {
        return None;
    }
    if walk.points_back {
        return Some(Fault::Loops(walk.pages.len()));
    }
    // What lies beyond the end of a short list is nobody's page.
    let full = match (&whole, walk.size) {
        (Some(whole), Some(size)) if (whole.len() as u64) < size * PAGES as u64 => {
            (whole.len() as u64).div_ceil(size) as usize
        }
        _ => walk.pages.len(),
    };
    let pages = &walk.pages[..full.min(walk.pages.len())];
    for (index, page) in pages.iter().enumerate().skip(1) {
        let earlier: HashSet<&String> = pages[..index].iter().flat_map(|page| &page.ids).collect();
        let again = page.ids.iter().filter(|id| earlier.contains(id)).count();
        if again > 0 && pages[..index].iter().any(|other| other.ids == page.ids) {
            return Some(Fault::Loops(index));
        }
        if again > 0 {
            return Some(Fault::Repeats(index, again));
        }
    }
    skipped(pages, &whole?)
}

/// Elements that one large page has between those of the small ones, and that no small page has. Only where both are in the same order.
fn skipped(pages: &[Page<'_>], whole: &[String]) -> Option<Fault> {
    let walked: HashSet<&String> = pages.iter().flat_map(|page| &page.ids).collect();
    let mut expected = 0;
    let mut first = None;
    for (index, page) in pages.iter().enumerate() {
        for id in &page.ids {
            let at = whole.iter().position(|other| other == id)?;
            if at < expected {
                return None;
            }
            let missing = whole[expected..at].iter().filter(|id| !walked.contains(id)).count();
            if missing > 0 && first.is_none() {
                first = Some(Fault::Skips(index, missing));
            }
            expected = at + 1;
        }
    }
    first
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(ids: &str) -> Vec<String> {
        ids.chars().map(String::from).collect()
    }

    #[test]
    fn a_gap_is_a_skip_only_where_the_order_is_kept() {
        let exchange = blank();
        let pages = |texts: &[&str]| -> Vec<Page<'_>> {
            texts.iter().map(|text| Page { exchange: &exchange, len: text.len() as u64, ids: ids(text) }).collect()
        };
        assert_eq!(skipped(&pages(&["abc", "def"]), &ids("abcdefgh")), None);
        assert_eq!(skipped(&pages(&["abc", "efg"]), &ids("abcdefgh")), Some(Fault::Skips(1, 1)));
        assert_eq!(skipped(&pages(&["bac", "efg"]), &ids("abcdefgh")), None);
        assert_eq!(skipped(&pages(&["abc", "xyz"]), &ids("abcdefgh")), None);
    }

    fn blank() -> Exchange {
        Exchange {
            id: 0,
            origin: "http://api.example".into(),
            probe: Probe::of(plimsoll_http::OpId(0)),
            request: plimsoll_http::Request::get("/"),
            outcome: plimsoll_http::Outcome::Failed(plimsoll_http::Failure {
                stage: plimsoll_http::Stage::Connect,
                message: String::new(),
            }),
            timing: plimsoll_http::Timing::default(),
        }
    }
}
