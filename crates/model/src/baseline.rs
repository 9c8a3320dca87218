//! The baseline: what a project knows and lives with, so that a gate can ask for what is new.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::level::scale;
use crate::score::Grade;
use crate::{Fingerprint, OperationKey, Severity, Stage, Vantage, Weakness};

/// The name and version of the file's form. A reader refuses what it does not know.
pub const SCHEMA: &str = "plimsoll.baseline/1";

scale! {
    /// How an issue stands to the baseline.
    Since {
        /// It is in the baseline.
        Known => "known",
        /// It is in the baseline with a lower severity.
        Worse => "worse",
        /// It is not in the baseline.
        New => "new",
        /// The baseline has it as fixed.
        Back => "back",
    }
}

/// The file: what a project knows and lives with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Baseline {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// The version of the program that wrote it.
    pub tool: String,
    /// When it was written, RFC 3339, UTC.
    pub written: String,
    /// The issues, by fingerprint.
    pub issues: Vec<Accepted>,
    /// Scores of earlier runs, the oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<Point>,
}

/// An issue in the file, with what is needed to say later whether a run could have seen it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Accepted {
    /// Its fingerprint.
    pub fingerprint: Fingerprint,
    /// What is wrong.
    pub weakness: Weakness,
    /// Its title, for people.
    pub title: String,
    /// How bad it is.
    pub severity: Severity,
    /// How far it was proven; *fixed* once a run has looked for it and not found it.
    pub stage: Stage,
    /// The vantages that saw it.
    pub vantages: Vec<Vantage>,
    /// The operations concerned.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub operations: Vec<OperationKey>,
    /// The fingerprints of its findings: an issue that vantages join in another way is still known.
    pub findings: Vec<Fingerprint>,
}

/// How a report stands to the baseline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Compared {
    /// The file, as it was named.
    pub file: String,
    /// When the baseline was written, RFC 3339, UTC.
    pub written: String,
    /// Issues that are not in it.
    pub new: u32,
    /// Issues that are in it.
    pub known: u32,
    /// Issues of the baseline that were looked for and are gone.
    pub gone: Vec<Entry>,
    /// Issues of the baseline that nothing in this run could have shown: they count as neither gone nor fixed.
    pub not_tested: Vec<Entry>,
    /// Scores of earlier runs, the oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<Point>,
}

/// An issue as a baseline keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Entry {
    /// Its fingerprint.
    pub fingerprint: Fingerprint,
    /// Its title, for people.
    pub title: String,
    /// How far it was proven.
    pub stage: Stage,
    /// Why it is said to be gone, or was not tested.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
}

/// The score at one time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Point {
    /// When, RFC 3339, UTC.
    pub at: String,
    /// 0 to 100.
    pub score: Option<u8>,
    /// The grade.
    pub grade: Option<Grade>,
    /// Issues above info.
    pub issues: u32,
}
