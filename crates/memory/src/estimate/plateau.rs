//! Warm-up and the course of a growth: from where a curve is steady, and whether it goes on, speeds up or dies away.
//!
//! Applications grow for a while before they are steady: lazy imports, connection pools, per-thread caches, caches with a bound. Growth that dies away is
//! no leak, however long its interval stays above zero, so the question is not whether the slope is positive but whether it stays.

use plimsoll_model::stats::{mad, median};

use super::{Course, Interval, Point, fit};

/// Fewest differences that a steady stretch must have.
const FEWEST: usize = 5;
/// By how many standard errors the beginning must exceed the rest to count as warm-up.
const EXCESS: f64 = 3.0;

/// Where the steady stretch of a curve begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Warm {
    /// The index of its first point.
    pub from: usize,
    /// Whether the curve is long enough to be sure that the tail of warm-up does not reach into it.
    pub settled: bool,
}

/// Finds the steady stretch. The beginning is cut off as long as its growth stands out above that of the second half of the rest; then as much again, because what
/// no longer stands out still bends the slope: where warm-up dies away exponentially, twice the time leaves the square of the share that is left. At most two thirds
/// are cut off; growth that still falls then is for [`course`] to see. `grain` is the growth per request that does not matter.
pub fn warm_from(points: &[Point], grain: f64) -> Warm {
    let rates: Vec<f64> =
        points.windows(2).map(|pair| (pair[1][1] - pair[0][1]) / (pair[1][0] - pair[0][0]).max(1e-9)).collect();
    let latest = (rates.len() * 2 / 3).min(rates.len().saturating_sub(FEWEST));
    let cut = (0..latest).find(|&from| !stands_out(&rates[from..], grain)).unwrap_or(latest);
    Warm { from: (2 * cut).min(latest), settled: 2 * cut <= latest }
}

/// Whether the first of these growth rates, or the first quarter of them, lies above the second half.
fn stands_out(rates: &[f64], grain: f64) -> bool {
    let late = &rates[rates.len() / 2..];
    let quarter = (rates.len() / 4).clamp(1, 6);
    let (Some(centre), Some(spread)) = (median(late), mad(late)) else { return false };
    let above = |early: &[f64], errors: f64| {
        let error = 1.25 * spread * (1.0 / early.len() as f64 + 1.0 / late.len() as f64).sqrt();
        let excess = median(early).unwrap_or(centre) - centre;
        excess > errors * error && excess > (0.02 * centre.abs()).max(grain / 2.0)
    };
    above(&rates[..quarter], EXCESS) || above(&rates[..1], EXCESS + 1.0)
}

/// Two slopes of one curve, before and after.
struct Halves {
    before: Interval,
    after: Interval,
}

impl Halves {
    fn of(points: &[Point], at: usize) -> Option<Self> {
        Some(Self { before: fit(&points[..=at])?.slope, after: fit(&points[at..])?.slope })
    }

    fn change(&self) -> f64 {
        self.after.value - self.before.value
    }

    fn is_certain(&self) -> bool {
        self.change().abs() > self.before.reach().hypot(self.after.reach())
    }

    fn falls_below(&self, share: f64, grain: f64) -> bool {
        self.change() < -grain && self.after.value < share * self.before.value && self.is_certain()
    }
}

/// The course of a curve from which warm-up is cut off. Changes of less than `grain` per request do not matter.
pub fn course(points: &[Point], grain: f64) -> Course {
    let n = points.len().saturating_sub(1);
    let Some(whole) = fit(points) else { return Course::Flat };
    if n >= 2 * FEWEST
        && let Some(halves) = Halves::of(points, n / 2)
    {
        // A cache that filled towards the end shows in the last quarter only.
        let ends = n >= 16 && Halves::of(points, n - n / 4).is_some_and(|halves| halves.falls_below(0.5, grain));
        if halves.falls_below(0.8, grain) || ends {
            return Course::Falling;
        }
        if halves.change() > grain && halves.after.value > 1.2 * halves.before.value && halves.is_certain() {
            return Course::Rising;
        }
    }
    if whole.slope.low > 0.0 { Course::Steady } else { Course::Flat }
}

#[cfg(test)]
mod tests {
    use super::super::simulate::{Dice, Habits};
    use super::*;

    const GRAIN: f64 = 64.0;

    fn curve(habits: Habits, n: u32) -> Vec<Point> {
        habits.curve(n, 60.0, &mut Dice::new(7))
    }

    #[test]
    fn warm_up_is_cut_off_where_it_ends() {
        let habits = Habits { leak: 1_000.0, level: 2_000.0, warm_up: (1.5e6, 150.0), ..Habits::default() };
        let points = curve(habits, 40);
        let warm = warm_from(&points, GRAIN);
        let from = points[warm.from][0];
        // After 600 requests 2 % of the warm-up is left, 150 bytes per request.
        assert!(warm.settled && (600.0..=1_600.0).contains(&from), "{from}");
        assert_eq!(course(&points[warm.from..], GRAIN), Course::Steady);
    }

    #[test]
    fn a_steady_leak_has_no_warm_up() {
        let points = curve(Habits { leak: 9_600.0, level: 3_000.0, walk: 20_000.0, ..Habits::default() }, 30);
        assert!(warm_from(&points, GRAIN).from <= 4);
    }

    #[test]
    fn a_cache_that_filled_falls_and_is_flat_behind() {
        let habits = Habits { cache: (2_500.0, 1_000.0), level: 3_000.0, ..Habits::default() };
        // The corner lies at the 17th reading: early, in the middle, and late in what was seen.
        assert_eq!(course(&curve(habits, 24), GRAIN), Course::Falling);
        let points = curve(habits, 60);
        let warm = &points[warm_from(&points, GRAIN).from..];
        assert!((1_020.0..=2_160.0).contains(&warm[0][0]), "{:?}", warm[0]);
        assert_eq!(course(warm, GRAIN), Course::Flat);
        assert_eq!(course(&curve(habits, 16), GRAIN), Course::Steady);
    }

    #[test]
    fn growth_that_grows_is_rising() {
        let habits = Habits { leak: 10_000.0, rising: 80_000.0, level: 3_000.0, ..Habits::default() };
        assert_eq!(course(&curve(habits, 14), GRAIN), Course::Rising);
    }

    #[test]
    fn short_curves_are_taken_as_they_are() {
        assert_eq!(warm_from(&[], GRAIN).from, 0);
        assert_eq!(course(&[[0.0, 1.0], [1.0, 5.0]], GRAIN), Course::Flat);
    }
}
