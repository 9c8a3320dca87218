//! The report as a short Markdown page, as a pull request or a job's summary shows it: the grade, the memory of the operations, the issues.
//!
//! Whatever came from the target stands in code spans or is escaped: no markup, link, image or mention of its making comes through.

use std::fmt::Write;

use plimsoll_model::{Report, Severity, redact};

use crate::memory;
use crate::text::{bytes, count};

/// How many issues are listed.
const ISSUES: usize = 20;

/// The report as Markdown.
pub fn render(report: &Report) -> String {
    let mut out = String::new();
    let title = report.target.title.as_deref().unwrap_or(&report.target.url);
    let grade = match (report.grade, report.score) {
        (Some(grade), Some(score)) => format!("grade {grade}, {score} of 100"),
        _ => "not graded".to_owned(),
    };
    let above = report.issues.iter().filter(|issue| issue.severity > Severity::Info).count() as u64;
    let _ = writeln!(out, "### Plimsoll: {} · {grade} · {}\n", escape(title), count(above, "issue"));
    for why in &report.incomplete {
        let _ = writeln!(out, "**Incomplete:** {}\n", escape(why));
    }
    changes(report, &mut out);
    operations(report, &mut out);
    issues(report, &mut out);
    access(report, &mut out);
    out
}

/// Who reaches what, where identities differ: what deviates first.
fn access(report: &Report, out: &mut String) {
    let Some(table) = &report.access else { return };
    let mut rows: Vec<_> = table.operations.iter().filter(|row| !row.is_even()).collect();
    rows.sort_by_key(|row| row.cells.iter().all(|cell| !cell.deviates));
    if rows.is_empty() {
        return;
    }
    let names: Vec<String> = table.identities.iter().map(|identity| code(&identity.name)).collect();
    let _ = writeln!(out, "\n| operation | {} |\n|---|{}", names.join(" | "), "---|".repeat(names.len()));
    for row in rows.iter().take(ISSUES) {
        let cells: Vec<String> = row
            .cells
            .iter()
            .map(|cell| {
                let status = cell.status.map_or_else(|| "·".to_owned(), |status| status.to_string());
                if cell.deviates { format!("**{status} !**") } else { status }
            })
            .collect();
        let _ = writeln!(out, "| {} | {} |", code(&row.operation.to_string()), cells.join(" | "));
    }
    let more = rows.len().saturating_sub(ISSUES) as u64;
    if more > 0 {
        let _ = writeln!(out, "\nand {} more", count(more, "operation"));
    }
}

fn changes(report: &Report, out: &mut String) {
    if report.memory_changes.is_empty() {
        return;
    }
    let _ = writeln!(out, "| change | operation | before | after |\n|---|---|---|---|");
    for change in &report.memory_changes {
        let amount = |interval: Option<&_>| interval.map(memory::estimate).unwrap_or_default();
        let (before, after) = (amount(change.before.as_ref()), amount(change.after.as_ref()));
        let _ = writeln!(out, "| {} | {} | {before} | {after} |", change.change, code(&change.operation.to_string()));
    }
    out.push('\n');
}

fn operations(report: &Report, out: &mut String) {
    if report.memory.is_empty() {
        return;
    }
    let limit = report.memory_run.as_ref().map(|run| bytes(run.limit_bytes)).unwrap_or_default();
    let _ = writeln!(
        out,
        "| operation | verdict | a request | growth | until {limit} | held by |\n|---|---|---|---|---|---|"
    );
    for memory in &report.memory {
        let marks = memory::sparkline(memory, 10).map(|(marks, _)| marks).unwrap_or_default();
        let holder = memory.retained_by.first().map(|retainer| code(&retainer.path.join(" → "))).unwrap_or_default();
        let (amount, until) = (memory::per_request(memory), memory::until(memory));
        let name = code(&memory.operation.to_string());
        let _ = writeln!(out, "| {name} | {} | {amount} | {marks} | {until} | {holder} |", memory.verdict);
    }
    out.push('\n');
}

fn issues(report: &Report, out: &mut String) {
    let shown: Vec<_> = report.issues.iter().filter(|issue| issue.severity > Severity::Info).collect();
    for issue in shown.iter().take(ISSUES) {
        let operation = match issue.operations.as_slice() {
            [] => "the application".to_owned(),
            [only] => code(&only.to_string()),
            [first, rest @ ..] => format!("{} and {} more", code(&first.to_string()), rest.len()),
        };
        let place =
            issue.source.as_ref().map(|source| format!(", {}", code(&format!("{}:{}", source.file, source.line))));
        let facts = issue.weakness.facts();
        let _ = writeln!(out, "- **{}** {}: {operation}{}", issue.severity, facts.title, place.unwrap_or_default());
    }
    let more = shown.len().saturating_sub(ISSUES) as u64;
    if more > 0 {
        let _ = writeln!(out, "- and {} more", count(more, "issue"));
    }
}

/// A code span within a table cell: without backticks and bars, which would end it (GFM 4.10).
fn code(text: &str) -> String {
    format!("`{}`", redact::one_line(text, 160).replace('`', "'").replace('|', "¦"))
}

/// Prose in which nothing is markup (CommonMark 2.4), and nobody is mentioned.
fn escape(text: &str) -> String {
    let mut out = String::new();
    for c in redact::one_line(text, 400).chars() {
        match c {
            '@' => out.push_str("&#64;"),
            '<' => out.push_str("&lt;"),
            '&' => out.push_str("&amp;"),
            c if c.is_ascii_punctuation() && !".,:;/-()%'\"".contains(c) => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    // A bare address would become a link.
    out.replace("://", ":&#47;&#47;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_markup() {
        assert_eq!(escape("![x](y) @all <b> #1 a_b"), "\\!\\[x\\](y) &#64;all &lt;b\\> \\#1 a\\_b");
        assert_eq!(escape("http://x"), "http:&#47;&#47;x");
        assert_eq!(code("a`|b"), "`a'¦b`");
    }
}
