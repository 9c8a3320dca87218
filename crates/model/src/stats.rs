//! Robust statistics for small samples, shared by the lanes: order statistics, and slopes that one odd value cannot bend.

use crate::Measurement;

/// The median; none of an empty sample.
pub fn median(sample: &[f64]) -> Option<f64> {
    quantile(sample, 0.5)
}

/// The quantile `q` in 0..=1, linear between order statistics; none of an empty sample.
pub fn quantile(sample: &[f64], q: f64) -> Option<f64> {
    let mut sorted = sample.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = q * (sorted.len().checked_sub(1)?) as f64;
    let (low, high) = (sorted[at.floor() as usize], sorted[at.ceil() as usize]);
    Some(low + (high - low) * at.fract())
}

/// The median absolute deviation from the median, scaled by 1.4826 so that it estimates the standard deviation of a normal sample.
pub fn mad(sample: &[f64]) -> Option<f64> {
    let centre = median(sample)?;
    let deviations: Vec<f64> = sample.iter().map(|value| (value - centre).abs()).collect();
    median(&deviations).map(|deviation| deviation * 1.4826)
}

/// A slope with an interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slope {
    /// The estimate, in units of y per unit of x.
    pub value: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
    /// Median of `y - value * x`.
    pub intercept: f64,
    /// Number of points.
    pub n: usize,
}

/// The Theil–Sen slope: the median of the slopes of all pairs of points with different x. The interval is Sen's (1968, eq. 2.6) at 95 %, from
/// the normal approximation of Kendall's score, corrected for ties in x and in y; its ends are order statistics of the slopes, picked as
/// `scipy.stats.theilslopes` picks them. None with fewer than four points or two values of x.
pub fn theil_sen(points: &[[f64; 2]]) -> Option<Slope> {
    let n = points.len();
    if n < 4 {
        return None;
    }
    let mut slopes = Vec::with_capacity(n * (n - 1) / 2);
    for (index, a) in points.iter().enumerate() {
        for b in &points[index + 1..] {
            let run = b[0] - a[0];
            if run.abs() > 0.0 {
                slopes.push((b[1] - a[1]) / run);
            }
        }
    }
    if slopes.is_empty() {
        return None;
    }
    slopes.sort_by(f64::total_cmp);
    let value = median(&slopes)?;
    let variance = (score_variance(n) - ties(points, 0) - ties(points, 1)) / 18.0;
    let reach = NORMAL_975 * variance.max(0.0).sqrt() / 2.0;
    let middle = slopes.len() as f64 / 2.0;
    let low = ((middle - reach).round_ties_even() - 1.0).max(0.0) as usize;
    let high = ((middle + reach).round_ties_even() as usize).min(slopes.len() - 1);
    let rests: Vec<f64> = points.iter().map(|point| point[1] - value * point[0]).collect();
    Some(Slope { value, low: slopes[low], high: slopes[high], intercept: median(&rests)?, n })
}

/// The 97.5 % quantile of the standard normal distribution.
const NORMAL_975: f64 = 1.959_963_984_540_054;

/// What `n` observations, or a tie of `n`, contribute to eighteen times the variance of Kendall's score.
fn score_variance(n: usize) -> f64 {
    let n = n as f64;
    n * (n - 1.0) * (2.0 * n + 5.0)
}

/// What the ties along this axis take away from it.
fn ties(points: &[[f64; 2]], axis: usize) -> f64 {
    let mut values: Vec<f64> = points.iter().map(|point| point[axis]).collect();
    values.sort_by(f64::total_cmp);
    values.chunk_by(|a, b| a.total_cmp(b).is_eq()).map(|group| score_variance(group.len())).sum()
}

/// Hill's estimate (1975) of the tail index from the `k` greatest values: how heavy the upper tail is. Above about 2 the tail is light; at 1 or
/// below, single values outweigh all the others together. None where there are not more than `k` values, or the tail is flat or not
/// positive.
pub fn tail_index(sample: &[f64], k: usize) -> Option<f64> {
    let mut sorted = sample.to_vec();
    sorted.sort_by(|a, b| b.total_cmp(a));
    let threshold = *sorted.get(k).filter(|value| k > 0 && **value > 0.0)?;
    let mean = sorted[..k].iter().map(|value| (value / threshold).ln()).sum::<f64>() / k as f64;
    (mean > 0.0).then(|| 1.0 / mean)
}

