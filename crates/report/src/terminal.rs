//! The report on a terminal: the grade, what to fix first with its evidence, the rest in a line each, and what was not tested.

mod access;
mod issue;
mod memory;
mod standing;

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::Write;

use plimsoll_model::memory::OperationMemory;
use plimsoll_model::score::Grade;
use plimsoll_model::{Finding, Fingerprint, OperationKey, Report, Severity, redact};
use serde_json::Value;

use crate::paint::{Colour, Paint};
use crate::text::{bytes, count, wrap};

/// How a terminal report looks.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Whether to write colours.
    pub paint: Paint,
    /// Columns, at least 40.
    pub width: usize,
    /// How many issues are shown with their evidence.
    pub detailed: usize,
    /// Whether issues of severity info are listed one by one.
    pub info: bool,
}

impl Options {
    /// Without colour, 80 columns, five issues in detail.
    pub const PLAIN: Self = Self { paint: Paint(false), width: 80, detailed: 5, info: false };
}

/// The report as text.
pub fn render(report: &Report, options: Options) -> String {
    let options = Options { width: options.width.clamp(40, 140), ..options };
    let report = &harmless(report);
    let mut out = String::new();
    let page = Page::of(report, options);
    page.head(&mut out);
    if page.joined() {
        // What was joined is what is to be read; what each vantage measured comes after it.
        page.lanes(&mut out);
        page.issues(&mut out);
        page.memory(&mut out);
        page.access(&mut out);
        page.heading(&mut out, "Score by category");
    }
    page.categories(&mut out);
    if !page.joined() {
        page.memory(&mut out);
        page.issues(&mut out);
        page.access(&mut out);
    }
    page.untested(&mut out);
    page.foot(&mut out);
    page.suppressed(&mut out);
    page.baseline(&mut out);
    page.gate(&mut out);
    without_commands(out)
}

/// CI systems obey lines that begin with `::` or `##`, white space before it included; what a target wrote may come to stand there.
fn without_commands(text: String) -> String {
    let obeyed = |line: &str| {
        let line = line.trim_start();
        line.starts_with("::") || line.starts_with("##")
    };
    if !text.lines().any(obeyed) {
        return text;
    }
    text.lines().map(|line| if obeyed(line) { format!("\u{fffd}{line}\n") } else { format!("{line}\n") }).collect()
}

/// The report without anything that a terminal would act on: every string in it may come from the target.
fn harmless(report: &Report) -> Report {
    fn clean(value: &mut Value) {
        match value {
            Value::String(text) => {
                if let Cow::Owned(cleaned) = redact::printable(text) {
                    *text = cleaned;
                }
            }
            Value::Array(items) => items.iter_mut().for_each(clean),
            Value::Object(map) => map.values_mut().for_each(clean),
            _ => {}
        }
    }
    let cleaned = serde_json::to_value(report).and_then(|mut value| {
        clean(&mut value);
        serde_json::from_value(value)
    });
    // The words of closed lists hold nothing to clean, so what was written is read again.
    cleaned.unwrap_or_else(|_| report.clone())
}

struct Page<'a> {
    report: &'a Report,
    options: Options,
    findings: HashMap<&'a Fingerprint, &'a Finding>,
    measured: HashMap<&'a OperationKey, &'a OperationMemory>,
}

impl<'a> Page<'a> {
    fn of(report: &'a Report, options: Options) -> Self {
        Self {
            report,
            options,
            findings: report.findings.iter().map(|finding| (&finding.fingerprint, finding)).collect(),
            measured: report.memory.iter().map(|memory| (&memory.operation, memory)).collect(),
        }
    }

    /// Whether the report joins what several vantages say.
    fn joined(&self) -> bool {
        !self.report.lanes.is_empty()
    }

    fn paint(&self, colour: Colour, text: &str) -> String {
        self.options.paint.paint(colour, text)
    }

    fn line(&self, out: &mut String, indent: usize, text: &str) {
        for line in wrap(text, self.options.width.saturating_sub(indent)) {
            let _ = writeln!(out, "{:indent$}{line}", "");
        }
    }

    fn heading(&self, out: &mut String, text: &str) {
        let _ = writeln!(out, "\n{}", self.paint(Colour::Bold, text));
    }

