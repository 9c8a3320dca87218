//! The pilot: does an operation answer, how long does it take, which variations does it take; then warm-up.

use std::collections::HashSet;

use plimsoll_http::Transport;
use plimsoll_model::memory::Verdict;

use super::case::{Case, control};
use super::{Progress, Sense, Session, Stop};
use crate::drive::{Lever, Load};
use crate::estimate::{Rules, judge};
use crate::sample::Collect;

/// Requests of the control in a block, and blocks.
const CONTROL: (u64, u32) = (60, 10);
/// Requests of one operation in each round of warm-up, and their milliseconds together. Where there are many operations they warm each other up: one round less.
const WARM_UP: [u64; 3] = [8, 60, 60];
const WARM_UP_MS: f64 = 400.0;
const MANY: usize = 8;
/// Growth of one operation within a round of warm-up after which it is left out of the next: bytes.
const RUNAWAY: u64 = 3 << 20;
/// Growth within one round of warm-up that ends it.
const TOO_MUCH: f64 = 48e6;

impl<T: Transport, S: Sense> Session<'_, T, S> {
    /// Tries every operation, and every lever of it: one that the application does not take is dropped.
    pub(super) async fn pilot(&mut self) -> Result<(), Stop> {
        self.tell(Progress::Pilot { operations: self.cases.len() });
        for case in &mut self.cases {
            self.doing = Some(case.driven.key.clone());
            let first = self.load.send(case.block(1, 1, true)).await;
            case.took(&first);
            let answers = self.load.send(case.block(2, 1, true)).await;
            case.took(&answers);
            case.latency_ms = answers.latency_ms();
            if case.barred.is_none() {
                try_levers(&mut self.load, case, answers.are_good()).await;
            }
            if let Some(why) = self.load.stopped() {
                return Err(Stop::Transport(why.to_string()));
            }
        }
        // A target that dies of the last request may do so a moment later.
        self.look().await?;
        self.doing = None;
        Ok(())
    }

    /// Drives all operations at the greatest concurrency, so that pools and per-thread caches are full before anything is measured.
    pub(super) async fn warm_up(&mut self) -> Result<(), Stop> {
        let many = self.cases.len() > MANY;
        let rounds = if many { &WARM_UP[..2] } else { &WARM_UP[..] };
        let mut left_out: HashSet<usize> = HashSet::new();
        for &most in rounds {
            let before = self.bytes(&self.last);
            let mut held = self.last.rss;
            for index in 0..self.cases.len() {
                let case = &self.cases[index];
                if case.barred.is_some() || left_out.contains(&index) {
                    continue;
                }
                self.doing = Some(case.driven.key.clone());
                let count = case.count_for(WARM_UP_MS, 2, most);
                let answers = self.load.send(case.block(count, self.options.concurrency, false)).await;
                self.cases[index].took(&answers);
                if many {
                    // What grows by megabytes would make every later collection slow.
                    let now = self.sense.read(Collect::Nothing).await?.rss;
                    if now.saturating_sub(held) > RUNAWAY {
                        left_out.insert(index);
                    }
                    held = now;
                }
            }
            let reading = self.look().await?;
            self.tell(Progress::WarmUp { requests: self.load.sent() });
            if self.bytes(&reading) - before > TOO_MUCH {
                break;
            }
        }
        self.doing = None;
        self.base_bytes = self.last.uss.unwrap_or(self.last.rss);
        Ok(())
    }

    /// Measures what requests leave behind that ask for nothing: a path that does not exist. What grows there grows everywhere.
    pub(super) async fn measure_control(&mut self, prefix: &str) -> Result<(), Stop> {
        let mut case = Case::new(u32::MAX, control(prefix));
        let points = loop {
            let mut points = vec![[case.next as f64, self.bytes(&self.last)]];
            for _ in 0..CONTROL.1 {
                let answers = self.load.send(case.block(CONTROL.0, 1, false)).await;
                case.took(&answers);
                let reading = self.glance().await?;
                points.push([case.next as f64, self.bytes(&reading)]);
                if case.barred.is_some() {
                    return Ok(());
                }
            }
            let grown = points.last().map_or(0.0, |last| last[1]) - points[0][1];
            if self.is_sound(grown, case.next as f64 - points[0][0]).await? {
                break points;
            }
        };
        let rules = Rules { steady: 0.0, total: 0.0, ..self.rules };
        if let Some(judgement) = judge(&points, None, &rules) {
            let slope = judgement.slope;
            if judgement.verdict == Verdict::Leak {
                self.everywhere = Some(slope);
                case.latency_ms = case.answers.latency_ms();
                case.measured = Some(judgement);
                self.control_case = Some(case);
            } else if slope.value > 0.0 && slope.reach() < self.rules.margin {
                self.control = Some(slope);
            }
        }
        Ok(())
    }
}

/// Tries each lever twice; `good` says whether the base request is answered well.
async fn try_levers<T: Transport>(load: &mut Load<T>, case: &mut Case, good: bool) {
    let Some((base, levers)) = case.driven.source.levers_mut() else { return };
    let base = base.clone();
    let tried = std::mem::take(levers);
    let mut taken: Vec<Lever> = Vec::new();
    for lever in tried {
        let mut accepted = true;
        for n in 1..=2 {
            let mut request = base.clone();
            lever.apply(&mut request, n);
            let answers = load.send_one(case.op, &case.driven, request).await;
            case.answers.add(&answers);
            accepted &= answers.sent == 1 && answers.are_good() == good && !answers.turned_away;
        }
        if accepted {
            taken.push(lever);
        }
    }
    if let Some((_, levers)) = case.driven.source.levers_mut() {
        *levers = taken;
    }
}
