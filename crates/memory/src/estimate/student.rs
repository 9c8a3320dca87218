//! Student's t distribution: as much of it as intervals need.
//!
//! The distribution function is the regularised incomplete beta function, evaluated by its continued fraction (Lentz; DLMF 8.17.22). Accurate to about
//! 1e-12 for the degrees of freedom that occur here (1 to some hundreds).

/// The probability that a t variable with `df` degrees of freedom is at most `t`.
pub fn cdf(t: f64, df: f64) -> f64 {
    let tail = 0.5 * beta_regularised(df / (df + t * t), df / 2.0, 0.5);
    if t > 0.0 { 1.0 - tail } else { tail }
}

/// The value that a t variable with `df` degrees of freedom stays below with probability `p`, 0 < p < 1.
pub fn quantile(p: f64, df: f64) -> f64 {
    invert(p, |t| cdf(t, df))
}

/// Where a distribution function reaches `p`, by bisection: slow and certain.
pub fn invert(p: f64, cdf: impl Fn(f64) -> f64) -> f64 {
    let (mut low, mut high) = (-1.0, 1.0);
    while cdf(low) > p && low > -1e12 {
        low *= 2.0;
    }
    while cdf(high) < p && high < 1e12 {
        high *= 2.0;
    }
    for _ in 0..50 {
        let middle = f64::midpoint(low, high);
        if cdf(middle) < p {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

/// The regularised incomplete beta function.
fn beta_regularised(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    let front = (ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b) + a * x.ln() + b * (1.0 - x).ln()).exp();
    // The fraction converges fast on one side of the mean only; the other side is its mirror image.
    if x < (a + 1.0) / (a + b + 2.0) {
        front * fraction(x, a, b) / a
    } else {
        1.0 - front * fraction(1.0 - x, b, a) / b
    }
}

#[expect(clippy::many_single_char_names, reason = "the names of DLMF 8.17.22 and of Lentz's method")]
fn fraction(x: f64, a: f64, b: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let guard = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / guard(1.0 - (a + b) * x / (a + 1.0));
    let mut sum = d;
    for m in 1..300 {
        let m = f64::from(m);
        for term in [
            m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0)),
        ] {
            d = 1.0 / guard(1.0 + term * d);
            c = guard(1.0 + term / c);
            sum *= c * d;
        }
        if (c * d - 1.0).abs() < 1e-15 {
            break;
        }
    }
    sum
}

/// The logarithm of the gamma function for positive arguments (Lanczos, g = 7, nine terms).
fn ln_gamma(x: f64) -> f64 {
    const TERMS: [f64; 8] = [
        676.520_368_121_885_1,
        -1_259.139_216_722_402_8,
        771.323_428_777_653_1,
        -176.615_029_162_140_6,
        12.507_343_278_686_905,
        -0.138_571_095_265_720_12,
        9.984_369_578_019_572e-6,
        1.505_632_735_149_311_6e-7,
    ];
    if x < 0.5 {
        return (std::f64::consts::PI / (std::f64::consts::PI * x).sin()).ln() - ln_gamma(1.0 - x);
    }
    let x = x - 1.0;
    let base = x + 7.5;
    let series: f64 = TERMS.iter().zip(1..).map(|(term, n)| term / (x + f64::from(n))).sum();
    (0.999_999_999_999_809_9 + series).ln() + (x + 0.5) * base.ln() - base + 0.918_938_533_204_672_8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(mine: f64, golden: f64) {
        assert!((mine - golden).abs() < 1e-9 * golden.abs().max(1.0), "{mine} is not {golden}");
    }

    /// `scipy.stats.t.cdf(t, df)` and `scipy.stats.t.ppf(p, df)`; the command is in `estimate/golden.py`.
    #[test]
    fn agrees_with_scipy() {
        close(cdf(0.5, 3.0), 0.674_276_017_575_924_5);
        close(cdf(-2.2, 7.0), 0.031_865_507_651_318_39);
        close(cdf(3.1, 12.0), 0.995_405_001_810_804_4);
        close(cdf(1.0, 1.0), 0.75);
        close(cdf(-0.1, 150.0), 0.460_238_926_544_985_4);
        close(quantile(0.975, 3.0), 3.182_446_305_283_707_8);
        close(quantile(0.975, 11.0), 2.200_985_160_091_639);
        close(quantile(0.005, 6.0), -3.707_428_021_324_806_5);
        close(quantile(0.995, 40.0), 2.704_459_267_433_162_2);
        close(quantile(0.6, 1.0), 0.324_919_696_232_906_34);
    }

    #[test]
    fn the_quantile_inverts_the_distribution() {
        for df in [1.0, 3.0, 12.0, 80.0] {
            for p in [0.001, 0.025, 0.3, 0.5, 0.9, 0.995] {
                assert!((cdf(quantile(p, df), df) - p).abs() < 1e-7);
            }
        }
    }
}
