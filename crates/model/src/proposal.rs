//! Proposals: the change that would settle an issue, or why none is offered.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is proposed for an issue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Proposal {
    /// A change of the source.
    Offered {
        /// What it does, a short imperative phrase.
        title: String,
        /// Whether somebody should look at it first: it changes what the program does, or guesses a number.
        review: bool,
        /// What it changes for who uses the application, or a number that it guesses, one line each.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        mind: Vec<String>,
        /// The change as a unified diff, paths relative to the project.
        diff: String,
    },
    /// Nothing sure can be offered.
    Refused {
        /// Why, one line.
        why: String,
    },
}
