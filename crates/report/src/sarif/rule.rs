//! Rules: a check at one severity. GitHub has severities on rules only, so a check that gives several is several rules; the name of a rule depends
//! on nothing but its finding, so that it is the same in the next run.

use plimsoll_model::{Finding, Severity};
use serde_json::{Value, json};

use super::counts;
use crate::text::first_sentence;

/// Where the project is.
pub(super) const HOME: &str = env!("CARGO_PKG_REPOSITORY");

/// The name of the rule of a finding: the check, and its severity where that is not the usual one of the weakness.
pub(super) fn id(finding: &Finding) -> String {
    if finding.severity == finding.weakness.facts().severity {
        finding.check.clone()
    } else {
        format!("{}.{}", finding.check, finding.severity)
    }
}

/// The rule of a finding.
pub(super) fn rule(id: &str, finding: &Finding) -> Value {
    let facts = finding.weakness.facts();
    let mut properties = json!({
        "tags": tags(finding),
        "precision": "high",
        "problem.severity": problem(finding.severity),
    });
    if let Some(number) = security_severity(finding.severity) {
        properties["security-severity"] = number.into();
    }
    let help = format!("{}\n\n## FastAPI\n\n{}\n\n## Django\n\n{}\n", facts.why, facts.fastapi, facts.django);
    json!({
        "id": id,
        "name": name(&finding.check),
        "shortDescription": {"text": format!("{}.", facts.title.trim_end_matches('.'))},
        "fullDescription": {"text": first_sentence(facts.why)},
        "help": {"text": help, "markdown": help},
        "helpUri": help_uri(finding),
        "defaultConfiguration": {"level": level(finding.severity)},
        "properties": properties,
    })
}

/// GitHub shows ten tags of a rule and takes twenty. GitLab makes identifiers of those that name a CWE.
fn tags(finding: &Finding) -> Vec<String> {
    let facts = finding.weakness.facts();
    let security = counts(finding.severity).then(|| "security".to_owned());
    let rest = [
        format!("external/cwe/cwe-{:03}", facts.cwe),
        format!("CWE-{}", facts.cwe),
        format!("OWASP-{}", facts.owasp),
        facts.category.as_str().to_owned(),
        finding.kind.as_str().to_owned(),
    ];
    security.into_iter().chain(rest).collect()
}

/// `limit-ignored` as `LimitIgnored` (SARIF 3.49.7: an identifier that people can read).
fn name(check: &str) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str()).unwrap_or_default()
    };
    check.split('-').map(word).collect()
}

/// The weakness in its public list.
fn help_uri(finding: &Finding) -> String {
    format!("https://cwe.mitre.org/data/definitions/{}.html", finding.weakness.facts().cwe)
}

/// The level of a result.
pub(super) const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

const fn problem(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "recommendation",
    }
}

/// A number in a string, as GitHub wants it: above 9.0 critical, from 7.0 high, from 4.0 medium. What is a fact only has none.
const fn security_severity(severity: Severity) -> Option<&'static str> {
    match severity {
        Severity::Critical => Some("9.5"),
        Severity::High => Some("8.0"),
        Severity::Medium => Some("5.5"),
        Severity::Low => Some("3.0"),
        Severity::Info => None,
    }
}

/// The priority of a result, 0 to 100 (SARIF 3.27.25); GitLab takes its severity from it.
pub(super) const fn rank(severity: Severity) -> f64 {
    match severity {
        Severity::Critical => 95.0,
        Severity::High => 80.0,
        Severity::Medium => 55.0,
        Severity::Low => 30.0,
        Severity::Info => 0.0,
    }
}
