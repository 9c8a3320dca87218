//! `gl-sast-report.json`: what stands in a file of the repository, be it code or a contract.

use plimsoll_model::{Report, redact};
use serde_json::{Value, json};

use super::{document, is_static, vulnerability};
use crate::entry::{self, Entry};
use crate::place::Root;

/// The findings with a file of their own.
pub fn render(report: &Report, root: &Root) -> String {
    let entries = entry::entries(report, root);
    let shown = entries.iter().filter(|entry| entry.is_open() && is_static(entry));
    document(report, "sast", None, shown.map(located).collect())
}

fn located(entry: &Entry<'_>) -> Value {
    let mut location = json!({"file": entry.place.path, "start_line": entry.place.line_or_first()});
    if let Some(symbol) = entry.finding.source.as_ref().and_then(|source| source.symbol.as_deref()) {
        location["method"] = redact::one_line(symbol, 300).into();
    }
    let mut out = vulnerability(entry);
    out["location"] = location;
    out
}
