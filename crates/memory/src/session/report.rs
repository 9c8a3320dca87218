//! What a session found, in the words of the report.

use plimsoll_http::Transport;
use plimsoll_model::memory::{Churn, HandleGrowth, MemoryRun, OperationMemory, Peak, Verdict};

use super::case::Case;
use super::measure::requests_until;
use super::{Outcome, Sense, Session, Stop};
use crate::estimate::peak::is_large;
use crate::estimate::{Course, Interval, Judgement};

/// What no series can see about itself, as a share of the slope: another mix of inputs, other headers, another emulator or patch level of the interpreter. A choice:
/// a few per cent is what the same applications differed by between two machines.
const SYSTEMATIC: f64 = 0.03;

/// A verdict with its reasons.
struct Said {
    verdict: Verdict,
    why: String,
    settle: Option<String>,
}

impl<T: Transport, S: Sense> Session<'_, T, S> {
    /// The outcome, complete or not.
    pub(super) fn outcome(mut self, stopped: Option<Stop>) -> Outcome {
        let mut incomplete = Vec::new();
        if let Some(stop) = &stopped {
            let doing = self.doing.as_ref().map(|key| format!(", with {key} in flight")).unwrap_or_default();
            incomplete.push(format!("{stop}{doing}"));
        }
        let memory = self.cases.iter().map(|case| self.entry(case, stopped.as_ref())).collect();
        let run = MemoryRun {
            signal: self.signal,
            control: self.control.or(self.everywhere),
            base_bytes: self.base_bytes,
            limit_bytes: self.options.limit,
            requests: self.load.sent(),
            screen_seconds: self.screen_seconds,
            seconds: self.elapsed().as_secs_f64(),
            restarts: self.restarts,
        };
        if let Some(everywhere) = self.everywhere {
            let line = format!(
                "every request leaves {} behind, also one for a path that does not exist",
                bytes(everywhere.value)
            );
            self.notes.insert(0, line);
        }
        Outcome { memory, run, incomplete, notes: self.notes }
    }

    /// What every request leaves behind, where this operation leaves no more behind as far as is known.
    pub(super) fn common(&self, case: &Case) -> Option<Interval> {
        let leaks_more = |own: &Judgement| own.verdict == Verdict::Leak && !case.as_everywhere;
        // What stands out, in screening or in a measurement that does not decide, is no clean bill, and not the common leak either.
        let stood_out =
            |common: &Interval| !case.as_everywhere && case.judgement().is_some_and(|own| own.slope.low > common.value);
        self.everywhere.filter(|common| !case.measured.as_ref().is_some_and(leaks_more) && !stood_out(common))
    }

    fn entry(&self, case: &Case, stopped: Option<&Stop>) -> OperationMemory {
        let everywhere = self.common(case);
        let said = match everywhere {
            Some(slope) if case.barred.is_none() => Said {
                verdict: Verdict::Leak,
                why: format!("as every request: {} are left behind, whatever it asks for", with_interval(slope)),
                settle: None,
            },
            _ => self.say(case, stopped),
        };
        let judgement = case.judgement();
        let slope = everywhere.or(judgement.map(|judgement| judgement.slope)).map(widened);
        let leaks = said.verdict == Verdict::Leak && slope.is_some_and(|slope| slope.low > 0.0);
        let until =
            slope.filter(|_| leaks).and_then(|slope| requests_until(slope, self.base_bytes, self.options.limit));
        // What is common to all is held by the same.
        let common = self.control_case.as_ref().filter(|_| everywhere.is_some() && case.retained_by.is_empty());
        let held = common.unwrap_or(case);
        OperationMemory {
            operation: case.driven.key.clone(),
            verdict: said.verdict,
            why: said.why,
            settle: said.settle,
            bytes_per_request: slope,
            signal: slope.map(|_| self.signal),
            smallest_detectable: judgement.map(|judgement| judgement.smallest.round()),
            course: judgement.map(|judgement| judgement.course),
            keyed_by_input: case.keyed_by_input,
            requests_until_limit: until,
            requests: case.answers.sent,
            statuses: case.answers.statuses.clone(),
            concurrency: case.concurrency.clone(),
            peak_bytes: case.peak,
            peak_points: case.peak_points.clone(),
            churn: (case.cost.requests > 0).then(|| Churn {
                cpu_ms: case.cost.cpu_ms / case.cost.requests as f64,
                cycle_objects: case.cost.freed.map(|freed| freed as f64 / case.cost.requests as f64),
            }),
            handles: case.handles.clone(),
            curves: case.curves.clone(),
            allocated_at: held.allocated_at.clone(),
            types: held.types.clone(),
            retained_by: held.retained_by.clone(),
            everywhere: everywhere.is_some() && said.verdict == Verdict::Leak,
            native: held.native,
        }
    }

    fn say(&self, case: &Case, stopped: Option<&Stop>) -> Said {
        let inconclusive =
            |why: String, settle: &str| Said { verdict: Verdict::Inconclusive, why, settle: Some(settle.to_owned()) };
        let plain = |verdict, why| Said { verdict, why, settle: None };
        let leaking = case.handles.iter().find(|handle| handle.verdict == Verdict::Leak);
        let peak = case.peak.filter(is_large).filter(|_| case.answers.are_good());
        let Some(judgement) = case.judgement() else {
            if let Some(peak) = peak {
                return plain(Verdict::Peak, peak_words(&peak, None));
            }
            return match (&case.barred, stopped) {
                (Some(why), _) => inconclusive(why.clone(), "an operation that answers"),
                (None, Some(stop)) => inconclusive(format!("not measured: {stop}"), "a run that ends by itself"),
                (None, None) => inconclusive("too few readings".to_owned(), "more time"),
            };
        };
        let slope = judgement.slope;
        if judgement.verdict == Verdict::Leak {
            let native = if case.native { ", outside of the interpreter's objects" } else { "" };
            return plain(Verdict::Leak, leak(judgement) + native);
        }
        if let Some(handle) = leaking {
            return plain(Verdict::Leak, handles(handle));
        }
        if let Some(why) = &case.barred {
            return inconclusive(why.clone(), "an operation that answers throughout");
        }
        if !case.answers.are_good() {
            let statuses: Vec<String> = case.answers.statuses.keys().map(ToString::to_string).collect();
            return inconclusive(
                format!("most answers are errors ({}), and these leave nothing behind", statuses.join(", ")),
                "requests that succeed: example values in the contract, a HAR file, or [memory.requests]",
            );
        }
        if let Some(peak) = peak {
            return plain(Verdict::Peak, peak_words(&peak, Some(slope)));
        }
        match judgement.verdict {
            Verdict::Plateau => plain(
                Verdict::Plateau,
                format!("grew by {} and stopped; {} now", bytes(judgement.warmed), with_interval(slope)),
            ),
            Verdict::None => plain(
                Verdict::None,
                format!("{}; a leak of {} would have been seen", with_interval(slope), bytes(judgement.smallest)),
            ),
            _ => {
                let course = if judgement.course == Course::Falling { ", and falling" } else { "" };
                // The interval narrows at least with the square root of the requests.
                let wanted = (slope.reach() / (self.rules.target - self.rules.margin)).max(1.2).powi(2);
                let more = (judgement.fit.requests * wanted.min(50.0)).ceil();
                inconclusive(
                    format!("{} after {} requests{course}", with_interval(slope), judgement.fit.requests),
                    &format!("about {more} requests to this operation alone (more --time)"),
                )
            }
        }
    }
}

