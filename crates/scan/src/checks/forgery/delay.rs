//! Inputs that make the service wait as long as they say: a straight line through what was asked and what was measured.
//!
//! One wait is chance. The line decides: over several waits, its slope must be one second for each second that was asked, or the same time for each step
//! of rows to count. Waits are short, are alone on the wire, and are asked again only where the first one was kept.

use plimsoll_http::{Exchange, Lane, Probe};
use plimsoll_model::stats::{self, Slope};
use plimsoll_model::{Confidence, Series};

use super::inputs::Input;
use crate::draft::Draft;
use crate::view::Op;

/// A way to ask for a wait: what it is, what is written before and behind the amount, behind the value, and what one step of the amount is.
pub type Way = (&'static str, &'static str, &'static str, Unit);

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Seconds to wait.
    Seconds,
    /// Steps of this many rows to count: SQLite has no wait. Counting takes no memory.
    Rows(u32),
}

/// Waits in SQL, put together with the value: they are needed for any comparison, whatever the value, and widen none. `||` is OR in MySQL, and what
/// stands behind it is nought there. Tables from sub-selects are made once, not once a row.
pub const SQL: &[Way] = &[
    ("MySQL", "' || (SELECT 0 FROM (SELECT SLEEP(", ")) plimsoll) || '", Unit::Seconds),
    ("PostgreSQL", "' || (SELECT '' FROM pg_sleep(", ")) || '", Unit::Seconds),
    (
        "SQLite",
        "' || (WITH RECURSIVE plimsoll(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM plimsoll LIMIT ",
        ") SELECT substr(count(*),1,0) FROM plimsoll) || '",
        Unit::Rows(600_000),
    ),
];
/// Waits in a shell: outside of quotation marks and in double ones, and in single ones.
pub const SHELL: &[Way] = &[
    ("a shell", "$(sleep ", ")", Unit::Seconds),
    ("a shell, in single quotation marks", "'$(sleep ", ")'", Unit::Seconds),
];

/// Seconds that are asked, in this order, after the first pair.
const FIRST: [u16; 2] = [0, 2];
const MORE: [(u16, u16); 4] = [(1, 0), (3, 0), (0, 1), (2, 1)];
/// What is asked once more of work, which other work disturbs more than it does a wait.
const AGAIN: [(u16, u16); 2] = [(1, 1), (3, 1)];
/// What the wait of the first pair must at least be, in milliseconds: of seconds, of rows.
const KEPT_MS: f64 = 1_500.0;
const WORKED_MS: f64 = 100.0;

impl Unit {
    const fn least_ms(self) -> f64 {
        match self {
            Self::Seconds => KEPT_MS,
            Self::Rows(_) => WORKED_MS,
        }
    }

    /// What is asked after the first pair.
    fn more(self) -> impl Iterator<Item = (u16, u16)> {
        let again = matches!(self, Self::Rows(_)).then_some(AGAIN);
        MORE.into_iter().chain(again.into_iter().flatten())
    }

    fn amount(self, steps: u16) -> u32 {
        match self {
            Self::Seconds => u32::from(steps),
            // One row at least: a limit of nought is another plan.
            Self::Rows(rows) => (u32::from(steps) * rows).max(1),
        }
    }
}

fn ask(op: &Op<'_>, input: &Input, way: Way, seconds: u16, repeat: u16) -> Option<Probe> {
    let value = input.value.as_deref().unwrap_or("plimsoll");
    let amount = way.3.amount(seconds);
    Some(input.probe(op, &format!("{value}{}{amount}{}", way.1, way.2))?.nth(repeat).lane(Lane::Quiet))
}

fn time(op: &Op<'_>, input: &Input, way: Way, seconds: u16, repeat: u16) -> Option<f64> {
    let answer = op.reply(&ask(op, input, way, seconds, repeat)?)?;
    answer.response().map(|_| answer.timing.total_ms)
}

/// Whether the first pair differs by the wait that was asked.
fn is_kept(op: &Op<'_>, input: &Input, way: Way) -> bool {
    let of = |seconds| time(op, input, way, seconds, 0);
    of(FIRST[1]).zip(of(FIRST[0])).is_some_and(|(long, short)| long - short >= way.3.least_ms())
}

/// What is asked about an input, as far as the answers go.
pub fn probes(op: &Op<'_>, input: &Input, ways: &[Way]) -> Vec<Probe> {
    let mut out = Vec::new();
    for way in ways {
        // The wait first: where there is none, there is nothing to compare it with.
        out.extend(ask(op, input, *way, FIRST[1], 0));
        if time(op, input, *way, FIRST[1], 0).is_none_or(|ms| ms < way.3.least_ms()) {
            continue;
        }
        out.extend(ask(op, input, *way, FIRST[0], 0));
        if is_kept(op, input, *way) {
            out.extend(way.3.more().filter_map(|(seconds, repeat)| ask(op, input, *way, seconds, repeat)));
        }
    }
    out
}

