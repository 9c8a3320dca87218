//! The baseline: what a project knows and lives with, so that a gate can ask for what is new.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::level::scale;
use crate::score::Grade;
use crate::{Fingerprint, Stage};

scale! {
    /// How an issue stands to the baseline.
    Since {
        /// It is in the baseline.
        Known => "known",
        /// It is in the baseline at an earlier stage or a lower severity.
        Worse => "worse",
        /// It is not in the baseline.
        New => "new",
        /// The baseline has it as fixed.
        Back => "back",
    }
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
