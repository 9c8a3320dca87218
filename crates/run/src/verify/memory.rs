//! The measurement again: the operations that left something behind, with the requests, the concurrency and the time of the first measurement.

use std::sync::Arc;

use plimsoll_model::change::{Change, MemoryChange};
use plimsoll_model::memory::{Course, Interval, OperationMemory, Verdict};
use plimsoll_model::verification::Again;
use plimsoll_model::{Finding, Issue, OperationKey, Report, Vantage};
use tokio::sync::watch;

use super::{Means, blind, findings, looked};
use crate::event::Event;
use crate::memory::{self, Wanted, size};

/// The least that counts as something, in bytes a request: below it nobody can tell a leak from the application's own unrest.
const LEAST: f64 = 300.0;
/// Requests from which an interval counts by itself: as many as an operation gets before it is called clean.
const ENOUGH: u64 = 600;
/// Handles that a request may leave behind as far as a measurement shows: one with twenty requests.
const FEW: f64 = 0.05;
/// Handles that the old rate would have left behind, so that none says something.
const TELLING: f64 = 20.0;
/// Operations that are measured of an issue that concerns all of them.
const MOST: usize = 8;

/// A new measurement, or why there is none.
pub(super) type Look = Result<Report, String>;

/// Measures the operations of these issues.
pub(super) async fn look(
    before: &Report,
    issues: &[&Issue],
    means: &Means,
    interrupted: watch::Receiver<bool>,
    watch: &Arc<dyn Fn(Event) + Send + Sync>,
) -> Look {
    let Some(request) = &means.memory else { return Err(means.lack(Vantage::Memory)) };
    let mut only: Vec<OperationKey> = Vec::new();
    for issue in issues {
        for finding in findings(before, issue, Vantage::Memory) {
            for key in finding.operations().take(MOST) {
                if !only.contains(key) {
                    only.push(key.clone());
                }
            }
        }
    }
    let wanted = Wanted { only, ..request.wanted.clone() };
    let request = memory::Request { wanted, before: None, ..request.clone() };
    let measured = Box::pin(memory::measure(request, interrupted, Arc::clone(watch)));
    measured.await.map_err(|error| error.to_string())
}

/// What a new measurement says of findings of an earlier one.
pub(super) fn again(before: &Report, findings: &[&Finding], look: &Look, bound: Option<u64>) -> Again {
    let after = match look {
        Ok(after) => after,
        Err(why) => return blind(Vantage::Memory, why),
    };
    let changes = memory::changes(before, after);
    let mut said: Vec<(Seen, String)> = Vec::new();
    let mut told: Vec<MemoryChange> = Vec::new();
    for finding in findings {
        if after.findings.iter().any(|now| now.fingerprint == finding.fingerprint) {
            let keys: Vec<&OperationKey> = finding.operations().collect();
            let change = changes.iter().find(|change| keys.contains(&&change.operation));
            let line = change.filter(|_| finding.check != "handle-leak").map_or_else(
                || format!("`{}` is measured again", finding.check),
                |change| format!("{}, {}", line(change), change.why),
            );
            said.push((Seen::Still, line));
        } else {
            for key in finding.operations().take(MOST) {
                let change = changes.iter().find(|change| change.operation == *key);
                said.push(of(finding, key, change, (before, after), bound));
            }
        }
        for change in changes.iter().filter(|change| finding.operations().any(|key| *key == change.operation)) {
            if !told.contains(change) {
                told.push(change.clone());
            }
        }
    }
    said.dedup();
    let worst = said.iter().map(|(seen, _)| *seen).max();
    let lines: Vec<&str> =
        said.iter().filter(|(seen, _)| Some(*seen) == worst).map(|(_, line)| line.as_str()).collect();
    let why = lines.join("; ");
    let again = match worst {
        Some(Seen::Still) => looked(Vantage::Memory, true, why),
        Some(Seen::Gone) if after.incomplete.is_empty() => looked(Vantage::Memory, false, why),
        Some(Seen::Gone) => blind(Vantage::Memory, format!("incomplete: {}", after.incomplete.join("; "))),
        Some(Seen::Open) => blind(Vantage::Memory, why),
        None => blind(Vantage::Memory, "it names no operation"),
    };
    Again { memory: told, ..again }
}