/// Adds the systematic part of the error in quadrature.
pub(super) fn widened(slope: Interval) -> Interval {
    let more = SYSTEMATIC * slope.value.abs();
    Interval {
        low: slope.value - (slope.value - slope.low).hypot(more),
        high: slope.value + (slope.high - slope.value).hypot(more),
        ..slope
    }
}

fn leak(judgement: &Judgement) -> String {
    let course = match judgement.course {
        Course::Rising => ", more with every request",
        Course::Falling => ", slowing down",
        Course::Flat | Course::Steady => "",
    };
    format!("{} left behind over {} requests{course}", with_interval(widened(judgement.slope)), judgement.fit.requests)
}

fn handles(handle: &HandleGrowth) -> String {
    format!("{:.2} {} are left behind per request", handle.per_request.value, handle.handle.as_str())
}

fn peak_words(peak: &Peak, slope: Option<Interval>) -> String {
    let stays = slope.map_or_else(String::new, |slope| format!("; {} stay", bytes(slope.value)));
    let items = match (peak.per_item, peak.items) {
        (Some(per_item), Some(items)) => format!(", {} for each of {items} items", bytes(per_item.value)),
        (None, Some(items)) => format!(" for {items} items"),
        _ => String::new(),
    };
    format!("{} in use while one request is served{items}{stays}", bytes(peak.in_flight.value))
}

fn with_interval(slope: Interval) -> String {
    format!("{} per request [{}, {}]", bytes(slope.value), bytes(slope.low), bytes(slope.high))
}

/// Bytes for people, with three digits at most.
fn bytes(value: f64) -> String {
    let size = value.abs();
    let (value, unit) = match size {
        _ if size >= 999.5 * 1_024.0 => (value / (1024.0 * 1024.0), "MiB"),
        _ if size >= 9_999.5 => (value / 1024.0, "KiB"),
        _ => return format!("{value:.0} B"),
    };
    if value.abs() < 10.0 { format!("{value:.1} {unit}") } else { format!("{value:.0} {unit}") }
}
