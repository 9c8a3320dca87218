//! The slope of a growth curve, with an interval that holds although the errors are not independent.
//!
//! Two kinds of noise lie on a curve of live bytes. *Level* noise belongs to the moment of a reading (what was in flight, what the collector left) and is
//! gone at the next one. *Walking* noise stays (an input that was larger, a table that was resized) and adds up. A least-squares line, and
//! Theil–Sen's interval, assume the first kind only and are far too sure of themselves under the second; the mean of the differences
//! assumes the second and wastes most of the data under the first. So the differences `d` between readings, `m` requests apart, are taken as
//!
//! ```text
//! d[i] = slope * m[i] + walk[i] + level[i] - level[i-1]      share = walk's part of the variance of d
//! ```
//!
//! which has a tridiagonal covariance for any given share. For each share of a grid the generalised least-squares slope and its t distribution
//! are computed; they are mixed by their restricted likelihood (Patterson and Thompson 1971), so that not knowing the share is part of the interval. Differences that stand far out (a
//! table that doubles once, a lazy import) are steps and no slope: a few of them are left out.

use plimsoll_model::stats::{mad, median};

use super::student::{Student, invert};
use super::{Interval, LEVEL, Point};

/// Shares of walking noise that are tried, and how much each counts before anything is seen. A curve of some dozen points can hardly tell a small share from
/// none, or a large one from a pure walk. What requests leave behind differs from request to request, so a pure walk is the likeliest; erring on this side
/// makes intervals too wide under pure level noise, erring on the other makes them miss the truth. Chosen with `simulation::table`.
const SHARES: [(f64, f64); 7] =
    [(0.02, 1.0), (0.06, 1.0), (0.15, 1.0), (0.3, 1.0), (0.5, 1.0), (0.75, 1.0), (1.0, 8.0)];
/// Fewest differences that give an interval.
const FEWEST: usize = 4;
/// How many robust standard deviations a difference must stand out to count as a step.
const STEP: f64 = 6.0;
/// Fewest differences among which one can be called an exception, and one more exception is believed for each so many. The teeth of a saw come more often.
const EXCEPTION: usize = 14;
/// As many of them may be steps down that together take back less than this part of the growth.
const RARE: usize = 5;
const LITTLE: f64 = 0.2;

/// A fitted slope.
#[derive(Clone, Debug, PartialEq)]
pub struct SlopeFit {
    /// Bytes (or whatever is counted) per request.
    pub slope: Interval,
    /// A point that the line goes through: the middle of the points that were used.
    pub through: Point,
    /// Requests that the slope rests on: from the first point to the last.
    pub requests: f64,
    /// Differences that were used.
    pub n: usize,
    /// Differences that were left out as steps: their index and height beyond the slope.
    pub steps: Vec<(usize, f64)>,
    /// The mean share of walking noise.
    pub share: f64,
    mixture: Vec<Component>,
}

/// The slope for one share, with the weight of that share.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Component {
    weight: f64,
    share: f64,
    slope: f64,
    error: f64,
    student: Student,
}

impl SlopeFit {
    /// The interval at another level.
    pub fn at(&self, level: f64) -> Interval {
        interval(&self.mixture, self.slope.value, level)
    }

    /// What the steps down took back, in bytes.
    pub fn given_back(&self) -> f64 {
        self.steps.iter().map(|(_, height)| (-height).max(0.0)).sum()
    }

    /// How probable a slope of at most this is.
    pub fn below(&self, slope: f64) -> f64 {
        distribution(&self.mixture, slope)
    }
}

/// Fits the slope of a curve with increasing requests, steps left out. None with fewer than five points.
pub fn fit(points: &[Point]) -> Option<SlopeFit> {
    fit_without(points, steps)
}

/// The same with every difference, whatever it looks like.
pub fn fit_all(points: &[Point]) -> Option<SlopeFit> {
    fit_without(points, |_| Vec::new())
}

fn fit_without(points: &[Point], steps: impl Fn(&[Difference]) -> Vec<usize>) -> Option<SlopeFit> {
    let differences: Vec<Difference> = differences(points);
    if differences.len() < FEWEST {
        return None;
    }
    let steps = steps(&differences);
    let kept: Vec<Difference> =
        differences.iter().enumerate().filter(|(index, _)| !steps.contains(index)).map(|(_, d)| *d).collect();
    let mixture = mixture(&kept);
    let value: f64 = mixture.iter().map(|component| component.weight * component.slope).sum();
    let share = mixture.iter().map(|component| component.weight * component.share).sum();
    let slope = interval(&mixture, value, LEVEL);
    let xs: Vec<f64> = points.iter().map(|point| point[0]).collect();
    let x = f64::midpoint(xs[0], xs[xs.len() - 1]);
    let rests: Vec<f64> = points.iter().map(|point| point[1] - value * (point[0] - x)).collect();
    Some(SlopeFit {
        slope,
        through: [x, median(&rests)?],
        requests: xs[xs.len() - 1] - xs[0],
        n: kept.len(),
        steps: steps
            .iter()
            .map(|&index| (index, differences[index].rise - value * differences[index].requests))
            .collect(),
        share,
        mixture,
    })
}

