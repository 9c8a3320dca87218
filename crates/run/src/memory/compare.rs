//! Two measurements of the same application, before and after a change: which operations were fixed, got smaller, stayed, or got worse.
//!
//! Rates are compared by the difference of their estimates: it is normal with the variance of both, since the measurements are independent. A word that
//! claims a change is said only where the 95 % interval of the difference leaves out zero; that an operation is no longer called a leak is not enough.

use plimsoll_model::Report;
use plimsoll_model::change::{Change, MemoryChange};
use plimsoll_model::memory::{Interval, OperationMemory, Verdict};

/// The quantile of the normal distribution that a two-sided interval of 95 % reaches to.
const REACH: f64 = 1.959_964;

/// By how much two runs of the same application may differ beyond their intervals: these know of the noise within a run, not of the order in which
/// memory was laid out.
const BETWEEN: f64 = 0.03;

/// The share of what every request leaves behind by which an operation's own measurement may exceed it; as in the measurement itself.
const OWN: f64 = 0.75;

/// The share of what an operation added by itself that its requests may still differ from others by where it counts as fixed: what every request leaves behind differs
/// with the operation.
const REMAINS: f64 = 0.4;

/// What became of each operation of the later report that the earlier one knows.
pub fn changes(before: &Report, after: &Report) -> Vec<MemoryChange> {
    let earlier = |memory: &OperationMemory| before.memory.iter().find(|other| other.operation == memory.operation);
    after.memory.iter().filter_map(|memory| Some(change(earlier(memory)?, memory))).collect()
}

fn change(before: &OperationMemory, after: &OperationMemory) -> MemoryChange {
    let is_peak = |memory: &OperationMemory| memory.verdict == Verdict::Peak;
    let peaks = is_peak(before) || is_peak(after);
    // A leak is judged as one, whatever it takes in between.
    if peaks && ![before.verdict, after.verdict].contains(&Verdict::Leak) {
        return peak(before, after);
    }
    let difference = before.bytes_per_request.zip(after.bytes_per_request).map(|(old, new)| minus(&new, &old));
    let known = |memory: &OperationMemory| memory.smallest_detectable.unwrap_or(0.0);
    let least = known(before).max(known(after));
    let (falls, rises) = moves(before.bytes_per_request, difference, least);
    let leaks = |memory: &OperationMemory| memory.verdict == Verdict::Leak;
    let settled = |memory: &OperationMemory| !matches!(memory.verdict, Verdict::Leak | Verdict::Inconclusive);
    // What every request leaves behind, whatever it asks for, is not the operation's.
    let only_common = leaks(before) && !before.everywhere && is_common(before, after);
    let (change, why) = match (leaks(before), leaks(after)) {
        (true, true) if only_common && falls => {
            (Change::Fixed, "leaked by itself, and leaves no more behind than every request does")
        }
        (true, true) if falls => (Change::Smaller, "leaks less than before"),
        (true, true) if rises => (Change::Worse, "leaks more than before"),
        (true, true) => (Change::Same, "leaks as before"),
        (true, false) if falls && settled(after) => (Change::Fixed, "leaked, and leaks no more"),
        (true, false) if falls => {
            (Change::Smaller, "leaked, and grows less than before; whether it still leaks is open")
        }
        (true, false) => (Change::Undecided, "leaked; the new measurement is too coarse to say that it does no more"),
        (false, true) if rises && settled(before) => (Change::Worse, "leaks, and did not before"),
        (false, true) => (Change::Undecided, "leaks; the earlier measurement was too coarse to have seen it"),
        (false, false) if settled(before) && settled(after) => (Change::Same, "does not leak, as before"),
        (false, false) => (Change::Undecided, "one of the measurements is inconclusive"),
    };
    MemoryChange {
        operation: after.operation.clone(),
        change,
        why: why.to_owned(),
        before: before.bytes_per_request,
        after: after.bytes_per_request,
        difference,
    }
}

/// Whether an operation was measured by itself, and leaves behind what every request does. That nothing more was seen in a few requests is not enough.
fn is_common(before: &OperationMemory, after: &OperationMemory) -> bool {
    let Some((was, common)) = before.bytes_per_request.zip(after.bytes_per_request).filter(|_| after.everywhere) else {
        return false;
    };
    after.concurrency.iter().any(|own| {
        let own = own.bytes_per_request;
        let is_little = own.value - common.value < REMAINS * (was.low - common.value);
        own.high < was.low && own.high - common.value < OWN * common.value && is_little
    })
}

