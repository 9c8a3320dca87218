//! Inline SVG for the HTML report: a strip of a distribution, points with a fitted line, an interval, and a bar.
//!
//! Colours, sizes of type and strokes belong to the style sheet, so that charts follow the theme; here is geometry only. Every number is
//! rounded to a tenth of a unit, so that the same data gives the same bytes. Nothing is dropped silently: points that fall on one spot are one mark.

mod change;
mod growth;
mod history;
mod scatter;

use std::collections::BTreeSet;
use std::fmt::Write;

use plimsoll_model::redact;

pub use change::before_after;
pub use growth::{growth, peak};
pub use history::history;
pub use scatter::{Scatter, scatter};

/// Text as SVG and HTML content or attribute value.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in redact::printable(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// A coordinate: at most one decimal, never `-0`, and zero for what is not finite.
fn coordinate(value: f64) -> String {
    let rounded = if value.is_finite() { (value * 10.0).round() / 10.0 } else { 0.0 };
    if rounded == 0.0 { "0".to_owned() } else { rounded.to_string() }
}

/// A number for people: three significant digits, thousands separated.
pub fn number(value: f64) -> String {
    if !value.is_finite() {
        return "–".to_owned();
    }
    let size = value.abs();
    let sign = if value < 0.0 { "−" } else { "" };
    if size >= 1e15 {
        return format!("{value:.2e}");
    }
    if size >= 100.0 || (size.fract() == 0.0 && size >= 1.0) {
        return format!("{sign}{}", crate::text::grouped(size.round() as u64));
    }
    let digits = if size >= 10.0 {
        1
    } else if size >= 1.0 {
        2
    } else {
        3
    };
    let text = format!("{size:.digits$}");
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    format!("{}{text}", if text == "0" { "" } else { sign })
}

/// Opens a chart that a screen reader knows by its title.
fn open(class: &str, width: f64, height: f64, title: &str) -> String {
    format!(
        "<svg class=\"{class}\" viewBox=\"0 0 {} {}\" width=\"{}\" height=\"{}\" role=\"img\"><title>{}</title>",
        coordinate(width),
        coordinate(height),
        coordinate(width),
        coordinate(height),
        escape(title)
    )
}

/// A bar of `value` out of 100.
pub fn bar(value: u8, title: &str) -> String {
    let mut out = open("bar", 120.0, 8.0, title);
    let width = f64::from(value.min(100)) * 1.2;
    let _ = write!(out, "<rect class=\"back\" width=\"120\" height=\"8\" rx=\"1\"/>");
    let _ = write!(out, "<rect class=\"fill\" width=\"{}\" height=\"8\" rx=\"1\"/></svg>", coordinate(width));
    out
}

const STRIP_WIDTH: f64 = 150.0;
const STRIP_HEIGHT: f64 = 20.0;
const STRIP_MARGIN: f64 = 5.0;

/// A logarithmic axis that all strips of a column share, so that rows can be compared.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LogScale {
    low: f64,
    high: f64,
}

impl LogScale {
    /// The scale over these values. Values below `floor` count as `floor`, because a logarithm needs an end.
    pub fn over(values: impl Iterator<Item = f64>, floor: f64) -> Self {
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for value in values.filter(|value| value.is_finite()) {
            low = low.min(value.max(floor));
            high = high.max(value.max(floor));
        }
        if low > high {
            return Self { low: floor.ln(), high: (floor * 10.0).ln() };
        }
        // One value alone stands in the middle.
        if high / low < 2.0 {
            return Self { low: (low / 2.0).ln(), high: (high * 2.0).ln() };
        }
        Self { low: low.ln(), high: high.ln() }
    }

    fn at(self, value: f64) -> f64 {
        let share = (value.max(f64::MIN_POSITIVE).ln() - self.low) / (self.high - self.low);
        STRIP_MARGIN + share.clamp(0.0, 1.0) * (STRIP_WIDTH - 2.0 * STRIP_MARGIN)
    }

