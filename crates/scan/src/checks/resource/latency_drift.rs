//! `latency-drift`: one cheap request becomes slower over the run.

use plimsoll_http::{Exchange, Lane, Probe};
use plimsoll_model::Series;
use plimsoll_model::stats;

use super::quota;
use crate::check::{Check, Meta, check};
use crate::draft::Draft;
use crate::view::{App, Op};

check! {
    /// The same cheap request, slower and slower.
    pub struct LatencyDrift {
        id: "latency-drift", weakness: LatencyDrift, mode: Active, since: "0.1.0", page: "http/latency-drift.md",
    }
}

/// How many batches there are, one a round, so that the other checks' requests lie between them.
const BATCHES: u16 = 6;
/// How many requests a batch has.
const BATCH: u16 = 4;
/// Keeps the repetitions apart from those of other checks.
const FIRST: u16 = 1_000;
/// How many times as long the last batches take at least, and how many milliseconds longer.
const TIMES: f64 = 2.0;
const LONGER_MS: f64 = 3.0;

/// How many bytes the answer of a cheap request has at most.
const CHEAP_BYTES: u64 = 4_096;

/// The health check, else the quickest operation with a short answer: the less its own work takes, the more of its time is what all requests go through.
fn quickest<'a>(app: &App<'a>) -> Option<Op<'a>> {
    let candidates = app.ops().filter(Op::is_get).filter_map(|op| {
        let exchange = op.baseline()?;
        let is_short = exchange.response()?.body.decoded_len <= CHEAP_BYTES;
        // Metrics get longer with what they count.
        let is_check = quota::is_probe_of_life(&op) && !op.key().path.contains("metrics");
        is_short.then_some((!is_check, exchange.timing.total_ms, op))
    });
    let by_cost = |a: &(bool, f64, Op<'_>), b: &(bool, f64, Op<'_>)| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1));
    candidates.min_by(by_cost).map(|(_, _, op)| op)
}

fn batch(op: &Op<'_>, number: u16) -> impl Iterator<Item = Probe> + use<> {
    let probe = op.probe().lane(Lane::Quiet);
    (0..BATCH).map(move |n| probe.clone().nth(FIRST + number * BATCH + n))
}

/// The answers of the batches that were answered whole, in order.
fn batches<'a>(op: &Op<'a>) -> Vec<Vec<&'a Exchange>> {
    (0..BATCHES).map_while(|number| batch(op, number).map(|probe| op.success(&probe)).collect()).collect()
}

/// The fastest answer of a batch in milliseconds: what the work takes when nothing else is in the way.
fn floor(batch: &[&Exchange]) -> f64 {
    batch.iter().map(|exchange| exchange.timing.total_ms).fold(f64::INFINITY, f64::min)
}

impl Check for LatencyDrift {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn probes_app(&self, app: &App<'_>) -> Vec<Probe> {
        let Some(op) = quickest(app) else { return Vec::new() };
        let next = batches(&op).len() as u16;
        if next < BATCHES { batch(&op, next).collect() } else { Vec::new() }
    }

    fn judge_app(&self, app: &App<'_>) -> Vec<Draft> {
        let Some(op) = quickest(app) else { return Vec::new() };
        let batches = batches(&op);
        let floors: Vec<f64> = batches.iter().map(|batch| floor(batch)).collect();
        let [first, second, .., second_last, last] = floors.as_slice() else { return Vec::new() };
        // Two batches at either end: one that was disturbed as a whole must not decide.
        let (before, after) = (first.max(*second), second_last.min(*last));
        let points: Vec<[f64; 2]> =
            batches.iter().flatten().map(|exchange| [f64::from(exchange.id), exchange.timing.total_ms]).collect();
        let Some(slope) = stats::theil_sen(&points) else { return Vec::new() };
        let (Some(early), Some(late)) = (batches[0].first(), batches[batches.len() - 1].last()) else {
            return Vec::new();
        };
        let same_size = early.response().zip(late.response()).is_some_and(|(early, late)| {
            // A longer answer takes longer: that is growth, and another finding.
            late.body.decoded_len <= early.body.decoded_len + early.body.decoded_len / 10 + 64
        });
        if slope.low <= 0.0 || after < TIMES * before || after - before < LONGER_MS || !same_size {
            return Vec::new();
        }
        let draft = app
            .finding(format!(
                "`{}` became slower over the run: at its fastest {before:.1} ms in the first batches and {after:.1} ms in the last, {} requests later.",
                op.key(),
                late.id.saturating_sub(early.id),
            ))
            .measurement(slope.measurement("time for each request of the run", "ms/request"))
            .series(Series {
                title: "The same cheap request over the run".to_owned(),
                x_label: "requests so far".to_owned(),
                y_label: "ms".to_owned(),
                points,
                fit: Some([slope.intercept, slope.value]),
            })
            .outline(early, "early in the run")
            .outline(late, "late in the run")
            .note("Something that every request goes through is getting longer. Whether it is memory, `plimsoll memory` can prove or refute.");
        vec![draft]
    }
}