/// Peaks are compared by what an item takes; where that is not known on both sides, by what a request takes.
fn peak(before: &OperationMemory, after: &OperationMemory) -> MemoryChange {
    let items = |memory: &OperationMemory| memory.peak_bytes.and_then(|peak| peak.per_item);
    let flights = |memory: &OperationMemory| memory.peak_bytes.map(|peak| peak.in_flight);
    let pair = items(before).zip(items(after)).or_else(|| flights(before).zip(flights(after)));
    let difference = pair.map(|(old, new)| minus(&new, &old));
    let (falls, rises) = moves(pair.map(|(old, _)| old), difference, 0.0);
    let (change, why) = match (before.verdict, after.verdict) {
        (Verdict::Peak, Verdict::Peak) if falls => (Change::Smaller, "peaks less than before"),
        (Verdict::Peak, Verdict::Peak) if rises => (Change::Worse, "peaks more than before"),
        (Verdict::Peak, Verdict::Peak) => (Change::Same, "peaks as before"),
        // A peak is measured by itself: what is open is whether something stays.
        (Verdict::Peak, Verdict::Inconclusive) if falls => {
            (Change::Fixed, "peaked, and does no more; whether something stays behind is open")
        }
        (Verdict::Inconclusive, _) | (_, Verdict::Inconclusive) => {
            (Change::Undecided, "one of the measurements is inconclusive")
        }
        (Verdict::Peak, _) if falls || pair.is_none() => (Change::Fixed, "peaked, and does no more"),
        (Verdict::Peak, _) => {
            (Change::Undecided, "peaked; the new measurement is too coarse to say that it does no more")
        }
        (_, _) if rises || pair.is_none() => (Change::Worse, "peaks, and did not before"),
        (_, _) => (Change::Undecided, "peaks; the earlier measurement was too coarse to have seen it"),
    };
    MemoryChange {
        operation: after.operation.clone(),
        change,
        why: why.to_owned(),
        before: pair.map(|(old, _)| old),
        after: pair.map(|(_, new)| new),
        difference,
    }
}

/// Whether a difference is one: beyond its interval, beyond what could be seen at all, and more than two runs of one application differ by.
fn moves(before: Option<Interval>, difference: Option<Interval>, least: f64) -> (bool, bool) {
    let (Some(before), Some(difference)) = (before, difference) else { return (false, false) };
    let least = least.max(before.value.abs() * BETWEEN);
    (difference.high < 0.0 && difference.value < -least, difference.low > 0.0 && difference.value > least)
}

/// The difference of two independent estimates, with an interval of 95 %.
fn minus(new: &Interval, old: &Interval) -> Interval {
    let value = new.value - old.value;
    // Half of an interval is its quantile times the standard error; the quantile cancels out where both have the level of the result.
    let scale = |interval: &Interval| interval.reach() * (REACH / quantile(interval.level));
    let reach = scale(new).hypot(scale(old));
    Interval { value, low: value - reach, high: value + reach, level: 0.95 }
}

/// How many standard errors an interval of this level reaches to either side, for the levels that are in use.
fn quantile(level: f64) -> f64 {
    match level {
        level if level >= 0.99 => 2.575_829,
        level if level >= 0.95 => REACH,
        _ => 1.644_854,
    }
}

#[cfg(test)]
mod tests {
    use plimsoll_model::memory::AtConcurrency;

    use super::*;
    use crate::memory::tests::{interval, measured};

    fn leak(low: f64, value: f64, high: f64) -> OperationMemory {
        OperationMemory { bytes_per_request: Some(interval(low, value, high)), ..measured("/a", Verdict::Leak) }
    }

    fn quiet(low: f64, value: f64, high: f64) -> OperationMemory {
        OperationMemory { verdict: Verdict::None, ..leak(low, value, high) }
    }

