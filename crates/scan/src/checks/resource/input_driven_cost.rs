//! `input-driven-cost`: an input that the caller chooses drives how long a request takes or how much it answers.

use plimsoll_http::{Exchange, Lane, Probe};
use plimsoll_model::stats::{self, Slope};
use plimsoll_model::{Confidence, PartKind, Series, Severity};
use plimsoll_spec::Location;

use super::levers::{self, Kind, Lever};
use super::{bounds, params, unbounded_batch};
use crate::check::{Check, Meta, check};
use crate::draft::Draft;
use crate::view::Op;

check! {
    /// Time or bytes that grow with an input.
    pub struct InputDrivenCost {
        id: "input-driven-cost", weakness: InputDrivenCost, mode: Active, since: "0.1.0",
        page: "http/input-driven-cost.md",
    }
}

/// Where on its scale a lever is tried first, beside its lowest value.
const FIRST: usize = 2;
/// How many times the low cost the high one must be.
const TIMES: f64 = 3.0;
/// How much more the high one must be: milliseconds, bytes.
const MATERIAL: [f64; 2] = [30.0, 64.0 * 1024.0];
/// The same where the cost has stopped growing, because the input is clamped or the data are at their end: then the worst is known.
const TIMES_SATURATED: f64 = 10.0;
const MATERIAL_SATURATED: [f64; 2] = [250.0, 256.0 * 1024.0];
/// From here on, anybody who may ask can do harm: milliseconds, bytes.
const HARMFUL: [f64; 2] = [1_000.0, 1024.0 * 1024.0];
/// Below this, it is a small matter: milliseconds, bytes.
const SMALL: [f64; 2] = [100.0, 128.0 * 1024.0];
const UNITS: [&str; 2] = ["ms", "B"];

/// Time and bytes of an answer.
fn cost(exchange: &Exchange) -> Option<[f64; 2]> {
    Some([exchange.timing.total_ms, exchange.response()?.body.decoded_len as f64])
}

fn ask(op: &Op<'_>, lever: &Lever, step: usize, repeat: u16) -> Probe {
    lever.probe(op, lever.kind.scale()[step]).nth(repeat).lane(Lane::Quiet)
}

/// What is asked of a lever, as steps on its scale with repetitions, and the highest step, once it is known.
struct Plan {
    asked: Vec<(usize, u16)>,
    top: Option<usize>,
}

/// Whether a still higher value may be asked for: while the last one was answered soon, or at least each step adds about as much as the
/// value grows. A cost that multiplies with each step would else harm the service.
fn is_bearable(kind: Kind, low: [f64; 2], before: Option<[f64; 2]>, now: [f64; 2]) -> bool {
    let added = |cost: [f64; 2], q: usize| (cost[q] - low[q]).max(1.0);
    let is_gentle = |before: [f64; 2]| (0..2).all(|q| added(now, q) <= 3.0 * added(before, q));
    let is_quick = now[0] < kind.patience_ms() || now[0] < HARMFUL[0] / 2.0 && before.is_some_and(is_gentle);
    is_quick && now[1] < HARMFUL[1]
}

/// How many requests there are for one lever at most.
const MOST: usize = 8;

/// Low and middle first; then higher, while it stays bearable and differs; then low and high in turn, and what lies between.
fn plan(op: &Op<'_>, lever: &Lever) -> Plan {
    let mut asked = vec![(0, 0), (FIRST, 0)];
    let of = |step, repeat| op.success(&ask(op, lever, step, repeat)).and_then(cost);
    let (Some(low), Some(mut high)) = (of(0, 0), of(FIRST, 0)) else { return Plan { asked, top: None } };
    let slower = high[0] >= 1.3 * low[0] + 5.0;
    let larger = high[1] >= 1.1 * low[1] + 64.0 && lever.kind != Kind::Limit;
    if !slower && !larger {
        return Plan { asked, top: None };
    }
    let mut top = FIRST;
    let mut before: Option<[f64; 2]> = None;
    while top + 1 < lever.kind.scale().len() {
        if !is_bearable(lever.kind, low, before, high) {
            // Perhaps it was only disturbed: the second try, which is wanted anyway, decides.
            asked.push((top, 1));
            match of(top, 1) {
                Some(again) if is_bearable(lever.kind, low, before, again) => high = again,
                Some(_) => break,
                None => return Plan { asked, top: None },
            }
        }
        top += 1;
        asked.push((top, 0));
        match of(top, 0) {
            Some(next) => (before, high) = (Some(high), next),
            // Not asked yet, or refused: a refusal is a bound.
            None => return Plan { asked, top: None },
        }
    }
    for more in [(0, 1), (top, 1), (0, 2), (1, 0), (top, 2)] {
        if asked.len() < MOST && !asked.contains(&more) {
            asked.push(more);
        }
    }
    Plan { asked, top: Some(top) }
}

/// One quantity of all answers to one lever.
struct Relation {
    points: Vec<[f64; 2]>,
    slope: Slope,
    low: f64,
    high: f64,
}

