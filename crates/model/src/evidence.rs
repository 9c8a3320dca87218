//! Evidence: what shows that a finding is true.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One piece of evidence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Evidence {
    /// A recorded exchange.
    Exchange(ExchangeEvidence),
    /// A number with an interval.
    Measurement(Measurement),
    /// Points that show a relation, with the fitted line where there is one.
    Series(Series),
    /// A place in the contract with its text.
    Contract {
        /// JSON pointer (RFC 6901).
        pointer: String,
        /// 1-based line, where known.
        line: Option<u32>,
        /// What stands there, one line.
        excerpt: String,
    },
    /// A place in the source with its text: one step of the chain that leads to the finding.
    Source {
        /// Path relative to the project, with `/`.
        file: String,
        /// 1-based line.
        line: u32,
        /// What stands there, one line.
        excerpt: String,
        /// What the place has to do with the finding, a short phrase.
        note: String,
        /// The columns of the place in its line, from 1, in characters, end excluded.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        columns: Option<[u32; 2]>,
    },
    /// A sentence.
    Note {
        /// The sentence.
        text: String,
    },
}

/// A recorded exchange, ready to be shown: secrets are replaced, values masked, control characters removed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ExchangeEvidence {
    /// The exchange's id in the recording.
    pub id: String,
    /// Why this exchange is shown, a short phrase.
    pub role: String,
    /// A curl command that repeats the request; credentials are taken from environment variables.
    pub curl: String,
    /// The request line, as in `GET /orders?limit=5`.
    pub request: String,
    /// The status code; none when there was no answer.
    pub status: Option<u16>,
    /// Decoded body size in bytes.
    pub bytes: u64,
    /// Time from sending to the last byte, in milliseconds.
    pub ms: f64,
    /// Headers that matter, as `name: value`.
    pub headers: Vec<String>,
    /// The part of the body that matters, shortened and masked.
    pub excerpt: String,
}

/// A measured quantity.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Measurement {
    /// What was measured.
    pub name: String,
    /// The estimate.
    pub value: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
    /// The unit, as in `B/item` or `ms`.
    pub unit: String,
    /// Number of observations.
    pub n: u32,
    /// How value and interval were found, as in `Theil–Sen, 95 %`.
    pub method: String,
}

/// Points of a relation between an input and a cost.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Series {
    /// What the series shows.
    pub title: String,
    /// Name and unit of the horizontal axis.
    pub x_label: String,
    /// Name and unit of the vertical axis.
    pub y_label: String,
    /// The observations, in the order of observation.
    pub points: Vec<[f64; 2]>,
    /// Intercept and slope of the fitted line, where one was fitted.
    pub fit: Option<[f64; 2]>,
}
