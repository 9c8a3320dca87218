//! Issues: findings of one cause, and how far they are proven.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::level::scale;
use crate::{Fingerprint, OperationKey, Severity, SourcePlace, Weakness};

scale! {
    /// How far an issue has come on the ladder from a hint to a verified fix.
    Stage {
        /// One vantage points to it.
        Indicated => "indicated",
        /// The line of code or the place in the contract is known.
        Located => "located",
        /// Measured.
        Proven => "proven",
        /// Measured again after a change, and gone.
        Fixed => "fixed",
        /// Was fixed and is back.
        Regressed => "regressed",
    }
}

/// A weakness at an operation, with everything that the vantages know about it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Issue {
    /// Short name, the first eight digits of `fingerprint`.
    pub id: String,
    /// Hash over weakness and root (or operation, until a root is known).
    pub fingerprint: Fingerprint,
    /// How far it is proven.
    pub stage: Stage,
    /// What is wrong.
    pub weakness: Weakness,
    /// The worst severity among its findings.
    pub severity: Severity,
    /// One sentence.
    pub title: String,
    /// The operations concerned.
    pub operations: Vec<OperationKey>,
    /// The root line, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<SourcePlace>,
    /// Its findings, the strongest first.
    pub findings: Vec<Fingerprint>,
}
