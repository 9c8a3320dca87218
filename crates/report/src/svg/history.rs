//! The score from run to run: equal steps, because runs are compared and not days; the whole range from 0 to 100, because a score is judged on it.

use std::fmt::Write;

use super::{coordinate, open};

const WIDTH: f64 = 300.0;
const HEIGHT: f64 = 84.0;
const LEFT: f64 = 6.0;
/// Room for the last score.
const RIGHT: f64 = 34.0;
const TOP: f64 = 8.0;
const BOTTOM: f64 = 18.0;

/// Scores with their dates, the oldest first; runs without a score leave a gap. Empty for fewer than two scores.
pub fn history(points: &[(String, Option<u8>)], title: &str) -> String {
    let scored = points.iter().filter(|(_, score)| score.is_some()).count();
    let (Some((first, _)), Some((last, _)), true) = (points.first(), points.last(), scored >= 2) else {
        return String::new();
    };
    let steps = (points.len() - 1).max(1) as f64;
    let x = |index: usize| LEFT + index as f64 / steps * (WIDTH - LEFT - RIGHT);
    let y = |score: u8| HEIGHT - BOTTOM - f64::from(score.min(100)) / 100.0 * (HEIGHT - TOP - BOTTOM);
    let mut out = open("history", WIDTH, HEIGHT, title);
    // The lower ends of the grades D and A.
    for grade in [60, 90] {
        let _ =
            write!(out, "<path class=\"grid\" d=\"M0 {}H{}\"/>", coordinate(y(grade)), coordinate(WIDTH - RIGHT + 6.0));
    }
    let mut line = String::new();
    let mut dots = String::new();
    let mut pen_is_down = false;
    for (index, (_, score)) in points.iter().enumerate() {
        let Some(score) = score else {
            pen_is_down = false;
            continue;
        };
        let (px, py) = (coordinate(x(index)), coordinate(y(*score)));
        let _ = write!(line, "{}{px} {py}", if pen_is_down { 'L' } else { 'M' });
        let _ = write!(
            dots,
            "<circle class=\"point\" cx=\"{px}\" cy=\"{py}\" r=\"{}\"/>",
            if index + 1 == points.len() { 4 } else { 2 }
        );
        pen_is_down = true;
    }
    let _ = write!(out, "<path class=\"line\" d=\"{line}\"/>{dots}");
    if let Some((_, Some(score))) = points.last() {
        let _ = write!(
            out,
            "<text class=\"last\" x=\"{}\" y=\"{}\">{score}</text>",
            coordinate(WIDTH - RIGHT + 8.0),
            coordinate(y(*score) + 4.5)
        );
    }
    let base = coordinate(HEIGHT - 3.0);
    let _ = write!(out, "<text x=\"0\" y=\"{base}\">{}</text>", super::escape(first));
    let _ = write!(
        out,
        "<text class=\"end\" x=\"{}\" y=\"{base}\">{}</text></svg>",
        coordinate(WIDTH - RIGHT + 6.0),
        super::escape(last)
    );
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(score: Option<u8>) -> (String, Option<u8>) {
        ("2026-01-01".to_owned(), score)
    }

    #[test]
    fn a_run_without_a_score_is_a_gap() {
        let svg = history(&[run(Some(10)), run(Some(20)), run(None), run(Some(90))], "t");
        assert_eq!((svg.matches("<circle").count(), svg.matches('L').count()), (3, 1), "{svg}");
        assert!(svg.contains(">90</text>"));
    }

    #[test]
    fn one_score_is_no_history() {
        assert_eq!(history(&[run(Some(10))], "t"), "");
        assert_eq!(history(&[run(Some(10)), run(None)], "t"), "");
        assert_eq!(history(&[], "t"), "");
    }
}
