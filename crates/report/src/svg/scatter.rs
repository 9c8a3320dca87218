//! Points against an input, with the fitted line.

use std::collections::BTreeSet;
use std::fmt::Write;

use plimsoll_model::redact;

use super::{coordinate, escape, number, open, ticks};

/// What is drawn as points against an input.
#[derive(Clone, Copy, Debug)]
pub struct Scatter<'a> {
    /// What the chart shows.
    pub title: &'a str,
    /// Name and unit of the horizontal axis.
    pub x_label: &'a str,
    /// Name and unit of the vertical axis.
    pub y_label: &'a str,
    /// The observations.
    pub points: &'a [[f64; 2]],
    /// Intercept and slope of the fitted line.
    pub fit: Option<[f64; 2]>,
}

/// Points with the fitted line, both axes from zero where the data is positive: a slope is judged against nothing, not against the smallest value.
pub fn scatter(chart: Scatter<'_>) -> String {
    const WIDTH: f64 = 440.0;
    const HEIGHT: f64 = 230.0;
    const LEFT: f64 = 62.0;
    const RIGHT: f64 = 14.0;
    const TOP: f64 = 24.0;
    const BOTTOM: f64 = 38.0;
    let points: Vec<[f64; 2]> =
        chart.points.iter().copied().filter(|point| point[0].is_finite() && point[1].is_finite()).collect();
    // One point is no relation.
    if points.len() < 2 {
        return String::new();
    }
    let ends = |axis: usize| {
        let low = points.iter().map(|point| point[axis]).fold(0.0, f64::min);
        let high = points.iter().map(|point| point[axis]).fold(0.0, f64::max);
        if high > low { (low, high + (high - low) * 0.04) } else { (low, low + 1.0) }
    };
    let ((x_low, x_high), (y_low, y_high)) = (ends(0), ends(1));
    let x = |value: f64| LEFT + (value - x_low) / (x_high - x_low) * (WIDTH - LEFT - RIGHT);
    let y = |value: f64| HEIGHT - BOTTOM - (value - y_low) / (y_high - y_low) * (HEIGHT - TOP - BOTTOM);
    let title = format!("{}: {} observations", chart.title, points.len());
    let mut out = open("scatter", WIDTH, HEIGHT, &title);
    for tick in ticks(y_low, y_high) {
        let at = coordinate(y(tick));
        let _ = write!(out, "<path class=\"grid\" d=\"M{LEFT} {at}H{}\"/>", coordinate(WIDTH - RIGHT));
        let _ = write!(
            out,
            "<text class=\"y\" x=\"{}\" y=\"{}\">{}</text>",
            coordinate(LEFT - 7.0),
            coordinate(y(tick) + 3.5),
            number(tick)
        );
    }
    for tick in ticks(x_low, x_high) {
        let _ = write!(out, "<path class=\"tick\" d=\"M{} {}v4\"/>", coordinate(x(tick)), coordinate(HEIGHT - BOTTOM));
        let _ = write!(
            out,
            "<text class=\"x\" x=\"{}\" y=\"{}\">{}</text>",
            coordinate(x(tick)),
            coordinate(HEIGHT - BOTTOM + 16.0),
            number(tick)
        );
    }
    let _ =
        write!(out, "<text class=\"name\" x=\"2\" y=\"12\">{}</text>", escape(&redact::one_line(chart.y_label, 60)));
    let _ = write!(
        out,
        "<text class=\"name end\" x=\"{}\" y=\"{}\">{}</text>",
        coordinate(WIDTH - RIGHT),
        coordinate(HEIGHT - 5.0),
        escape(&redact::one_line(chart.x_label, 60))
    );
    if let Some([intercept, slope]) = chart.fit.filter(|fit| fit.iter().all(|term| term.is_finite())) {
        let first = points.iter().map(|point| point[0]).fold(f64::INFINITY, f64::min);
        let last = points.iter().map(|point| point[0]).fold(f64::NEG_INFINITY, f64::max);
        let end = |at: f64| coordinate(y((intercept + slope * at).clamp(y_low, y_high)));
        let _ = write!(
            out,
            "<path class=\"fit\" d=\"M{} {}L{} {}\"/>",
            coordinate(x(first)),
            end(first),
            coordinate(x(last)),
            end(last)
        );
    }
    let mut drawn = BTreeSet::new();
    for [px, py] in points {
        let (cx, cy) = (coordinate(x(px)), coordinate(y(py)));
        if !drawn.insert((cx.clone(), cy.clone())) {
            continue;
        }
        let _ = write!(
            out,
            "<circle class=\"point\" cx=\"{cx}\" cy=\"{cy}\" r=\"3.5\"><title>{} → {}</title></circle>",
            number(px),
            number(py)
        );
    }
    out.push_str("</svg>");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scatter_keeps_its_points_inside() {
        let points = [[0.0, 0.0], [1e9, 1e12], [-5.0, -3.0], [f64::NAN, 1.0]];
        let svg =
            scatter(Scatter { title: "t", x_label: "x", y_label: "y", points: &points, fit: Some([0.0, f64::MAX]) });
        assert_eq!(svg.matches("<circle").count(), 2, "two of the three fall on one spot: {svg}");
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
    }
}
