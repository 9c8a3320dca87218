//! What the memory vantage says, in the words and marks that terminal and page share. Judges nothing: verdicts and intervals come with the report.

use plimsoll_model::memory::{Churn, Curve, Interval, OperationMemory, Verdict};

use crate::text::grouped;

/// The marks of a sparkline, from low to high.
const MARKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Objects in cycles from which a request builds something large.
const MUCH_CHURN: f64 = 300.0;

/// A size in bytes with a binary unit, two significant digits after the unit was chosen, and a sign where it is below zero.
pub fn size(bytes: f64) -> String {
    let (value, unit, digits) = scaled(bytes, bytes);
    format!("{}{:.digits$} {unit}", minus(bytes), value.abs())
}

/// An estimate with how far its interval reaches, in one unit: `9.4 KiB ± 0.1`.
pub fn estimate(interval: &Interval) -> String {
    let scale = interval.value.abs().max(interval.reach());
    let (value, unit, digits) = scaled(interval.value, scale);
    let (reach, _, _) = scaled(interval.reach(), scale);
    let digits = if unit != "B" && reach < 0.1 { 2 } else { digits };
    format!("{}{:.digits$} {unit} ± {reach:.digits$}", minus(interval.value), value.abs())
}

/// Both ends of an interval, in one unit: `9.3 to 9.5 KiB`.
pub fn ends(interval: &Interval) -> String {
    let scale = interval.low.abs().max(interval.high.abs());
    let (low, unit, digits) = scaled(interval.low, scale);
    let (high, _, _) = scaled(interval.high, scale);
    let digits = if unit != "B" && high - low < 0.2 { 2 } else { digits };
    format!("{}{:.digits$} to {}{:.digits$} {unit}", minus(low), low.abs(), minus(high), high.abs())
}

fn minus(value: f64) -> &'static str {
    if value < -0.05 { "−" } else { "" }
}

/// A value in the unit that suits `scale`, the unit, and how many digits follow the point.
fn scaled(value: f64, scale: f64) -> (f64, &'static str, usize) {
    let mut divisor = 1.0;
    for unit in ["B", "KiB", "MiB", "GiB"] {
        if scale.abs() / divisor < 1000.0 || unit == "GiB" {
            let whole = unit == "B" || (scale / divisor).abs() >= 100.0;
            return (value / divisor, unit, usize::from(!whole));
        }
        divisor *= 1024.0;
    }
    (value, "B", 0)
}

/// What an operation costs per request, in a few words.
pub fn per_request(memory: &OperationMemory) -> String {
    match (memory.verdict, &memory.bytes_per_request, &memory.peak_bytes) {
        (Verdict::Leak, Some(interval), _) if memory.everywhere => format!("{} as all", size(interval.value)),
        (Verdict::Leak, Some(interval), _) => estimate(interval),
        (Verdict::Peak, _, Some(peak)) => match &peak.per_item {
            Some(item) => format!("{} an item", size(item.value)),
            None => format!("{} at once", size(peak.in_flight.value)),
        },
        (Verdict::Inconclusive, Some(interval), _) => ends(interval),
        (Verdict::None | Verdict::Plateau, ..) => {
            memory.smallest_detectable.map(|least| format!("below {}", size(least))).unwrap_or_default()
        }
        _ => String::new(),
    }
}

/// How far it is to the limit, in a few words. Empty where nothing grows.
pub fn until(memory: &OperationMemory) -> String {
    let items = memory.peak_bytes.filter(|_| memory.verdict == Verdict::Peak);
    match (memory.requests_until_limit, items) {
        (Some(until), _) if memory.verdict == Verdict::Leak => format!("{} requests", rounded(until.requests)),
        (_, Some(peak)) => match (peak.items_until_limit, peak.requests_until_limit) {
            (Some(items), _) => format!("{} items", rounded(items)),
            (None, Some(requests)) => format!("{} at once", rounded(requests)),
            (None, None) => String::new(),
        },
        _ => String::new(),
    }
}

/// Two significant digits, thousands grouped: an extrapolation is no more exact than that.
pub fn rounded(number: u64) -> String {
    let digits = number.checked_ilog10().unwrap_or(0);
    let step = 10u64.pow(digits.saturating_sub(1));
    grouped(number.saturating_add(step / 2) / step * step)
}

/// So many objects, rounded.
pub fn objects(number: f64) -> String {
    let number = number.max(0.0).round() as u64;
    format!("{} object{}", rounded(number), if number == 1 { "" } else { "s" })
}

/// What a request costs, and the objects that it throws away in cycles, where these are as many as a client, a session or a schema has that is built for it.
pub fn much_churn(memory: &OperationMemory) -> Option<(Churn, f64)> {
    let churn = memory.churn?;
    churn.cycle_objects.filter(|objects| *objects >= MUCH_CHURN).map(|objects| (churn, objects))
}