/// A measured relation.
pub struct Relation {
    unit: Unit,
    points: Vec<[f64; 2]>,
    slope: Slope,
    shown: Vec<Probe>,
}

/// The relation between the seconds asked and the seconds taken, where it is one to one.
pub fn relation(op: &Op<'_>, input: &Input, ways: &[Way]) -> Option<(&'static str, Relation)> {
    ways.iter().find_map(|way| {
        let asked = FIRST.iter().map(|seconds| (*seconds, 0)).chain(way.3.more());
        let points: Option<Vec<[f64; 2]>> = asked
            .map(|(seconds, repeat)| Some([f64::from(seconds), time(op, input, *way, seconds, repeat)? / 1_000.0]))
            .collect();
        let points = points?;
        // What disturbs an answer makes it slower, so the fastest answer to each step counts.
        let fastest = |step: f64| {
            let of = points.iter().filter(|point| (point[0] - step).abs() < 0.5).map(|point| point[1]);
            of.fold(f64::INFINITY, f64::min)
        };
        let slope = match way.3 {
            Unit::Seconds => stats::theil_sen(&points)?,
            Unit::Rows(_) => stats::theil_sen(&[0.0, 1.0, 2.0, 3.0].map(|step| [step, fastest(step)]))?,
        };
        let none = fastest(0.0);
        let added = [1.0, 2.0, 3.0].map(|step| fastest(step) - none);
        let is_one = match way.3 {
            Unit::Seconds => {
                (0.85..=1.2).contains(&slope.value) && (1..=3).all(|n| (added[n - 1] - n as f64).abs() < 0.4)
            }
            // How long a row takes is the machine's affair: that every step takes about as long, and far longer than none, is the mark.
            Unit::Rows(_) => {
                let parts = [added[0] / added[2], added[1] / added[2]];
                let is_straight = (0.15..=0.55).contains(&parts[0]) && (0.45..=0.95).contains(&parts[1]);
                slope.low > 0.0 && is_straight && added[2] > 3.0 * none + 0.1
            }
        };
        let shown = FIRST.iter().filter_map(|seconds| ask(op, input, *way, *seconds, 0)).collect();
        is_one.then_some((way.0, Relation { unit: way.3, points, slope, shown }))
    })
}

/// The finding of a relation; `said` is how its message begins.
pub fn draft(op: &Op<'_>, input: &Input, relation: &Relation, said: &str) -> Draft {
    let slope = &relation.slope;
    let (what, label) = match relation.unit {
        Unit::Seconds => {
            (format!("{:.2} s longer for each second that the value asks for", slope.value), "asked (s)".to_owned())
        }
        Unit::Rows(rows) => (
            format!("{:.2} s longer for each {rows} rows that the value has counted", slope.value),
            format!("asked ({rows} rows)"),
        ),
    };
    let draft = op
        .finding(format!("{said}: the answer takes {what}."))
        .part(input.part, &input.name)
        .confidence(Confidence::Proven)
        .measurement(slope.measurement("time for one step asked", "s"))
        .series(Series {
            title: format!("Time against the wait in {}", input.name),
            x_label: label,
            y_label: "s".to_owned(),
            points: relation.points.clone(),
            fit: Some([slope.intercept, slope.value]),
        });
    let shown: Vec<&Exchange> = relation.shown.iter().filter_map(|probe| op.reply(probe)).collect();
    shown
        .into_iter()
        .zip(["asks for nothing", "asks for two steps"])
        .fold(draft, |draft, (exchange, role)| draft.outline(exchange, role))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for() {
        assert_eq!([0, 1, 3].map(|steps| Unit::Seconds.amount(steps)), [0, 1, 3]);
        assert_eq!([0, 1, 3].map(|steps| Unit::Rows(600_000).amount(steps)), [1, 600_000, 1_800_000]);
        for (name, before, behind, unit) in SQL.iter().chain(SHELL) {
            let text = format!("v{before}{}{behind}", unit.amount(3));
            assert_eq!(text.matches('\'').count() % 2, 0, "{name}: quotation marks are closed again");
            assert_eq!(text.matches('(').count(), text.matches(')').count(), "{name}");
            assert!(!text.contains("--") && !text.contains(';'), "{name}: nothing is cut off or begun anew");
        }
    }
}