    #[test]
    fn every_word_needs_its_difference() {
        let big = leak(9_500.0, 9_600.0, 9_700.0);
        for (before, after, expected) in [
            (big.clone(), quiet(-20.0, 10.0, 40.0), Change::Fixed),
            (big.clone(), leak(900.0, 1_000.0, 1_100.0), Change::Smaller),
            (big.clone(), leak(9_450.0, 9_560.0, 9_670.0), Change::Same),
            (big.clone(), leak(12_000.0, 12_100.0, 12_200.0), Change::Worse),
            (quiet(-20.0, 10.0, 40.0), big.clone(), Change::Worse),
            (quiet(-20.0, 10.0, 40.0), quiet(0.0, 30.0, 60.0), Change::Same),
            // No longer called a leak, because it was looked at for too short a time.
            (leak(50.0, 100.0, 150.0), quiet(-400.0, 90.0, 580.0), Change::Undecided),
            (quiet(-400.0, 90.0, 580.0), leak(50.0, 100.0, 150.0), Change::Undecided),
            (
                big.clone(),
                OperationMemory { verdict: Verdict::Inconclusive, ..quiet(-20.0, 10.0, 40.0) },
                Change::Smaller,
            ),
        ] {
            let found = change(&before, &after);
            assert_eq!(found.change, expected, "{before:?} {after:?}");
        }
    }

    #[test]
    fn what_every_request_leaves_behind_is_not_the_operations() {
        let big = leak(14_000.0, 14_200.0, 14_400.0);
        let common = OperationMemory { everywhere: true, ..leak(6_300.0, 6_500.0, 6_700.0) };
        let own = |low: f64, value: f64, high: f64| {
            let bytes_per_request = interval(low, value, high);
            let at = AtConcurrency { concurrency: 1, verdict: Verdict::Leak, bytes_per_request, requests: 300 };
            OperationMemory { concurrency: vec![at], ..common.clone() }
        };
        for (after, expected) in [
            (own(6_200.0, 6_600.0, 7_000.0), Change::Fixed),
            // It may leave behind as much again.
            (own(6_200.0, 9_600.0, 13_000.0), Change::Smaller),
            // Too much is left of what it added.
            (own(9_400.0, 9_600.0, 9_800.0), Change::Smaller),
            // Nobody measured it by itself.
            (common.clone(), Change::Smaller),
        ] {
            assert_eq!(change(&big, &after).change, expected, "{after:?}");
        }
    }

    #[test]
    fn the_difference_has_the_variance_of_both() {
        let found = minus(&interval(7.0, 10.0, 13.0), &interval(1.0, 5.0, 9.0));
        assert!((found.value - 5.0).abs() < 1e-9 && (found.reach() - 5.0).abs() < 1e-9, "{found:?}");
    }

    #[test]
    fn peaks_are_compared_by_item() {
        let peak = |item: Option<f64>, verdict| {
            let mut out = measured("/a", verdict);
            out.peak_bytes = item.map(|item| plimsoll_model::memory::Peak {
                in_flight: interval(9e6, 1e7, 1.1e7),
                per_item: Some(interval(item * 0.95, item, item * 1.05)),
                items: Some(1_000),
                items_until_limit: None,
                requests_until_limit: None,
                answer_bytes: 0,
            });
            out
        };
        for (before, after, expected) in [
            (peak(Some(1_000.0), Verdict::Peak), peak(Some(500.0), Verdict::Peak), Change::Smaller),
            (peak(Some(1_000.0), Verdict::Peak), peak(Some(1_010.0), Verdict::Peak), Change::Same),
            (peak(Some(1_000.0), Verdict::Peak), peak(Some(1.0), Verdict::None), Change::Fixed),
            (peak(Some(1_000.0), Verdict::Peak), peak(Some(1.0), Verdict::Inconclusive), Change::Fixed),
            (peak(Some(1_000.0), Verdict::Peak), peak(Some(1_000.0), Verdict::Inconclusive), Change::Undecided),
            (peak(Some(1_000.0), Verdict::Peak), peak(None, Verdict::Inconclusive), Change::Undecided),
            (peak(None, Verdict::None), peak(Some(1_000.0), Verdict::Peak), Change::Worse),
            (peak(None, Verdict::Inconclusive), peak(Some(1_000.0), Verdict::Peak), Change::Undecided),
        ] {
            assert_eq!(change(&before, &after).change, expected);
        }
    }
}
