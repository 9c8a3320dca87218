//! The JSON report: `plimsoll.report/1`, the same for every command. Its schema is published as `docs/schema/report-1.json`.

use plimsoll_model::Report;
use schemars::Schema;

/// The report as JSON, indented, with a line break at its end.
///
/// # Errors
/// Never for a report that a run made: only numbers that are not finite have no JSON form, and they become null.
pub fn render(report: &Report) -> serde_json::Result<String> {
    serde_json::to_string_pretty(report).map(|text| text + "\n")
}

/// The JSON Schema (2020-12) of the report.
pub fn schema() -> Schema {
    schemars::schema_for!(Report)
}

/// The JSON schema of the baseline, version 1.
pub fn baseline_schema() -> Schema {
    schemars::schema_for!(plimsoll_model::baseline::Baseline)
}
