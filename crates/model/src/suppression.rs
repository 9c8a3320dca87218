//! Suppressions: findings that a project has decided to live with, with a reason and an end.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Fingerprint, Issue};

/// An issue that does not count, and who said so.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Suppressed {
    /// The issue; its findings stay in the report.
    pub issue: Issue,
    /// Why it is accepted.
    pub reason: String,
    /// Who answers for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// The last day on which it holds, `YYYY-MM-DD`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// Where it is written down, as in `plimsoll.toml:12`.
    pub place: String,
}

/// A suppression that suppresses nothing: expired, or without anything that it fits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Stale {
    /// Where it is written down.
    pub place: String,
    /// What it names.
    pub what: String,
    /// Why it is stale, and what to do.
    pub why: String,
    /// The issues that count again since it expired.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub issues: Vec<Fingerprint>,
}