    /// The head of a column of strips: ticks with labels, those that fit.
    pub fn axis(self, ticks: &[(f64, &str)], title: &str) -> String {
        let mut out = open("axis", STRIP_WIDTH, 14.0, title);
        let mut end = 0.0;
        for (value, label) in ticks {
            if value.ln() < self.low - 1e-9 || value.ln() > self.high + 1e-9 {
                continue;
            }
            let half = label.chars().count() as f64 * 2.9;
            let x = self.at(*value);
            let middle = x.clamp(half, STRIP_WIDTH - half);
            if middle - half < end {
                continue;
            }
            end = middle + half + 4.0;
            let _ = write!(
                out,
                "<path class=\"tick\" d=\"M{} 11v3\"/><text x=\"{}\" y=\"8\">{}</text>",
                coordinate(x),
                coordinate(middle),
                escape(label)
            );
        }
        out.push_str("</svg>");
        out
    }
}

/// The quantile of ascending values, by linear interpolation (Hyndman and Fan, type 7).
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return 0.0 };
    let position = share * last as f64;
    let below = position.floor() as usize;
    let above = (below + 1).min(last);
    sorted[below] + (sorted[above] - sorted[below]) * (position - below as f64)
}

/// The median of values in any order; none of nothing.
pub fn median(values: &[f64]) -> Option<f64> {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
    sorted.sort_by(f64::total_cmp);
    (!sorted.is_empty()).then(|| quantile(&sorted, 0.5))
}

/// A distribution in one line: every observation as a dot, the middle half as a box from four observations on, the median as a stroke.
pub fn strip(values: &[f64], scale: LogScale, title: &str) -> String {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
    sorted.sort_by(f64::total_cmp);
    if sorted.is_empty() {
        return String::new();
    }
    let middle = STRIP_HEIGHT / 2.0;
    let mut out = open("strip", STRIP_WIDTH, STRIP_HEIGHT, title);
    let _ = write!(
        out,
        "<path class=\"line\" d=\"M{} {}H{}\"/>",
        coordinate(scale.at(sorted[0])),
        coordinate(middle),
        coordinate(scale.at(sorted[sorted.len() - 1]))
    );
    if sorted.len() >= 4 {
        let (left, right) = (scale.at(quantile(&sorted, 0.25)), scale.at(quantile(&sorted, 0.75)));
        let _ = write!(
            out,
            "<rect class=\"box\" x=\"{}\" y=\"4\" width=\"{}\" height=\"12\"/>",
            coordinate(left),
            coordinate((right - left).max(1.0))
        );
    }
    // One path for all dots: a stroke of no length with round caps is a dot (SVG 2 §13.5.4). Half a unit is finer than a pixel.
    let spots: BTreeSet<i64> = sorted.iter().map(|value| (scale.at(*value) * 2.0).round() as i64).collect();
    out.push_str("<path class=\"dots\" d=\"");
    for spot in spots {
        let _ = write!(out, "M{} {}h0", coordinate(spot as f64 / 2.0), coordinate(middle));
    }
    let _ =
        write!(out, "\"/><path class=\"median\" d=\"M{} 2v16\"/></svg>", coordinate(scale.at(quantile(&sorted, 0.5))));
    out
}

/// An interval with its estimate, on an axis that holds zero, because whether zero is inside is the question.
pub fn interval(value: f64, low: f64, high: f64, title: &str) -> String {
    const WIDTH: f64 = 260.0;
    const MARGIN: f64 = 8.0;
    let from = low.min(value).min(0.0);
    let to = high.max(value).max(0.0);
    let span = if to > from { to - from } else { 1.0 };
    let at = |x: f64| coordinate(MARGIN + (x - from) / span * (WIDTH - 2.0 * MARGIN));
    let mut out = open("interval", WIDTH, 24.0, title);
    let _ = write!(out, "<path class=\"zero\" d=\"M{} 2v20\"/>", at(0.0));
    let _ = write!(
        out,
        "<path class=\"whisker\" d=\"M{low} 7v10M{low} 12H{high}M{high} 7v10\"/>",
        low = at(low),
        high = at(high)
    );
    let _ = write!(out, "<circle class=\"point\" cx=\"{}\" cy=\"12\" r=\"4\"/></svg>", at(value));
    out
}

