//! Student's t distribution: as much of it as intervals need.
//!
//! The distribution function is the regularised incomplete beta function, evaluated by its continued fraction (Lentz; DLMF 8.17.22). Accurate to about
//! 1e-12 for the degrees of freedom that occur here (1 to some hundreds).

/// The distribution for so many degrees of freedom.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Student {
    df: f64,
    /// The logarithm of 1 / B(df/2, 1/2): the costly part, the same for every argument.
    front: f64,
}

impl Student {
    /// The distribution with `df` degrees of freedom.
    pub fn new(df: f64) -> Self {
        Self { df, front: ln_gamma(f64::midpoint(df, 1.0)) - ln_gamma(df / 2.0) - ln_gamma(0.5) }
    }

    /// The probability of at most `t`.
    pub fn cdf(&self, t: f64) -> f64 {
        let tail = 0.5 * beta_regularised(self.df / (self.df + t * t), self.df / 2.0, 0.5, self.front);
        if t > 0.0 { 1.0 - tail } else { tail }
    }

    /// The value that is not exceeded with probability `p`, 0 < p < 1.
    pub fn quantile(&self, p: f64) -> f64 {
        invert(p, |t| self.cdf(t))
    }
}

/// Where a distribution function reaches `p`: false position that halves the weight of an end which stays (Illinois; Dowell and Jarratt 1971).
pub fn invert(p: f64, cdf: impl Fn(f64) -> f64) -> f64 {
    let (mut low, mut high) = (-1.0, 1.0);
    let (mut below, mut above) = (cdf(low) - p, cdf(high) - p);
    while below > 0.0 && low > -1e12 {
        (high, above) = (low, below);
        low *= 2.0;
        below = cdf(low) - p;
    }
    while above < 0.0 && high < 1e12 {
        (low, below) = (high, above);
        high *= 2.0;
        above = cdf(high) - p;
    }
    for _ in 0..60 {
        if above <= below || high - low < 1e-10 * (1.0 + low.abs()) {
            break;
        }
        let middle = (low * above - high * below) / (above - below);
        let off = cdf(middle) - p;
        if off.abs() < 1e-12 {
            return middle;
        }
        if off < 0.0 {
            (low, below) = (middle, off);
            above /= 2.0;
        } else {
            (high, above) = (middle, off);
            below /= 2.0;
        }
    }
    f64::midpoint(low, high)
}

/// The regularised incomplete beta function; `ln_front` is the logarithm of 1 / B(a, b).
fn beta_regularised(x: f64, a: f64, b: f64, ln_front: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    let front = (ln_front + a * x.ln() + b * (1.0 - x).ln()).exp();
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
        close(Student::new(3.0).cdf(0.5), 0.674_276_017_575_924_5);
        close(Student::new(7.0).cdf(-2.2), 0.031_865_507_651_318_39);
        close(Student::new(12.0).cdf(3.1), 0.995_405_001_810_804_4);
        close(Student::new(1.0).cdf(1.0), 0.75);
        close(Student::new(150.0).cdf(-0.1), 0.460_238_926_544_985_4);
        close(Student::new(3.0).quantile(0.975), 3.182_446_305_283_707_8);
        close(Student::new(11.0).quantile(0.975), 2.200_985_160_091_639);
        close(Student::new(6.0).quantile(0.005), -3.707_428_021_324_806_5);
        close(Student::new(40.0).quantile(0.995), 2.704_459_267_433_162_2);
        close(Student::new(1.0).quantile(0.6), 0.324_919_696_232_906_34);
    }

    #[test]
    fn the_quantile_inverts_the_distribution() {
        for df in [1.0, 3.0, 12.0, 80.0] {
            for p in [0.001, 0.025, 0.3, 0.5, 0.9, 0.995] {
                let student = Student::new(df);
                assert!((student.cdf(student.quantile(p)) - p).abs() < 1e-7);
            }
        }
    }
}
