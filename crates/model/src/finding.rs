//! Findings: one vantage's word for a weakness at a place.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Confidence, Evidence, Fingerprint, Kind, OperationKey, Severity, Vantage, Weakness};

/// Something that one check saw from one vantage.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// The name that survives a rescan.
    pub fingerprint: Fingerprint,
    /// The check that found it, in kebab-case.
    pub check: String,
    /// What is wrong.
    pub weakness: Weakness,
    /// What it does to the user.
    pub kind: Kind,
    /// From where it was seen.
    pub vantage: Vantage,
    /// How bad it is, judged from the evidence.
    pub severity: Severity,
    /// How sure it is.
    pub confidence: Confidence,
    /// The operation, where there is one; none means the application as a whole.
    pub operation: Option<OperationKey>,
    /// Further operations that show the same cause.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<OperationKey>,
    /// The part of the operation, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<Part>,
    /// The place in the source, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<SourcePlace>,
    /// The place in the contract, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spec: Option<SpecPlace>,
    /// What was seen, one or two sentences with its numbers.
    pub message: String,
    /// What shows it.
    pub evidence: Vec<Evidence>,
}

impl Finding {
    /// The operations that the finding speaks of, the first one first.
    pub fn operations(&self) -> impl Iterator<Item = &OperationKey> {
        self.operation.iter().chain(&self.also)
    }
}

/// Where in a request or answer something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PartKind {
    /// A path parameter.
    Path,
    /// A query parameter.
    Query,
    /// A request header.
    Header,
    /// The request body.
    Body,
    /// A response header.
    ResponseHeader,
    /// The response body.
    ResponseBody,
}

impl PartKind {
    /// The word used in every output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Query => "query",
            Self::Header => "header",
            Self::Body => "body",
            Self::ResponseHeader => "response-header",
            Self::ResponseBody => "response-body",
        }
    }
}

/// A part of an operation.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Part {
    /// Which part.
    pub kind: PartKind,
    /// Its name: a parameter, a header, or a dotted path in a body.
    pub name: String,
}

impl Part {
    /// The part of this kind and name.
    pub fn new(kind: PartKind, name: impl Into<String>) -> Self {
        Self { kind, name: name.into() }
    }
}

/// A place in source code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SourcePlace {
    /// Path relative to the project.
    pub file: String,
    /// 1-based line.
    pub line: u32,
    /// The enclosing function or class.
    pub symbol: Option<String>,
    /// The columns of the place in its line, from 1, in characters, end excluded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub columns: Option<[u32; 2]>,
}

/// `file:line in symbol`.
impl fmt::Display for SourcePlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)?;
        self.symbol.iter().try_for_each(|symbol| write!(f, " in {symbol}"))
    }
}

/// A place in a contract.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SpecPlace {
    /// JSON pointer (RFC 6901).
    pub pointer: String,
    /// 1-based line, where known.
    pub line: Option<u32>,
    /// The file, where it is not the one document that the report is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
}
