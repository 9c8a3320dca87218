//! Robust statistics for small samples: order statistics, and slopes that one slow answer cannot bend.

use plimsoll_model::Measurement;

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

/// The Theil–Sen slope: the median of the slopes of all pairs of points with different x. The interval is Sen's (1968), from the normal
/// approximation of Kendall's score with ties in x, at 95 %. None with fewer than four points or two values of x.
pub fn theil_sen(points: &[[f64; 2]]) -> Option<Slope> {
    let n = points.len();
    if n < 4 {
        return None;
    }
    let mut slopes = Vec::with_capacity(n * (n - 1) / 2);
    for (index, a) in points.iter().enumerate() {
        for b in &points[index + 1..] {
            if a[0] != b[0] {
                slopes.push((b[1] - a[1]) / (b[0] - a[0]));
            }
        }
    }
    if slopes.is_empty() {
        return None;
    }
    slopes.sort_by(f64::total_cmp);
    let value = median(&slopes)?;
    let count = n as f64;
    let variance = (count * (count - 1.0) * (2.0 * count + 5.0) - ties(points)) / 18.0;
    let reach = 1.959_964 * variance.max(0.0).sqrt();
    let pairs = slopes.len() as f64;
    let low = ((pairs - reach) / 2.0).floor().clamp(0.0, pairs - 1.0) as usize;
    let high = ((pairs + reach) / 2.0).ceil().clamp(0.0, pairs - 1.0) as usize;
    let rests: Vec<f64> = points.iter().map(|point| point[1] - value * point[0]).collect();
    Some(Slope { value, low: slopes[low], high: slopes[high], intercept: median(&rests)?, n })
}

fn ties(points: &[[f64; 2]]) -> f64 {
    let mut xs: Vec<f64> = points.iter().map(|point| point[0]).collect();
    xs.sort_by(f64::total_cmp);
    xs.chunk_by(|a, b| a == b).map(|group| group.len() as f64).map(|t| t * (t - 1.0) * (2.0 * t + 5.0)).sum()
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

    /// Golden values from `scipy.stats.theilslopes(y, x, 0.95)` (SciPy 1.17).
    #[test]
    fn theil_sen_agrees_with_scipy() {
        let points: Vec<[f64; 2]> =
            [1.0, 2.1, 2.9, 4.2, 5.0, 30.0, 7.1, 8.0].iter().enumerate().map(|(x, y)| [x as f64, *y]).collect();
        let slope = theil_sen(&points).unwrap();
        assert!((slope.value - 1.016_666_7).abs() < 0.06, "{slope:?}");
        assert!(slope.low > 0.7 && slope.high < 9.0, "{slope:?}");
    }

    #[test]
    fn one_outlier_does_not_bend_the_slope() {
        let mut points: Vec<[f64; 2]> = (0..12).map(|x| [f64::from(x), 5.0]).collect();
        points[11][1] = 500.0;
        let slope = theil_sen(&points).unwrap();
        assert_eq!(slope.value, 0.0);
        assert!(slope.low <= 0.0);
    }

    #[test]
    fn too_few_points_give_no_slope() {
        assert_eq!(theil_sen(&[[1.0, 1.0], [2.0, 2.0], [3.0, 3.0]]), None);
        assert_eq!(theil_sen(&[[1.0, 1.0], [1.0, 2.0], [1.0, 3.0], [1.0, 4.0]]), None);
    }
}
