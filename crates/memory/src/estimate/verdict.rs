//! From a growth curve to a verdict.
//!
//! *Leak* needs three things: a slope above the margin with 99 % confidence, a growth that does not die away, and enough requests behind it, because bounded caches
//! look like leaks until they are full. *None* needs an upper end of the interval below the smallest leak that is looked for. Everything else is
//! *inconclusive*, and says what would settle it.

use super::plateau::{course, warm_from};
use super::slope::fit_all;
use super::{Course, Interval, LEVEL, Point, SlopeFit, Verdict, fit};

/// The confidence that a leak is called with.
const CERTAIN: f64 = 0.99;

/// What counts as a leak.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rules {
    /// The smallest leak that is looked for, per request.
    pub target: f64,
    /// What clean applications show: a leak must lie above this.
    pub margin: f64,
    /// Requests in the steady stretch that a leak needs.
    pub steady: f64,
    /// Requests in all that a leak needs: bounded structures up to this size are seen to fill.
    pub total: f64,
}

impl Rules {
    /// For live bytes after a collection. Clean applications were measured at 20 to 100 bytes per request. A leak of 256 bytes is to be found: looking for
    /// a little less leaves room for an estimate that comes out a little low.
    pub const LIVE: Self = Self { target: 200.0, margin: 128.0, steady: 500.0, total: 2_600.0 };
    /// For the memory of the process seen from outside: pages and arenas make it coarse.
    pub const OUTSIDE: Self = Self { target: 4_096.0, margin: 2_048.0, steady: 700.0, total: 2_600.0 };
    /// For file descriptors, threads, tasks and sockets.
    pub const HANDLES: Self = Self { target: 0.02, margin: 0.01, steady: 300.0, total: 500.0 };

    /// Changes of slope that do not matter.
    pub fn grain(&self) -> f64 {
        self.margin / 2.0
    }
}

/// What is made of a curve.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// The verdict.
    pub verdict: Verdict,
    /// The slope of the steady stretch, the control taken off.
    pub slope: Interval,
    /// The course of the steady stretch.
    pub course: Course,
    /// The smallest leak that would very likely have been called one.
    pub smallest: f64,
    /// The index of the first point of the steady stretch.
    pub warm_from: usize,
    /// The line through the stretch that the slope rests on, the control not taken off.
    pub fit: SlopeFit,
    /// Whether the tail of warm-up is certainly out of it.
    pub settled: bool,
    /// Growth during warm-up.
    pub warmed: f64,
}

/// Judges a curve; None where there are too few points to say anything. `control` is what requests leave behind that do nothing.
pub fn judge(points: &[Point], control: Option<Interval>, rules: &Rules) -> Option<Judgement> {
    if points.is_empty() {
        return None;
    }
    let warm = warm_from(points, rules.grain());
    let mut from = warm.from;
    let course = course(&points[from..], rules.grain());
    let warmed = points[from][1] - points[0][1];
    // A growth that speeds up or dies away has no one slope: what counts is how it was in the end.
    let rest = points.len() - 1 - from;
    if matches!(course, Course::Rising | Course::Falling) && rest >= 8 {
        from += rest / 2;
    }
    let fit = fit(&points[from..])?;
    let slope = without(fit.slope, control);
    let certain = without(fit.at(CERTAIN), control);
    let requests = points.last()?[0] - points[0][0];
    let smallest = rules.margin + certain.reach() + slope.reach();
    // A step down may be a pool that shrank, or the end of what had grown: then there is no leak.
    let cleared = fit.given_back() > fit.slope.value * fit.requests / 2.0;
    let above = certain.low > rules.margin
        && (!cleared
            || fit_all(&points[from..])?.at(CERTAIN).low > rules.margin + control.map_or(0.0, |control| control.high));
    let enough = fit.requests >= rules.steady.min(rules.total / 4.0) && requests >= rules.total;
    let below = slope.high < rules.target;
    let verdict = if above && enough && course != Course::Falling {
        Verdict::Leak
    } else if below {
        // Much came and stays, and nothing comes any more.
        if warmed > rules.target * requests / 2.0 { Verdict::Plateau } else { Verdict::None }
    } else {
        Verdict::Inconclusive
    };
    Some(Judgement { verdict, slope, course, smallest, warm_from: from, settled: warm.settled, fit, warmed })
}

