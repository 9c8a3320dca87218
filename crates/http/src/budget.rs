//! What a run has spent. Budgets are hard: a request is paid for before it leaves, by whichever of the requests in flight comes first.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tokio::time::Instant;

use crate::probe::OpId;
use crate::settings::{Budgets, Keep};

/// Counts requests, bytes and time of a run.
#[derive(Debug)]
pub(crate) struct Spent {
    budgets: Budgets,
    requests: AtomicU64,
    bytes: AtomicU64,
    kept: AtomicU64,
    start: OnceLock<Instant>,
    operations: Mutex<HashMap<OpId, Arc<AtomicU64>>>,
}

impl Spent {
    pub(crate) fn new(budgets: Budgets) -> Self {
        Self {
            budgets,
            requests: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            kept: AtomicU64::new(0),
            start: OnceLock::new(),
            operations: Mutex::default(),
        }
    }

    /// When the run began: at the first call.
    pub(crate) fn start(&self) -> Instant {
        *self.start.get_or_init(Instant::now)
    }

    /// When the run began, if it did.
    pub(crate) fn started(&self) -> Option<Instant> {
        self.start.get().copied()
    }

    /// When the run must end.
    pub(crate) fn deadline(&self) -> Instant {
        let start = self.start();
        // A budget of centuries is no budget.
        start.checked_add(self.budgets.max_time).unwrap_or_else(|| start + std::time::Duration::from_hours(24 * 365))
    }

    /// Pays for one request. False: there is none left.
    pub(crate) fn take_request(&self) -> bool {
        self.requests
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |spent| {
                (spent < self.budgets.max_requests).then_some(spent + 1)
            })
            .is_ok()
    }

    pub(crate) fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// The byte count of an operation.
    pub(crate) fn of(&self, op: OpId) -> Arc<AtomicU64> {
        let mut operations = self.operations.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(operations.entry(op).or_default())
    }

    /// Whether the operation's bytes are spent.
    pub(crate) fn is_spent(&self, op: OpId) -> bool {
        self.of(op).load(Ordering::Relaxed) >= self.budgets.max_bytes_per_operation
    }

    /// Adds received bytes. False: the operation's bytes are spent.
    pub(crate) fn receive(&self, of: &AtomicU64, bytes: u64) -> bool {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        of.fetch_add(bytes, Ordering::Relaxed) + bytes <= self.budgets.max_bytes_per_operation
    }

    /// How many bytes of the next body are kept.
    pub(crate) fn room(&self, keep: Keep) -> usize {
        if self.kept.load(Ordering::Relaxed) < keep.total {
            keep.per_body
        } else {
            keep.per_body_after.min(keep.per_body)
        }
    }

    /// Adds bytes that are kept.
    pub(crate) fn keep(&self, bytes: usize) {
        self.kept.fetch_add(bytes as u64, Ordering::Relaxed);
    }
}
