//! How often the estimator is right, by simulation.

use super::simulate::{Dice, Habits};
use super::*;
use plimsoll_model::stats;

const RUNS: u32 = 2_000;
/// The rules of a series; that many more requests follow is the session's matter.
const RULES: Rules = Rules { total: 1_300.0, ..Rules::LIVE };

/// In how many of the runs the interval holds the truth, in percent.
fn coverage(habits: Habits, n: u32, interval: impl Fn(&[Point]) -> Interval) -> f64 {
    let mut dice = Dice::new(20_260_115);
    let hits = (0..RUNS).filter(|_| interval(&habits.curve(n, 60.0, &mut dice)).holds(habits.leak)).count();
    hits as f64 * 100.0 / f64::from(RUNS)
}

fn ours(points: &[Point]) -> Interval {
    fit(points).unwrap().slope
}

fn sen(points: &[Point]) -> Interval {
    let slope = stats::theil_sen(points).unwrap();
    Interval { value: slope.value, low: slope.low, high: slope.high, level: LEVEL }
}

/// A line through all points, errors taken as independent.
fn least_squares(points: &[Point]) -> Interval {
    let n = points.len() as f64;
    let mean = |axis: usize| points.iter().map(|point| point[axis]).sum::<f64>() / n;
    let (x, y) = (mean(0), mean(1));
    let xx: f64 = points.iter().map(|p| (p[0] - x).powi(2)).sum();
    let xy: f64 = points.iter().map(|p| (p[0] - x) * (p[1] - y)).sum();
    let value = xy / xx;
    let rest: f64 = points.iter().map(|p| (p[1] - y - value * (p[0] - x)).powi(2)).sum();
    let reach = student::Student::new(n - 2.0).quantile(0.975) * (rest / (n - 2.0) / xx).sqrt();
    Interval { value, low: value - reach, high: value + reach, level: LEVEL }
}

/// The mean of the differences, taken as independent.
fn mean_difference(points: &[Point]) -> Interval {
    let rates: Vec<f64> = points.windows(2).map(|w| (w[1][1] - w[0][1]) / (w[1][0] - w[0][0])).collect();
    let n = rates.len() as f64;
    let value = rates.iter().sum::<f64>() / n;
    let variance = rates.iter().map(|rate| (rate - value).powi(2)).sum::<f64>() / (n - 1.0);
    let reach = student::Student::new(n - 1.0).quantile(0.975) * (variance / n).sqrt();
    Interval { value, low: value - reach, high: value + reach, level: LEVEL }
}

const BASE: Habits = Habits {
    leak: 300.0,
    rising: 0.0,
    level: 0.0,
    memory: 0.0,
    walk: 0.0,
    warm_up: (0.0, 0.0),
    cache: (0.0, 0.0),
    saw: (0.0, 0.0),
    fragments: (0.0, 0.0),
    step: (0.0, 0.0),
};

fn kinds() -> Vec<(&'static str, Habits)> {
    vec![
        ("level", Habits { level: 4_000.0, ..BASE }),
        ("level, 0.5 of it stays", Habits { level: 4_000.0, memory: 0.5, ..BASE }),
        ("walk", Habits { walk: 4_000.0, ..BASE }),
        ("level and walk", Habits { level: 4_000.0, walk: 2_000.0, ..BASE }),
        ("saw-tooth", Habits { level: 500.0, saw: (9_000.0, 71.0), ..BASE }),
        ("level and a step", Habits { level: 4_000.0, step: (200_000.0, 400.0), ..BASE }),
    ]
}

#[test]
#[ignore = "prints the table of the handbook"]
fn table() {
    let mut out = String::new();
    for (name, habits) in kinds() {
        for n in [8, 14, 30] {
            out += &format!(
                "| {name} | {n} | {:.1} | {:.1} | {:.1} | {:.1} |\n",
                coverage(habits, n, least_squares),
                coverage(habits, n, sen),
                coverage(habits, n, mean_difference),
                coverage(habits, n, ours)
            );
        }
    }
    std::fs::write(std::env::temp_dir().join("plimsoll-coverage.txt"), out).unwrap();
}

/// A habit drawn from what applications were seen to do: level noise of which a part stays, and a walk, in every proportion.
fn noise(dice: &mut Dice) -> Habits {
    Habits {
        level: 6_000.0 * dice.uniform(),
        memory: 0.5 * dice.uniform(),
        walk: 6_000.0 * dice.uniform(),
        ..Habits::default()
    }
}

#[test]
fn the_interval_holds_the_truth_as_often_as_it_says() {
    let mut dice = Dice::new(1);
    let mut hits = 0;
    for _ in 0..RUNS {
        let habits = Habits { leak: 20_000.0 * dice.uniform(), ..noise(&mut dice) };
        let n = 10 + (dice.uniform() * 30.0) as u32;
        hits += u32::from(ours(&habits.curve(n, 60.0, &mut dice)).holds(habits.leak));
    }
    let coverage = f64::from(hits) * 100.0 / f64::from(RUNS);
    assert!((93.0..=97.0).contains(&coverage), "{coverage}");
}