    fn head(&self, out: &mut String) {
        let report = self.report;
        let title = report
            .target
            .title
            .as_deref()
            .map(|title| format!(" · {}", redact::one_line(title, 60)))
            .unwrap_or_default();
        let _ = writeln!(out, "{}{}", self.paint(Colour::Bold, &redact::one_line(&report.target.url, 100)), title);
        let (score, colour) = match (report.score, report.grade) {
            (Some(score), Some(grade)) => (format!(" {grade}  {score}/100 "), grade_colour(grade)),
            _ => (" not graded ".to_owned(), Colour::Yellow),
        };
        let above = report.issues.iter().filter(|issue| issue.severity > Severity::Info).count() as u64;
        let operations = report.coverage.operations;
        let _ = writeln!(
            out,
            "\n  {}  {} at {}, {} of them reached",
            self.paint(colour, &score),
            count(above, "issue"),
            count(u64::from(operations.found), "operation"),
            operations.reached,
        );
        let cost = report.cost;
        let _ = writeln!(
            out,
            "  {}",
            self.paint(
                Colour::Dim,
                &format!(
                    "{}, {}, {:.1} s",
                    crate::text::of_most(cost.requests, cost.max_requests),
                    bytes(cost.bytes),
                    cost.seconds
                )
            )
        );
        for why in &report.incomplete {
            self.line(out, 2, &format!("{} {}", self.paint(Colour::Alarm, "INCOMPLETE:"), redact::one_line(why, 300)));
        }
    }

    fn categories(&self, out: &mut String) {
        if !self.joined() {
            let _ = writeln!(out);
        }
        for category in self.report.categories.iter().filter(|category| category.score.is_some()) {
            let score = category.score.unwrap_or(0);
            let filled = usize::from(score).div_ceil(10);
            let bar = format!("{}{}", "█".repeat(filled), "░".repeat(10 - filled));
            let issues = match category.issues {
                0 => String::new(),
                some => format!("  {}", self.paint(Colour::Dim, &count(u64::from(some), "issue"))),
            };
            let bar = self.paint(grade_colour(Grade::of(score)), &bar);
            let _ = writeln!(out, "  {:<22} {bar} {score:>3}{issues}", category.category.as_str());
        }
        let untested: Vec<&str> = self
            .report
            .categories
            .iter()
            .filter(|category| category.score.is_none())
            .map(|category| category.category.as_str())
            .collect();
        if !untested.is_empty() {
            self.line(out, 2, &format!("not tested: {}", untested.join(", ")));
        }
    }

    fn untested(&self, out: &mut String) {
        let unreached: Vec<_> = self.report.operations.iter().filter(|operation| !operation.reached).collect();
        let skipped = &self.report.coverage.skipped;
        if unreached.is_empty() && skipped.is_empty() && self.report.coverage.contract.is_empty() {
            return;
        }
        self.heading(out, "Not tested");
        let mut reasons: Vec<(&str, Vec<String>)> = Vec::new();
        for operation in unreached {
            let reason = operation.reason.as_deref().unwrap_or("unknown");
            match reasons.iter_mut().find(|(known, _)| *known == reason) {
                Some((_, operations)) => operations.push(operation.operation.to_string()),
                None => reasons.push((reason, vec![operation.operation.to_string()])),
            }
        }
        for (reason, operations) in &reasons {
            let shown = operations.iter().take(3).cloned().collect::<Vec<_>>().join(", ");
            let more = operations.len().saturating_sub(3);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            self.line(out, 2, &redact::one_line(&format!("{shown}{more}: {reason}"), 300));
        }
        for skipped in skipped.iter().filter(|skipped| !reasons.iter().any(|(reason, _)| *reason == skipped.why)) {
            let requests = if skipped.requests > 0 {
                format!(" ({})", count(u64::from(skipped.requests), "request"))
            } else {
                String::new()
            };
            self.line(out, 2, &redact::one_line(&format!("{}: {}{requests}", skipped.what, skipped.why), 300));
        }
        for diagnostic in self.report.coverage.contract.iter().take(5) {
            self.line(out, 2, &redact::one_line(diagnostic, 300));
        }
    }

    fn foot(&self, out: &mut String) {
        if self.report.notes.is_empty() {
            return;
        }
        let _ = writeln!(out);
        for note in &self.report.notes {
            for line in wrap(note, self.options.width.saturating_sub(2)) {
                let _ = writeln!(out, "  {}", self.paint(Colour::Dim, &line));
            }
        }
    }
}

/// The text in at most so many columns, the last of them an ellipsis where something was cut.
fn short(text: &str, room: usize) -> String {
    let whole = redact::one_line(text, room);
    if whole.chars().count() <= room { whole } else { redact::one_line(text, room.saturating_sub(1)) }
}

const fn grade_colour(grade: Grade) -> Colour {
    match grade {
        Grade::A | Grade::B => Colour::Green,
        Grade::C | Grade::D => Colour::Yellow,
        Grade::F => Colour::Red,
    }
}
