//! What was not tested, grouped by the reason.

use plimsoll_model::{Report, redact};

use super::line;
use crate::text::count;

/// So many names of one reason are listed.
const NAMES: usize = 500;

/// Something that was not tested, with everything that shares the reason.
pub struct Untested {
    pub why: String,
    pub what: Vec<String>,
    /// How many more there are.
    pub more: usize,
    pub requests: String,
}

/// The groups of a report.
pub fn of(report: &Report) -> Vec<Untested> {
    let mut out: Vec<Untested> = Vec::new();
    let mut add = |what: String, why: &str, requests: u32| {
        let why = redact::one_line(why, 400);
        let requests =
            if requests > 0 { format!(" ({})", count(u64::from(requests), "request")) } else { String::new() };
        match out.iter_mut().find(|known| known.why == why && known.requests == requests) {
            Some(known) if known.what.contains(&what) => {}
            Some(known) if known.what.len() >= NAMES => known.more += 1,
            Some(known) => known.what.push(what),
            None => out.push(Untested { why, what: vec![what], more: 0, requests }),
        }
    };
    for facts in report.operations.iter().filter(|facts| !facts.reached) {
        add(line(&facts.operation.to_string()), facts.reason.as_deref().unwrap_or("no reason was recorded"), 0);
    }
    for skipped in &report.coverage.skipped {
        // A scan names the operations of one reason in one line; they are known from above.
        for what in skipped.what.split(", ") {
            add(line(what), &skipped.why, skipped.requests);
        }
    }
    out
}
