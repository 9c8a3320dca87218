//! The report as a short Markdown page: the gate, the grade, the memory of the operations, the issues. `github` makes the summary of a job and the
//! comment on a pull request of the same parts.
//!
//! Whatever came from the target stands in code spans or is escaped: no markup, link, image or mention of its making comes through.

use std::fmt::Write;

use plimsoll_model::baseline::Since;
use plimsoll_model::{ContractChange, ContractValue, Issue, Report, Severity, SourcePlace, Stage, Verdict, redact};

use crate::memory;
use crate::text::{bytes, count};

/// How many issues are listed.
const ISSUES: usize = 20;
/// How many reasons of a gate are said.
const REASONS: usize = 5;
/// How many changes of a contract are listed.
const CHANGES: usize = 40;

/// The report as Markdown.
pub fn render(report: &Report) -> String {
    let mut out = head(report);
    tables(report, &mut out);
    issues(report, &mut out);
    access(report, &mut out);
    tail(report, &mut out);
    out
}

/// Grade and gate, what kept the run from its end, and how it stands to the baseline.
pub(crate) fn head(report: &Report) -> String {
    let mut out = String::new();
    let title = report.target.title.as_deref().unwrap_or(&report.target.url);
    let grade = match (report.grade, report.score) {
        (Some(grade), Some(score)) => format!("grade {grade}, {score} of 100"),
        _ => "not graded".to_owned(),
    };
    let above = report.issues.iter().filter(|issue| issue.severity > Severity::Info).count() as u64;
    let _ = writeln!(out, "### Plimsoll: {} · {grade} · {}\n", escape(title), count(above, "issue"));
    if let Some(gate) = &report.gate {
        let all = gate.failed.len() + gate.undecided.len();
        let mut why: Vec<String> =
            gate.failed.iter().chain(&gate.undecided).take(REASONS).map(|why| escape(why)).collect();
        why.extend((all > REASONS).then(|| format!("and {} more", all - REASONS)));
        let said = if gate.passed { "passed" } else { "failed" };
        let colon = if why.is_empty() { "" } else { ": " };
        let _ = writeln!(out, "**Gate {said}**{colon}{}\n", why.join("; "));
    }
    for why in &report.incomplete {
        let _ = writeln!(out, "**Incomplete:** {}\n", escape(why));
    }
    for lane in report.lanes.iter().filter(|lane| !lane.ran) {
        let why: Vec<String> = lane.why.iter().map(|why| escape(why)).collect();
        let _ = writeln!(out, "*{}* did not look: {}\n", lane.vantage, why.join("; "));
    }
    if let Some(baseline) = &report.baseline {
        let number = |list: &[_]| list.len() as u64;
        let mut parts = vec![format!("{} new", baseline.new), format!("{} known", baseline.known)];
        parts.push(format!("{} gone", number(&baseline.gone)));
        if !baseline.not_tested.is_empty() {
            parts.push(format!("{} not tested", number(&baseline.not_tested)));
        }
        let _ = writeln!(out, "Since {}: {}\n", code(&baseline.file), parts.join(", "));
    }
    out
}

/// Memory and contract, before and after, and the memory of the operations.
pub(crate) fn tables(report: &Report, out: &mut String) {
    changes(report, out);
    contract(&report.contract_changes, out);
    operations(report, out);
}

/// What the project lives with, and suppressions that suppress nothing.
pub(crate) fn tail(report: &Report, out: &mut String) {
    let accepted = report.suppressed.len() as u64;
    if accepted > 0 {
        let _ = writeln!(out, "\n{} accepted, with a reason each.", count(accepted, "issue"));
    }
    for stale in &report.stale {
        let _ = writeln!(out, "\nStale suppression {}: {}", code(&stale.place), escape(&stale.why));
    }
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

/// What became worse and better between two contracts; what only clients notice is counted.
fn contract(changes: &[ContractChange], out: &mut String) {
    if changes.is_empty() {
        return;
    }
    let shown: Vec<_> = changes.iter().filter(|change| change.verdict != Verdict::Changed).collect();
    if !shown.is_empty() {
        let _ = writeln!(out, "| | operation | what | before | after |\n|---|---|---|---|---|");
    }
    for change in shown.iter().take(CHANGES) {
        let verdict = match change.verdict {
            Verdict::Worse => format!("**worse**, {}", change.severity),
            verdict => verdict.as_str().to_owned(),
        };
        let part = if change.part.is_empty() { String::new() } else { format!(" {}", change.part) };
        let operation = change.operation.as_ref().map_or_else(String::new, |key| code(&format!("{key}{part}")));
        let more = if change.also.is_empty() { String::new() } else { format!(" and {} more", change.also.len()) };
        let (before, after) = (side(change.before.as_ref()), side(change.after.as_ref()));
        let what = escape(&change.message);
        let _ = writeln!(out, "| {verdict} | {operation}{more} | {what} | {before} | {after} |");
    }
    let left = shown.len().saturating_sub(CHANGES);
    let others = (changes.len() - shown.len() + left) as u64;
    if others > 0 {
        let _ = writeln!(out, "\nAnd {}.", count(others, "more change"));
    }
    out.push('\n');
}

fn side(value: Option<&ContractValue>) -> String {
    value.map_or_else(String::new, |value| {
        let line = value.place.line.map_or_else(String::new, |line| format!(":{line}"));
        format!(
            "{} {}",
            code(&value.value),
            code(&format!("{}{line}", value.place.file.as_deref().unwrap_or_default()))
        )
    })
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
        let _ = writeln!(out, "- {}", line(issue));
    }
    let more = shown.len().saturating_sub(ISSUES) as u64;
    if more > 0 {
        let _ = writeln!(out, "- and {} more", count(more, "issue"));
    }
}

