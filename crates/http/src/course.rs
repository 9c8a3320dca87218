//! What the engine makes of outcomes: whether to slow down, to leave an operation alone, to ask once more, to end the run; and the account of it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::distress::{Breaker, Turned};
use crate::exchange::{Exchange, Outcome};
use crate::limit::{Limiter, Seen};
use crate::plan::Planned;
use crate::probe::{Lane, OpId, Probe};
use crate::transport::{Event, StopReason};
use crate::wire::Done;

/// The course of a run so far.
pub(crate) struct Course {
    pub(crate) limiter: Limiter,
    pub(crate) breaker: Breaker,
    pub(crate) ledger: Ledger,
    /// What the batch that is being sent has yielded.
    pub(crate) exchanges: Vec<Exchange>,
    origin: Arc<str>,
}

/// What the run has to say: events, and the parts of its status.
#[derive(Default)]
pub(crate) struct Ledger {
    pub(crate) observer: Option<Box<dyn FnMut(Event) + Send>>,
    pub(crate) stopped: Option<StopReason>,
    pub(crate) skipped: BTreeMap<(OpId, String), u64>,
    pub(crate) slowed: BTreeMap<String, u64>,
}

/// A request to be sent, perhaps for the second time: then with the answer that it got at first.
pub(crate) struct Turn {
    pub(crate) planned: Planned,
    pub(crate) first: Option<Exchange>,
}

impl Ledger {
    pub(crate) fn emit(&mut self, event: impl FnOnce() -> Event) {
        if let Some(observer) = &mut self.observer {
            observer(event());
        }
    }

    pub(crate) fn skip(&mut self, probe: &Probe, reason: &str) {
        *self.skipped.entry((probe.op, reason.to_owned())).or_default() += 1;
        self.emit(|| Event::Dropped { probe: Box::new(probe.clone()), reason: reason.to_owned() });
    }

    fn slow(&mut self, why: String) {
        *self.slowed.entry(why.clone()).or_default() += 1;
        self.emit(|| Event::Slowed { why });
    }

    pub(crate) fn stop(&mut self, why: StopReason) {
        if self.stopped.is_none() {
            self.stopped = Some(why.clone());
            self.emit(|| Event::Stopped { why });
        }
    }
}

impl Course {
    /// The beginning of a run towards this origin.
    pub(crate) fn new(limiter: Limiter, origin: Arc<str>) -> Self {
        Self { limiter, breaker: Breaker::default(), ledger: Ledger::default(), exchanges: Vec::new(), origin }
    }

    /// A request that is not sent, or not once more: in the second case its first answer stands.
    pub(crate) fn give_up(&mut self, probe: &Probe, first: Option<Exchange>, reason: &str) {
        match first {
            Some(first) => self.exchanges.push(first),
            None => self.ledger.skip(probe, reason),
        }
    }

    /// Takes an outcome in; `first` is the answer to the same request before, if it was turned away. Some: it is to be sent once more.
    pub(crate) fn learn(&mut self, done: Done, first: Option<Exchange>, deadline: Instant) -> Option<Turn> {
        let now = Instant::now();
        let Done { planned, recorded, outcome, timing, sent, retry_after } = done;
        let op = planned.probe.op;
        let burst = planned.probe.lane == Lane::Burst;
        let (status, bytes) = match &outcome {
            Outcome::Answer(response) => (Some(response.status), response.body.wire_len),
            Outcome::Failed(_) => (None, 0),
        };
        self.ledger.emit(|| Event::Answered { op, status, bytes, ms: timing.total_ms });
        if burst && matches!(status, Some(429 | 503)) {
            // Provoked on purpose: no reason to slow down, but what the target asks for is honoured.
            if let Some(wait) = retry_after {
                self.limiter.pause(now, wait);
            }
        } else {
            let latency = Duration::from_secs_f64(timing.first_byte_ms / 1_000.0);
            let seen = Seen { op, status, sent, latency, base: planned.probe.is_base(), retry_after };
            if let Some(why) = self.limiter.observe(seen, now) {
                self.ledger.slow(why);
            }
        }
        let turned = match &first {
            _ if burst => Turned::Burst,
            Some(_) => Turned::Second,
            None => Turned::First,
        };
        if let Some(why) = self.breaker.observe(&planned.probe, &outcome, turned) {
            self.ledger.stop(why);
        } else if self.limiter.paused_until().is_some_and(|until| until > deadline) {
            self.ledger.stop(StopReason::Distress("it asks to wait until after the end of the time budget".to_owned()));
        }
        let turned_away = status == Some(429) || status == Some(503) && retry_after.is_some();
        let again = turned_away && turned == Turned::First && self.ledger.stopped.is_none();
        let exchange = |planned: Planned| {
            let request = recorded.unwrap_or(planned.request);
            Exchange {
                id: planned.id,
                origin: Arc::clone(&self.origin),
                probe: planned.probe,
                request,
                outcome,
                timing,
            }
        };
        if again {
            return Some(Turn { first: Some(exchange(planned.clone())), planned });
        }
        let exchange = exchange(planned);
        self.exchanges.push(exchange);
        None
    }
}
