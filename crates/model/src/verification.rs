//! Verification: whether a change did away with an issue, by the evidence that showed it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Vantage;
use crate::change::MemoryChange;
use crate::level::scale;

scale! {
    /// What became of an issue after a change. Only `fixed` makes its stage *fixed*.
    Outcome {
        /// Every vantage that had seen it ran again and sees it no more.
        Fixed => "fixed",
        /// Some vantages see it no more; the others could not look again.
        NotVerified => "not-verified",
        /// A vantage sees it still.
        StillThere => "still-there",
    }
}

/// What became of an issue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Verification {
    /// The verdict.
    pub outcome: Outcome,
    /// What each vantage says that had seen the issue.
    pub again: Vec<Again>,
    /// Whether the application still answers as before, where both versions were asked the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answers: Option<Answers>,
}

/// One vantage that looked again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Again {
    /// The vantage.
    pub vantage: Vantage,
    /// Whether it could look: a vantage that did not run verifies nothing.
    pub ran: bool,
    /// Whether it sees the issue still; meaningless where it did not run.
    pub still: bool,
    /// One line: what was repeated and what came of it, or why it could not be.
    pub why: String,
    /// The operations' memory before and after, where it was measured.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub memory: Vec<MemoryChange>,
}

/// The answers of two versions of an application to the same requests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Answers {
    /// Requests that both were asked.
    pub compared: u64,
    /// Differences, one line each, the first ones.
    pub different: Vec<String>,
}

impl Answers {
    /// Whether nothing differs.
    pub fn are_the_same(&self) -> bool {
        self.different.is_empty()
    }
}