/// Round numbers between two ends, about four of them: 1, 2 or 5 times a power of ten.
fn ticks(low: f64, high: f64) -> Vec<f64> {
    let span = high - low;
    if !(span.is_finite() && span > 0.0) {
        return vec![low];
    }
    let power = 10f64.powf((span / 4.0).log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].map(|m| m * power).into_iter().find(|step| span / step <= 5.0).unwrap_or(span);
    let first = (low / step).ceil() as i64;
    (first..first + 8).map(|index| index as f64 * step).take_while(|tick| *tick <= high + step * 1e-6).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_for_people() {
        for (value, text) in [
            (0.0, "0"),
            (-0.0001, "0"),
            (0.25, "0.25"),
            (2.345_67, "2.35"),
            (20.337, "20.3"),
            (983.268, "983"),
            (-1234.0, "−1,234"),
            (147_468.0, "147,468"),
            (f64::NAN, "–"),
        ] {
            assert_eq!(number(value), text);
        }
    }

    #[test]
    fn ticks_are_round_and_inside() {
        assert_eq!(ticks(0.0, 150.0), [0.0, 50.0, 100.0, 150.0]);
        assert_eq!(ticks(0.0, 1.0), [0.0, 0.2, 0.4, 0.6000000000000001, 0.8, 1.0]);
        assert_eq!(ticks(3.0, 3.0), [3.0]);
    }

    #[test]
    fn quantiles_interpolate() {
        assert_eq!(median(&[4.0, 1.0, 3.0, 2.0]), Some(2.5));
        assert_eq!(median(&[]), None);
        assert!((quantile(&[0.0, 10.0], 0.25) - 2.5).abs() < 1e-9);
    }

    #[test]
    fn a_strip_draws_each_spot_once() {
        let scale = LogScale::over([1.0, 1000.0].into_iter(), 1.0);
        let svg = strip(&[1.0, 1.0, 1.0, 1000.0], scale, "sizes");
        assert_eq!(svg.matches("h0").count(), 2);
        assert!(svg.contains("<rect class=\"box\""));
        assert!(!strip(&[1.0, 2.0, 3.0], scale, "sizes").contains("<rect"));
        assert_eq!(strip(&[], scale, "sizes"), "");
    }

    #[test]
    fn a_scale_survives_odd_values() {
        for values in [vec![], vec![0.0], vec![5.0, 5.0], vec![f64::NAN, f64::INFINITY], vec![0.0, 1e300]] {
            let scale = LogScale::over(values.iter().copied(), 1.0);
            let svg = strip(&values, scale, "x");
            assert!(!svg.contains("NaN") && !svg.contains("inf"), "{values:?}: {svg}");
        }
    }

    #[test]
    fn text_cannot_leave_its_place() {
        let svg = scatter(Scatter {
            title: "</title><script>x</script>",
            x_label: "\"'<&",
            y_label: "\u{202e}y",
            points: &[[1.0, 1.0], [2.0, 2.0]],
            fit: None,
        });
        assert!(!svg.contains("<script") && !svg.contains('\u{202e}'), "{svg}");
        assert!(svg.contains("&quot;&#39;&lt;&amp;"));
    }

    #[test]
    fn an_interval_shows_zero() {
        let svg = interval(5.0, 4.0, 10.0, "slope");
        assert!(svg.contains("class=\"zero\" d=\"M8 "), "{svg}");
        assert!(!interval(0.0, 0.0, 0.0, "nothing").contains("NaN"));
    }
}
