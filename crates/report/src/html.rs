//! The report as one self-contained HTML page: it loads nothing, runs nothing that came from a target, and can be read without scripts.
//!
//! The page's own style and script are the only ones that its content security policy admits, by their hashes (CSP 3 §2.3.1), so markup that
//! slipped through the escaping would still do nothing. A page that a mail or a browser cannot carry is of no use, so it stays below five megabytes: what
//! does not fit stands in few words, and what does not fit even so is counted.

mod access;
mod change;
mod cost;
mod evidence;
mod issue;
mod markdown;
mod memory;
mod operation;
mod rest;
mod standing;
mod story;
mod summary;
mod untested;

use askama::Template;
use base64::Engine;
use plimsoll_model::{Issue, Report, Severity, redact};
use sha2::{Digest, Sha256};

use access::AccessView;
use issue::Cards;
use memory::MemoryView;
use operation::OperationTable;
use rest::Rest;
use standing::{BaselineView, GateView, LaneView, Suppressions};
use summary::{CategoryView, Summary, counts, unscored};
use untested::Untested;

const STYLE: &str = include_str!("../templates/style.css");
const SCRIPT: &str = include_str!("../templates/script.js");

/// How many issues the summary names.
const FIRST: usize = 5;
/// So many bytes of cards the page holds; issues after that stand in a line each.
const CARDS: usize = 2_000_000;

/// The page could not be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write the HTML report: {0}")]
pub struct RenderError(#[from] askama::Error);

/// The report as HTML.
///
/// # Errors
/// When a template fails, which no report makes it do.
pub fn render(report: &Report) -> Result<String, RenderError> {
    let mut cards = Cards::of(report);
    let mut shown = Shown::default();
    let mut rest = Vec::new();
    for (index, issue) in report.issues.iter().enumerate() {
        if shown.issues.len() + shown.facts.len() > CARDS {
            rest.push(issue);
            continue;
        }
        let card = cards.card(issue, index + 1);
        if issue.severity == Severity::Info {
            shown.facts.push_str(&card.render()?);
            continue;
        }
        shown.issues.push_str(&card.render()?);
        if shown.first.len() < FIRST && is_open(issue) {
            shown.first.push(First {
                anchor: card.anchor,
                title: card.title,
                severity: card.severity.as_str(),
                place: card.place,
                lead: card.lead,
            });
        }
    }
    let stages =
        plimsoll_model::Stage::ALL.iter().filter(|stage| report.issues.iter().any(|issue| issue.stage == **stage));
    let page = Page {
        policy: policy(),
        style: STYLE,
        script: SCRIPT,
        summary: Summary::of(report),
        counts: counts(report),
        stages: if report.lanes.is_empty() { Vec::new() } else { stages.map(|stage| stage.as_str()).collect() },
        first: shown.first,
        issues: shown.issues,
        facts: shown.facts,
        rest: Rest::of(&rest),
        lanes: report.lanes.iter().map(LaneView::of).collect(),
        gate: report.gate.as_ref().map(GateView::of),
        baseline: BaselineView::of(report),
        suppressions: Suppressions::of(report),
        memory: MemoryView::of(report),
        access: AccessView::of(report, &cards),
        table: OperationTable::of(report, &cards),
        untested: untested::of(report),
        diagnostics: report
            .coverage
            .contract
            .iter()
            .take(DIAGNOSTICS)
            .map(|line| redact::one_line(line, 400))
            .collect(),
        categories: report.categories.iter().filter_map(CategoryView::of).collect(),
        unscored: unscored(report),
        notes: report.notes.iter().map(|note| markdown::sentence(&redact::one_line(note, 1_000))).collect(),
        version: redact::one_line(&report.tool.version, 40),
        schema: redact::one_line(&report.schema, 40),
    };
    Ok(page.render()?)
}

/// So many remarks on the contract are shown.
const DIAGNOSTICS: usize = 200;

/// Whether there is something left to do about an issue.
fn is_open(issue: &Issue) -> bool {
    issue.stage != plimsoll_model::Stage::Fixed
}

/// What of the issues is shown in full.
#[derive(Default)]
struct Shown {
    issues: String,
    facts: String,
    first: Vec<First>,
}

/// An issue as the summary names it.
struct First {
    anchor: String,
    title: &'static str,
    severity: &'static str,
    place: String,
    lead: String,
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
    /// The stages that issues of a joined report have.
    stages: Vec<&'static str>,
    first: Vec<First>,
    /// Cards, as HTML.
    issues: String,
    facts: String,
    rest: Option<Rest>,
    lanes: Vec<LaneView>,
    gate: Option<GateView>,
    baseline: Option<BaselineView>,
    suppressions: Option<Suppressions>,
    memory: Option<MemoryView>,
    access: Option<AccessView>,
    table: OperationTable,
    untested: Vec<Untested>,
    diagnostics: Vec<String>,
    categories: Vec<CategoryView>,
    /// Names and reason of those without a score.
    unscored: Vec<(String, String)>,
    notes: Vec<String>,
    version: String,
    schema: String,
}

fn line(text: &str) -> String {
    redact::one_line(text, 200)
}