/// What is seen of a finding, the better first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Seen {
    Gone,
    Open,
    Still,
}

/// What became of a finding at one operation, where the new measurement does not have the finding.
fn of(
    finding: &Finding,
    key: &OperationKey,
    change: Option<&MemoryChange>,
    (before, after): (&Report, &Report),
    bound: Option<u64>,
) -> (Seen, String) {
    let measured = |report: &Report| report.memory.iter().find(|memory| memory.operation == *key).cloned();
    let Some(now) = measured(after) else {
        let why = after.incomplete.first().cloned();
        let facts = after.operations.iter().find(|facts| facts.operation == *key);
        let why = why.or_else(|| facts.and_then(|facts| facts.reason.clone()));
        return (
            Seen::Open,
            format!("{key} was not measured again: {}", why.unwrap_or_else(|| "not reached".to_owned())),
        );
    };
    let Some(was) = measured(before) else {
        return (Seen::Open, format!("the report does not say what {key} left behind before"));
    };
    if is_good(&was) && !is_good(&now) {
        let status =
            usual(&now).filter(|status| *status > 0).map_or_else(|| "not at all".to_owned(), |s| s.to_string());
        return (
            Seen::Open,
            format!("{key} answers otherwise than before ({status}), so nothing is known of its memory"),
        );
    }
    if finding.check == "handle-leak" {
        return handles(key, &was, &now);
    }
    // What answered with errors before may do so again: it leaked nevertheless.
    let as_before = !is_good(&was) && usual(&was) == usual(&now);
    // A peak that is gone is gone, whether or not it is known what stays behind.
    let is_flat = was.verdict == Verdict::Peak && change.is_some_and(|change| change.change == Change::Fixed);
    // Many requests that settled no verdict settle this all the same where the interval lies below the bound.
    let is_long = was.verdict == Verdict::Leak && now.requests >= ENOUGH && now.course != Some(Course::Rising);
    let is_open = !is_flat && !((as_before || is_long) && now.bytes_per_request.is_some());
    if now.verdict == Verdict::Inconclusive && is_open {
        let settle = now.settle.as_ref().map(|settle| format!(" ({settle})")).unwrap_or_default();
        return (Seen::Open, format!("{key}: {}{settle}", now.why));
    }
    let Some(change) = change else { return (Seen::Open, format!("{key} cannot be compared")) };
    match change.change {
        Change::Fixed => fixed(change, &was, &now, bound),
        // Too close for a difference that is told of any two measurements; here the bound decides.
        Change::Undecided | Change::Smaller if was.verdict == Verdict::Leak && now.verdict != Verdict::Leak => {
            fixed(change, &was, &now, bound)
        }
        Change::Smaller | Change::Same | Change::Worse if now.verdict == Verdict::Leak => {
            (Seen::Still, format!("{}, {}", line(change), change.why))
        }
        _ => (Seen::Open, format!("{}: {}", line(change), change.why)),
    }
}

/// A change for the better counts where the new interval lies below the old one and below the bound.
fn fixed(change: &MemoryChange, was: &OperationMemory, now: &OperationMemory, bound: Option<u64>) -> (Seen, String) {
    let line = line(change);
    // What every request leaves behind, whatever it asks for, was compared as such.
    if was.verdict == Verdict::Leak && !now.everywhere {
        let (Some(old), Some(new)) = (change.before, change.after) else {
            return (Seen::Open, format!("{line}: one of the measurements has no rate"));
        };
        let seen = was.smallest_detectable.unwrap_or(0.0).max(LEAST);
        let bound = bound.map_or(seen, |bound| bound as f64);
        // What every request leaves behind is an issue of its own: the operation is measured against it.
        let is_common = now.everywhere && !was.everywhere;
        if new.high >= old.low || new.high > bound && !is_common {
            let why = format!("{line}: up to {} a request cannot be ruled out; give it more --time", size(new.high));
            return (Seen::Open, why);
        }
    }
    let plateau = if now.verdict == Verdict::Plateau { ", it grows to a bound and stops" } else { "" };
    (Seen::Gone, format!("{line}{plateau}"))
}

