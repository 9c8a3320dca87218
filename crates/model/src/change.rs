//! What became of an operation's memory between two measurements: before and after a change.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::OperationKey;
use crate::level::scale;
use crate::memory::Interval;

scale! {
    /// What became of it.
    Change {
        /// It leaked, or peaked, and does no more.
        Fixed => "fixed",
        /// It still does, by less.
        Smaller => "smaller",
        /// No difference can be seen.
        Same => "same",
        /// The measurements are too coarse to tell.
        Undecided => "undecided",
        /// It does so by more, or did not before.
        Worse => "worse",
    }
}

/// An operation in two measurements.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MemoryChange {
    /// The operation.
    pub operation: OperationKey,
    /// What became of it.
    pub change: Change,
    /// One line: what was compared.
    pub why: String,
    /// The earlier estimate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Interval>,
    /// The later one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Interval>,
    /// By how much the later one is greater.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub difference: Option<Interval>,
}
