//! Joins: why findings of different vantages became one issue, or why they did not although they nearly did.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Fingerprint, Vantage};

/// A pair of findings that was looked at for a common cause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Join {
    /// The one finding.
    pub left: Fingerprint,
    /// The other.
    pub right: Fingerprint,
    /// Whether they are one issue now.
    pub joined: bool,
    /// What decided it, one line.
    pub why: String,
}

/// A vantage that looked where others suspect something, and saw nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Doubt {
    /// Who looked.
    pub vantage: Vantage,
    /// What was looked at and how closely, one line with its numbers, as in "memory measured no leak of 300 B a request or more".
    pub why: String,
}

/// What one vantage did in a run that joins several.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Lane {
    /// The vantage.
    pub vantage: Vantage,
    /// Whether it ran at all.
    pub ran: bool,
    /// Why it did not run, or did not do everything.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub why: Vec<String>,
    /// Seconds that it took.
    pub seconds: f64,
    /// Findings that it made.
    pub findings: u32,
}

impl Lane {
    /// Whether it did everything that it should.
    pub fn is_complete(&self) -> bool {
        self.ran && self.why.is_empty()
    }
}
