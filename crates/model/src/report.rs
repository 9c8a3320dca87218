//! The report: what a run says, for every renderer and for the JSON output of every command.
//!
//! A report is a function of the recording: the same exchanges give the same report, byte for byte.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::access::AccessTable;
use crate::baseline::Compared;
use crate::change::MemoryChange;
use crate::contract_change::ContractChange;
use crate::memory::{MemoryRun, OperationMemory};
use crate::score::{CategoryScore, Grade};
use crate::suppression::{Stale, Suppressed};
use crate::{Finding, Issue, Join, Lane, OperationKey};

/// The name and version of the JSON form. A reader refuses what it does not know.
pub const SCHEMA: &str = "plimsoll.report/1";

/// Everything that a run says.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// Who made it.
    pub tool: Tool,
    /// What was looked at.
    pub target: Target,
    /// Whether everything that was planned was done. An incomplete run never passes a gate.
    pub complete: bool,
    /// Why the run is incomplete.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub incomplete: Vec<String>,
    /// 0 to 100; none when nothing was tested.
    pub score: Option<u8>,
    /// The grade of the score.
    pub grade: Option<Grade>,
    /// The score of each of the twelve categories.
    pub categories: Vec<CategoryScore>,
    /// The findings, the worst first.
    pub findings: Vec<Finding>,
    /// The issues, the one to fix first first.
    pub issues: Vec<Issue>,
    /// What is known of each operation.
    pub operations: Vec<OperationFacts>,
    /// Who reaches what, where a scan knew named identities.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access: Option<AccessTable>,
    /// What each operation retains, where memory was measured; the worst first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub memory: Vec<OperationMemory>,
    /// What is true of the whole measurement of memory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_run: Option<MemoryRun>,
    /// What became of each operation since an earlier measurement, where one was given to compare with.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub memory_changes: Vec<MemoryChange>,
    /// What became worse, better or different between two contracts, where two were compared; the worst first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contract_changes: Vec<ContractChange>,
    /// How large requests and answers can become by their contract, where it was audited; in the order of the contract.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sizes: Vec<OperationSize>,
    /// What each vantage did, where several were joined.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lanes: Vec<Lane>,
    /// Which findings of different vantages were joined, or nearly, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub joins: Vec<Join>,
    /// How the issues stand to the baseline, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<Compared>,
    /// Issues that the project has decided to live with; they are in no count and no score.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suppressed: Vec<Suppressed>,
    /// Suppressions that suppress nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stale: Vec<Stale>,
    /// Whether the gate let it pass, where one was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gate: Option<GateResult>,
    /// When it ran; a replay has the time of its recording, or none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<RunTime>,
    /// What was covered and what was not, with reasons.
    pub coverage: Coverage,
    /// What the run cost.
    pub cost: RunCost,
    /// Sentences that belong under every report of this kind, such as what a black box cannot see.
    pub notes: Vec<String>,
}

/// How large the request and the answer of an operation can become by its contract.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OperationSize {
    /// The operation.
    pub operation: OperationKey,
    /// What a caller may send: parameters and body.
    pub input: WorstSize,
    /// The largest successful answer; none where none has a content.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<WorstSize>,
}

/// A size at worst.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WorstSize {
    /// Bytes, at most; none where the contract sets no bound.
    pub bytes: Option<u64>,
    /// What keeps it from having a bound, in words; the worst first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unbounded: Vec<String>,
    /// How it grows, in words; empty where it has a bound.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub growth: String,
}

/// What a gate said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GateResult {
    /// Whether it let the report pass.
    pub passed: bool,
    /// The conditions that were asked, in words, as in `no issue of medium or worse`.
    pub asked: Vec<String>,
    /// What broke them, one line each.
    pub failed: Vec<String>,
    /// What could not be decided, because something was not tested: it passes no gate either.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub undecided: Vec<String>,
}

/// When a run took place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RunTime {
    /// Its beginning, RFC 3339, UTC, whole seconds.
    pub started: String,
    /// Its end.
    pub ended: String,
}

/// The program.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tool {
    /// Always `plimsoll`.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// What was looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Target {
    /// The base URL, without credentials.
    pub url: String,
    /// Where the contract was found, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract: Option<String>,
    /// Title and version from the contract.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The names of the identities that were used, never their credentials.
    pub identities: Vec<String>,
    /// Facts about the transport: protocol, TLS version, certificate subject and end of validity.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub transport: Vec<String>,
}

/// What is known of one operation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OperationFacts {
    /// The operation.
    pub operation: OperationKey,
    /// How it was found: `contract`, `link`, `convention`.
    pub origin: String,
    /// Whether it answered with a 2xx.
    pub reached: bool,
    /// Why it was not reached or not judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// How many requests were sent to it.
    pub requests: u32,
    /// Answers by status code.
    pub statuses: BTreeMap<u16, u32>,
    /// Decoded sizes in bytes of its 2xx answers, in order of sending.
    pub sizes: Vec<u64>,
    /// Milliseconds from sending to the last byte of its 2xx answers, in order of sending.
    pub latencies_ms: Vec<f64>,
}

/// What was covered and what was not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Coverage {
    /// Counts of operations.
    pub operations: OperationCounts,
    /// What was not done, and why.
    pub skipped: Vec<Skipped>,
    /// Diagnostics about the contract.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contract: Vec<String>,
}

/// Counts of operations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OperationCounts {
    /// Known operations.
    pub found: u32,
    /// Operations that answered with a 2xx.
    pub reached: u32,
    /// Operations that checks could judge.
    pub judged: u32,
}

/// Something that was not done.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Skipped {
    /// What.
    pub what: String,
    /// Why, and what would change it.
    pub why: String,
    /// How many requests this concerns, where it concerns requests.
    #[serde(default)]
    pub requests: u32,
}

/// What the run cost, with its budget.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RunCost {
    /// Requests sent.
    pub requests: u64,
    /// Requests allowed; 0 where they are not limited.
    pub max_requests: u64,
    /// Bytes received, decoded.
    pub bytes: u64,
    /// Seconds from the first request to the last answer.
    pub seconds: f64,
    /// Seconds allowed.
    pub max_seconds: f64,
}
