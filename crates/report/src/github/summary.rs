//! The summary of a job: the gate and the grade first, then every issue with what was seen, where, and how to change it. A step's summary holds
//! 1 MiB; the worst issues come first, and what does not fit is counted.

use std::fmt::Write;

use plimsoll_model::{Evidence, Finding, Issue, Proposal, Report, Severity, redact};

use crate::markdown::{code, escape, head, known, place, subject, tables, tail};
use crate::page::Page;
use crate::text::count;

/// Bytes of a step's summary, at most; several steps of ours may add to it.
const MOST: usize = 1_000_000;
/// Issues in the table that is seen at once.
const OPEN: usize = 20;
/// Findings of an issue that are shown.
const FINDINGS: usize = 5;
/// Lines of a change that are shown.
const LINES: usize = 80;

/// The summary.
pub fn render(report: &Report) -> Page {
    let shown: Vec<&Issue> = report.issues.iter().filter(|issue| issue.severity > Severity::Info).collect();
    let mut out = head(report);
    tables(report, &mut out);
    out.push_str(&table(&shown, OPEN, MOST / 4).text);
    let mut end = String::new();
    tail(report, &mut end);
    let mut told = 0;
    for issue in &shown {
        let story = story(report, issue);
        if out.len() + story.len() + end.len() + 200 > MOST {
            break;
        }
        out.push_str(&story);
        told += 1;
    }
    let left = (shown.len() - told) as u64;
    let mut notices = Vec::new();
    if left > 0 {
        let _ = writeln!(out, "\n{} not told here; the report has them all.", count(left, "more issue"));
        notices.push(format!("a summary holds 1 MiB: {} left out", count(left, "issue")));
    }
    out.push_str(&end);
    Page { text: out, notices }
}

/// A table of issues.
pub(super) struct Table {
    pub text: String,
    /// How many issues are in it.
    pub rows: usize,
}

/// The issues as a table of at most so many bytes; those after the first `open` are folded.
pub(super) fn table(issues: &[&Issue], open: usize, most: usize) -> Table {
    const HEAD: &str = "| severity | issue | where | |\n|---|---|---|---|\n";
    let mut text = String::new();
    let mut rows = 0;
    for issue in issues {
        let row = row(issue);
        let folded = rows == open;
        if text.len() + row.len() + HEAD.len() + 200 > most {
            break;
        }
        if rows == 0 {
            text.push_str(HEAD);
        }
        if folded {
            let rest = count((issues.len() - open) as u64, "more issue");
            let _ = writeln!(text, "\n<details><summary>{rest}</summary>\n\n{}", HEAD.trim_end());
        }
        text.push_str(&row);
        rows += 1;
    }
    if rows > open {
        text.push_str("\n</details>\n");
    }
    Table { text, rows }
}

fn row(issue: &Issue) -> String {
    let place = place(issue).map(|place| format!("<br>{place}")).unwrap_or_default();
    let more = known(issue);
    let title = issue.weakness.facts().title;
    format!("| **{}** | {title} | {}{place} | {} |\n", issue.severity, subject(issue), more.trim_start_matches(" · "))
}

/// An issue in full, folded.
fn story(report: &Report, issue: &Issue) -> String {
    let mut out = String::new();
    let title = escape(issue.weakness.facts().title);
    let operations: Vec<String> = issue.operations.iter().take(8).map(ToString::to_string).collect();
    let of = if operations.is_empty() { String::new() } else { format!(": {}", html(&operations.join(", "))) };
    let _ = writeln!(out, "\n<details><summary>{} {title}{of} ({})</summary>\n", issue.severity, html(&issue.id));
    let mine = report.findings.iter().filter(|finding| issue.findings.contains(&finding.fingerprint));
    for finding in mine.take(FINDINGS) {
        told(finding, &mut out);
    }
    let left = issue.findings.len().saturating_sub(FINDINGS) as u64;
    if left > 0 {
        let _ = writeln!(out, "- and {}", count(left, "more finding"));
    }
    for doubt in &issue.doubts {
        let _ = writeln!(out, "- {} doubts it: {}", doubt.vantage, escape(&doubt.why));
    }
    let _ = writeln!(out, "\n{}", issue.weakness.facts().why.trim());
    match &issue.proposal {
        Some(Proposal::Offered { title, diff, .. }) => {
            let _ = writeln!(out, "\n{}:\n\n{}", escape(title), fenced("diff", diff));
        }
        Some(Proposal::Refused { why }) => {
            let _ = writeln!(out, "\nNo change is proposed: {}", escape(why));
        }
        None => {}
    }
    if let Some(verification) = &issue.verification {
        let _ = writeln!(out, "\nAfter the change: **{}**", verification.outcome);
        for again in &verification.again {
            let _ = writeln!(out, "- {}: {}", again.vantage, escape(&again.why));
        }
    }
    out.push_str("\n</details>\n");
    out
}

/// What was seen, and what shows it.
fn told(finding: &Finding, out: &mut String) {
    let _ = writeln!(out, "- *{}*, {}: {}", finding.vantage, finding.confidence, escape(&finding.message));
    for evidence in finding.evidence.iter().take(6) {
        match evidence {
            Evidence::Exchange(exchange) => {
                let status = exchange.status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
                let _ = writeln!(out, "  - {}: {} → {status}", escape(&exchange.role), code(&exchange.request));
            }
            Evidence::Source { file, line, excerpt, note, .. } => {
                let _ = writeln!(out, "  - {} {}: {}", code(&format!("{file}:{line}")), escape(note), code(excerpt));
            }
            Evidence::Contract { pointer, line, .. } => {
                let row = line.map(|line| format!(", line {line}")).unwrap_or_default();
                let _ = writeln!(out, "  - contract {}{row}", code(pointer));
            }
            Evidence::Measurement(m) => {
                let _ = writeln!(
                    out,
                    "  - {}: {:.1} \\[{:.1}, {:.1}\\] {}",
                    escape(&m.name),
                    m.value,
                    m.low,
                    m.high,
                    escape(&m.unit)
                );
            }
            Evidence::Note { text } => {
                let _ = writeln!(out, "  - {}", escape(text));
            }
            Evidence::Series(_) => {}
        }
    }
}

/// A fenced block with a fence that its text cannot end (GFM 4.5).
fn fenced(language: &str, text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    let lines: Vec<String> = text.lines().take(LINES).map(|line| redact::printable(line).into_owned()).collect();
    let more = if text.lines().count() > LINES { "\n…" } else { "" };
    format!("{fence}{language}\n{}{more}\n{fence}", lines.join("\n"))
}

/// Text within HTML.
fn html(text: &str) -> String {
    let text = redact::one_line(text, 600);
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('@', "&#64;")
        .replace('`', "'")
        .replace('[', "&#91;")
        .replace(']', "&#93;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fence_is_longer_than_what_it_holds() {
        assert_eq!(fenced("diff", "a\n```\nb"), "````diff\na\n```\nb\n````");
    }
}
