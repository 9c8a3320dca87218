//! JUnit XML, in the form that Jenkins, GitLab, Azure and Bitbucket read: there is no standard, so only what all of them know.
//!
//! One test case for each check and operation: a finding is a failure, a fact is none. What was accepted or could not be looked at is skipped, with
//! its reason; what kept the run from its end is an error. Characters that XML 1.0 §2.2 does not allow are left out.

use std::collections::{BTreeMap, HashSet};
use std::fmt::Write;

use plimsoll_model::{Evidence, Finding, Report, Severity, redact};

use crate::entry::{self, Entry};
use crate::place::Root;
use crate::time;

/// Characters of a failure's text.
const BODY: usize = 8_000;

/// The report as JUnit XML.
pub fn render(report: &Report, root: &Root) -> String {
    let entries = entry::entries(report, root);
    let mut suites = vec![coverage(report)];
    for vantage in entry::vantages(report) {
        let mine = entries.iter().filter(|entry| entry.finding.vantage == vantage);
        let seconds = report.lanes.iter().find(|lane| lane.vantage == vantage).map(|lane| lane.seconds);
        suites.push(Suite { name: format!("plimsoll.{vantage}"), seconds: seconds.unwrap_or(0.0), cases: cases(mine) });
    }
    let sum = |of: fn(&Suite) -> usize| suites.iter().map(of).sum::<usize>();
    let mut out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned();
    let _ = writeln!(
        out,
        "<testsuites name=\"plimsoll\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{:.3}\">",
        sum(|suite| suite.cases.len()),
        sum(Suite::failures),
        sum(Suite::errors),
        sum(Suite::skipped),
        finite(report.cost.seconds),
    );
    for suite in &suites {
        suite.write(report, &mut out);
    }
    out.push_str("</testsuites>\n");
    out
}

struct Suite {
    name: String,
    seconds: f64,
    cases: Vec<Case>,
}

impl Suite {
    fn failures(&self) -> usize {
        self.cases.iter().filter(|case| matches!(case.outcome, Outcome::Failed { .. })).count()
    }

    fn errors(&self) -> usize {
        self.cases.iter().filter(|case| matches!(case.outcome, Outcome::Error(_))).count()
    }

    fn skipped(&self) -> usize {
        self.cases.iter().filter(|case| matches!(case.outcome, Outcome::Skipped(_))).count()
    }

    fn write(&self, report: &Report, out: &mut String) {
        let _ = writeln!(
            out,
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{:.3}\" timestamp=\"{}\">",
            escape(&self.name),
            self.cases.len(),
            self.failures(),
            self.errors(),
            self.skipped(),
            finite(self.seconds),
            time::without_zone(time::started(report)),
        );
        for case in &self.cases {
            case.write(out);
        }
        out.push_str("  </testsuite>\n");
    }
}

struct Case {
    /// The operation, or what else it is about.
    class: String,
    /// The check.
    name: String,
    place: Option<(String, u32)>,
    outcome: Outcome,
}

enum Outcome {
    Passed,
    Failed { kind: String, message: String, body: String },
    Error(String),
    Skipped(String),
}

impl Case {
    fn new(class: &str, name: &str, outcome: Outcome) -> Self {
        Self { class: line(class), name: line(name), place: None, outcome }
    }

    fn write(&self, out: &mut String) {
        let _ = write!(
            out,
            "    <testcase classname=\"{}\" name=\"{}\" time=\"0\"",
            escape(&self.class),
            escape(&self.name)
        );
        if let Some((file, line)) = &self.place {
            let _ = write!(out, " file=\"{}\" line=\"{line}\"", escape(file));
        }
        match &self.outcome {
            Outcome::Passed => out.push_str("/>\n"),
            Outcome::Failed { kind, message, body } => {
                let _ = writeln!(
                    out,
                    ">\n      <failure type=\"{}\" message=\"{}\">{}</failure>\n    </testcase>",
                    escape(kind),
                    escape(message),
                    escape(body)
                );
            }
            Outcome::Error(why) => {
                let _ =
                    writeln!(out, ">\n      <error type=\"incomplete\" message=\"{}\"/>\n    </testcase>", escape(why));
            }
            Outcome::Skipped(why) => {
                let _ = writeln!(out, ">\n      <skipped message=\"{}\"/>\n    </testcase>", escape(why));
            }
        }
    }
}

