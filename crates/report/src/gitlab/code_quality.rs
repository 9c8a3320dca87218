//! `gl-code-quality-report.json`: a list of places with a sentence each, which GitLab shows in merge requests on every tier.

use plimsoll_model::{Kind, Report, Severity, redact};
use serde_json::{Value, json};

use crate::entry;
use crate::place::Root;

/// Every finding that is not accepted; what has no file stands at the path of its operation.
pub fn render(report: &Report, root: &Root) -> String {
    let list: Vec<Value> = entry::entries(report, root)
        .iter()
        .filter(|entry| entry.is_open())
        .map(|entry| {
            let finding = entry.finding;
            json!({
                "type": "issue",
                "check_name": finding.check,
                "description": redact::one_line(&format!("{}: {}", finding.weakness.facts().title, finding.message), 1_000),
                "categories": [category(finding.kind)],
                "severity": severity(finding.severity),
                "fingerprint": super::digits(finding),
                "location": {"path": entry.place.path, "lines": {"begin": entry.place.line_or_first()}},
            })
        })
        .collect();
    crate::page::json(Value::from(list))
}

const fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "blocker",
        Severity::High => "critical",
        Severity::Medium => "major",
        Severity::Low => "minor",
        Severity::Info => "info",
    }
}

/// The categories are those of the Code Climate specification.
const fn category(kind: Kind) -> &'static str {
    match kind {
        Kind::Leak | Kind::Peak | Kind::Cost => "Performance",
        Kind::Exposure | Kind::Access | Kind::Input => "Security",
        Kind::Crash | Kind::DataLoss => "Bug Risk",
        Kind::Config | Kind::Info => "Clarity",
    }
}
