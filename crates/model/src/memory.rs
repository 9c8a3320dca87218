//! What the memory vantage says of an operation: bytes retained per request, the peak while a request is served, and what holds the bytes.
//!
//! Numbers are those of the measurement and carry their intervals; the words (leak, plateau, …) are the estimator's verdict on them. Nothing here
//! measures or judges.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::OperationKey;

/// What is known of the memory of one operation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OperationMemory {
    /// The operation.
    pub operation: OperationKey,
    /// What its memory does.
    pub verdict: Verdict,
    /// One line: what was seen.
    pub why: String,
    /// What would settle it, where the verdict is [`Verdict::Inconclusive`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settle: Option<String>,
    /// Bytes that a request leaves behind, once the application is warm. Ambient drift, as a control showed it, is taken off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes_per_request: Option<Interval>,
    /// What the bytes are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signal: Option<Signal>,
    /// The smallest leak, in bytes per request, that would have been called one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub smallest_detectable: Option<f64>,
    /// How the growth goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub course: Option<Course>,
    /// Whether the growth stops when the same request is repeated: something is kept for each different input. None where that was not tried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keyed_by_input: Option<bool>,
    /// Requests until the limit is reached, at this rate and from the size that was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requests_until_limit: Option<Until>,
    /// Requests that were sent, those of warm-up included.
    pub requests: u64,
    /// Answers by status code; 0 stands for no answer.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub statuses: BTreeMap<u16, u64>,
    /// The estimate at each concurrency that was tried.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub concurrency: Vec<AtConcurrency>,
    /// Memory that a request takes while it is served.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peak_bytes: Option<Peak>,
    /// Of each request whose peak was watched, the items that it read and the bytes that were in use, where the items are known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub peak_points: Vec<[f64; 2]>,
    /// What a request costs although it leaves nothing behind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub churn: Option<Churn>,
    /// Other things that leak like memory, where they were counted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub handles: Vec<HandleGrowth>,
    /// The measured curves.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub curves: Vec<Curve>,
    /// Where the retained bytes were allocated, the greatest share first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allocated_at: Vec<AllocationLine>,
    /// Which types grew, the greatest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub types: Vec<TypeGrowth>,
    /// What keeps the bytes alive, the greatest growth first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub retained_by: Vec<Retainer>,
    /// Whether every request leaves this behind, whatever it asks for: a request for nothing did, too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub everywhere: bool,
    /// Whether memory outside of the interpreter's objects grows: live objects are flat while the process grows.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub native: bool,
}

/// What the memory of an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It grows with the requests, without an end in sight.
    Leak,
    /// Much of it is in use while a request is served, as much as the data decides; nothing, or little, stays.
    Peak,
    /// It grew and stopped: warm-up, a cache that filled.
    Plateau,
    /// It does not grow by more than could be seen.
    None,
    /// The measurement does not decide.
    Inconclusive,
}

impl Verdict {
    /// The word used in every output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Leak => "leak",
            Self::Peak => "peak",
            Self::Plateau => "plateau",
            Self::None => "none",
            Self::Inconclusive => "inconclusive",
        }
    }
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

/// An estimate with its interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Interval {
    /// The estimate.
    pub value: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
    /// How often such an interval holds the truth, as in 0.95.
    pub level: f64,
}

impl Interval {
    /// Half of the interval's width.
    pub fn reach(&self) -> f64 {
        (self.high - self.low) / 2.0
    }

    /// Whether the interval holds this value.
    pub fn holds(&self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }

    /// The estimate and both ends, times a positive factor.
    pub fn times(&self, factor: f64) -> Self {
        Self { value: self.value * factor, low: self.low * factor, high: self.high * factor, level: self.level }
    }
}

/// What bytes were measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Signal {
    /// Bytes in use by the interpreter and its allocator, after a forced collection, told by the agent.
    Live,
    /// Private memory of the process tree (unique set size).
    Uss,
    /// Resident memory of the process tree.
    Rss,
}

impl Signal {
    /// The phrase used in every output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live bytes",
            Self::Uss => "private memory",
            Self::Rss => "resident memory",
        }
    }
}

/// How a growth goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Course {
    /// There is none.
    Flat,
    /// By the same amount with every request.
    Steady,
    /// By more and more.
    Rising,
    /// By less and less.
    Falling,
}

/// When a limit is reached.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Until {
    /// The limit in bytes.
    pub limit: u64,
    /// Requests until then.
    pub requests: u64,
    /// The fewest, at the upper end of the interval.
    pub fewest: u64,
    /// The most, at the lower end of the interval; none where that may be never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most: Option<u64>,
}

/// The estimate at one concurrency.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AtConcurrency {
    /// Requests in flight.
    pub concurrency: u32,
    /// What was said of it alone.
    pub verdict: Verdict,
    /// Bytes that a request leaves behind.
    pub bytes_per_request: Interval,
    /// Requests that the estimate rests on.
    pub requests: u64,
}

