//! Whether the target answers this scanner as it answers everybody.
//!
//! A target that knows scanners by their `User-Agent` can show them an empty house. One or two operations are asked again under the name of a browser (and still
//! with the header that names the run); where that brings what the scanner did not get, the run says so and is not complete.

use plimsoll_http::{Exchange, OpId, Probe};
use plimsoll_model::Method;
use plimsoll_spec::Api;
use serde_json::Value;

use crate::seen::Seen;

/// The name of a browser.
const AGENT: &str =
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";
/// How many operations are asked.
const ASKED: usize = 2;
/// An answer with fewer bytes than this shows nothing; one with more than this shows something.
const NOTHING: u64 = 2;
const SOMETHING: u64 = 16;

fn probe(op: OpId) -> Probe {
    Probe::of(op).header("user-agent", AGENT)
}

fn again(op: OpId) -> Probe {
    Probe::of(op).nth(1)
}

/// Whether an answer is one that a scanner could be fobbed off with.
fn is_empty(exchange: &Exchange) -> bool {
    exchange.response().is_some_and(|response| match response.status {
        204 => false,
        200..=299 => response.body.decoded_len <= NOTHING,
        403 | 406 => true,
        _ => false,
    })
}

/// What is to be asked: operations with empty answers first, else one that answers.
pub fn probes(api: &Api, seen: &Seen) -> Vec<Probe> {
    let gets = (0..).map(OpId).zip(&api.operations).filter(|(_, operation)| operation.key.method == Method::Get);
    let answered: Vec<(OpId, &Exchange)> = gets.filter_map(|(op, _)| Some((op, seen.reply(&Probe::of(op))?))).collect();
    let empty: Vec<OpId> = answered.iter().filter(|(_, exchange)| is_empty(exchange)).map(|(op, _)| *op).collect();
    let full = answered.iter().find(|(_, exchange)| exchange.is_success() && !is_empty(exchange)).map(|(op, _)| *op);
    // What is empty once may fill while others are asked: this scanner asks again, too.
    let again = empty.iter().take(ASKED - 1).map(|op| again(*op)).collect::<Vec<_>>();
    empty.into_iter().take(ASKED - 1).chain(full).map(probe).chain(again).collect()
}

/// Whether the browser got what the scanner did not.
fn differs(mine: &Exchange, theirs: &Exchange) -> bool {
    let Some(response) = theirs.response().filter(|_| theirs.is_success()) else { return false };
    if is_empty(mine) {
        return response.body.decoded_len >= SOMETHING;
    }
    let names = |exchange: &Exchange| match exchange.json() {
        Some(Value::Object(map)) => Some(map.keys().cloned().collect::<Vec<_>>()),
        _ => None,
    };
    match (names(mine), names(theirs)) {
        (Some(mine), Some(theirs)) => !theirs.is_empty() && !theirs.iter().any(|name| mine.contains(name)),
        _ => false,
    }
}

/// One line, where the target was seen to answer a browser otherwise.
pub fn difference(api: &Api, seen: &Seen) -> Option<String> {
    (0..).map(OpId).zip(&api.operations).find_map(|(op, operation)| {
        let theirs = seen.reply(&probe(op))?;
        let first = seen.reply(&Probe::of(op))?;
        let mine = seen.reply(&again(op)).filter(|_| is_empty(first)).unwrap_or(first);
        differs(mine, theirs).then(|| {
            format!("the target answers this scanner otherwise than others: {} brought a browser what it kept from the scanner", operation.key)
        })
    })
}
