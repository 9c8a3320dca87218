//! What a session knows of one operation while it runs.

use plimsoll_http::{OpId, Permit, Request};
use plimsoll_model::memory::{
    AllocationLine, AtConcurrency, Curve, Handle, HandleGrowth, Peak, Retainer, TypeGrowth, Verdict,
};
use plimsoll_model::{Method, OperationKey};

use crate::drive::{Answers, Block, Driven, Source};
use crate::estimate::{Judgement, Rules, judge};
use crate::sample::Reading;

/// One operation.
pub(super) struct Case {
    pub op: OpId,
    pub driven: Driven,
    /// The number of the next request: variations go on from series to series.
    pub next: u64,
    pub answers: Answers,
    /// Milliseconds of one request, alone.
    pub latency_ms: f64,
    /// Why it is not driven any more.
    pub barred: Option<String>,
    pub screened: Option<Judgement>,
    pub measured: Option<Judgement>,
    pub concurrency: Vec<AtConcurrency>,
    /// Whether the leak rests on fewer requests than bounded structures may hold.
    pub provisional: bool,
    /// Whether it leaves behind what every request leaves behind, and no more.
    pub as_everywhere: bool,
    pub keyed_by_input: Option<bool>,
    pub peak: Option<Peak>,
    pub peak_points: Vec<[f64; 2]>,
    pub cost: Cost,
    pub handles: Vec<HandleGrowth>,
    pub curves: Vec<Curve>,
    pub allocated_at: Vec<AllocationLine>,
    pub types: Vec<TypeGrowth>,
    pub retained_by: Vec<Retainer>,
    pub native: bool,
}

/// Requests for a path that does not exist.
pub(super) fn control(prefix: &str) -> Driven {
    let path = format!("{prefix}/plimsoll-control");
    Driven {
        key: OperationKey::new(Method::Get, path.clone()),
        permit: Permit::SAFE,
        source: Source::Recorded(vec![Request::get(&path)]),
        sizes: None,
    }
}

/// What requests cost although they leave nothing behind.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Cost {
    pub cpu_ms: f64,
    /// Objects that collectors had to free; None where no agent tells.
    pub freed: Option<u64>,
    pub requests: u64,
}

impl Cost {
    pub fn add(&mut self, before: &Reading, after: &Reading, requests: u64) {
        // A worker that was replaced takes its time with it.
        if before.generation == after.generation {
            self.cpu_ms += after.cpu.saturating_sub(before.cpu).as_secs_f64() * 1_000.0;
            if let (Some(before), Some(after)) = (before.live, after.live) {
                *self.freed.get_or_insert(0) += after.freed.saturating_sub(before.freed);
            }
            self.requests += requests;
        }
    }
}

impl Case {
    pub fn new(index: u32, driven: Driven) -> Self {
        Self {
            op: OpId(index),
            driven,
            next: 0,
            answers: Answers::default(),
            latency_ms: 0.0,
            barred: None,
            screened: None,
            measured: None,
            concurrency: Vec::new(),
            provisional: false,
            as_everywhere: false,
            keyed_by_input: None,
            peak: None,
            peak_points: Vec::new(),
            cost: Cost::default(),
            handles: Vec::new(),
            curves: Vec::new(),
            allocated_at: Vec::new(),
            types: Vec::new(),
            retained_by: Vec::new(),
            native: false,
        }
    }

    /// The next `count` requests.
    pub fn block(&self, count: u64, concurrency: u32, fixed: bool) -> Block<'_> {
        Block { op: self.op, driven: &self.driven, from: self.next, count, concurrency, fixed }
    }

    /// Takes in what a block brought.
    pub fn took(&mut self, answers: &Answers) {
        self.next += answers.sent;
        self.answers.add(answers);
        let away = [429, 503].iter().filter_map(|status| self.answers.statuses.get(status)).sum::<u64>();
        if answers.turned_away || away > 2 && away == self.answers.sent {
            self.barred = Some(format!(
                "the target turned requests away (429 or 503) after {} of them: lift its limit in staging, or give --rate",
                self.answers.sent
            ));
        } else if answers.sent > 0 && answers.statuses.get(&0).is_some_and(|failed| failed * 2 > answers.sent) {
            self.barred = Some("most requests got no answer".to_owned());
        } else if answers.sent == 0 {
            self.barred = Some("the engine sends it no more requests".to_owned());
        }
    }

    /// The best estimate.
    pub fn judgement(&self) -> Option<&Judgement> {
        self.measured.as_ref().or(self.screened.as_ref())
    }

    /// How many requests take about so many milliseconds, one at a time.
    pub fn count_for(&self, ms: f64, least: u64, most: u64) -> u64 {
        ((ms / self.latency_ms.max(0.2)) as u64).clamp(least, most)
    }
}

/// Growth curves of everything that is counted beside bytes.
#[derive(Clone, Debug, Default)]
pub(super) struct Handles(Vec<(f64, Counts)>);

/// Counts of [`HANDLES`]; none where they cannot be seen.
type Counts = [Option<f64>; 4];

const HANDLES: [Handle; 4] = [Handle::Files, Handle::Threads, Handle::Tasks, Handle::CloseWait];

fn counts(reading: &Reading) -> Counts {
    let seen = [Some(reading.fds), Some(reading.threads), reading.tasks, Some(reading.close_wait)];
    seen.map(|count| count.map(f64::from))
}

impl Handles {
    /// What there was after so many requests.
    pub fn push(&mut self, requests: f64, reading: &Reading) {
        self.0.push((requests, counts(reading)));
    }

    /// What came between two readings, on top of what was pushed before.
    pub fn push_change(&mut self, requests: f64, before: &Reading, after: &Reading) {
        let (old, new) = (counts(before), counts(after));
        let last = self.0.last().map_or(old, |(_, counts)| *counts);
        let sum = |index: usize| Some(last[index]? + new[index]? - old[index]?);
        if self.0.is_empty() {
            self.0.push((0.0, old));
        }
        self.0.push((requests, [sum(0), sum(1), sum(2), sum(3)]));
    }

    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// What each does by these rules; handles that never changed are left out.
    pub fn judged(&self, rules: &Rules) -> Vec<HandleGrowth> {
        let judged = HANDLES.iter().enumerate().filter_map(|(index, &handle)| {
            let points: Vec<[f64; 2]> =
                self.0.iter().filter_map(|(requests, counts)| Some([*requests, counts[index]?])).collect();
            let judgement = judge(&points, None, rules)?;
            let last = points.last()?[1];
            let moved = points.iter().any(|point| (point[1] - points[0][1]).abs() > 0.5);
            // A handful more is a pool that fills, whatever the slope says.
            let few = last - points[0][1] < 8.0;
            let verdict = match judgement.verdict {
                Verdict::Leak if few => Verdict::Plateau,
                other => other,
            };
            moved.then_some(HandleGrowth { handle, verdict, per_request: judgement.slope, last: last.max(0.0) as u64 })
        });
        judged.collect()
    }
}
