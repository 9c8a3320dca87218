//! Screening: all operations in interleaved blocks, one reading after each block.
//!
//! The unit is one operation, or a group of them where there are many. What a unit adds to the application in its blocks is put end to end and judged like a curve. Units whose
//! growth stays below what matters drop out; a group that grows is split and screened again; single operations that grow, or do not decide, are suspects.

use std::time::Duration;

use plimsoll_http::Transport;
use plimsoll_model::memory::Verdict;

use super::case::Handles;
use super::measure::{affordable, gave_back};
use super::{Progress, Sense, Session, Stop};
use crate::estimate::{Interval, Judgement, Next, Plan, Rules, Watch};

/// Units of one screening at most.
const UNITS: usize = 30;
/// Rounds of one screening.
const ROUNDS: usize = 24;
/// The share of the whole time that screening may take, and how long at most.
const SHARE: f64 = 0.4;
const LONGEST: Duration = Duration::from_secs(110);
/// Milliseconds of one operation's block, and how long it may become where a collection takes long.
const BLOCK_MS: f64 = 220.0;
const LONGEST_BLOCK_MS: f64 = 450.0;
/// Requests after which an operation may be called clean: so many, or, where it is slow, what fits into this time, but never fewer than the last.
/// The report says how small a leak would have been seen with them.
const LEAST: f64 = 240.0;
const LEAST_MS: f64 = 3_500.0;
const FEWEST: f64 = 40.0;
/// Requests that one operation gets in a screening.
const MOST: f64 = 1_200.0;

/// Rounds after which what is common to the operations is looked at, and how many operations that takes.
const READINGS: usize = 9;
const FEW: usize = 6;

/// Against what every request leaves behind, the growth that an operation must add to count as its own.
pub(super) const OWN: f64 = 0.75;

/// Operations that are screened together.
struct Unit {
    members: Vec<usize>,
    watch: Watch,
    handles: Handles,
    requests: f64,
    grown: f64,
    blocks: u32,
    done: Option<Judgement>,
    barred: bool,
}

impl Unit {
    fn is_open(&self) -> bool {
        self.done.is_none() && !self.barred
    }

    fn new(members: Vec<usize>, latency_ms: f64, plan: Plan, control: Option<Interval>) -> Self {
        let plan = Plan { least: (LEAST_MS / latency_ms.max(1.0)).clamp(FEWEST, LEAST), ..plan };
        // What is ambient adds up over the members; one at a time it is taken off.
        let control = control.filter(|_| members.len() == 1);
        let mut watch = Watch::new(plan, control);
        watch.push(0.0, 0.0, 0);
        Self {
            members,
            watch,
            handles: Handles::default(),
            requests: 0.0,
            grown: 0.0,
            blocks: 0,
            done: None,
            barred: false,
        }
    }
}

