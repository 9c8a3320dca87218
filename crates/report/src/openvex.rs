//! OpenVEX 0.2.0: what is known of each weakness of this application, so that others need not find it again. A suppression is *not affected* with its
//! reason; an issue is *affected*, or *under investigation* while it is only suspected; a verified fix is *fixed*.
//!
//! A weakness of one's own code has no CVE: its name is ours, with the CWE as an alias, and the statement's identity is the issue's fingerprint.

use std::collections::HashMap;

use plimsoll_model::{Confidence, Fingerprint, Issue, Report, Stage, redact};
use serde_json::{Value, json};

use crate::text::first_sentence;
use crate::{place, time};

/// The report as OpenVEX.
pub fn render(report: &Report) -> String {
    let product = product(report);
    let sure: HashMap<&Fingerprint, Confidence> =
        report.findings.iter().map(|finding| (&finding.fingerprint, finding.confidence)).collect();
    let mut statements: Vec<Value> = Vec::new();
    for suppressed in &report.suppressed {
        let mut out = statement(&suppressed.issue, &product);
        out["status"] = "not_affected".into();
        out["impact_statement"] = redact::one_line(&suppressed.reason, 1_000).into();
        let owner = suppressed.owner.as_deref().map(|owner| format!("accepted by {owner}")).unwrap_or_default();
        let until = suppressed.until.as_deref().map(|day| format!("until {day}")).unwrap_or_default();
        let notes: Vec<String> =
            [owner, until, suppressed.place.clone()].into_iter().filter(|text| !text.is_empty()).collect();
        out["status_notes"] = redact::one_line(&notes.join(", "), 600).into();
        statements.push(out);
    }
    for issue in &report.issues {
        let suspected =
            issue.findings.iter().filter_map(|name| sure.get(name)).all(|sure| *sure == Confidence::Suspected);
        let mut out = statement(issue, &product);
        if issue.stage == Stage::Fixed {
            out["status"] = "fixed".into();
        } else if suspected && issue.stage < Stage::Proven {
            out["status"] = "under_investigation".into();
        } else {
            out["status"] = "affected".into();
            out["action_statement"] = first_sentence(issue.weakness.facts().fastapi).into();
        }
        statements.push(out);
    }
    if statements.is_empty() {
        // A document has at least one statement (schema 0.2.0); this one says that there is none yet.
        statements.push(json!({
            "@id": "urn:plimsoll:issue:none",
            "vulnerability": {"name": "PLIMSOLL-NONE", "description": "Stands for weaknesses that are not known."},
            "products": [product],
            "status": "under_investigation",
            "status_notes": "No weakness is known from this run.",
        }));
    }
    let time = time::both(report).1;
    for statement in &mut statements {
        statement["timestamp"] = time.into();
    }
    let out = json!({
        "@context": "https://openvex.dev/ns/v0.2.0",
        "@id": format!("urn:plimsoll:vex:{}:{time}", name(report)),
        "author": "Plimsoll",
        "role": "Document Creator",
        "timestamp": time,
        "version": 1,
        "tooling": format!("Plimsoll {}", report.tool.version),
        "statements": statements,
    });
    crate::page::json(out)
}

fn statement(issue: &Issue, product: &Value) -> Value {
    let facts = issue.weakness.facts();
    let mut product = product.clone();
    let parts: Vec<Value> = issue
        .operations
        .iter()
        .map(|operation| json!({"@id": format!("urn:plimsoll:operation:{}:{}", operation.method, place::uri(&operation.path))}))
        .collect();
    if !parts.is_empty() {
        product["subcomponents"] = parts.into();
    }
    json!({
        "@id": format!("urn:plimsoll:issue:{}", issue.fingerprint.as_str().replace(':', "-")),
        "vulnerability": {
            "name": format!("PLIMSOLL-{}", facts.id.to_ascii_uppercase()),
            "description": redact::one_line(&issue.title, 600),
            "aliases": [format!("CWE-{}", facts.cwe)],
        },
        "products": [product],
    })
}

/// What the statements are about, as a package URL: readers of OpenVEX want one, and an application is a generic package.
fn product(report: &Report) -> Value {
    json!({"@id": format!("pkg:generic/{}", name(report))})
}

fn name(report: &Report) -> String {
    if report.target.url.contains("://") {
        place::host(report)
    } else {
        place::uri(&report.target.url).replace('/', "-")
    }
}