/// Files, threads, tasks and sockets that requests left open.
fn handles(key: &OperationKey, was: &OperationMemory, now: &OperationMemory) -> (Seen, String) {
    let mut lines = Vec::new();
    for old in was.handles.iter().filter(|growth| growth.verdict == Verdict::Leak) {
        let name = old.handle.as_str();
        let Some(new) = now.handles.iter().find(|growth| growth.handle == old.handle) else {
            // Handles whose number never changed are not told of; so many requests would have changed it.
            if old.per_request.low * (now.requests as f64) < TELLING {
                return (Seen::Open, format!("{key}: too few requests to count {name} again"));
            }
            let old = &old.per_request;
            lines.push(format!("{key}: no more {name} with any request, was [{:.2}, {:.2}]", old.low, old.high));
            continue;
        };
        let rate = |interval: &Interval| format!("{:.2}", interval.value.max(0.0));
        let line = format!(
            "{key}: {} → {} {name} a request [{:.2}, {:.2}], was [{:.2}, {:.2}]",
            rate(&old.per_request),
            rate(&new.per_request),
            new.per_request.low,
            new.per_request.high,
            old.per_request.low,
            old.per_request.high
        );
        match new.verdict {
            Verdict::Leak => return (Seen::Still, line),
            Verdict::None | Verdict::Plateau if new.per_request.high < old.per_request.low => lines.push(line),
            Verdict::Inconclusive if new.per_request.high < old.per_request.low.min(FEW) => lines.push(line),
            _ => return (Seen::Open, line),
        }
    }
    (Seen::Gone, lines.join("; "))
}

/// The status of most answers.
fn usual(memory: &OperationMemory) -> Option<u16> {
    memory.statuses.iter().max_by_key(|(_, count)| **count).map(|(status, _)| *status)
}

/// Whether most answers say that it worked.
fn is_good(memory: &OperationMemory) -> bool {
    let all: u64 = memory.statuses.values().sum();
    let good: u64 = memory.statuses.range(200..400).map(|(_, count)| count).sum();
    all == 0 || good * 2 > all
}

