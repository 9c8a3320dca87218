//! The port through which checks' probes reach a target: live ([`crate::Engine`]) or recorded.

use std::future::Future;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::collaborator::InboundCall;
use crate::exchange::Exchange;
use crate::plan::Planned;
use crate::probe::{OpId, Probe};

/// Answers planned requests.
pub trait Transport {
    /// Sends what the batch yields and returns the exchanges in the order of their ids. Requests are taken from the batch one by one, as they can
    /// be sent, so that a batch may build them lazily. A request that is not sent yields no exchange; it is counted in
    /// [`RunStatus::skipped`] with the reason.
    fn send(&mut self, batch: &mut (dyn Iterator<Item = Planned> + Send))
    -> impl Future<Output = Vec<Exchange>> + Send;

    /// What was spent so far, and whether the run was stopped.
    fn status(&self) -> RunStatus;

    /// The requests that the target sent to the run's collaborator so far; none where there is no collaborator.
    fn calls(&self) -> Vec<InboundCall> {
        Vec::new()
    }
}

/// The state of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RunStatus {
    /// Requests sent, repetitions included.
    pub requests: u64,
    /// Bytes of bodies received, as they came over the wire.
    pub bytes: u64,
    /// Time since the first request.
    pub elapsed: Duration,
    /// Why the run ended early, if it did: such a run is incomplete.
    pub stopped: Option<StopReason>,
    /// Planned requests that were not sent: operation, reason, how many; in order of operation, then reason.
    pub skipped: Vec<(OpId, String, u64)>,
    /// How often, and why, the engine slowed down.
    pub slowed: Vec<(String, u64)>,
}

impl RunStatus {
    /// Whether nothing was left out because of a budget or the state of the target.
    pub fn is_complete(&self) -> bool {
        self.stopped.is_none()
    }
}

/// Why a run ended early.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StopReason {
    /// A budget was spent.
    Budget(BudgetKind),
    /// The target shows signs of harm; what they are.
    Distress(String),
    /// The target could not be reached; the last error.
    Unreachable(String),
    /// Stopped from outside.
    Interrupted,
}

/// The budgets of a run. The bytes of one operation end that operation only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BudgetKind {
    /// `max_requests`.
    Requests,
    /// `max_time`.
    Time,
}

impl std::fmt::Display for StopReason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Budget(BudgetKind::Requests) => f.write_str("the budget of requests is spent"),
            Self::Budget(BudgetKind::Time) => f.write_str("the time budget is spent"),
            Self::Distress(why) => write!(f, "target distress: {why}"),
            Self::Unreachable(why) => write!(f, "the target cannot be reached: {why}"),
            Self::Interrupted => f.write_str("interrupted"),
        }
    }
}

/// What happens while a batch is sent.
#[derive(Clone, Debug)]
pub enum Event {
    /// A request left.
    Sent {
        /// Its operation.
        op: OpId,
        /// How many requests have left, this one included.
        requests: u64,
    },
    /// An exchange ended.
    Answered {
        /// Its operation.
        op: OpId,
        /// The status, none where there was no answer.
        status: Option<u16>,
        /// Bytes of the body on the wire.
        bytes: u64,
        /// Milliseconds from sending to the last byte.
        ms: f64,
    },
    /// A planned request was not sent, or its answer not waited for.
    Dropped {
        /// What was asked for.
        probe: Box<Probe>,
        /// Why.
        reason: String,
    },
    /// The engine slowed down.
    Slowed {
        /// Why.
        why: String,
    },
    /// The run ends early.
    Stopped {
        /// Why.
        why: StopReason,
    },
}