/// The curve that the verdict rests on: inputs varied, the fewest requests in flight.
pub fn curve(memory: &OperationMemory) -> Option<&Curve> {
    let varied = memory.curves.iter().filter(|curve| !curve.points.is_empty());
    varied.min_by_key(|curve| (curve.fixed_input, curve.concurrency))
}

/// A curve as so many marks, and how many of them belong to the warm-up. Growth below what could be seen stays flat: noise is not blown up.
pub fn sparkline(memory: &OperationMemory, width: usize) -> Option<(String, usize)> {
    let curve = curve(memory)?;
    let (first, last) = (curve.points.first()?[0], curve.points.last()?[0]);
    let span = last - first;
    let value = |at: f64| {
        // The last point at or before this place; points are in order.
        let index = curve.points.partition_point(|point| point[0] <= at);
        curve.points[index.saturating_sub(1)][1]
    };
    let places = (0..width).map(|index| first + span * index as f64 / (width.max(2) - 1) as f64);
    let values: Vec<f64> = places.clone().map(value).collect();
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let least = memory.smallest_detectable.unwrap_or(0.0) * span * 2.0;
    let range = (high - low).max(least);
    let mark = |value: f64| {
        let share = if range > 0.0 { (value - low) / range } else { 0.0 };
        MARKS[((share * 7.0).round() as usize).min(7)]
    };
    let warm = places.take_while(|at| *at < curve.warm_from).count();
    Some((values.into_iter().map(mark).collect(), warm))
}

#[cfg(test)]
mod tests {
    use plimsoll_model::memory::{Curve, Signal};
    use plimsoll_model::{Method, OperationKey};

    use super::*;

    fn interval(low: f64, value: f64, high: f64) -> Interval {
        Interval { value, low, high, level: 0.95 }
    }

    fn measured(points: Vec<[f64; 2]>) -> OperationMemory {
        let curve = Curve {
            signal: Signal::Live,
            concurrency: 1,
            fixed_input: false,
            points,
            warm_from: 50.0,
            fit: None,
            restarts: Vec::new(),
        };
        OperationMemory {
            operation: OperationKey::new(Method::Get, "/a"),
            verdict: Verdict::Leak,
            why: String::new(),
            settle: None,
            bytes_per_request: None,
            signal: None,
            smallest_detectable: None,
            course: None,
            keyed_by_input: None,
            requests_until_limit: None,
            requests: 100,
            statuses: std::collections::BTreeMap::new(),
            concurrency: Vec::new(),
            peak_bytes: None,
            peak_points: Vec::new(),
            churn: None,
            handles: Vec::new(),
            curves: vec![curve],
            allocated_at: Vec::new(),
            types: Vec::new(),
            retained_by: Vec::new(),
            everywhere: false,
            native: false,
        }
    }

    #[test]
    fn sizes_keep_one_unit() {
        assert_eq!(size(300.0), "300 B");
        assert_eq!(size(-20.0), "−20 B");
        assert_eq!(size(9_633.0), "9.4 KiB");
        assert_eq!(estimate(&interval(9_594.0, 9_633.0, 9_664.0)), "9.41 KiB ± 0.03");
        assert_eq!(estimate(&interval(800.0, 960.0, 1_033.0)), "960 B ± 116");
        assert_eq!(ends(&interval(9_594.0, 9_633.0, 9_664.0)), "9.37 to 9.44 KiB");
        assert_eq!(ends(&interval(-100.0, 200.0, 4_096.0)), "−0.1 to 4.0 KiB");
    }

    #[test]
    fn extrapolations_are_rounded() {
        assert_eq!(rounded(52_345), "52,000");
        assert_eq!(rounded(7), "7");
        assert_eq!(rounded(0), "0");
        assert_eq!(rounded(998), "1,000");
    }

    #[test]
    fn a_steady_growth_climbs_and_noise_stays_flat() {
        let growth = measured((0..=10).map(|n| [f64::from(n) * 10.0, 1e6 + f64::from(n) * 1e5]).collect());
        let (marks, warm) = sparkline(&growth, 11).unwrap();
        assert_eq!((marks.chars().next(), marks.chars().last(), warm), (Some('▁'), Some('█'), 5));
        let mut noise = measured((0..=10).map(|n| [f64::from(n) * 10.0, 1e6 + f64::from(n % 2) * 100.0]).collect());
        noise.smallest_detectable = Some(300.0);
        assert_eq!(sparkline(&noise, 11).unwrap().0, "▁".repeat(11));
        assert_eq!(sparkline(&measured(Vec::new()), 11), None);
        assert_eq!(sparkline(&measured(vec![[5.0, 7.0]]), 3).unwrap().0, "▁▁▁");
    }
}