/// Memory in use while a request is served, above what is in use before and after.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Peak {
    /// Bytes in flight of one request.
    pub in_flight: Interval,
    /// Bytes in flight for each item that the answer holds or that was asked for, where the number of items could be varied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_item: Option<Interval>,
    /// The greatest number of items that was tried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub items: Option<u64>,
    /// The number of items at which one request reaches the limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub items_until_limit: Option<u64>,
    /// Requests in flight at once that reach the limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requests_until_limit: Option<u64>,
    /// Decoded bytes of the answer.
    pub answer_bytes: u64,
}

/// What a request costs although it leaves nothing behind.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Churn {
    /// Milliseconds of processor time of the whole process tree.
    pub cpu_ms: f64,
    /// Objects in cycles that one request throws away, which the collector has to find: a client or a session that is built for each request is made of thousands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cycle_objects: Option<f64>,
}

/// Things that an operating system hands out, or an event loop holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Handle {
    /// File descriptors.
    Files,
    /// Threads.
    Threads,
    /// Tasks of an event loop.
    Tasks,
    /// Sockets that the peer closed and the application did not.
    CloseWait,
}

impl Handle {
    /// The words used in every output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Files => "file descriptors",
            Self::Threads => "threads",
            Self::Tasks => "tasks",
            Self::CloseWait => "sockets in CLOSE_WAIT",
        }
    }
}

/// How the number of handles changes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HandleGrowth {
    /// Of what.
    pub handle: Handle,
    /// What it does.
    pub verdict: Verdict,
    /// Handles that a request leaves behind.
    pub per_request: Interval,
    /// How many there were in the end.
    pub last: u64,
}

/// A measured curve, ready to be drawn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Curve {
    /// What was measured.
    pub signal: Signal,
    /// Requests in flight.
    pub concurrency: u32,
    /// Whether the same request was repeated (the control for inputs).
    pub fixed_input: bool,
    /// Requests sent and bytes held, in order.
    pub points: Vec<[f64; 2]>,
    /// Requests after which the application counts as warm.
    pub warm_from: f64,
    /// The fitted line, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fit: Option<Fit>,
    /// Requests at which a worker was replaced and counting began again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub restarts: Vec<f64>,
}

/// A fitted line with its band: three lines through one point.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Fit {
    /// The point that all three go through: requests and bytes.
    pub through: [f64; 2],
    /// Their slopes in bytes per request.
    pub slope: Interval,
}

/// A line where retained bytes were allocated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AllocationLine {
    /// The file.
    pub file: String,
    /// 1-based line.
    pub line: u32,
    /// The enclosing function with its classes, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub function: Option<String>,
    /// The line's text, where the source is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Whether the line is the application's own; frames of libraries are folded into the call from it.
    pub own: bool,
    /// Bytes per request.
    pub bytes_per_request: f64,
    /// Its share of the growth, 0 to 1; with level 0 and no width where there were too few rounds for an interval.
    pub share: Interval,
    /// The library frames that were folded, outermost first, as `file:line`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub through: Vec<String>,
}

/// How the number of objects of a type grew.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TypeGrowth {
    /// The type, with its module where it is not built in.
    pub name: String,
    /// More objects than before.
    pub objects: i64,
    /// Their own bytes, without what they refer to.
    pub bytes: i64,
    /// More objects per request.
    pub per_request: f64,
}

/// Something that outlives requests and holds what they leave behind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Retainer {
    /// The path from a root to what is retained, as in `shop.cache.RECENT`, `dict`, `list`, `bytes`.
    pub path: Vec<String>,
    /// The same for people: `shop.cache.RECENT (dict, +5,000) → list → bytes`.
    pub text: String,
    /// Entries that it gained in the rounds that were looked at.
    pub entries: u64,
    /// Entries that it gained per request.
    pub entries_per_request: f64,
    /// Bytes that these hold per request, about.
    pub bytes_per_request: f64,
    /// The part of the growth that it explains, about; above 1 where several share entries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub explains: Option<f64>,
    /// Whether the root is the application's own.
    pub own: bool,
    /// Whether the path leads to a name; otherwise the holder is suspected only.
    pub named: bool,
    /// The bound of the container, where it is known to have one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bound: Option<u64>,
    /// Statements of the application that put something in, as their text shows; they were not seen to run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stored_at: Vec<StoredAt>,
}

/// A statement that puts something into what retains it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StoredAt {
    /// The file.
    pub file: String,
    /// 1-based line.
    pub line: u32,
    /// The enclosing function with its classes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub function: Option<String>,
    /// The line's text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Whether it names the holder itself, and not only something on the way to it.
    pub exact: bool,
}

/// What is true of a whole measurement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MemoryRun {
    /// What bytes were measured.
    pub signal: Signal,
    /// Bytes that requests leave behind which do nothing: the control, taken off from every operation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub control: Option<Interval>,
    /// Bytes of the process tree at the end of warm-up.
    pub base_bytes: u64,
    /// The limit that extrapolations go to, in bytes.
    pub limit_bytes: u64,
    /// Requests that were sent.
    pub requests: u64,
    /// Seconds of screening.
    pub screen_seconds: f64,
    /// Seconds of all.
    pub seconds: f64,
    /// Workers that were replaced meanwhile.
    pub restarts: u32,
}