impl<T: Transport, S: Sense> Session<'_, T, S> {
    /// Screens all operations. One alone is measured at once.
    pub(super) async fn screen(&mut self) -> Result<(), Stop> {
        let driven: Vec<usize> = (0..self.cases.len()).filter(|&index| self.cases[index].barred.is_none()).collect();
        if driven.len() < 2 {
            return Ok(());
        }
        let begun = self.elapsed();
        let until = begun + LONGEST.min(self.options.time.mul_f64(SHARE));
        let per_unit = driven.len().div_ceil(UNITS);
        let mut waiting: Vec<Vec<usize>> = driven.chunks(per_unit).map(<[usize]>::to_vec).collect();
        while !waiting.is_empty() {
            let now: Vec<Vec<usize>> = waiting.drain(..waiting.len().min(UNITS)).collect();
            for unit in self.screen_units(now, until).await? {
                self.decide(unit, &mut waiting);
            }
            if self.elapsed() >= until {
                break;
            }
        }
        self.doing = None;
        self.screen_seconds = (self.elapsed().saturating_sub(begun)).as_secs_f64();
        Ok(())
    }

    /// Puts what was found of a unit down, or splits it.
    fn decide(&mut self, unit: Unit, waiting: &mut Vec<Vec<usize>>) {
        let Some(judgement) = unit.done.or_else(|| unit.watch.conclude()) else { return };
        if let [one] = unit.members[..] {
            self.cases[one].handles = unit.handles.judged(&Rules { steady: 60.0, total: 120.0, ..Rules::HANDLES });
            self.cases[one].screened = Some(judgement);
            return;
        }
        if matches!(judgement.verdict, Verdict::None | Verdict::Plateau) {
            // Together they add less than one leak that matters.
            for &member in &unit.members {
                self.cases[member].screened = Some(judgement.clone());
            }
            return;
        }
        let (left, right) = unit.members.split_at(unit.members.len() / 2);
        // Groups of three and fewer cost no more one by one than halved again.
        if unit.members.len() <= 3 {
            waiting.extend(unit.members.iter().map(|&member| vec![member]));
        } else {
            waiting.extend([left.to_vec(), right.to_vec()]);
        }
    }

    async fn screen_units(&mut self, units: Vec<Vec<usize>>, until: Duration) -> Result<Vec<Unit>, Stop> {
        let plan = Plan { rules: self.screening_rules(), most: MOST, least: LEAST };
        // Where every request leaves something behind, the question is what an operation adds to that.
        let control = self.everywhere.or(self.control);
        let slowest =
            |members: &[usize]| members.iter().map(|&member| self.cases[member].latency_ms).fold(0.0, f64::max);
        let mut units: Vec<Unit> = units
            .into_iter()
            .map(|members| {
                let latency_ms = slowest(&members);
                Unit::new(members, latency_ms, plan, control)
            })
            .collect();
        let mut typical = false;
        for round in 1..=ROUNDS {
            let undecided = units.iter().filter(|unit| unit.is_open()).count();
            if undecided == 0 || self.elapsed() >= until {
                break;
            }
            // What one round says too much of must not be added to the next.
            if self.skips() {
                self.look().await?;
            }
            let left = until.saturating_sub(self.elapsed());
            self.tell(Progress::Screen { round, undecided, left });
            for unit in units.iter_mut().filter(|unit| unit.is_open()) {
                self.screen_block(unit).await?;
            }
            if !typical && round >= READINGS {
                self.expect_the_typical(&mut units);
                typical = true;
            }
        }
        Ok(units)
    }

    /// A suspicion is enough: the verdict comes from measuring the operation alone. What every request leaves behind differs a little with the operation: only what
    /// stands out against it is that operation's own.
    fn screening_rules(&self) -> Rules {
        let mut rules = Rules { steady: 60.0, total: 120.0, ..self.rules };
        if let Some(everywhere) = self.everywhere {
            rules.target = rules.target.max(OWN * everywhere.value);
            rules.margin = rules.margin.max(rules.target / 2.0);
        }
        rules
    }

    /// Where every request leaves something behind, one that succeeds often leaves more than the control's, which ends at the router. What most operations leave behind
    /// is no operation's own: half of what the others add to the control is taken as common, as long as that is no more than the control itself.
    fn expect_the_typical(&mut self, units: &mut [Unit]) {
        let Some(everywhere) = self.everywhere else { return };
        let mut added: Vec<f64> = units
            .iter()
            .filter(|unit| unit.members.len() == 1 && !unit.barred)
            .filter_map(|unit| Some(unit.watch.conclude()?.slope.value))
            .collect();
        if added.len() < FEW {
            return;
        }
        added.sort_by(f64::total_cmp);
        let median = added[added.len() / 2].clamp(0.0, everywhere.value);
        let common = Interval {
            value: everywhere.value + median,
            low: everywhere.low + median,
            high: everywhere.high + median,
            ..everywhere
        };
        self.everywhere = Some(common);
        let rules = self.screening_rules();
        for unit in units.iter_mut().filter(|unit| unit.members.len() == 1) {
            unit.done = unit.done.take().filter(|judgement| judgement.verdict == Verdict::None);
            unit.watch.expect(common, rules);
        }
    }

    async fn screen_block(&mut self, unit: &mut Unit) -> Result<(), Stop> {
        let before = self.last.clone();
        // The first blocks are small: what grows by megabytes must show before it does harm.
        let most = [6, 12, 24, 34][(unit.blocks as usize).min(3)];
        let block_ms = self.block_ms(BLOCK_MS, LONGEST_BLOCK_MS);
        let count =
            unit.members.iter().map(|&member| self.cases[member].count_for(block_ms, 4, most)).min().unwrap_or(4);
        let slope = unit.grown / unit.requests.max(1.0);
        let count = count.min(affordable(slope, self.options.most_growth / 24)).max(4);
        let mut sent = 0;
        for &member in &unit.members {
            let case = &self.cases[member];
            if case.barred.is_some() {
                continue;
            }
            self.doing = Some(case.driven.key.clone());
            let answers = self.load.send(case.block(count, self.options.concurrency, false)).await;
            self.cases[member].took(&answers);
            sent += answers.sent;
        }
        let reading = self.glance().await?;
        if sent == 0 || unit.members.iter().all(|&member| self.cases[member].barred.is_some()) {
            unit.barred = true;
            return Ok(());
        }
        if reading.generation != before.generation || gave_back(&before, &reading) {
            return Ok(());
        }
        unit.blocks += 1;
        unit.requests += count as f64;
        unit.grown += self.bytes(&reading) - self.bytes(&before);
        unit.watch.push(unit.requests, unit.grown, 0);
        unit.handles.push_change(unit.requests, &before, &reading);
        for &member in &unit.members {
            self.cases[member].cost.add(&before, &reading, sent / unit.members.len() as u64);
        }
        let next = unit.watch.decide();
        let runaway = unit.grown > self.options.most_growth as f64 / 6.0 && unit.blocks >= 5;
        unit.done = match next {
            Next::Done(judgement) => Some(*judgement),
            Next::More => unit
                .watch
                .conclude()
                .filter(|judgement| runaway || judgement.verdict == Verdict::Leak && unit.blocks >= 8),
        };
        Ok(())
    }
}