impl Slope {
    /// The slope as a measurement.
    pub fn measurement(&self, name: &str, unit: &str) -> Measurement {
        Measurement {
            name: name.to_owned(),
            value: self.value,
            low: self.low,
            high: self.high,
            unit: unit.to_owned(),
            n: self.n as u32,
            method: "Theil–Sen slope with Sen's 95 % interval".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_statistics() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), Some(2.5));
        assert_eq!(median(&[]), None);
        assert_eq!(quantile(&[0.0, 10.0], 0.25), Some(2.5));
        assert_eq!(mad(&[1.0, 1.0, 2.0, 2.0, 4.0, 6.0, 9.0]), Some(1.4826 * 1.0));
    }

    fn assert_slope(points: &[[f64; 2]], [value, low, high, intercept]: [f64; 4]) {
        let slope = theil_sen(points).unwrap();
        for (mine, golden) in [(slope.value, value), (slope.low, low), (slope.high, high), (slope.intercept, intercept)]
        {
            assert!((mine - golden).abs() < 1e-9, "{slope:?}: {mine} is not {golden}");
        }
    }

    fn points(xs: &[f64], ys: &[f64]) -> Vec<[f64; 2]> {
        xs.iter().zip(ys).map(|(x, y)| [*x, *y]).collect()
    }

    /// Golden values from `scipy.stats.theilslopes(y, x, 0.95, method="joint")`, SciPy 1.17.1.
    #[test]
    fn theil_sen_agrees_with_scipy() {
        let xs: Vec<f64> = (0..8).map(f64::from).collect();
        assert_slope(
            &points(&xs, &[1.0, 2.1, 2.9, 4.2, 5.0, 30.0, 7.1, 8.0]),
            [1.008_333_333_333_333_3, 0.95, 1.300_000_000_000_000_3, 1.025],
        );
        assert_slope(
            &points(&[0.0, 1.0, 2.0, 3.0, 4.0], &[10.0, 8.0, 7.0, 3.0, 1.0]),
            [-2.291_666_666_666_667, -4.0, -1.0, 10.166_666_666_666_668],
        );
    }

    /// As above, with ties in x (levels that were asked for twice), in y, and in both.
    #[test]
    fn theil_sen_agrees_with_scipy_where_values_are_tied() {
        assert_slope(
            &points(&[1.0, 1.0, 50.0, 50.0, 10.0, 20.0, 5.0, 35.0], &[4.0, 5.0, 120.5, 118.0, 25.5, 49.0, 15.25, 84.0]),
            [2.336_111_111_111_111_2, 2.283_333_333_333_333, 2.383_333_333_333_333_3, 2.256_944_444_444_435_8],
        );
        assert_slope(&points(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], &[2.0, 2.0, 3.0, 3.0, 3.0, 9.0]), [0.5, 0.0, 2.0, 1.25]);
        assert_slope(
            &points(
                &[1.0, 1.0, 1.0, 2.0, 2.0, 3.0, 3.0, 3.0, 4.0, 4.0],
                &[5.0, 5.0, 6.0, 6.0, 7.0, 7.0, 7.0, 9.0, 9.0, 9.0],
            ),
            [1.0, 1.0, 2.0, 4.5],
        );
    }

    /// Golden value from NumPy: `1 / mean(log(s[:3] / s[3]))` of the sample in descending order.
    #[test]
    fn tail_index_of_a_heavy_tail() {
        let sample = [100.0, 120.0, 90.0, 95.0, 105.0, 5000.0, 800.0, 110.0, 99.0, 300.0];
        assert!((tail_index(&sample, 3).unwrap() - 0.458_497_412_877_415_9).abs() < 1e-9);
        assert_eq!(tail_index(&sample, 10), None);
        assert_eq!(tail_index(&[7.0, 7.0, 7.0], 2), None);
    }

    #[test]
    fn one_outlier_does_not_bend_the_slope() {
        let mut points: Vec<[f64; 2]> = (0..12).map(|x| [f64::from(x), 5.0]).collect();
        points[11][1] = 500.0;
        let slope = theil_sen(&points).unwrap();
        assert!(slope.value.abs() < 1e-12);
        assert!(slope.low <= 0.0);
    }

    #[test]
    fn too_few_points_give_no_slope() {
        assert_eq!(theil_sen(&[[1.0, 1.0], [2.0, 2.0], [3.0, 3.0]]), None);
        assert_eq!(theil_sen(&[[1.0, 1.0], [1.0, 2.0], [1.0, 3.0], [1.0, 4.0]]), None);
    }
}
