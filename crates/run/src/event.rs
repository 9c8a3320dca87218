//! What happens while a use-case works, for whoever watches: a progress bar, a log, a dashboard.

pub use plimsoll_memory::session::Progress as MemoryStep;
pub use plimsoll_scan::drive::Progress as Step;

use plimsoll_model::Vantage;

/// What becomes of a vantage.
#[derive(Clone, Debug, PartialEq)]
pub enum LaneStep {
    /// It begins.
    Began,
    /// It has ended.
    Ended {
        /// What it found.
        findings: usize,
        /// How long it took.
        seconds: f64,
        /// Why it did not do everything, where it did not.
        why: Option<String>,
    },
}

/// One event.
#[derive(Clone, Debug)]
pub enum Event {
    /// Before the first request: what will be done at most.
    Planned {
        /// The target's base URL.
        target: String,
        /// The addresses that the target's name stands for, where they were looked up.
        address: String,
        /// Requests, at most.
        max_requests: u64,
        /// Seconds, at most.
        max_seconds: u64,
        /// Bytes received for one operation, at most.
        max_bytes_per_operation: u64,
        /// Requests a second, where limited.
        rate: Option<f64>,
        /// Requests in flight, at most.
        concurrency: usize,
        /// Which methods may be sent, in words.
        methods: String,
    },
    /// A step of the scan.
    Progress(Step),
    /// A step of a measurement of memory.
    Memory(MemoryStep),
    /// A vantage of a run that joins several begins or ends.
    Lane(Vantage, LaneStep),
    /// Requests have been answered.
    Sent {
        /// Requests so far.
        requests: u64,
    },
    /// The engine slowed down, dropped a probe or stopped; one line.
    Note(String),
}