/// Before and after in one line, as in `GET /suggest: 9.41 KiB → 0 B a request [-40 B, 35 B], was [9.37 KiB, 9.44 KiB]`.
pub fn line(change: &MemoryChange) -> String {
    let value = |interval: &Interval| if interval.holds(0.0) { "0 B".to_owned() } else { size(interval.value) };
    let band = |interval: &Interval| format!("[{}, {}]", size(interval.low), size(interval.high));
    match (&change.before, &change.after) {
        (Some(was), Some(is)) => {
            format!("{}: {} → {} a request {}, was {}", change.operation, value(was), value(is), band(is), band(was))
        }
        (Some(was), None) => format!("{}: was {} a request {}", change.operation, value(was), band(was)),
        _ => change.operation.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::memory::tests::{interval, measured};

    fn report(memory: OperationMemory) -> Report {
        let findings = memory::findings_of(std::slice::from_ref(&memory));
        Report { memory: vec![memory], findings, complete: true, ..Report::default() }
    }

    fn rated(verdict: Verdict, low: f64, value: f64, high: f64) -> OperationMemory {
        let mut memory = measured("/suggest", verdict);
        memory.bytes_per_request = Some(interval(low, value, high));
        memory.smallest_detectable = Some(120.0);
        memory.statuses = [(200, 900)].into();
        memory
    }

    fn verified(was: OperationMemory, now: OperationMemory, bound: Option<u64>) -> Again {
        let before = report(was);
        let look = Ok(report(now));
        again(&before, &before.findings.iter().collect::<Vec<_>>(), &look, bound)
    }

    #[test]
    fn fixed_is_below_the_old_interval_and_below_the_bound() {
        let leak = rated(Verdict::Leak, 9_500.0, 9_600.0, 9_700.0);
        let seen = |now, bound| {
            let again = verified(leak.clone(), now, bound);
            assert_eq!(again.memory.len(), 1);
            (again.ran, again.still)
        };
        assert_eq!(seen(rated(Verdict::None, -40.0, 2.0, 35.0), None), (true, false));
        assert_eq!(seen(rated(Verdict::Plateau, -40.0, 2.0, 35.0), None), (true, false));
        // It may still leak more than the first measurement could see.
        assert_eq!(seen(rated(Verdict::None, -400.0, 200.0, 800.0), None), (false, false));
        assert_eq!(seen(rated(Verdict::None, -400.0, 200.0, 800.0), Some(1_000)), (true, false));
        let open = |requests, high| OperationMemory { requests, ..rated(Verdict::Inconclusive, -120.0, 70.0, high) };
        assert_eq!(seen(open(5_000, 250.0), None), (true, false));
        assert_eq!(seen(open(5_000, 350.0), None), (false, false));
        assert_eq!(seen(open(100, 250.0), None), (false, false));
        assert_eq!(seen(rated(Verdict::Leak, 900.0, 950.0, 1_000.0), None), (true, true));
        assert_eq!(seen(leak.clone(), None), (true, true));
        // Close to what can be seen at all: the intervals lie apart, and the bound is kept.
        let small = rated(Verdict::Leak, 309.0, 344.0, 376.0);
        let near = verified(small.clone(), rated(Verdict::None, -20.0, 57.0, 135.0), None);
        assert_eq!((near.ran, near.still), (true, false), "{near:?}");
        let touching = verified(small, rated(Verdict::None, -20.0, 150.0, 310.0), None);
        assert!(!touching.ran, "{touching:?}");
        // What leaked while it answered 404 leaks no more while it does.
        let missing = |memory| OperationMemory { statuses: [(404, 900)].into(), ..memory };
        let quiet = missing(rated(Verdict::Inconclusive, -4.0, 0.0, 4.0));
        let gone = verified(missing(leak.clone()), quiet.clone(), None);
        assert_eq!((gone.ran, gone.still), (true, false), "{gone:?}");
        assert_eq!(seen(quiet, None), (false, false));
        // An operation that fails leaves nothing behind.
        let broken = OperationMemory { statuses: [(500, 900)].into(), ..rated(Verdict::None, -4.0, 0.0, 4.0) };
        assert_eq!(seen(broken, None), (false, false));
    }

    #[test]
    fn the_line_has_both_intervals() {
        let again =
            verified(rated(Verdict::Leak, 9_594.0, 9_633.0, 9_664.0), rated(Verdict::None, -40.0, 2.0, 35.0), None);
        assert_eq!(again.why, "GET /suggest: 9.41 KiB → 0 B a request [-40 B, 35 B], was [9.37 KiB, 9.44 KiB]");
    }

    #[test]
    fn handles_are_compared_by_their_number() {
        let files = |verdict: &str, low: f64| {
            let mut memory = measured("/files", Verdict::None);
            let growth = json!({"handle": "files", "verdict": verdict, "per_request": interval(low, low + 0.01, low + 0.02), "last": 9});
            memory.handles = vec![serde_json::from_value(growth).unwrap()];
            memory
        };
        let gone = verified(files("leak", 0.98), files("none", -0.01), None);
        assert_eq!((gone.ran, gone.still), (true, false), "{gone:?}");
        let still = verified(files("leak", 0.98), files("leak", 0.5), None);
        assert!(still.ran && still.still, "{still:?}");
        // Their number never changed.
        let constant = verified(files("leak", 0.98), measured("/files", Verdict::None), None);
        assert_eq!((constant.ran, constant.still), (true, false), "{constant:?}");
        let few = OperationMemory { requests: 10, ..measured("/files", Verdict::None) };
        let unknown = verified(files("leak", 0.98), few, None);
        assert!(!unknown.ran, "{unknown:?}");
    }

    #[test]
    fn nobody_who_did_not_look_says_anything() {
        let before = report(rated(Verdict::Leak, 9_500.0, 9_600.0, 9_700.0));
        let findings: Vec<&Finding> = before.findings.iter().collect();
        for look in [Err("the target ended".to_owned()), Ok(Report::default())] {
            assert!(!again(&before, &findings, &look, None).ran);
        }
        let cut = Report { incomplete: vec!["interrupted".to_owned()], ..report(rated(Verdict::None, -4.0, 0.0, 4.0)) };
        assert!(!again(&before, &findings, &Ok(cut), None).ran);
    }
}