/// The root line of an issue or, where none is known, the function that answers.
pub(crate) fn place(issue: &Issue) -> Option<String> {
    let at = |source: &SourcePlace| code(&format!("{}:{}", source.file, source.line));
    let look = || issue.answered_by.first().map(|by| format!("answered by {}", at(&by.place)));
    issue.source.as_ref().map(at).or_else(look)
}

/// An issue on one line: how bad, what, where, and how far it is known.
pub(crate) fn line(issue: &Issue) -> String {
    let place = place(issue).map(|place| format!(", {place}"));
    let title = issue.weakness.facts().title;
    format!("**{}** {title}: {}{}{}", issue.severity, subject(issue), place.unwrap_or_default(), known(issue))
}

/// The operations of an issue.
pub(crate) fn subject(issue: &Issue) -> String {
    match issue.operations.as_slice() {
        [] => "the application".to_owned(),
        [only] => code(&only.to_string()),
        [first, rest @ ..] => format!("{} and {} more", code(&first.to_string()), rest.len()),
    }
}

/// How far an issue is known: its stage above the first, how it stands to the baseline, requests until memory is full.
pub(crate) fn known(issue: &Issue) -> String {
    let mut out = String::new();
    if issue.stage > Stage::Indicated {
        let _ = write!(out, " · {}", issue.stage);
    }
    if let Some(since) = issue.since.filter(|since| *since != Since::Known) {
        let _ = write!(out, " · **{since}**");
    }
    if let Some(until) = &issue.requests_until_limit {
        let _ = write!(out, " · memory is full after {} requests", memory::rounded(until.requests));
    }
    out
}

/// A code span, also within a table cell: without backticks and bars, which would end it (GFM 4.10).
pub(crate) fn code(text: &str) -> String {
    format!("`{}`", redact::one_line(text, 160).replace('`', "'").replace('|', "¦"))
}

/// Prose in which nothing is markup (CommonMark 2.4), and nobody is mentioned.
pub(crate) fn escape(text: &str) -> String {
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
    use plimsoll_model::{Aspect, Method, OperationKey, SpecPlace};

    use super::*;

    #[test]
    fn changes_of_a_contract_are_a_table() {
        let value = |line, value: &str| {
            let place = SpecPlace { pointer: "/a".to_owned(), line: Some(line), file: Some("new|.yaml".to_owned()) };
            Some(ContractValue { place, value: value.to_owned() })
        };
        let change = |verdict, message: &str| ContractChange {
            verdict,
            severity: Severity::Medium,
            aspect: Aspect::PageSize,
            operation: Some(OperationKey::new(Method::Get, "/orders")),
            also: vec![OperationKey::new(Method::Get, "/carts")],
            part: "query:limit".to_owned(),
            message: message.to_owned(),
            before: value(7, "maximum 100"),
            after: value(8, "no maximum"),
        };
        let mut out = String::new();
        let changes = [change(Verdict::Worse, "No maximum @all | <b>"), change(Verdict::Changed, "Another type.")];
        contract(&changes, &mut out);
        let row = "| **worse**, medium | `GET /orders query:limit` and 1 more | No maximum &#64;all \\| &lt;b\\> | `maximum 100` `new¦.yaml:7` | `no maximum` `new¦.yaml:8` |";
        assert!(out.contains(row), "{out}");
        assert!(out.contains("And 1 more change.") && !out.contains("Another type"), "{out}");
    }

    #[test]
    fn nothing_is_markup() {
        assert_eq!(escape("![x](y) @all <b> #1 a_b"), "\\!\\[x\\](y) &#64;all &lt;b\\> \\#1 a\\_b");
        assert_eq!(escape("http://x"), "http:&#47;&#47;x");
        assert_eq!(code("a`|b"), "`a'¦b`");
    }
}
