//! DefectDojo's "Generic Findings Import" in JSON. The fingerprint is `unique_id_from_tool`, so that a re-import knows what it has, and closes what is
//! gone. Its importer refuses fields that it does not know.

use plimsoll_model::{Confidence, Evidence, Finding, Report, Severity, Vantage, redact};
use serde_json::{Value, json};

use crate::entry::{self, Entry};
use crate::markdown::{code, escape};
use crate::page::cut;
use crate::place::Root;
use crate::time;

/// The longest text of a field.
const LONGEST: usize = 50_000;

/// The report as generic findings.
pub fn render(report: &Report, root: &Root) -> String {
    let findings: Vec<Value> = entry::entries(report, root).iter().map(|entry| finding(report, entry)).collect();
    let out = json!({
        "name": "Plimsoll",
        "type": "Plimsoll",
        "version": report.tool.version,
        "description": redact::one_line(&format!("Plimsoll on {}", report.target.url), 300),
        "findings": findings,
    });
    crate::page::json(out)
}

fn finding(report: &Report, entry: &Entry<'_>) -> Value {
    let finding = entry.finding;
    let facts = finding.weakness.facts();
    let running = matches!(finding.vantage, Vantage::Wire | Vantage::Memory);
    let mut out = json!({
        "title": cut(&redact::one_line(&format!("{}: {}", facts.title, entry.subject()), 500), 500),
        "severity": severity(finding.severity),
        "description": cut(&description(finding), LONGEST),
        "mitigation": cut(&format!("FastAPI: {}\n\nDjango: {}", facts.fastapi.trim(), facts.django.trim()), LONGEST),
        "impact": facts.why.trim(),
        "references": format!("https://cwe.mitre.org/data/definitions/{}.html\nOWASP API Security Top 10: {}", facts.cwe, facts.owasp),
        "cwe": facts.cwe,
        "unique_id_from_tool": finding.fingerprint,
        "vuln_id_from_tool": finding.check,
        "static_finding": !running,
        "dynamic_finding": running,
        "verified": finding.confidence > Confidence::Suspected,
        "active": entry.is_open(),
        "risk_accepted": entry.accepted.is_some(),
        "is_mitigated": entry.is_fixed(),
        "nb_occurences": finding.operations().count().max(1),
        "tags": [finding.vantage.as_str(), finding.kind.as_str(), facts.category.as_str()],
    });
    // A day that nobody knows is the importer's.
    if report.time.is_some() {
        out["date"] = time::started(report).get(..10).unwrap_or_default().into();
    }
    if let Some(why) = entry.justification() {
        out["severity_justification"] = redact::one_line(&why, 1_000).into();
    }
    if entry.place.is_file {
        out["file_path"] = entry.place.path.clone().into();
        if let Some(line) = entry.place.line {
            out["line"] = line.into();
        }
    }
    if let Some(part) = &finding.part {
        out["param"] = redact::one_line(&part.name, 300).into();
    }
    let curl = finding.evidence.iter().find_map(|evidence| match evidence {
        Evidence::Exchange(exchange) => Some(&exchange.curl),
        _ => None,
    });
    if let Some(curl) = curl {
        out["steps_to_reproduce"] = code(curl).into();
    }
    let endpoints = endpoints(report, finding);
    if !endpoints.is_empty() {
        out["endpoints"] = endpoints.into();
    }
    out
}

/// What was seen, in Markdown in which nothing of a target's is markup.
fn description(finding: &Finding) -> String {
    let mut out = escape(&finding.message);
    for evidence in &finding.evidence {
        let line = match evidence {
            Evidence::Exchange(exchange) => {
                let status = exchange.status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
                format!("{}: {} {status}", escape(&exchange.role), code(&exchange.request))
            }
            Evidence::Source { file, line, excerpt, note, .. } => {
                format!("{} {} {}", code(&format!("{file}:{line}")), escape(note), code(excerpt))
            }
            Evidence::Contract { pointer, line, excerpt } => {
                let row = line.map(|line| format!(" line {line}")).unwrap_or_default();
                format!("{}{row} {}", code(pointer), code(excerpt))
            }
            Evidence::Measurement(m) => {
                format!("{}: {:.1} [{:.1}, {:.1}] {}", escape(&m.name), m.value, m.low, m.high, escape(&m.unit))
            }
            Evidence::Note { text } => escape(text),
            Evidence::Series(_) => continue,
        };
        out.push_str("\n\n- ");
        out.push_str(&line);
    }
    out
}

/// The operations on the target, as objects: an address with a brace in it would not be one.
fn endpoints(report: &Report, finding: &Finding) -> Vec<Value> {
    let Some((protocol, rest)) = report.target.url.split_once("://") else { return Vec::new() };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or("");
    let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => (host, port.parse::<u16>().ok()),
        _ => (authority, None),
    };
    let host = host.trim_matches(['[', ']']);
    if host.is_empty() || matches!(finding.vantage, Vantage::Code) {
        return Vec::new();
    }
    finding
        .operations()
        .take(50)
        .map(|operation| {
            let path = redact::one_line(operation.path.trim_start_matches('/'), 500);
            let mut out = json!({"protocol": protocol, "host": host, "path": path});
            if let Some(port) = port {
                out["port"] = port.into();
            }
            out
        })
        .collect()
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
