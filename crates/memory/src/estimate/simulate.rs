//! Growth curves whose truth is known, from a seed: the same on every machine.

use super::Point;

/// A generator of pseudo-random numbers (SplitMix64; Steele, Lea and Flood 2014). Not for secrets.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Uniform in 0..1.
    pub fn uniform(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Standard normal (Box and Muller).
    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * self.uniform().max(1e-300).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }
}

/// What a simulated application does. All zero: nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Habits {
    /// Bytes retained per request, for ever.
    pub leak: f64,
    /// More bytes per request with every thousand requests.
    pub rising: f64,
    /// Standard deviation of what a reading happens to hold.
    pub level: f64,
    /// How much of that is still there at the next reading, 0 to 1.
    pub memory: f64,
    /// Standard deviation, for sixty requests, of what stays for good.
    pub walk: f64,
    /// Bytes that warm-up takes in all, and the requests after which two thirds of it are there.
    pub warm_up: (f64, f64),
    /// A cache: bytes per entry, entries that it holds.
    pub cache: (f64, f64),
    /// A saw-tooth of uncollected garbage: height and requests from tooth to tooth.
    pub saw: (f64, f64),
    /// Fragmentation: height of a step, and how probable one is at a reading; the height falls with the number of steps.
    pub fragments: (f64, f64),
    /// A step: height, and the request at which it comes.
    pub step: (f64, f64),
}

impl Habits {
    /// A curve of `n` + 1 readings, `block` requests apart.
    pub fn curve(&self, n: u32, block: f64, dice: &mut Dice) -> Vec<Point> {
        let phase = dice.uniform();
        let (mut noise, mut walked, mut pieces) = (dice.normal() * self.level, 0.0, 0.0_f64);
        let mut out = Vec::new();
        for i in 0..=n {
            let x = f64::from(i) * block;
            if i > 0 {
                walked += dice.normal() * self.walk * (block / 60.0).sqrt();
                noise = self.memory * noise + (1.0 - self.memory * self.memory).sqrt() * dice.normal() * self.level;
                if dice.uniform() < self.fragments.1 {
                    pieces += 1.0;
                    walked += self.fragments.0 / pieces;
                }
            }
            let mut y = 40e6 + self.leak * x + self.rising * x * x / 2_000.0 + walked + noise;
            if self.warm_up.1 > 0.0 {
                y += self.warm_up.0 * (1.0 - (-x / self.warm_up.1).exp());
            }
            y += self.cache.0 * x.min(self.cache.1);
            if self.saw.1 > 0.0 {
                y += self.saw.0 * (x / self.saw.1 + phase).fract();
            }
            if self.step.1 > 0.0 && x >= self.step.1 {
                y += self.step.0;
            }
            out.push([x, y]);
        }
        out
    }
}
