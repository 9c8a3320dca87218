//! The curve of a measurement of memory: warm-up shaded, points, the fitted line with its band, restarts marked.
//!
//! The vertical axis is growth since the first point, not the size of the process: what is judged is a slope, and beside a process of 80 MiB a leak of
//! 2 MiB could not be seen.

use std::collections::BTreeSet;
use std::fmt::Write;

use plimsoll_model::memory::Curve;

use super::{coordinate, number, open, ticks};
use crate::memory;

const WIDTH: f64 = 560.0;
const HEIGHT: f64 = 260.0;
const LEFT: f64 = 62.0;
const RIGHT: f64 = 16.0;
const TOP: f64 = 26.0;
const BOTTOM: f64 = 40.0;

/// The axes of a chart.
struct Axes {
    x: (f64, f64),
    y: (f64, f64),
}

impl Axes {
    fn x(&self, value: f64) -> f64 {
        LEFT + (value.clamp(self.x.0, self.x.1) - self.x.0) / (self.x.1 - self.x.0) * (WIDTH - LEFT - RIGHT)
    }

    fn y(&self, value: f64) -> f64 {
        HEIGHT - BOTTOM - (value.clamp(self.y.0, self.y.1) - self.y.0) / (self.y.1 - self.y.0) * (HEIGHT - TOP - BOTTOM)
    }

    fn draw(&self, out: &mut String, x_label: &str, y_label: &str) {
        for tick in ticks(self.y.0, self.y.1) {
            let at = coordinate(self.y(tick));
            let _ = write!(out, "<path class=\"grid\" d=\"M{LEFT} {at}H{}\"/>", coordinate(WIDTH - RIGHT));
            let (x, y) = (coordinate(LEFT - 7.0), coordinate(self.y(tick) + 3.5));
            let _ = write!(out, "<text class=\"y\" x=\"{x}\" y=\"{y}\">{}</text>", number(tick));
        }
        for tick in ticks(self.x.0, self.x.1) {
            let at = coordinate(self.x(tick));
            let _ = write!(out, "<path class=\"tick\" d=\"M{at} {}v4\"/>", coordinate(HEIGHT - BOTTOM));
            let y = coordinate(HEIGHT - BOTTOM + 16.0);
            let _ = write!(out, "<text class=\"x\" x=\"{at}\" y=\"{y}\">{}</text>", number(tick));
        }
        let _ = write!(out, "<text class=\"name\" x=\"2\" y=\"12\">{y_label}</text>");
        let (x, y) = (coordinate(WIDTH - RIGHT), coordinate(HEIGHT - 6.0));
        let _ = write!(out, "<text class=\"name end\" x=\"{x}\" y=\"{y}\">{x_label}</text>");
    }
}

/// The unit that suits sizes up to this one.
fn unit(size: f64) -> (f64, &'static str) {
    match size {
        size if size < 2.0 * 1024.0 => (1.0, "B"),
        size if size < 2.0 * 1_048_576.0 => (1024.0, "KiB"),
        size if size < 2.0 * 1_073_741_824.0 => (1_048_576.0, "MiB"),
        _ => (1_073_741_824.0, "GiB"),
    }
}

/// Both ends of some values; a little apart where they are the same.
fn ends(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let (low, high) = values.filter(|value| value.is_finite()).fold((0f64, 0f64), |(l, h), v| (l.min(v), h.max(v)));
    if high > low { (low, high + (high - low) * 0.04) } else { (low, low + 1.0) }
}

