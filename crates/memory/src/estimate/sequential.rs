//! When to stop measuring: early where the interval decides, at the end of the budget where it does not.
//!
//! Looking again and again and stopping at the first look that likes its answer makes intervals miss the truth. Three things prevent that: looks are few and
//! lie ever farther apart; a leak is called with 99 % confidence only; and measuring goes on until the interval is narrow, a criterion that does not depend on
//! where the interval lies (Chow and Robbins 1965). What is left is checked by simulation.

use super::verdict::{Judgement, Rules, judge};
use super::{Interval, Point, Verdict};

/// Readings before the first look.
const FIRST: usize = 9;
/// The next look comes when there are this many times as many readings.
const FARTHER: f64 = 1.25;
/// An interval is narrow when it reaches no farther than this share of the slope.
const NARROW: f64 = 0.05;

/// How long to measure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plan {
    /// What counts as a leak.
    pub rules: Rules,
    /// Requests after which measuring ends in any case.
    pub most: f64,
    /// Requests before which nothing is called clean.
    pub least: f64,
}

/// What to do next.
#[derive(Clone, Debug, PartialEq)]
pub enum Next {
    /// Measure on.
    More,
    /// The answer.
    Done(Box<Judgement>),
}

/// Watches a growth curve while it is measured.
#[derive(Clone, Debug)]
pub struct Watch {
    plan: Plan,
    control: Option<Interval>,
    points: Vec<Point>,
    look: usize,
    generation: Option<u32>,
    restarts: Vec<f64>,
    /// Requests of earlier generations.
    past: f64,
    /// Requests and bytes of blocks that were left out.
    out: Point,
}

impl Watch {
    /// Begins a curve.
    pub fn new(plan: Plan, control: Option<Interval>) -> Self {
        Self {
            plan,
            control,
            points: Vec::new(),
            look: FIRST,
            generation: None,
            restarts: Vec::new(),
            past: 0.0,
            out: [0.0; 2],
        }
    }

    /// Takes this as what requests leave behind that do nothing, and judges by these rules, from now on.
    pub fn expect(&mut self, control: Interval, rules: Rules) {
        self.control = Some(control);
        self.plan.rules = rules;
    }

    /// Adds a reading: requests since the beginning and bytes. A new generation means that a worker was replaced: what was retained went with it, so the
    /// curve begins again.
    pub fn push(&mut self, requests: f64, bytes: f64, generation: u32) {
        if self.generation.replace(generation).is_some_and(|before| before != generation) {
            self.restarts.push(requests);
            self.past = requests;
            self.points.clear();
            self.look = FIRST;
            self.out = [0.0; 2];
        }
        self.points.push([requests - self.out[0], bytes - self.out[1]]);
    }

    /// Takes a reading as [`Watch::push`] does, but leaves out the block before it: something is known to have happened there that requests did not do. The curve goes on as if
    /// the block had not been.
    pub fn leave_out(&mut self, requests: f64, bytes: f64, generation: u32) {
        match self.points.last() {
            Some(last) if self.generation == Some(generation) => {
                self.out = [requests - last[0], bytes - last[1]];
            }
            _ => self.push(requests, bytes, generation),
        }
    }

    /// Whether enough is known.
    pub fn decide(&mut self) -> Next {
        if self.points.len() < self.look {
            return Next::More;
        }
        self.look = (self.points.len() as f64 * FARTHER).ceil() as usize;
        let Some(judgement) = judge(&self.points, self.control, &self.plan.rules) else { return Next::More };
        let requests = self.points.last().map_or(0.0, |last| last[0]);
        let rules = &self.plan.rules;
        let done = requests >= self.plan.most
            || match judgement.verdict {
                Verdict::Leak => {
                    judgement.settled
                        && judgement.slope.reach() <= (NARROW * judgement.slope.value).max(rules.margin / 3.0)
                }
                Verdict::None | Verdict::Plateau | Verdict::Peak => requests - self.past >= self.plan.least,
                Verdict::Inconclusive => false,
            };
        if done { Next::Done(Box::new(judgement)) } else { Next::More }
    }

    /// The answer as far as it is known; None with too few readings.
    pub fn conclude(&self) -> Option<Judgement> {
        judge(&self.points, self.control, &self.plan.rules)
    }

    /// The points of the current generation.
    pub fn points(&self) -> &[Point] {
        &self.points
    }

    /// The requests at which workers were replaced.
    pub fn restarts(&self) -> &[f64] {
        &self.restarts
    }
}

#[cfg(test)]
mod tests {
    use super::super::simulate::{Dice, Habits};
    use super::*;

    const PLAN: Plan = Plan { rules: Rules { total: 1_300.0, ..Rules::LIVE }, most: 5_000.0, least: 600.0 };

    fn run(habits: Habits, block: f64, seed: u64) -> (Judgement, f64) {
        let curve = habits.curve(120, block, &mut Dice::new(seed));
        let mut watch = Watch::new(PLAN, None);
        for point in curve {
            watch.push(point[0], point[1], 0);
            if let Next::Done(judgement) = watch.decide() {
                return (*judgement, point[0]);
            }
        }
        (watch.conclude().unwrap(), f64::INFINITY)
    }

    #[test]
    fn a_large_leak_is_decided_early_and_a_small_one_in_time() {
        let noise = Habits { level: 3_000.0, walk: 2_000.0, warm_up: (8e5, 100.0), ..Habits::default() };
        let (judgement, requests) = run(Habits { leak: 10_000.0, walk: 9_000.0, ..noise }, 50.0, 1);
        assert_eq!(judgement.verdict, Verdict::Leak);
        assert!(requests <= 3_000.0, "{requests}");
        let (judgement, requests) = run(Habits { leak: 256.0, ..noise }, 50.0, 1);
        assert_eq!(judgement.verdict, Verdict::Leak, "{judgement:?}");
        assert!(requests <= 5_000.0, "{requests}");
        let (judgement, requests) = run(noise, 50.0, 1);
        assert_ne!(judgement.verdict, Verdict::Leak);
        assert!(requests <= 1_600.0, "{requests}");
    }

    #[test]
    fn a_block_that_is_left_out_leaves_no_trace() {
        let mut watch = Watch::new(PLAN, None);
        let mut given_back = 0.0;
        for i in 0..12_u32 {
            let requests = f64::from(i) * 50.0;
            if i == 5 {
                given_back = 800_000.0;
                watch.leave_out(requests, 4e7 + requests * 400.0 - given_back, 0);
            } else {
                watch.push(requests, 4e7 + requests * 400.0 - given_back, 0);
            }
        }
        assert_eq!(watch.points().len(), 11);
        assert!(
            watch.points().windows(2).all(|pair| (pair[1][1] - pair[0][1] - 20_000.0).abs() < 1.0),
            "{:?}",
            watch.points()
        );
    }

    #[test]
    fn a_replaced_worker_begins_a_new_curve() {
        let mut watch = Watch::new(PLAN, None);
        for i in 0..30_u32 {
            // A leak of 10,000 bytes per request; every 600 requests the worker is replaced.
            let requests = f64::from(i) * 50.0;
            watch.push(requests, 4e7 + requests % 600.0 * 10_000.0, i / 12);
        }
        assert_eq!(watch.restarts(), [600.0, 1_200.0]);
        assert_eq!(watch.points().len(), 6);
        // What is left is too short to be called a leak, and never looks clean.
        assert_eq!(watch.conclude().unwrap().verdict, Verdict::Inconclusive);
    }
}
