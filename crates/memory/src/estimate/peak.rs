//! Peaks: what is in use while a request is served, and how it grows with the amount of data.

use plimsoll_model::memory::Peak;
use plimsoll_model::stats::{median, theil_sen};

use super::{Interval, LEVEL};

/// Bytes in flight of one request from which an operation counts as one with a peak: far above what a page of some hundred items takes.
pub const LARGE: f64 = 6.0 * 1024.0 * 1024.0;
/// How many times its answer a request must hold to count, where the answer itself is large.
pub const TIMES_ANSWER: f64 = 3.0;
/// Growth with the number of items, in bytes per item, from which it counts as driven by them.
const PER_ITEM: f64 = 256.0;

/// One observed request.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct InFlight {
    /// Items that the answer held, or that were asked for; none where that is not known.
    pub items: Option<u64>,
    /// The greatest use while it was served, above that before.
    pub bytes: f64,
    /// Decoded bytes of the answer.
    pub answer: u64,
}

/// What the observed requests say together; None without one. `held` is what the application holds at rest, `limit` what it may hold, both in bytes.
pub fn peak(observed: &[InFlight], held: f64, limit: f64) -> Option<Peak> {
    // The same request differs only by noise; of different sizes, the largest is the peak.
    let largest = observed.iter().filter_map(|one| one.items).max();
    let alike: Vec<f64> = observed.iter().filter(|one| one.items == largest).map(|one| one.bytes).collect();
    let in_flight = median_interval(&alike)?;
    let slope = theil_sen(&against_items(observed)).filter(|slope| slope.low > 0.0 && slope.value >= PER_ITEM);
    let room = (limit - held).max(0.0);
    Some(Peak {
        in_flight,
        per_item: slope.map(|s| Interval { value: s.value, low: s.low, high: s.high, level: LEVEL }),
        items: largest,
        items_until_limit: slope.map(|slope| ((room - slope.intercept).max(0.0) / slope.value) as u64),
        requests_until_limit: (in_flight.value > 0.0).then(|| (room / in_flight.value) as u64),
        answer_bytes: observed.iter().map(|one| one.answer).max()?,
    })
}

/// Bytes in flight against items, of the requests whose items are known.
pub fn against_items(observed: &[InFlight]) -> Vec<[f64; 2]> {
    observed.iter().filter_map(|one| Some([one.items? as f64, one.bytes])).collect()
}

/// Whether this is a peak worth a verdict: large in itself and against its answer, and certainly so.
pub fn is_large(peak: &Peak) -> bool {
    peak.in_flight.low >= LARGE && peak.in_flight.value >= TIMES_ANSWER * peak.answer_bytes as f64
        || peak.in_flight.low >= 4.0 * LARGE
}

/// The median with the interval between the order statistics that hold it with 95 % (Thompson 1936); of fewer than six values the extremes, which hold it less
/// often.
fn median_interval(sample: &[f64]) -> Option<Interval> {
    let mut sorted = sample.to_vec();
    sorted.sort_by(f64::total_cmp);
    let n = sorted.len();
    let value = median(&sorted)?;
    // The chance that the median lies below the k-th value, summed from the binomial distribution with p = 1/2.
    let half = 0.5_f64.powf(n as f64);
    let (mut k, mut below, mut term) = (0, half, half);
    while k + 1 < n / 2 {
        term *= (n - k) as f64 / (k + 1) as f64;
        if 2.0 * (below + term) > 1.0 - LEVEL {
            break;
        }
        below += term;
        k += 1;
    }
    Some(Interval { value, low: sorted[k], high: sorted[n - 1 - k], level: 1.0 - 2.0 * below })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn observed(items: Option<u64>, bytes: f64) -> InFlight {
        InFlight { items, bytes, answer: 20_000 }
    }

    /// `scipy.stats.binom.cdf(k - 1, n, 0.5)`: n = 10 gives ranks 2 and 9 at 97.9 %, n = 5 the extremes at 93.75 %.
    #[test]
    fn the_interval_of_a_median() {
        let interval = median_interval(&[3., 1., 2., 5., 4., 6., 10., 8., 7., 9.]).unwrap();
        assert_eq!((interval.value, interval.low, interval.high), (5.5, 2.0, 9.0));
        assert!((interval.level - 0.978_515_625).abs() < 1e-12);
        let interval = median_interval(&[1., 2., 3., 4., 5.]).unwrap();
        assert_eq!((interval.low, interval.high, interval.level), (1.0, 5.0, 0.9375));
        assert_eq!(median_interval(&[]), None);
    }

    #[test]
    fn the_peak_grows_with_the_items_up_to_the_limit() {
        let observed: Vec<InFlight> =
            [10_u64, 100, 500, 1_000, 2_000].map(|n| observed(Some(n), 1e6 + n as f64 * 9_000.0)).to_vec();
        let peak = peak(&observed, 80e6, 512e6).unwrap();
        assert!((peak.per_item.unwrap().value - 9_000.0).abs() < 1.0);
        assert_eq!(peak.items_until_limit, Some(47_888));
        assert_eq!(peak.requests_until_limit, Some(22));
        assert!(is_large(&peak));
    }

    #[test]
    fn a_small_answer_is_no_peak() {
        let peak =
            peak(&[observed(None, 300_000.0), observed(None, 310_000.0), observed(None, 9e6)], 80e6, 512e6).unwrap();
        assert_eq!(peak.per_item, None);
        assert!(!is_large(&peak));
    }
}