/// The relation between the lever and quantity `q`, where it is one that matters.
fn relation(answers: &[(u64, &Exchange)], q: usize, is_saturated: bool) -> Option<Relation> {
    let points: Vec<[f64; 2]> =
        answers.iter().filter_map(|(value, exchange)| Some([*value as f64, cost(exchange)?[q]])).collect();
    let (bottom, top) = (answers.iter().map(|a| a.0).min()? as f64, answers.iter().map(|a| a.0).max()? as f64);
    let of =
        |x: f64| points.iter().filter(|point| point[0].total_cmp(&x).is_eq()).map(|point| point[1]).collect::<Vec<_>>();
    let (lows, highs) = (of(bottom), of(top));
    let slope = stats::theil_sen(&points)?;
    let (times, material) = if is_saturated { (TIMES_SATURATED, MATERIAL_SATURATED[q]) } else { (TIMES, MATERIAL[q]) };
    // Never by one slow answer: what disturbs an answer makes it slower, so the fastest ones are compared, and most of the low ones must be
    // faster than every high one.
    let fastest = |sample: &[f64]| sample.iter().copied().fold(f64::INFINITY, f64::min);
    let (low, high, usual) = (fastest(&lows), fastest(&highs), stats::median(&lows)?);
    let matters = high >= times * low && high - low >= material && high > usual && slope.low > 0.0;
    matters.then_some(Relation { points, slope, low, high })
}

fn amount(q: usize, value: f64) -> String {
    if q == 0 { format!("{value:.0} ms") } else { bounds::size(value as u64) }
}

fn judge_lever(op: &Op<'_>, lever: &Lever) -> Option<Draft> {
    let Plan { asked, top } = plan(op, lever);
    let top = top?;
    let scale = lever.kind.scale();
    let parameter = op.spec.parameter(Location::Query, &lever.name);
    let refuses = parameter.and_then(|p| unbounded_batch::refused(op, p, params::breadth(p)?)).is_some();
    let answers: Option<Vec<(u64, &Exchange)>> =
        asked.iter().map(|(step, repeat)| Some((scale[*step], op.success(&ask(op, lever, *step, *repeat))?))).collect();
    let answers = answers?;
    let body = |step: usize| op.success(&ask(op, lever, step, 0))?.response().map(|response| response.body.digest);
    // A search for something longer that finds nothing either has not come to an end.
    let is_term = matches!(lever.kind, Kind::Length | Kind::Wildcards);
    let is_saturated = !is_term && body(top) == body(top - 1);
    let found: Vec<(usize, Relation)> =
        (0..2).filter_map(|q| Some((q, relation(&answers, q, is_saturated)?))).collect();
    // A page that is as large as was asked for is what a page size is for; that it has no maximum is another finding.
    let (q, relation) = found.iter().find(|(q, _)| *q == 0 || lever.kind != Kind::Limit)?;
    if refuses {
        return None;
    }
    let name = &lever.name;
    let effect = |(q, relation): &(usize, Relation)| {
        let times = relation.high / relation.low.max(f64::MIN_POSITIVE);
        format!("from {} to {} ({times:.0}×)", amount(*q, relation.low), amount(*q, relation.high))
    };
    let effects: Vec<String> = found.iter().map(effect).collect();
    let message = format!(
        "The cost of the request follows `{name}`: {} between {} and {} {}.",
        effects.join(" and "),
        scale[0],
        bounds::number(scale[top]),
        lever.kind.unit(),
    );
    let exceeds = |limits: [f64; 2]| found.iter().any(|(q, relation)| relation.high >= limits[*q]);
    let severity = match () {
        () if op.is_open() && exceeds(HARMFUL) => Severity::High,
        () if exceeds(SMALL) => Severity::Medium,
        () => Severity::Low,
    };
    let unit = format!("{}/{}", UNITS[*q], lever.kind.one());
    let what = if *q == 0 { "time for one more" } else { "bytes for one more" };
    let mut draft = op
        .finding(message)
        .part(PartKind::Query, name)
        .severity(severity)
        .confidence(Confidence::Proven)
        .measurement(relation.slope.measurement(what, &unit));
    for (q, relation) in &found {
        draft = draft.series(Series {
            title: format!("{} against {name}", if *q == 0 { "Time" } else { "Bytes" }),
            x_label: format!("{name} ({})", lever.kind.unit()),
            y_label: UNITS[*q].to_owned(),
            points: relation.points.clone(),
            fit: Some([relation.slope.intercept, relation.slope.value]),
        });
    }
    let shown = [(0, "low"), (top, "high")]
        .into_iter()
        .filter_map(|(step, role)| Some((op.success(&ask(op, lever, step, 0))?, role)));
    Some(shown.fold(draft, |draft, (exchange, role)| draft.outline(exchange, role)))
}

impl Check for InputDrivenCost {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn probes(&self, op: &Op<'_>) -> Vec<Probe> {
        if !op.is_get() || op.baseline().is_none() {
            return Vec::new();
        }
        let levers = levers::of(op);
        let probes = levers.iter().flat_map(|lever| {
            let asked = plan(op, lever).asked;
            asked.into_iter().map(move |(step, repeat)| ask(op, lever, step, repeat))
        });
        probes.collect()
    }

    fn judge(&self, op: &Op<'_>) -> Vec<Draft> {
        if !op.is_get() || op.baseline().is_none() {
            return Vec::new();
        }
        levers::of(op).iter().filter_map(|lever| judge_lever(op, lever)).collect()
    }
}
