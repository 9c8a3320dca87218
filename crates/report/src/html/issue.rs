//! Issues as the page shows them: a card each that tells its story from top to bottom.

use std::collections::{HashMap, HashSet};

use askama::Template;
use plimsoll_model::baseline::Since;
use plimsoll_model::{Confidence, Finding, Issue, Report, Severity, Weakness, redact};

use super::change::{FixView, VerificationView};
use super::cost::{self, CostView};
use super::evidence::EvidenceView;
use super::story::{Lookup, Story};
use super::{line, markdown};

/// So many cards hold their remedy in any case.
const FULL: usize = 150;
/// From more operations on the list is folded.
const MANY: usize = 6;
/// So many operations of an issue are named.
const OPERATIONS: usize = 60;

/// A card.
#[derive(Template)]
#[template(path = "issue.html", whitespace = "minimize")]
pub struct IssueView {
    pub number: usize,
    pub id: String,
    pub anchor: String,
    pub severity: Severity,
    /// The stage where vantages were joined, otherwise how sure the strongest finding is.
    pub sure: &'static str,
    pub stage: &'static str,
    /// How it stands to the baseline; empty without one.
    pub since: &'static str,
    pub title: &'static str,
    /// Where it is, in few words.
    pub place: String,
    /// The first operations, where `place` does not name them all.
    pub operations: Vec<String>,
    pub more_operations: usize,
    pub source: Option<String>,
    /// The functions that answer, where no root is known.
    pub look: Vec<String>,
    /// What was seen, as HTML.
    pub lead: String,
    pub story: Story,
    pub cost: Vec<CostView>,
    pub fix: Option<FixView>,
    pub verification: Option<VerificationView>,
    pub weakness: &'static str,
    pub category: &'static str,
    pub why: String,
    /// The framework and its remedy, as HTML.
    pub fixes: Vec<(&'static str, String)>,
    pub cwe: u16,
    pub owasp: &'static str,
    pub owasp_page: &'static str,
    /// The issue on whose card the same remedy is printed; paper needs it once.
    pub printed_at: Option<usize>,
}

/// The cards of a report, made one after the other, because a page holds only so many.
pub struct Cards<'r> {
    lookup: Lookup<'r>,
    first: HashMap<Weakness, usize>,
    anchors: HashSet<String>,
}

impl<'r> Cards<'r> {
    pub fn of(report: &'r Report) -> Self {
        Self { lookup: Lookup::of(report), first: HashMap::new(), anchors: HashSet::new() }
    }

    /// The fragment of an issue's card, where it has one.
    pub fn anchor(&self, issue: &Issue) -> Option<String> {
        Some(anchor(&issue.id)).filter(|anchor| self.anchors.contains(anchor))
    }

    /// The card of the next issue.
    pub fn card(&mut self, issue: &'r Issue, number: usize) -> IssueView {
        let before = self.first.get(&issue.weakness).copied();
        self.first.entry(issue.weakness).or_insert(number);
        // Two short names may be the same in a large report; a fragment must not.
        let mut anchor = anchor(&issue.id);
        if !self.anchors.insert(anchor.clone()) {
            anchor = format!("{anchor}-{number}");
        }
        view(issue, &self.lookup, anchor, number, before)
    }
}

fn view(issue: &Issue, lookup: &Lookup<'_>, anchor: String, number: usize, printed_at: Option<usize>) -> IssueView {
    let facts = issue.weakness.facts();
    let findings = lookup.findings(issue);
    let measured = lookup.measured(&findings);
    let lead = findings.first().copied();
    // In a large report a remedy stands where it is first needed, and cards further down point there.
    let full = number <= FULL || printed_at.is_none();
    let mut fixes = vec![("FastAPI", markdown::html(facts.fastapi)), ("Django", markdown::html(facts.django))];
    fixes.retain(|(_, html)| full && !html.is_empty());
    let several = issue.operations.len() > 1;
    let shown = issue.operations.iter().take(if several { OPERATIONS } else { 0 });
    let confidence = lead.map_or(Confidence::Suspected, |finding| finding.confidence).as_str();
    IssueView {
        number,
        id: line(&issue.id),
        anchor,
        severity: issue.severity,
        sure: if lookup.joined { issue.stage.as_str() } else { confidence },
        stage: issue.stage.as_str(),
        since: issue.since.map_or("", Since::as_str),
        title: facts.title,
        place: place(issue),
        operations: shown.map(|operation| line(&operation.to_string())).collect(),
        more_operations: if several { issue.operations.len().saturating_sub(OPERATIONS) } else { 0 },
        source: issue.source.as_ref().map(|source| redact::one_line(&source.to_string(), 300)),
        look: issue.places_to_look().map(|place| redact::one_line(&place.to_string(), 300)).collect(),
        lead: lead.map(message).unwrap_or_default(),
        cost: if lookup.joined || !measured.is_empty() { cost::of(issue, &findings, &measured) } else { Vec::new() },
        story: Story::of(issue, &findings, lookup),
        fix: FixView::of(issue),
        verification: issue.verification.as_ref().map(VerificationView::of),
        weakness: facts.id,
        category: facts.category.as_str(),
        why: if full { markdown::html(facts.why) } else { String::new() },
        fixes,
        cwe: facts.cwe,
        owasp: facts.owasp,
        owasp_page: owasp_page(facts.owasp),
        printed_at,
    }
}

/// Where an issue is, in few words.
pub fn place(issue: &Issue) -> String {
    let name = |operation: &plimsoll_model::OperationKey| line(&operation.to_string());
    match (issue.operations.as_slice(), &issue.source) {
        ([], Some(source)) => line(&format!("{}:{}", source.file, source.line)),
        ([], None) => "the application as a whole".to_owned(),
        ([one], _) => name(one),
        ([one, rest @ ..], _) => format!("{} and {} more", name(one), rest.len()),
    }
}

/// The fragment that names a card. Only letters, digits and `-` are kept, so that it can be typed into an address.
pub fn anchor(id: &str) -> String {
    let kept: String = id.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(40).collect();
    format!("issue-{kept}")
}

/// What a finding says, as HTML.
pub fn message(finding: &Finding) -> String {
    markdown::opening(&redact::one_line(&finding.message, 2_000))
}

/// The page of an entry of the OWASP API Security Top 10 (2023), without its folder.
fn owasp_page(id: &str) -> &'static str {
    match id.split(':').next().unwrap_or(id) {
        "API1" => "0xa1-broken-object-level-authorization",
        "API2" => "0xa2-broken-authentication",
        "API3" => "0xa3-broken-object-property-level-authorization",
        "API4" => "0xa4-unrestricted-resource-consumption",
        "API5" => "0xa5-broken-function-level-authorization",
        "API6" => "0xa6-unrestricted-access-to-sensitive-business-flows",
        "API7" => "0xa7-server-side-request-forgery",
        "API8" => "0xa8-security-misconfiguration",
        "API9" => "0xa9-improper-inventory-management",
        "API10" => "0xaa-unsafe-consumption-of-apis",
        _ => "0x11-t10",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_weakness_has_its_page() {
        for weakness in Weakness::ALL {
            assert_ne!(owasp_page(weakness.facts().owasp), "0x11-t10", "{weakness}: {}", weakness.facts().owasp);
        }
    }

    #[test]
    fn an_anchor_is_a_plain_word() {
        assert_eq!(anchor("83cf5c77"), "issue-83cf5c77");
        assert_eq!(anchor("\"><script>"), "issue-script");
    }
}