/// A curve, with the control that repeats one request where there is one. Empty where there are not two points: one reading is no curve.
pub fn growth(curve: &Curve, control: Option<&Curve>, title: &str) -> String {
    let finite = |curve: &Curve| -> Vec<[f64; 2]> {
        curve.points.iter().copied().filter(|point| point.iter().all(|value| value.is_finite())).collect()
    };
    let points = finite(curve);
    let (Some(first), true) = (points.first().copied(), points.len() > 1) else { return String::new() };
    let repeated = control.map(finite).unwrap_or_default();
    let repeated_first = repeated.first().copied().unwrap_or_default();
    // The line is drawn over what it was fitted to.
    let last = points.iter().map(|point| point[0]).fold(first[0], f64::max);
    let line = curve.fit.filter(|fit| fit.through.iter().all(|value| value.is_finite()));
    let on = |slope: f64, at: f64| line.map_or(0.0, |fit| fit.through[1] + slope * (at - fit.through[0]) - first[1]);
    let grown = points.iter().map(|point| point[1] - first[1]);
    let fitted = line.map(|fit| on(fit.slope.value, last));
    let span = ends(grown.clone().chain(repeated.iter().map(|point| point[1] - repeated_first[1])).chain(fitted));
    let (divisor, unit) = unit(span.1 - span.0);
    let axes =
        Axes { x: ends(points.iter().chain(&repeated).map(|point| point[0])), y: (span.0 / divisor, span.1 / divisor) };

    let mut out = open("scatter growth", WIDTH, HEIGHT, &format!("{title}: {} readings", points.len()));
    let warm = axes.x(curve.warm_from);
    if curve.warm_from > axes.x.0 {
        let (top, height) = (coordinate(TOP), coordinate(HEIGHT - TOP - BOTTOM));
        let width = coordinate(warm - LEFT);
        let _ = write!(out, "<rect class=\"warm\" x=\"{LEFT}\" y=\"{top}\" width=\"{width}\" height=\"{height}\"/>");
        if warm - LEFT > 60.0 {
            let (x, y) = (coordinate(LEFT + 6.0), coordinate(TOP + 14.0));
            let _ = write!(out, "<text class=\"zone\" x=\"{x}\" y=\"{y}\">warm-up</text>");
        }
    }
    axes.draw(&mut out, "requests", &format!("{unit} since the first reading"));
    if let Some(fit) = line {
        let from = curve.warm_from.clamp(first[0], last);
        let at =
            |slope: f64, x: f64| format!("{} {}", coordinate(axes.x(x)), coordinate(axes.y(on(slope, x) / divisor)));
        let middle = fit.through[0].clamp(from, last);
        let (low, high, value) = (fit.slope.low, fit.slope.high, fit.slope.value);
        // Three lines through one point: on either side of it the band lies between the outer two.
        let _ = write!(
            out,
            "<path class=\"band\" d=\"M{} L{} L{} L{} L{} L{} Z\"/>",
            at(low, from),
            at(value, middle),
            at(high, last),
            at(low, last),
            at(value, middle),
            at(high, from)
        );
        let _ = write!(out, "<path class=\"fit\" d=\"M{}L{}\"/>", at(value, from), at(value, last));
    }
    for restart in curve.restarts.iter().filter(|at| at.is_finite()) {
        let (x, top) = (coordinate(axes.x(*restart)), coordinate(TOP));
        let bottom = coordinate(HEIGHT - BOTTOM);
        let _ = write!(
            out,
            "<path class=\"restart\" d=\"M{x} {top}V{bottom}\"><title>a worker was replaced</title></path>"
        );
    }
    marks(
        &mut out,
        &axes,
        "again",
        repeated.iter().map(|point| [point[0], (point[1] - repeated_first[1]) / divisor]),
        unit,
    );
    marks(&mut out, &axes, "point", points.iter().map(|point| [point[0], (point[1] - first[1]) / divisor]), unit);
    out.push_str("</svg>");
    out
}

fn marks(out: &mut String, axes: &Axes, class: &str, points: impl Iterator<Item = [f64; 2]>, unit: &str) {
    let mut drawn = BTreeSet::new();
    for [x, y] in points {
        let (cx, cy) = (coordinate(axes.x(x)), coordinate(axes.y(y)));
        if drawn.insert((cx.clone(), cy.clone())) {
            let _ = write!(
                out,
                "<circle class=\"{class}\" cx=\"{cx}\" cy=\"{cy}\" r=\"3\"><title>{} requests: {} {unit}</title></circle>",
                number(x),
                number(y)
            );
        }
    }
}