/// What a measurement that decides itself when to stop makes of an application.
fn measure(habits: Habits, block: f64, dice: &mut Dice) -> (Judgement, f64) {
    let plan = Plan { rules: RULES, most: 5_000.0, least: 600.0 };
    let curve = habits.curve((5_000.0 / block) as u32 + 1, block, dice);
    let mut watch = Watch::new(plan, None);
    for [requests, bytes] in curve {
        watch.push(requests, bytes, 0);
        if let Next::Done(judgement) = watch.decide() {
            return (*judgement, requests);
        }
    }
    (watch.conclude().unwrap(), plan.most)
}

/// Warm-up, steps, fragmentation and garbage on top of noise.
fn life(dice: &mut Dice) -> Habits {
    let mut habits = noise(dice);
    if dice.uniform() < 0.7 {
        habits.warm_up = (3e6 * dice.uniform(), 50.0 + 150.0 * dice.uniform());
    }
    if dice.uniform() < 0.2 {
        habits.step = (400_000.0 * dice.uniform(), 100.0 + 3_000.0 * dice.uniform());
    }
    if dice.uniform() < 0.2 {
        habits.saw = (8_000.0 * dice.uniform(), 30.0 + 200.0 * dice.uniform());
    }
    if dice.uniform() < 0.2 {
        habits.fragments = (60_000.0 * dice.uniform(), 0.1);
    }
    habits
}

#[test]
fn stopping_early_does_not_spoil_the_interval() {
    let mut dice = Dice::new(2);
    let (mut hits, mut leaks, mut spent) = (0, 0, 0.0);
    for _ in 0..RUNS {
        let mut habits = life(&mut dice);
        habits.fragments = (0.0, 0.0);
        habits.leak = 600.0 + 15_000.0 * dice.uniform();
        let (judgement, requests) = measure(habits, 50.0, &mut dice);
        spent += requests;
        leaks += u32::from(judgement.verdict == Verdict::Leak);
        hits += u32::from(judgement.slope.holds(habits.leak));
    }
    let coverage = f64::from(hits) * 100.0 / f64::from(RUNS);
    let found = f64::from(leaks) * 100.0 / f64::from(RUNS);
    let mean = spent / f64::from(RUNS);
    assert!((93.0..=97.0).contains(&coverage) && found > 98.0 && mean < 2_500.0, "{coverage} {found} {mean}");
}

#[test]
fn false_alarms_are_rare() {
    let mut dice = Dice::new(3);
    let (mut alarms, mut undecided, mut spent) = (0, 0, 0.0);
    for _ in 0..RUNS {
        let mut habits = life(&mut dice);
        habits.leak = 100.0 * dice.uniform();
        if dice.uniform() < 0.3 {
            habits.cache = (4_000.0 * dice.uniform(), 1_000.0);
        }
        let (judgement, requests) = measure(habits, 50.0, &mut dice);
        spent += requests;
        alarms += u32::from(judgement.verdict == Verdict::Leak);
        undecided += u32::from(judgement.verdict == Verdict::Inconclusive);
    }
    let (alarms, undecided) = (f64::from(alarms) / 20.0, f64::from(undecided) / 20.0);
    let mean = spent / f64::from(RUNS);
    assert!(alarms <= 1.0 && undecided <= 5.0 && mean < 3_000.0, "{alarms} {undecided} {mean}");
}

/// 256 bytes per request within 5,000 requests.
#[test]
fn a_small_leak_is_found() {
    let mut dice = Dice::new(4);
    let runs = 400;
    let found = (0..runs)
        .filter(|_| {
            let noise = Habits { level: 2_000.0, walk: 1_000.0, warm_up: (8e5, 120.0), ..Habits::default() };
            measure(Habits { leak: 256.0, ..noise }, 50.0, &mut dice).0.verdict == Verdict::Leak
        })
        .count();
    assert!(found * 100 >= runs * 95, "{found} of {runs}");
}

/// A leak of the size that is said to be detectable is detected.
#[test]
fn the_smallest_detectable_leak_is_detected() {
    let mut dice = Dice::new(5);
    let (mut tried, mut found) = (0, 0);
    for _ in 0..400 {
        let habits = Habits { level: 4_000.0 * dice.uniform(), walk: 2_000.0 * dice.uniform(), ..Habits::default() };
        let smallest = judge(&habits.curve(40, 60.0, &mut dice), None, &RULES).unwrap().smallest;
        let again = judge(&Habits { leak: smallest, ..habits }.curve(40, 60.0, &mut dice), None, &RULES).unwrap();
        tried += 1;
        found += u32::from(again.verdict == Verdict::Leak);
    }
    assert!(found * 100 >= tried * 85, "{found} of {tried}");
}
