//! One line a finding, for spreadsheets (RFC 4180). Cells that a spreadsheet would take for a formula are told to be text (CWE-1236).

use plimsoll_model::{Report, redact};

use crate::entry::{self, Entry};
use crate::place::Root;

/// The columns, in their order.
const HEAD: [&str; 19] = [
    "fingerprint",
    "issue",
    "stage",
    "since",
    "severity",
    "confidence",
    "vantage",
    "kind",
    "check",
    "weakness",
    "cwe",
    "owasp",
    "operation",
    "operations",
    "part",
    "file",
    "line",
    "message",
    "accepted",
];

/// The report as CSV with a head line; lines end with CR LF.
pub fn render(report: &Report, root: &Root) -> String {
    let mut out = row(HEAD.map(str::to_owned));
    for entry in entry::entries(report, root) {
        out.push_str(&row(cells(&entry)));
    }
    out
}

fn cells(entry: &Entry<'_>) -> [String; HEAD.len()] {
    let finding = entry.finding;
    let facts = finding.weakness.facts();
    let (file, line) = if entry.place.is_file {
        (entry.place.path.clone(), entry.place.line.map(|line| line.to_string()).unwrap_or_default())
    } else {
        (String::new(), String::new())
    };
    [
        finding.fingerprint.to_string(),
        entry.issue.map(|issue| issue.id.clone()).unwrap_or_default(),
        entry.issue.map(|issue| issue.stage.to_string()).unwrap_or_default(),
        entry.since().map(|since| since.to_string()).unwrap_or_default(),
        finding.severity.to_string(),
        finding.confidence.to_string(),
        finding.vantage.to_string(),
        finding.kind.to_string(),
        finding.check.clone(),
        facts.id.to_owned(),
        format!("CWE-{}", facts.cwe),
        facts.owasp.to_owned(),
        finding.operation.as_ref().map(ToString::to_string).unwrap_or_default(),
        finding.operations().count().to_string(),
        finding.part.as_ref().map(|part| format!("{}:{}", part.kind.as_str(), part.name)).unwrap_or_default(),
        file,
        line,
        finding.message.clone(),
        entry.justification().unwrap_or_default(),
    ]
}

fn row(cells: [String; HEAD.len()]) -> String {
    cells.map(|text| cell(&text)).join(",") + "\r\n"
}

/// A cell on one line. Spreadsheets evaluate what begins with one of `=+-@`, also after blanks and in full width; an apostrophe keeps it a text.
fn cell(text: &str) -> String {
    let line = redact::one_line(text, 2_000);
    let formula =
        line.chars().next().is_some_and(|c| matches!(c, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠' | '|' | '%'));
    let safe = if formula { format!("'{line}") } else { line };
    if safe.contains([',', '"', ';', '\'']) { format!("\"{}\"", safe.replace('"', "\"\"")) } else { safe }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_texts() {
        assert_eq!(cell("=HYPERLINK(\"http://x\",\"y\")"), "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"");
        for text in ["+1", "-1", "@SUM(A1)", "\t=1", "  =1", "\n=1", "＝1", "|x", "%0A=1"] {
            assert!(cell(text).trim_start_matches('"').starts_with('\''), "{text:?}");
        }
        assert_eq!(cell("a, b"), "\"a, b\"");
        assert_eq!(cell("GET /orders"), "GET /orders");
    }
}
