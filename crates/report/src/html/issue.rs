//! Issues as the page shows them: a card each, with the findings that it joins and how to fix it.

use std::collections::HashMap;

use askama::Template;
use plimsoll_model::{Confidence, Finding, Fingerprint, Issue, Report, Severity, Weakness, redact};

use super::evidence::{self, EvidenceView};
use super::{line, markdown};
use crate::text::count;

/// So many cards hold their remedy in any case.
const FULL: usize = 150;

/// A card.
#[derive(Template)]
#[template(path = "issue.html", whitespace = "minimize")]
pub struct IssueView {
    pub number: usize,
    pub id: String,
    pub anchor: String,
    pub severity: Severity,
    pub confidence: &'static str,
    pub stage: &'static str,
    pub title: &'static str,
    /// Where it is, in few words.
    pub place: String,
    /// Every operation, where `place` does not name them all.
    pub operations: Vec<String>,
    pub source: Option<String>,
    /// What was seen, as HTML, for the summary of the page.
    pub lead: String,
    pub findings: Vec<FindingView>,
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

/// What one check saw.
pub struct FindingView {
    pub message: String,
    pub check: String,
    /// Vantage, confidence and place in one line.
    pub facts: String,
    pub evidence: Vec<EvidenceView>,
}

/// The cards of a report, in its order.
pub fn views(report: &Report) -> Vec<IssueView> {
    let findings: HashMap<&Fingerprint, &Finding> =
        report.findings.iter().map(|finding| (&finding.fingerprint, finding)).collect();
    let mut first: HashMap<Weakness, usize> = HashMap::new();
    let mut views = Vec::with_capacity(report.issues.len());
    for (index, issue) in report.issues.iter().enumerate() {
        let number = index + 1;
        let before = first.get(&issue.weakness).copied();
        first.entry(issue.weakness).or_insert(number);
        let mine: Vec<&Finding> = issue.findings.iter().filter_map(|wanted| findings.get(wanted).copied()).collect();
        views.push(view(issue, &mine, number, before));
    }
    views
}

fn view(issue: &Issue, findings: &[&Finding], number: usize, printed_at: Option<usize>) -> IssueView {
    let facts = issue.weakness.facts();
    let operations: Vec<String> = issue.operations.iter().map(|operation| line(&operation.to_string())).collect();
    let place = match operations.as_slice() {
        [] => "the application as a whole".to_owned(),
        [one] => one.clone(),
        [one, rest @ ..] => format!("{one} and {} more", rest.len()),
    };
    let lead = findings.first();
    // In a large report a remedy stands where it is first needed, and cards further down point there.
    let full = number <= FULL || printed_at.is_none();
    let mut fixes = vec![("FastAPI", markdown::html(facts.fastapi)), ("Django", markdown::html(facts.django))];
    fixes.retain(|(_, html)| full && !html.is_empty());
    IssueView {
        number,
        id: line(&issue.id),
        anchor: anchor(&issue.id),
        severity: issue.severity,
        confidence: lead.map_or(Confidence::Suspected, |finding| finding.confidence).as_str(),
        stage: issue.stage.as_str(),
        title: facts.title,
        place,
        operations: if operations.len() > 1 { operations } else { Vec::new() },
        source: issue.source.as_ref().map(|source| redact::one_line(&format!("{}:{}", source.file, source.line), 300)),
        lead: lead.map(|finding| message(finding)).unwrap_or_default(),
        findings: views_of(findings),
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

/// The fragment that names a card. Only letters, digits and `-` are kept, so that it can be typed into an address.
pub fn anchor(id: &str) -> String {
    let kept: String = id.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(40).collect();
    format!("issue-{kept}")
}

fn message(finding: &Finding) -> String {
    markdown::sentence(&redact::one_line(&finding.message, 2_000))
}

fn views_of(findings: &[&Finding]) -> Vec<FindingView> {
    findings
        .iter()
        .map(|finding| {
            let mut facts = vec![finding.confidence.as_str().to_owned()];
            facts.push(match finding.vantage.as_str() {
                "wire" => "on the wire".to_owned(),
                vantage => format!("in the {vantage}"),
            });
            if let Some(part) = &finding.part {
                let kind = part.kind.as_str().replace('-', " ");
                facts.push(if part.name.is_empty() { kind } else { format!("{kind} {}", line(&part.name)) });
            }
            if let Some(source) = &finding.source {
                let symbol = source.symbol.as_deref().map(|symbol| format!(" in {symbol}")).unwrap_or_default();
                facts.push(line(&format!("{}:{}{symbol}", source.file, source.line)));
            }
            // With evidence from the contract the place is there.
            if let (Some(spec), false) = (&finding.spec, finding.evidence.iter().any(is_contract)) {
                facts.push(line(&spec.pointer));
            }
            let operations = finding.operations().count() as u64;
            if operations > 1 {
                facts.push(count(operations, "operation"));
            }
            FindingView {
                message: message(finding),
                check: line(&finding.check),
                facts: facts.join(" · "),
                evidence: finding.evidence.iter().map(evidence::view).collect(),
            }
        })
        .collect()
}

fn is_contract(evidence: &plimsoll_model::Evidence) -> bool {
    matches!(evidence, plimsoll_model::Evidence::Contract { .. })
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
