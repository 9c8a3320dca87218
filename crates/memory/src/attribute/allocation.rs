//! Which lines allocate what is retained: growth between marks by line, library frames folded into the call from the application.
//!
//! A line's share of the growth comes with an interval over the rounds where there are at least three. Lines that hold much and do not grow are not
//! listed: what is allocated once is no leak.

use crate::agent::client::Allocations;

/// A line of code that allocates what is retained.
#[derive(Clone, Debug, PartialEq)]
pub struct AllocationLine {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The enclosing function with its classes; empty at module level.
    pub function: String,
    /// The line's text.
    pub text: String,
    /// Whether it is the application's own.
    pub app: bool,
    /// The library line below it that allocated most; empty where the line itself did.
    pub via: String,
    /// Bytes that it adds per request.
    pub bytes_per_request: f64,
    /// Its share of all growth.
    pub share: Share,
}

/// A share of the whole growth, 0 to 1, with a 95 % interval where there are rounds enough.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Share {
    /// The share.
    pub value: f64,
    /// The interval, over three or more rounds.
    pub interval: Option<(f64, f64)>,
}

/// Lines below this share of the growth are not worth a reader's time.
const LEAST_SHARE: f64 = 0.02;
/// Two-sided 95 % quantiles of Student's t for 1 to 12 degrees of freedom (NIST/SEMATECH e-Handbook, table 1.3.6.7.2).
const STUDENT: [f64; 12] = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179];

/// The lines that grew, the application's first, each group by growth. `requests` lie between two marks.
pub fn allocation_lines(allocations: &Allocations, requests: u64) -> Vec<AllocationLine> {
    let totals = steps(&allocations.totals);
    let rounds = totals.len();
    let all: f64 = totals.iter().sum();
    if rounds == 0 || all <= 0.0 {
        return Vec::new();
    }
    let mut lines: Vec<AllocationLine> = allocations
        .lines
        .iter()
        .filter_map(|line| {
            let grown = steps(&line.bytes);
            let share = share(&grown, &totals)?;
            (share.value >= LEAST_SHARE).then(|| AllocationLine {
                file: line.file.clone(),
                line: line.line,
                function: line.function.clone(),
                text: line.text.clone(),
                app: line.app,
                via: line.via.clone(),
                bytes_per_request: grown.iter().sum::<f64>() / (rounds as f64 * requests.max(1) as f64),
                share,
            })
        })
        .collect();
    lines.sort_by(|a, b| {
        b.app.cmp(&a.app).then(b.share.value.total_cmp(&a.share.value)).then_with(|| a.file.cmp(&b.file))
    });
    lines
}

fn steps(held: &[u64]) -> Vec<f64> {
    held.windows(2).map(|pair| pair[1] as f64 - pair[0] as f64).collect()
}

/// The ratio estimator of a share, with its usual variance (Cochran, Sampling Techniques, 3rd ed., 6.4).
fn share(grown: &[f64], totals: &[f64]) -> Option<Share> {
    if grown.len() != totals.len() {
        return None;
    }
    let (all, rounds) = (totals.iter().sum::<f64>(), totals.len());
    let value = grown.iter().sum::<f64>() / all;
    let interval = (rounds >= 3).then(|| {
        let residues: f64 = grown.iter().zip(totals).map(|(line, total)| (line - value * total).powi(2)).sum();
        let error = (rounds as f64 / (rounds - 1) as f64 * residues).sqrt() / all;
        let width = STUDENT.get(rounds - 2).copied().unwrap_or(2.0) * error;
        ((value - width).max(0.0), (value + width).min(1.0))
    });
    Some(Share { value: value.min(1.0), interval })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::protocol::TracedLine;

    fn line(file: &str, app: bool, bytes: &[u64]) -> TracedLine {
        TracedLine {
            file: file.into(),
            line: 21,
            function: "orders".into(),
            text: "audit.append(row)".into(),
            app,
            via: String::new(),
            bytes: bytes.to_vec(),
            blocks: vec![0; bytes.len()],
        }
    }

    #[test]
    fn the_application_comes_first_and_what_does_not_grow_is_left_out() {
        let allocations = Allocations {
            totals: vec![10_000, 17_000, 24_000, 31_000],
            lines: vec![
                line("lib/parsers.py", false, &[0, 4_000, 8_000, 12_000]),
                line("shop.py", true, &[0, 2_900, 6_000, 9_000]),
                line("start.py", true, &[9_000, 9_000, 9_000, 9_000]),
            ],
        };
        let lines = allocation_lines(&allocations, 60);
        assert_eq!(lines.iter().map(|line| line.file.as_str()).collect::<Vec<_>>(), ["shop.py", "lib/parsers.py"]);
        assert!((lines[0].bytes_per_request - 50.0).abs() < 1e-9);
        let (low, high) = lines[0].share.interval.unwrap();
        let value = 9.0 / 21.0;
        assert!((lines[0].share.value - value).abs() < 1e-9 && low < value && value < high && high - low < 0.1);
    }

    #[test]
    fn two_rounds_give_no_interval_and_no_growth_gives_nothing() {
        let mut allocations =
            Allocations { totals: vec![0, 700, 1_400], lines: vec![line("a.py", true, &[0, 700, 1_400])] };
        assert_eq!(allocation_lines(&allocations, 10)[0].share, Share { value: 1.0, interval: None });
        allocations.totals = vec![500, 500, 400];
        assert!(allocation_lines(&allocations, 10).is_empty());
    }
}
