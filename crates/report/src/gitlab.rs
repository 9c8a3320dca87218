//! GitLab's reports: dynamic and static tests by its security report schemas 15.2, and code quality for the free tier's merge requests.
//!
//! A report of GitLab that breaks its schema is not taken in at all, so texts are cut to its limits, and what has no value is left out: a null is an
//! error. What is accepted or fixed is not in it, as GitLab itself leaves out suppressed results of SARIF: there is no word for them in the schema.

pub mod code_quality;
pub mod dast;
pub mod sast;

use plimsoll_model::{Evidence, Finding, Report, Severity, redact};
use serde_json::{Value, json};

use crate::entry::Entry;
use crate::page::cut;
use crate::{text, time};

/// The version of the schema; GitLab checks a report by the version that it names.
const SCHEMA: &str = "15.2.1";
/// Characters of a name, a solution and a description, at most (schema 15.2.1).
const NAME: usize = 255;
const SOLUTION: usize = 7_000;
const DESCRIPTION: usize = 100_000;
const HOME: &str = env!("CARGO_PKG_REPOSITORY");

/// What the reports of dynamic and static tests have in common.
fn document(report: &Report, kind: &str, resources: Option<Vec<Value>>, vulnerabilities: Vec<Value>) -> String {
    let (started, ended) = time::both(report);
    let version = if report.tool.version.is_empty() { "0" } else { report.tool.version.as_str() };
    let maker =
        json!({"id": "plimsoll", "name": "Plimsoll", "url": HOME, "vendor": {"name": "Plimsoll"}, "version": version});
    let messages: Vec<Value> = report
        .incomplete
        .iter()
        .filter(|why| !why.trim().is_empty())
        .map(|why| json!({"level": "warn", "value": redact::one_line(why, 1_000)}))
        .collect();
    let mut scan = json!({
        "analyzer": maker,
        "scanner": maker,
        "type": kind,
        "start_time": time::without_zone(started),
        "end_time": time::without_zone(ended),
        "status": if report.complete { "success" } else { "failure" },
        "messages": messages,
    });
    if let Some(resources) = resources {
        scan["scanned_resources"] = resources.into();
    }
    let out = json!({"version": SCHEMA, "scan": scan, "vulnerabilities": vulnerabilities});
    crate::page::json(out)
}

/// A vulnerability without its location.
fn vulnerability(entry: &Entry<'_>) -> Value {
    let finding = entry.finding;
    let facts = finding.weakness.facts();
    json!({
        "id": uuid(finding),
        "name": cut(facts.title, NAME),
        "description": cut(&description(entry), DESCRIPTION),
        "severity": severity(finding.severity),
        "solution": cut(&format!("FastAPI: {}\n\nDjango: {}", facts.fastapi.trim(), facts.django.trim()), SOLUTION),
        "identifiers": [
            {"type": "plimsoll_check", "name": format!("Plimsoll {}", finding.check), "value": finding.check},
            {
                "type": "cwe",
                "name": format!("CWE-{}", facts.cwe),
                "value": facts.cwe.to_string(),
                "url": format!("https://cwe.mitre.org/data/definitions/{}.html", facts.cwe),
            },
            {"type": "owasp", "name": facts.owasp, "value": facts.owasp},
        ],
        "details": details(entry),
    })
}

/// The finding in Markdown. What a target said stands in it as text: backslashes keep it from being markup.
fn description(entry: &Entry<'_>) -> String {
    let finding = entry.finding;
    let mut out = format!("{}\n\n{}", crate::markdown::escape(&finding.message), finding.weakness.facts().why.trim());
    if !finding.also.is_empty() {
        let names: Vec<String> =
            finding.operations().take(50).map(|key| crate::markdown::code(&key.to_string())).collect();
        out.push_str(&format!("\n\nThe same at {}.", names.join(", ")));
    }
    out
}

/// Facts by name, in the order of GitLab's page.
fn details(entry: &Entry<'_>) -> Value {
    let finding = entry.finding;
    let text = |name: &str, value: String| json!({"name": name, "type": "text", "value": value});
    let mut out = json!({
        "confidence": text("Confidence", finding.confidence.to_string()),
        "effect": text("Effect", finding.kind.to_string()),
    });
    if let Some(issue) = entry.issue {
        out["issue"] = text("Issue", format!("{}, {}", issue.id, issue.stage));
    }
    if let Some(part) = &finding.part {
        out["part"] = text("Part", redact::one_line(&format!("{} {}", part.kind.as_str(), part.name), 300));
    }
    let measured = finding.evidence.iter().find_map(|evidence| match evidence {
        Evidence::Measurement(m) => Some(format!(
            "{}: {} [{}, {}] {}, n = {}, {}",
            m.name,
            number(m.value),
            number(m.low),
            number(m.high),
            m.unit,
            m.n,
            m.method
        )),
        _ => None,
    });
    if let Some(measured) = measured {
        out["measured"] = text("Measured", redact::one_line(&measured, 600));
    }
    out
}

/// A number as people read it.
fn number(value: f64) -> String {
    if value.abs() >= 1_000.0 { text::grouped(value.abs() as u64) } else { format!("{value:.1}") }
}

/// The fingerprint in the form of a UUID, which GitLab recommends: 8, 4, 4, 4 and 12 digits (RFC 9562 §4).
fn uuid(finding: &Finding) -> String {
    let digits = digits(finding);
    let parts: Option<Vec<&str>> =
        [0..8, 8..12, 12..16, 16..20, 20..32].into_iter().map(|part| digits.get(part)).collect();
    parts.map_or_else(|| digits.to_owned(), |parts| parts.join("-"))
}

/// The fingerprint without its version.
fn digits(finding: &Finding) -> &str {
    let text = finding.fingerprint.as_str();
    text.split_once(':').map_or(text, |(_, digits)| digits)
}

const fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "Critical",
        Severity::High => "High",
        Severity::Medium => "Medium",
        Severity::Low => "Low",
        Severity::Info => "Info",
    }
}

/// Whether a finding is shown at a file of the repository: such findings are static tests, all others dynamic ones.
fn is_static(entry: &Entry<'_>) -> bool {
    use plimsoll_model::Vantage;
    matches!(entry.finding.vantage, Vantage::Contract | Vantage::Code) && entry.place.is_file
}
