//! The report on a terminal: the grade, what to fix first with its evidence, the rest in a line each, and what was not tested.

mod access;
mod memory;

use std::borrow::Cow;
use std::fmt::Write;

use plimsoll_model::score::Grade;
use plimsoll_model::{Evidence, Finding, Issue, Report, Severity, redact};

use serde_json::Value;

use crate::paint::{Colour, Paint};
use crate::text::{bytes, count, first_sentence, wrap};

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
    let page = Page { report, options };
    page.head(&mut out);
    page.categories(&mut out);
    page.memory(&mut out);
    page.issues(&mut out);
    page.access(&mut out);
    page.untested(&mut out);
    page.foot(&mut out);
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
}

impl Page<'_> {
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
        let _ = writeln!(out);
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

    fn issues(&self, out: &mut String) {
        let shown: Vec<&Issue> =
            self.report.issues.iter().filter(|issue| self.options.info || issue.severity > Severity::Info).collect();
        let (first, rest) = shown.split_at(shown.len().min(self.options.detailed));
        if !first.is_empty() {
            self.heading(out, if rest.is_empty() { "Issues" } else { "Fix these first" });
        }
        for (index, issue) in first.iter().enumerate() {
            self.detailed(out, index + 1, issue);
        }
        if !rest.is_empty() {
            self.heading(out, "Then");
            for (index, issue) in rest.iter().enumerate() {
                self.brief(out, first.len() + index + 1, issue);
            }
        }
        let infos = self.report.issues.iter().filter(|issue| issue.severity == Severity::Info).count() as u64;
        if infos > 0 && !self.options.info {
            let _ = writeln!(
                out,
                "\n  {}",
                self.paint(Colour::Dim, &format!("and {}: --all shows them", count(infos, "fact")))
            );
        }
        if self.report.issues.is_empty() && self.report.complete {
            let _ = writeln!(out, "\n  {}", self.paint(Colour::Green, "Nothing found."));
        }
    }

    fn findings<'a>(&'a self, issue: &'a Issue) -> impl Iterator<Item = &'a Finding> {
        issue
            .findings
            .iter()
            .filter_map(|wanted| self.report.findings.iter().find(|finding| finding.fingerprint == *wanted))
    }

    fn detailed(&self, out: &mut String, number: usize, issue: &Issue) {
        let Some(lead) = self.findings(issue).next() else { return };
        let facts = issue.weakness.facts();
        let severity = self.paint(Paint::of(issue.severity), issue.severity.as_str());
        let id = self.paint(Colour::Dim, &issue.id);
        let title = format!("{} · {severity} · {} · {id}", self.paint(Colour::Bold, facts.title), lead.confidence);
        let mut lines = wrap(&title, self.options.width.saturating_sub(5)).into_iter();
        let _ = writeln!(out, "\n{number:>3}  {}", lines.next().unwrap_or_default());
        for line in lines {
            let _ = writeln!(out, "     {line}");
        }
        if !issue.operations.is_empty() {
            self.line(out, 5, &operations(issue, 4));
        }
        // One sentence for each different thing that the checks saw.
        let mut said: Vec<&str> = Vec::new();
        for finding in self.findings(issue).take(3) {
            if !said.contains(&finding.message.as_str()) {
                said.push(&finding.message);
                self.line(out, 5, &finding.message);
            }
        }
        if let Some(exchange) = lead.evidence.iter().find_map(exchange) {
            let answer = match exchange.status {
                Some(status) => format!("{status}, {}, {} ms", bytes(exchange.bytes), exchange.ms),
                None => "no answer".to_owned(),
            };
            let _ = writeln!(
                out,
                "     {} {}",
                self.paint(Colour::Cyan, &exchange.curl),
                self.paint(Colour::Dim, &format!("# {answer}"))
            );
        }
        for (framework, remedy) in [("FastAPI", facts.fastapi), ("Django", facts.django)] {
            let sentence = first_sentence(remedy).split_whitespace().collect::<Vec<_>>().join(" ");
            self.line(out, 5, &format!("{} {sentence}", self.paint(Colour::Green, &format!("{framework}:"))));
        }
        let _ = writeln!(out, "     {}", self.paint(Colour::Dim, &format!("plimsoll explain {}", facts.id)));
    }

    fn brief(&self, out: &mut String, number: usize, issue: &Issue) {
        let severity = self.paint(Paint::of(issue.severity), &format!("{:<8}", issue.severity.as_str()));
        let place = if issue.operations.is_empty() { "application".to_owned() } else { operations(issue, 1) };
        let id = self.paint(Colour::Dim, &issue.id);
        let _ = writeln!(out, "{number:>3}  {severity} {:<27} {place}  {id}", issue.weakness.id());
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
        let _ = writeln!(out);
        for note in &self.report.notes {
            for line in wrap(note, self.options.width.saturating_sub(2)) {
                let _ = writeln!(out, "  {}", self.paint(Colour::Dim, &line));
            }
        }
    }
}

/// The first `most` operations of an issue, and how many more there are.
fn operations(issue: &Issue, most: usize) -> String {
    let names: Vec<String> = issue.operations.iter().take(most).map(ToString::to_string).collect();
    let more = issue.operations.len().saturating_sub(most);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", names.join(", "))
}

fn exchange(evidence: &Evidence) -> Option<&plimsoll_model::ExchangeEvidence> {
    match evidence {
        Evidence::Exchange(exchange) => Some(exchange),
        _ => None,
    }
}

const fn grade_colour(grade: Grade) -> Colour {
    match grade {
        Grade::A | Grade::B => Colour::Green,
        Grade::C | Grade::D => Colour::Yellow,
        Grade::F => Colour::Red,
    }
}