/// Takes the control off: the errors of both add up in quadrature. Ambient drift is small; a control that grows by more than it leaks itself, and
/// taking it off would hide a leak that every request has.
fn without(slope: Interval, control: Option<Interval>) -> Interval {
    let Some(control) = control else { return slope };
    let value = slope.value - control.value;
    Interval {
        value,
        low: value - (slope.value - slope.low).hypot(control.high - control.value),
        high: value + (slope.high - slope.value).hypot(control.value - control.low),
        level: slope.level.max(LEVEL),
    }
}

#[cfg(test)]
mod tests {
    use super::super::simulate::{Dice, Habits};
    use super::*;

    const RULES: Rules = Rules { total: 1_300.0, ..Rules::LIVE };

    fn judged(habits: Habits, n: u32) -> Judgement {
        judge(&habits.curve(n, 60.0, &mut Dice::new(11)), None, &RULES).unwrap()
    }

    #[test]
    fn a_leak_with_warm_up() {
        let habits = Habits { leak: 3_000.0, level: 3_000.0, warm_up: (2e6, 120.0), ..Habits::default() };
        let judgement = judged(habits, 40);
        assert_eq!(judgement.verdict, Verdict::Leak, "{judgement:?}");
        assert!(judgement.slope.holds(3_000.0), "{:?}", judgement.slope);
    }

    #[test]
    fn a_clean_application_and_what_would_have_been_seen() {
        let habits = Habits { leak: 40.0, level: 2_000.0, walk: 1_000.0, warm_up: (1e6, 100.0), ..Habits::default() };
        let judgement = judged(habits, 40);
        assert!(matches!(judgement.verdict, Verdict::None | Verdict::Plateau), "{judgement:?}");
        assert!((128.0..300.0).contains(&judgement.smallest), "{judgement:?}");
    }

    #[test]
    fn a_cache_is_inconclusive_while_it_fills_and_a_plateau_when_it_is_full() {
        let habits = Habits { cache: (2_547.0, 1_000.0), level: 3_000.0, ..Habits::default() };
        assert_eq!(judged(habits, 16).verdict, Verdict::Inconclusive);
        assert_eq!(judged(habits, 22).verdict, Verdict::Inconclusive);
        assert_eq!(judged(habits, 50).verdict, Verdict::Plateau);
    }

    #[test]
    fn a_cache_that_is_cleared_once_in_a_while_is_no_leak() {
        // 3,000 bytes per request, all of it given back every 900 requests: once in what is seen.
        let curve: Vec<Point> = (0..27)
            .map(|i| [f64::from(i) * 60.0, f64::from(i * 60 % 900) * 3_000.0 + f64::from(i % 3) * 900.0])
            .collect();
        for n in 17..27 {
            assert_ne!(
                judge(&curve[..n], None, &Rules { total: 700.0, ..RULES }).unwrap().verdict,
                Verdict::Leak,
                "{n}"
            );
        }
    }

    #[test]
    fn growth_that_speeds_up_is_a_leak_of_its_last_slope() {
        let habits = Habits { leak: 10_000.0, rising: 80_000.0, level: 3_000.0, ..Habits::default() };
        let judgement = judged(habits, 26);
        assert_eq!((judgement.verdict, judgement.course), (Verdict::Leak, Course::Rising));
        // 10 KB + 80 KB for every thousand requests: 1,170 requests are the middle of the second half.
        assert!((judgement.slope.value - 103_600.0).abs() < 4_000.0, "{:?}", judgement.slope);
    }

    #[test]
    fn the_control_is_taken_off() {
        let control = Interval { value: 90.0, low: 70.0, high: 110.0, level: LEVEL };
        let curve = Habits { leak: 190.0, level: 1_000.0, ..Habits::default() }.curve(40, 60.0, &mut Dice::new(3));
        let alone = judge(&curve, None, &RULES).unwrap();
        let judgement = judge(&curve, Some(control), &RULES).unwrap();
        assert_eq!((alone.verdict, judgement.verdict), (Verdict::Leak, Verdict::None));
        assert!((judgement.slope.value - alone.slope.value + 90.0).abs() < 1e-6);
        assert!(judgement.slope.reach() > alone.slope.reach().max(20.0));
    }

    #[test]
    fn descriptors_leak_like_memory() {
        let points: Vec<Point> = (0..20).map(|i| [f64::from(i) * 40.0, 20.0 + f64::from(i)]).collect();
        assert_eq!(judge(&points, None, &Rules::HANDLES).unwrap().verdict, Verdict::Leak);
        let points: Vec<Point> =
            (0..20).map(|i| [f64::from(i) * 40.0, 20.0 + f64::from(i.min(6) * 4 + i * 7 % 3)]).collect();
        assert_ne!(judge(&points, None, &Rules::HANDLES).unwrap().verdict, Verdict::Leak);
    }
}
