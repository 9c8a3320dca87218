//! The table of operations: what was sent to each, what it answered, and how sizes and times are spread.

use std::collections::HashMap;

use plimsoll_model::report::{OperationFacts, OperationSize};
use plimsoll_model::{OperationKey, Report, Severity, redact};

use super::issue::Cards;
use crate::svg::{self, LogScale};
use crate::text::{bytes, count};

/// Ticks of sizes in bytes.
const SIZES: &[(f64, &str)] = &[
    (1.0, "1 B"),
    (32.0, "32 B"),
    (1024.0, "1 KiB"),
    (32_768.0, "32 KiB"),
    (1_048_576.0, "1 MiB"),
    (33_554_432.0, "32 MiB"),
    (1_073_741_824.0, "1 GiB"),
];

/// Ticks of times in milliseconds.
const TIMES: &[(f64, &str)] = &[
    (0.1, "0.1 ms"),
    (1.0, "1 ms"),
    (10.0, "10 ms"),
    (100.0, "100 ms"),
    (1_000.0, "1 s"),
    (10_000.0, "10 s"),
    (100_000.0, "100 s"),
];

/// So many rows have their distributions drawn.
const DRAWN: usize = 800;
/// So many rows there are.
const ROWS: usize = 2_000;

/// The table.
pub struct OperationTable {
    pub size_axis: String,
    pub time_axis: String,
    pub rows: Vec<OperationRow>,
    /// Operations without a row.
    pub more: usize,
    /// Whether the contract was asked how large answers can become.
    pub sized: bool,
}

/// A row.
pub struct OperationRow {
    pub method: &'static str,
    pub path: String,
    pub origin: String,
    /// Why it was not reached.
    pub reason: Option<String>,
    /// How many issues above info concern it.
    pub issues: usize,
    /// The worst of them.
    pub worst: Option<&'static str>,
    /// The card of the first of them.
    pub first: Option<String>,
    pub requests: u32,
    /// Class of the status code (its first digit), the code, and how often it came.
    pub statuses: Vec<(u16, u16, u32)>,
    /// How large an answer can become by the contract; empty where it was not asked.
    pub may_be: String,
    pub size: Distribution,
    pub time: Distribution,
}

/// A distribution with its median.
pub struct Distribution {
    /// The median as text; empty without observations.
    pub median: String,
    /// The median as a number to sort by, `-1` without observations.
    pub sort: String,
    pub chart: String,
}

impl Distribution {
    fn of(values: &[f64], scale: Option<LogScale>, what: &str, show: impl Fn(f64) -> String) -> Self {
        let Some(median) = svg::median(values) else {
            return Self { median: String::new(), sort: "-1".to_owned(), chart: String::new() };
        };
        let (low, high) =
            values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(*v), high.max(*v)));
        let answers = count(values.len() as u64, "answer");
        let title = format!("{what} of {answers}: {} to {}, median {}", show(low), show(high), show(median));
        Self {
            median: show(median),
            sort: format!("{median:.3}"),
            chart: scale.map(|scale| svg::strip(values, scale, &title)).unwrap_or_default(),
        }
    }
}

impl OperationTable {
    /// The table of a report, in its order.
    pub fn of(report: &Report, cards: &Cards<'_>) -> Self {
        let sizes = |facts: &OperationFacts| -> Vec<f64> { facts.sizes.iter().map(|size| *size as f64).collect() };
        let size_scale = LogScale::over(report.operations.iter().flat_map(sizes), 1.0);
        let time_scale =
            LogScale::over(report.operations.iter().flat_map(|facts| facts.latencies_ms.iter().copied()), 0.1);
        let mut issues: HashMap<&OperationKey, Vec<&plimsoll_model::Issue>> = HashMap::new();
        for issue in report.issues.iter().filter(|issue| issue.severity > Severity::Info) {
            for operation in &issue.operations {
                issues.entry(operation).or_default().push(issue);
            }
        }
        let sizes_of: HashMap<&OperationKey, &OperationSize> =
            report.sizes.iter().map(|size| (&size.operation, size)).collect();
        let rows = report.operations.iter().take(ROWS).enumerate().map(|(index, facts)| {
            let drawn = index < DRAWN;
            let mine = issues.get(&facts.operation).map_or(&[][..], Vec::as_slice);
            OperationRow {
                method: facts.operation.method.as_str(),
                path: redact::one_line(&facts.operation.path, 300),
                origin: redact::one_line(&facts.origin, 40),
                reason: facts.reason.as_deref().map(|reason| redact::one_line(reason, 300)),
                issues: mine.len(),
                worst: mine.iter().map(|issue| issue.severity).max().map(Severity::as_str),
                first: mine.iter().find_map(|issue| cards.anchor(issue)),
                may_be: sizes_of.get(&facts.operation).map(|size| allowed(size)).unwrap_or_default(),
                requests: facts.requests,
                statuses: facts.statuses.iter().map(|(status, times)| (status / 100, *status, *times)).collect(),
                size: Distribution::of(&sizes(facts), drawn.then_some(size_scale), "Size", |size| {
                    bytes(size.round() as u64)
                }),
                time: Distribution::of(&facts.latencies_ms, drawn.then_some(time_scale), "Time", |ms| {
                    format!("{} ms", svg::number(ms))
                }),
            }
        });
        Self {
            rows: rows.collect(),
            more: report.operations.len().saturating_sub(ROWS),
            sized: !report.sizes.is_empty(),
            size_axis: size_scale.axis(SIZES, "Size of an answer, logarithmic"),
            time_axis: time_scale.axis(TIMES, "Time to the last byte, logarithmic"),
        }
    }
}

/// How large an answer can become by the contract.
fn allowed(size: &OperationSize) -> String {
    match &size.answer {
        None => "nothing".to_owned(),
        Some(answer) => match (answer.bytes, answer.growth.as_str()) {
            (Some(most), _) => bytes(most),
            (None, "") => "no bound".to_owned(),
            (None, growth) => format!("no bound, grows {}", redact::one_line(growth, 80)),
        },
    }
}