/// How a peak grows with the items: the measured slope with its band as far as was tried, dashed on to the limit. Empty where the number of items
/// could not be varied.
pub fn peak(peak: &plimsoll_model::memory::Peak, points: &[[f64; 2]], limit: u64, title: &str) -> String {
    let (Some(item), Some(tried)) = (peak.per_item, peak.items.filter(|items| *items > 0)) else {
        return String::new();
    };
    if !(item.value.is_finite() && item.value > 0.0) {
        return String::new();
    }
    let tried = tried as f64;
    // What does not depend on the items is in use as well.
    let base = (peak.in_flight.value - item.value * tried).max(0.0);
    let reached =
        peak.items_until_limit.map(|items| items as f64).filter(|items| *items > tried && *items < tried * 1e6);
    let last = reached.map_or(tried * 1.5, |items| items * 1.1);
    let seen = points.iter().map(|point| point[1]).filter(|bytes| bytes.is_finite());
    let high = seen.fold((base + item.value * last).max(peak.in_flight.high), f64::max);
    let (divisor, unit) = unit(high);
    let axes = Axes { x: ends([last].into_iter()), y: ends([high / divisor].into_iter()) };
    let at =
        |slope: f64, x: f64| format!("{} {}", coordinate(axes.x(x)), coordinate(axes.y((base + slope * x) / divisor)));
    let mut out = open("scatter growth", WIDTH, HEIGHT, title);
    axes.draw(&mut out, "items", &format!("{unit} in use by one request"));
    let zero = at(item.value, 0.0);
    let _ = write!(out, "<path class=\"band\" d=\"M{zero} L{} L{} Z\"/>", at(item.low, last), at(item.high, last));
    let _ = write!(out, "<path class=\"fit\" d=\"M{zero}L{}\"/>", at(item.value, last));
    let _ = write!(out, "<path class=\"measured\" d=\"M{zero}L{}\"/>", at(item.value, tried));
    for &[items, bytes] in points.iter().filter(|point| point.iter().all(|value| value.is_finite())) {
        let (cx, cy) = (coordinate(axes.x(items)), coordinate(axes.y(bytes / divisor)));
        let (shown, size) = (items.max(0.0) as u64, memory::size(bytes));
        let _ = write!(
            out,
            "<circle class=\"point\" cx=\"{cx}\" cy=\"{cy}\" r=\"3\"><title>{}: {size}</title></circle>",
            crate::text::count(shown, "item")
        );
    }
    if reached.is_some() {
        let y = coordinate(axes.y(limit as f64 / divisor));
        let _ = write!(out, "<path class=\"restart\" d=\"M{LEFT} {y}H{}\"/>", coordinate(WIDTH - RIGHT));
        let text = axes.y(limit as f64 / divisor) - 5.0;
        let _ = write!(
            out,
            "<text class=\"zone\" x=\"{}\" y=\"{}\">limit {}</text>",
            coordinate(LEFT + 6.0),
            coordinate(text),
            memory::size(limit as f64)
        );
    }
    out.push_str("</svg>");
    out
}

#[cfg(test)]
mod tests {
    use plimsoll_model::memory::{Fit, Interval, Peak, Signal};

    use super::*;

    fn curve(points: Vec<[f64; 2]>, fit: Option<Fit>) -> Curve {
        Curve {
            signal: Signal::Live,
            concurrency: 1,
            fixed_input: false,
            points,
            warm_from: 100.0,
            fit,
            restarts: vec![150.0],
        }
    }

    fn slope(low: f64, value: f64, high: f64) -> Interval {
        Interval { value, low, high, level: 0.95 }
    }

    #[test]
    fn every_part_is_drawn() {
        let points = (0..10).map(|n| [f64::from(n) * 60.0, 8e7 + f64::from(n) * 6e5]).collect();
        let fit = Fit { through: [300.0, 8.3e7], slope: slope(9e3, 1e4, 1.1e4) };
        let svg = growth(&curve(points, Some(fit)), None, "t");
        for part in ["class=\"warm\"", "class=\"band\"", "class=\"fit\"", "class=\"restart\"", "MiB since", "warm-up"] {
            assert!(svg.contains(part), "{part}: {svg}");
        }
        assert_eq!(svg.matches("<circle").count(), 10);
    }

    #[test]
    fn odd_numbers_stay_inside() {
        let fit = Fit { through: [f64::MAX, 0.0], slope: slope(f64::NEG_INFINITY, f64::NAN, f64::MAX) };
        for points in [vec![], vec![[0.0, 5.0]], vec![[f64::NAN, 1.0], [1.0, 1e300], [2.0, -1e300]]] {
            let svg = growth(&curve(points, Some(fit)), None, "t");
            assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
        }
    }

    #[test]
    fn a_peak_is_drawn_on_to_the_limit() {
        let known = Peak {
            in_flight: slope(9e5, 1e6, 1.1e6),
            per_item: Some(slope(900.0, 1_000.0, 1_100.0)),
            items: Some(1_000),
            items_until_limit: Some(500_000),
            requests_until_limit: None,
            answer_bytes: 10,
        };
        let svg = peak(&known, &[[10.0, 2e4], [1_000.0, 1.1e6], [f64::NAN, 1.0]], 512 << 20, "t");
        assert!(svg.contains("limit 512 MiB") && svg.contains("class=\"measured\""), "{svg}");
        assert_eq!(svg.matches("<circle").count(), 2);
        assert!(svg.contains("<title>1,000 items: 1.0 MiB</title>"), "{svg}");
        assert_eq!(peak(&Peak { per_item: None, ..known }, &[], 512 << 20, "t"), "");
    }
}
