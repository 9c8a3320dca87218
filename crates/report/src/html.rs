//! The report as one self-contained HTML page: it loads nothing, runs nothing that came from a target, and can be read without scripts.
//!
//! The page's own style and script are the only ones that its content security policy admits, by their hashes (CSP 3 §2.3.1), so markup that
//! slipped through the escaping would still do nothing.

mod access;
mod evidence;
mod issue;
mod markdown;
mod memory;
mod operation;

use askama::Template;
use base64::Engine;
use plimsoll_model::score::CategoryScore;
use plimsoll_model::{Report, Severity, redact};
use sha2::{Digest, Sha256};

use crate::svg;
use crate::text::{bytes, count, grouped};
use access::AccessView;
use issue::IssueView;
use memory::MemoryView;
use operation::OperationTable;

const STYLE: &str = include_str!("../templates/style.css");
const SCRIPT: &str = include_str!("../templates/script.js");

/// How many issues the summary names.
const FIRST: usize = 5;

/// The page could not be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write the HTML report: {0}")]
pub struct RenderError(#[from] askama::Error);

/// The report as HTML.
///
/// # Errors
/// When a template fails, which no report makes it do.
pub fn render(report: &Report) -> Result<String, RenderError> {
    let issues = issue::views(report);
    let (facts, issues): (Vec<_>, Vec<_>) = issues.into_iter().partition(|issue| issue.severity == Severity::Info);
    let page = Page {
        policy: policy(),
        style: STYLE,
        script: SCRIPT,
        summary: Summary::of(report),
        counts: counts(report),
        issues,
        facts,
        memory: MemoryView::of(report),
        access: AccessView::of(report),
        table: OperationTable::of(report),
        untested: untested(report),
        diagnostics: report.coverage.contract.iter().map(|line| redact::one_line(line, 400)).collect(),
        categories: report.categories.iter().map(CategoryView::of).collect(),
        notes: report.notes.iter().map(|note| markdown::sentence(&redact::one_line(note, 1_000))).collect(),
        version: redact::one_line(&report.tool.version, 40),
        schema: redact::one_line(&report.schema, 40),
    };
    Ok(page.render()?)
}

/// The content security policy of the page.
fn policy() -> String {
    let hash = |text: &str| base64::engine::general_purpose::STANDARD.encode(Sha256::digest(text.as_bytes()));
    format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; img-src data:; base-uri 'none'; form-action 'none'",
        hash(STYLE),
        hash(SCRIPT)
    )
}

#[derive(Template)]
#[template(path = "page.html", whitespace = "minimize")]
struct Page {
    policy: String,
    style: &'static str,
    script: &'static str,
    summary: Summary,
    counts: Vec<(&'static str, usize)>,
    issues: Vec<IssueView>,
    facts: Vec<IssueView>,
    memory: Option<MemoryView>,
    access: Option<AccessView>,
    table: OperationTable,
    untested: Vec<Untested>,
    diagnostics: Vec<String>,
    categories: Vec<CategoryView>,
    notes: Vec<String>,
    version: String,
    schema: String,
}

/// What stands at the top.
struct Summary {
    url: String,
    title: Option<String>,
    grade: &'static str,
    score: Option<u8>,
    incomplete: Vec<String>,
    issues: String,
    found: String,
    reached: u32,
    judged: u32,
    /// Label and value of what the run was and what it cost.
    run: Vec<(&'static str, String)>,
}

impl Summary {
    fn of(report: &Report) -> Self {
        let target = &report.target;
        let above = report.issues.iter().filter(|issue| issue.severity > Severity::Info).count() as u64;
        let cost = report.cost;
        let mut run = vec![("Contract", target.contract.as_deref().map_or_else(|| "none found".to_owned(), line))];
        run.push(("Identities", target.identities.iter().map(|name| line(name)).collect::<Vec<_>>().join(", ")));
        if !target.transport.is_empty() {
            run.push(("Transport", target.transport.iter().map(|fact| line(fact)).collect::<Vec<_>>().join(", ")));
        }
        let most = if cost.max_requests > 0 { format!(" of {}", grouped(cost.max_requests)) } else { String::new() };
        run.push(("Requests", format!("{}{most}", grouped(cost.requests))));
        run.push(("Received", bytes(cost.bytes)));
        run.push(("Time", format!("{:.1} s of {} s", cost.seconds, svg::number(cost.max_seconds))));
        Self {
            url: line(&target.url),
            title: target.title.as_deref().map(line),
            grade: report.grade.map_or("–", plimsoll_model::score::Grade::as_str),
            score: report.score,
            incomplete: report.incomplete.iter().map(|why| redact::one_line(why, 600)).collect(),
            issues: count(above, "issue"),
            found: count(u64::from(report.coverage.operations.found), "operation"),
            reached: report.coverage.operations.reached,
            judged: report.coverage.operations.judged,
            run,
        }
    }
}

fn line(text: &str) -> String {
    redact::one_line(text, 200)
}

/// How many issues there are of each severity above info, the worst first; severities without issues are left out.
fn counts(report: &Report) -> Vec<(&'static str, usize)> {
    let of = |severity: Severity| report.issues.iter().filter(|issue| issue.severity == severity).count();
    let worst_first = Severity::ALL.iter().rev().filter(|severity| **severity > Severity::Info);
    worst_first.map(|severity| (severity.as_str(), of(*severity))).filter(|(_, count)| *count > 0).collect()
}

struct CategoryView {
    name: &'static str,
    score: Option<u8>,
    bar: String,
    issues: String,
    untested: String,
}

impl CategoryView {
    fn of(category: &CategoryScore) -> Self {
        let name = category.category.as_str();
        Self {
            name,
            score: category.score,
            bar: category.score.map(|score| svg::bar(score, &format!("{name}: {score} of 100"))).unwrap_or_default(),
            issues: if category.issues == 0 { String::new() } else { count(u64::from(category.issues), "issue") },
            untested: category.untested.as_deref().map(line).unwrap_or_default(),
        }
    }
}

/// Something that was not tested, with everything that shares the reason.
struct Untested {
    why: String,
    what: Vec<String>,
    requests: String,
}

fn untested(report: &Report) -> Vec<Untested> {
    let mut out: Vec<Untested> = Vec::new();
    let mut add = |what: String, why: &str, requests: u32| {
        let why = redact::one_line(why, 400);
        let requests =
            if requests > 0 { format!(" ({})", count(u64::from(requests), "request")) } else { String::new() };
        match out.iter_mut().find(|known| known.why == why && known.requests == requests) {
            Some(known) if known.what.contains(&what) => {}
            Some(known) => known.what.push(what),
            None => out.push(Untested { why, what: vec![what], requests }),
        }
    };
    for facts in report.operations.iter().filter(|facts| !facts.reached) {
        add(line(&facts.operation.to_string()), facts.reason.as_deref().unwrap_or("no reason was recorded"), 0);
    }
    for skipped in &report.coverage.skipped {
        // A scan names the operations of one reason in one line; they are known from above.
        for what in skipped.what.split(", ") {
            add(line(what), &skipped.why, skipped.requests);
        }
    }
    out
}