/// What changed between two readings.
#[derive(Clone, Copy, Debug)]
struct Difference {
    /// Which one it is, so that it is known whether two are neighbours.
    at: usize,
    requests: f64,
    rise: f64,
}

fn differences(points: &[Point]) -> Vec<Difference> {
    let pairs = points.windows(2).filter(|pair| pair[1][0] > pair[0][0]);
    pairs
        .enumerate()
        .map(|(at, pair)| Difference { at, requests: pair[1][0] - pair[0][0], rise: pair[1][1] - pair[0][1] })
        .collect()
}

/// The indices of differences that are steps. A single reading that stands out makes two of them, up and down; both are left out.
fn steps(differences: &[Difference]) -> Vec<usize> {
    let rates: Vec<f64> = differences.iter().map(|d| d.rise / d.requests).collect();
    let (Some(centre), Some(spread)) = (median(&rates), mad(&rates)) else { return Vec::new() };
    // Where more than half of the differences are equal, everything else would stand out.
    let spread = spread.max(mean_deviation(&rates, centre) * 0.25);
    let far = |index: &usize| spread > 0.0 && (rates[*index] - centre).abs() > STEP * spread;
    let out: Vec<usize> = (0..rates.len()).filter(far).collect();
    let pairs =
        out.windows(2).filter(|pair| pair[0] + 1 == pair[1] && (rates[pair[0]] > centre) != (rates[pair[1]] > centre));
    let exceptions = out.len() - pairs.count();
    if exceptions <= differences.len() / EXCEPTION {
        return out;
    }
    // Pools that shrink give back now and then; beside what grows meanwhile that is little. A cache that is cleared gives back what had grown.
    let given_back = |index: &usize| (centre - rates[*index]) * differences[*index].requests;
    let grown: f64 = differences.iter().map(|d| d.requests * centre).sum();
    let down = out.iter().all(|index| rates[*index] < centre);
    let little = out.iter().map(given_back).sum::<f64>() < LITTLE * grown;
    if down && little && out.len() <= differences.len() / RARE { out } else { Vec::new() }
}

fn mean_deviation(values: &[f64], centre: f64) -> f64 {
    values.iter().map(|value| (value - centre).abs()).sum::<f64>() / values.len() as f64
}

/// The slope for each share, weighted by its restricted likelihood.
fn mixture(differences: &[Difference]) -> Vec<Component> {
    let mean = differences.iter().map(|d| d.requests).sum::<f64>() / differences.len() as f64;
    let df = differences.len() as f64 - 1.0;
    let student = Student::new(df);
    let mut fits: Vec<(f64, Component)> = SHARES
        .iter()
        .map(|&(share, prior)| {
            let Solved { log_determinant, mm, md, dd } = solve(differences, share, mean);
            let slope = md / mm;
            // Rounding must not turn a perfect line into a negative variance.
            let rest = (dd - slope * md).max(dd.abs() * 1e-14).max(1e-9);
            let likelihood = f64::ln(prior) - 0.5 * (log_determinant + mm.ln() + df * rest.ln());
            let error = (rest / df / mm).sqrt();
            (likelihood, Component { weight: 0.0, share, slope, error, student })
        })
        .collect();
    let best = fits.iter().map(|(likelihood, _)| *likelihood).fold(f64::MIN, f64::max);
    let total: f64 = fits.iter().map(|(likelihood, _)| (likelihood - best).exp()).sum();
    for (likelihood, component) in &mut fits {
        component.weight = (*likelihood - best).exp() / total;
    }
    fits.into_iter().map(|(_, component)| component).filter(|component| component.weight > 1e-6).collect()
}

/// Quadratic forms in the inverse covariance V of the differences: with m the requests and d the rises.
struct Solved {
    log_determinant: f64,
    mm: f64,
    md: f64,
    dd: f64,
}

/// Solves by the Cholesky decomposition of a tridiagonal matrix. On the diagonal stands `1 - share` for the two levels and `share` for the walk, in proportion
/// to the requests; beside it `-(1 - share) / 2` where two differences share a reading.
fn solve(differences: &[Difference], share: f64, mean: f64) -> Solved {
    let mut out = Solved { log_determinant: 0.0, mm: 0.0, md: 0.0, dd: 0.0 };
    let (mut pivot, mut m_before, mut d_before) = (1.0, 0.0, 0.0);
    for (index, difference) in differences.iter().enumerate() {
        let own = (1.0 - share) + share * difference.requests / mean;
        let neighbours = index > 0 && differences[index - 1].at + 1 == difference.at;
        let beside = if neighbours { -(1.0 - share) / 2.0 } else { 0.0 };
        let factor = beside / pivot;
        pivot = own - factor * beside;
        let m = difference.requests - factor * m_before;
        let d = difference.rise - factor * d_before;
        out.log_determinant += pivot.ln();
        out.mm += m * m / pivot;
        out.md += m * d / pivot;
        out.dd += d * d / pivot;
        (m_before, d_before) = (m, d);
    }
    out
}

