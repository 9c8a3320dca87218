//! An interval before and after a change, one above the other on one axis that holds zero: whether they part, and on which side, is the question.

use std::fmt::Write;

use plimsoll_model::memory::Interval;

use super::{coordinate, open};

const WIDTH: f64 = 360.0;
const HEIGHT: f64 = 54.0;
/// Room for the words.
const LEFT: f64 = 48.0;
const RIGHT: f64 = 10.0;

/// Both intervals. Empty where a number is not finite.
pub fn before_after(before: &Interval, after: &Interval, title: &str) -> String {
    let ends = [before.low, before.value, before.high, after.low, after.value, after.high];
    if ends.iter().any(|end| !end.is_finite()) {
        return String::new();
    }
    let from = ends.iter().copied().fold(0.0, f64::min);
    let to = ends.iter().copied().fold(0.0, f64::max);
    let span = if to > from { to - from } else { 1.0 };
    let at = |x: f64| coordinate(LEFT + (x - from) / span * (WIDTH - LEFT - RIGHT));
    let mut out = open("interval change", WIDTH, HEIGHT, title);
    let _ = write!(out, "<path class=\"zero\" d=\"M{} 2v50\"/>", at(0.0));
    for (word, interval, y) in [("before", before, 15.0), ("after", after, 39.0)] {
        let (low, high, top, middle) = (at(interval.low), at(interval.high), coordinate(y - 5.0), coordinate(y));
        let _ = write!(out, "<text x=\"0\" y=\"{}\">{word}</text>", coordinate(y + 4.0));
        let _ = write!(
            out,
            "<path class=\"whisker {word}\" d=\"M{low} {top}v10M{low} {middle}H{high}M{high} {top}v10\"/>\
             <circle class=\"point {word}\" cx=\"{}\" cy=\"{middle}\" r=\"4\"/>",
            at(interval.value)
        );
    }
    out.push_str("</svg>");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interval(low: f64, value: f64, high: f64) -> Interval {
        Interval { value, low, high, level: 0.95 }
    }

    #[test]
    fn both_stand_on_one_axis_with_zero() {
        let svg = before_after(&interval(900.0, 1_000.0, 1_100.0), &interval(-100.0, 0.0, 100.0), "t");
        // Zero lies a twelfth of the way from −100 to 1,100, and so does the later estimate.
        assert!(
            svg.contains("class=\"zero\" d=\"M73.2 ") && svg.contains("class=\"point after\" cx=\"73.2\""),
            "{svg}"
        );
        assert_eq!(svg.matches("<circle").count(), 2);
    }

    #[test]
    fn odd_numbers_draw_nothing() {
        let good = interval(0.0, 0.0, 0.0);
        assert!(!before_after(&good, &good, "t").contains("NaN"));
        assert_eq!(before_after(&good, &interval(0.0, f64::NAN, 1.0), "t"), "");
        assert_eq!(before_after(&interval(f64::NEG_INFINITY, 0.0, 1.0), &good, "t"), "");
    }
}