/// Whether the run came to its end, and which operations could be looked at.
fn coverage(report: &Report) -> Suite {
    const CLASS: &str = "plimsoll";
    let mut cases = Vec::new();
    if report.incomplete.is_empty() {
        let outcome =
            if report.complete { Outcome::Passed } else { Outcome::Error("the run is incomplete".to_owned()) };
        cases.push(Case::new(CLASS, "the run came to its end", outcome));
    }
    for (number, why) in report.incomplete.iter().enumerate() {
        let name = if number == 0 {
            "the run came to its end".to_owned()
        } else {
            format!("the run came to its end ({})", number + 1)
        };
        cases.push(Case::new(CLASS, &name, Outcome::Error(line(why))));
    }
    for lane in report.lanes.iter().filter(|lane| !lane.ran) {
        let why = lane.why.first().map_or("it did not run", String::as_str);
        cases.push(Case::new(CLASS, &format!("{} looked", lane.vantage), Outcome::Skipped(line(why))));
    }
    let mut met = HashSet::new();
    let known = report.operations.iter().filter(|facts| facts.requests > 0 || facts.reason.is_some());
    for facts in known.filter(|facts| met.insert(&facts.operation)) {
        let outcome = match &facts.reason {
            Some(why) if !facts.reached => Outcome::Skipped(line(why)),
            _ => Outcome::Passed,
        };
        cases.push(Case::new(&facts.operation.to_string(), "is reached", outcome));
    }
    Suite { name: "plimsoll.coverage".to_owned(), seconds: finite(report.cost.seconds), cases }
}

/// One case for each check and operation, in the order of the report.
fn cases<'e, 'r: 'e>(entries: impl Iterator<Item = &'e Entry<'r>>) -> Vec<Case> {
    let mut order: Vec<(String, &str)> = Vec::new();
    let mut by: BTreeMap<(String, &str), Vec<&Entry<'_>>> = BTreeMap::new();
    for entry in entries {
        let mut classes: Vec<String> = entry.finding.operations().map(ToString::to_string).collect();
        if classes.is_empty() {
            let own = entry.finding.source.as_ref().map(|source| source.file.clone());
            classes.push(own.unwrap_or_else(|| "the application".to_owned()));
        }
        for class in classes {
            let key = (class, entry.finding.check.as_str());
            let list = by.entry(key.clone()).or_default();
            if list.is_empty() {
                order.push(key);
            }
            list.push(entry);
        }
    }
    order
        .into_iter()
        .filter_map(|key| {
            let entries = by.remove(&key)?;
            Some(case(key.0, key.1, &entries))
        })
        .collect()
}

/// The case of findings of one check at one operation, the worst first.
fn case(class: String, check: &str, entries: &[&Entry<'_>]) -> Case {
    let counted: Vec<&&Entry<'_>> =
        entries.iter().filter(|entry| entry.is_open() && entry.finding.severity > Severity::Info).collect();
    let outcome = match counted.first() {
        Some(worst) => Outcome::Failed {
            kind: format!("{} {}", worst.finding.severity, worst.finding.weakness.id()),
            message: line(&worst.finding.message),
            body: body(counted.iter().map(|entry| entry.finding)),
        },
        None => match entries.iter().find_map(|entry| entry.justification()) {
            Some(why) => Outcome::Skipped(format!("accepted: {}", line(&why))),
            None => Outcome::Passed,
        },
    };
    let at = counted.first().copied().or(entries.first()).map(|entry| &entry.place);
    let place = at.filter(|place| place.is_file).map(|place| (place.path.clone(), place.line_or_first()));
    Case { class: line(&class), name: line(check), place, outcome }
}

/// What was seen, with the requests that repeat it.
fn body<'f>(findings: impl Iterator<Item = &'f Finding>) -> String {
    let mut out = String::new();
    for finding in findings {
        let _ = writeln!(out, "{} ({}, {})", line(&finding.message), finding.severity, finding.confidence);
        for evidence in &finding.evidence {
            match evidence {
                Evidence::Exchange(exchange) => {
                    let status = exchange.status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
                    let _ = writeln!(
                        out,
                        "  {}: {} {status}\n  {}",
                        line(&exchange.role),
                        line(&exchange.request),
                        line(&exchange.curl)
                    );
                }
                Evidence::Source { file, line: row, note, .. } => {
                    let _ = writeln!(out, "  {file}:{row} {}", line(note));
                }
                _ => {}
            }
        }
        let _ = writeln!(out, "  {} {}", finding.weakness.id(), finding.fingerprint);
        if out.len() > BODY {
            return crate::page::head(&out, BODY).to_owned() + "…\n";
        }
    }
    out
}

fn line(text: &str) -> String {
    redact::one_line(text, 600)
}

fn finite(seconds: f64) -> f64 {
    if seconds.is_finite() { seconds.max(0.0) } else { 0.0 }
}

/// Text as content or attribute (XML 1.0 §2.4); what §2.2 does not allow becomes U+FFFD.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in redact::printable(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(c),
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}
