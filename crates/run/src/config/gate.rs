//! `[gate]`: when a run fails.

use serde::Deserialize;

/// When a run fails. What the command line says outranks it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GateConfig {
    /// The least severity that fails a run, or `never`.
    pub fail_on: Option<String>,
    /// Issues count only from this stage on: `indicated`, `located` or `proven`.
    pub fail_on_stage: Option<String>,
    /// Whether only issues count that the baseline does not know.
    pub new_only: bool,
    /// The least score that passes, 0 to 100.
    pub min_score: Option<u8>,
    /// The most that a request may leave behind, as in `1KiB`.
    pub max_bytes_per_request: Option<String>,
    /// The most memory that a request may take while it is served, as in `64MiB`.
    pub max_peak: Option<String>,
    /// The baseline, relative to the configuration file.
    pub baseline: Option<String>,
    /// The longest time for which an `[[ignore]]` may hold, as in `90d`.
    pub max_expiry: Option<String>,
}