fn distribution(mixture: &[Component], slope: f64) -> f64 {
    mixture.iter().map(|c| c.weight * c.student.cdf((slope - c.slope) / c.error.max(1e-12))).sum()
}

fn interval(mixture: &[Component], value: f64, level: f64) -> Interval {
    let scale = mixture.iter().map(|c| c.error).fold(1e-12, f64::max);
    let end = |p: f64| value + scale * invert(p, |t| distribution(mixture, value + scale * t));
    Interval { value, low: end((1.0 - level) / 2.0), high: end(f64::midpoint(1.0, level)), level }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(xs: &[f64], ys: &[f64]) -> Vec<Point> {
        xs.iter().zip(ys).map(|(x, y)| [*x, *y]).collect()
    }

    fn assert_fit(points: &[Point], [value, low, high]: [f64; 3]) {
        let slope = fit(points).unwrap().slope;
        for (mine, golden) in [(slope.value, value), (slope.low, low), (slope.high, high)] {
            assert!((mine - golden).abs() < 1e-6 * golden.abs().max(1.0), "{slope:?}: {mine} is not {golden}");
        }
    }

    /// Made by `estimate/golden.py` (SciPy 1.17.1): dense covariance, quantiles of the mixture by root finding.
    #[test]
    fn agrees_with_scipy() {
        let xs: Vec<f64> = (0..11).map(|i| f64::from(i) * 60.0).collect();
        let ys = [1e3, 17400., 31900., 51200., 63300., 81900., 95100., 113_800., 128_000., 146_900., 160_500.];
        assert_fit(&curve(&xs, &ys), [266.667_303_251_773_66, 250.956_443_285_732_72, 281.622_312_585_483]);
        let xs = [0.0, 50.0, 110.0, 160.0, 200.0, 260.0, 330.0, 400.0, 450.0];
        let ys = [0.0, 30100., 88000., 99500., 131_000., 190_500., 260_000., 275_500., 340_000.];
        assert_fit(&curve(&xs, &ys), [750.031_194_951_190_4, 503.806_821_403_819_47, 1_004.073_684_526_945_6]);
        let xs = [0.0, 20.0, 40.0, 60.0, 80.0, 100.0];
        let ys = [5000.0, 5200.0, 4900.0, 5100.0, 5000.0, 5150.0];
        assert_fit(&curve(&xs, &ys), [1.034_696_290_717_872_3, -9.308_927_056_813_662, 12.043_727_724_104_967]);
    }

    #[test]
    fn a_perfect_line_has_no_width() {
        let points: Vec<Point> = (0..8).map(|i| [f64::from(i) * 50.0, 1e6 + f64::from(i) * 12_800.0]).collect();
        let fitted = fit(&points).unwrap();
        assert!((fitted.slope.value - 256.0).abs() < 1e-6, "{fitted:?}");
        assert!(fitted.slope.reach() < 0.1, "{fitted:?}");
    }

    #[test]
    fn a_step_is_no_slope() {
        let points: Vec<Point> = (0..20)
            .map(|i| {
                let wobble = f64::from(i * 7 % 5) * 300.0;
                [f64::from(i) * 50.0, wobble + if i >= 9 { 900_000.0 } else { 0.0 }]
            })
            .collect();
        let fitted = fit(&points).unwrap();
        assert_eq!(fitted.steps.iter().map(|(at, _)| *at).collect::<Vec<_>>(), [8]);
        assert!((fitted.steps[0].1 - 900_000.0).abs() < 2_000.0, "{:?}", fitted.steps);
        assert!(fitted.slope.holds(0.0), "{:?}", fitted.slope);
        assert!(fitted.slope.reach() < 5.0, "{:?}", fitted.slope);
    }

    #[test]
    fn pools_that_shrink_are_steps_and_caches_that_are_cleared_are_not() {
        let curve = |falls: &[usize], height: f64| -> Vec<Point> {
            (0..=20)
                .map(|i| {
                    let fallen = falls.iter().filter(|at| **at <= i).count() as f64;
                    [i as f64 * 70.0, i as f64 * 672_000.0 + (i * 7 % 5) as f64 * 900.0 - fallen * height]
                })
                .collect()
        };
        let fitted = fit(&curve(&[6, 13], 400_000.0)).unwrap();
        assert!(fitted.slope.holds(9_600.0) && fitted.slope.reach() < 20.0, "{:?}", fitted.slope);
        assert!((fitted.given_back() - 800_000.0).abs() < 20_000.0);
        let fitted = fit(&curve(&[6, 13], 4_600_000.0)).unwrap();
        assert!(fitted.steps.is_empty() && fitted.slope.low < 2_000.0, "{:?}", fitted.slope);
    }

    #[test]
    fn too_few_points_give_no_slope() {
        assert_eq!(fit(&[[0.0, 1.0], [1.0, 2.0], [2.0, 3.0], [3.0, 4.0]]), None);
        assert_eq!(fit(&[[0.0, 1.0]; 9]), None);
    }
}
