//! The breaker: when to leave a target, or one operation, alone.
//!
//! A scan sends bad input on purpose, so an endpoint that answers 500 to it is a finding and no emergency. Signs of harm are connections that
//! fail one after another, operations that answered well and then fail on the same request, and gateways that report a dead application.

use std::collections::{HashMap, HashSet, VecDeque};

use crate::exchange::{Outcome, Stage};
use crate::probe::{OpId, Probe};
use crate::transport::StopReason;

/// Connections that fail in a row before the run ends.
const CONNECTIONS: u32 = 5;
/// Answers looked back at, and how many of them may be alarming: 20 %.
const WINDOW: usize = 50;
const ALARMING: usize = 10;
/// Alarming answers must come from this many operations, or from all where there are fewer.
const OPERATIONS: usize = 3;
/// Requests in a row that the target turns away (429, 503) before the run ends.
const TURNED_AWAY: u32 = 20;
/// Exchanges of one operation that fail in a row before the operation is left alone.
const FAILURES: u32 = 3;
/// Operations that time out in a row before the run ends.
const HANGING: usize = 5;

/// How a request came to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turned {
    /// For the first time.
    First,
    /// Once more, because it was turned away.
    Second,
    /// As part of a burst.
    Burst,
}

/// Watches outcomes for signs of harm.
#[derive(Debug, Default)]
pub(crate) struct Breaker {
    connections: u32,
    answered: bool,
    turned_away: u32,
    recent: VecDeque<(OpId, bool)>,
    asked: HashSet<OpId>,
    well: HashSet<OpId>,
    failing: HashMap<OpId, u32>,
    hanging: HashSet<OpId>,
}

impl Breaker {
    /// Learns from an outcome. Some: the run must end. Answers of 429 and 503 to a burst were provoked and count for nothing; those to a request
    /// that was sent a second time, after a pause, count against its operation.
    pub(crate) fn observe(&mut self, probe: &Probe, outcome: &Outcome, turn: Turned) -> Option<StopReason> {
        match outcome {
            Outcome::Failed(failure) => self.failed(probe.op, failure.stage, &failure.message),
            Outcome::Answer(response) => {
                self.connections = 0;
                self.answered = true;
                self.hanging.clear();
                let away = matches!(response.status, 429 | 503);
                if response.body.stopped.as_deref().is_some_and(is_stall) || away && turn == Turned::Second {
                    *self.failing.entry(probe.op).or_default() += 1;
                } else if !away {
                    self.failing.remove(&probe.op);
                }
                if away && turn == Turned::Burst { None } else { self.answered(probe, response.status) }
            }
        }
    }

    /// Why this operation is left alone, if it is.
    pub(crate) fn shuns(&self, op: OpId) -> Option<&'static str> {
        // Requests without an operation go to many places.
        (op != OpId::NONE && self.failing.get(&op).is_some_and(|count| *count >= FAILURES))
            .then_some("left alone after three exchanges in a row that failed, stalled or were turned away")
    }

    fn failed(&mut self, op: OpId, stage: Stage, message: &str) -> Option<StopReason> {
        match stage {
            Stage::Guard => None,
            Stage::Resolve | Stage::Connect | Stage::Tls => {
                self.connections += 1;
                (self.connections >= CONNECTIONS).then(|| {
                    if self.answered {
                        StopReason::Distress(format!("{CONNECTIONS} connections failed in a row: {message}"))
                    } else {
                        StopReason::Unreachable(message.to_owned())
                    }
                })
            }
            Stage::FirstByte | Stage::Header | Stage::Body => {
                self.connections = 0;
                *self.failing.entry(op).or_default() += 1;
                self.hanging.insert(op);
                (self.hanging.len() >= HANGING)
                    .then(|| StopReason::Distress(format!("{HANGING} operations in a row gave no answer: {message}")))
            }
        }
    }

    fn answered(&mut self, probe: &Probe, status: u16) -> Option<StopReason> {
        if matches!(status, 429 | 503) {
            self.turned_away += 1;
            if self.turned_away >= TURNED_AWAY {
                return Some(StopReason::Distress(format!(
                    "{TURNED_AWAY} requests in a row were answered with {status}"
                )));
            }
        } else {
            self.turned_away = 0;
        }
        let base = probe.is_base();
        if base && status < 500 && status != 429 {
            self.well.insert(probe.op);
        }
        let alarming = matches!(status, 502..=504) || base && status >= 500 && self.well.contains(&probe.op);
        self.recent.push_back((probe.op, alarming));
        if self.recent.len() > WINDOW {
            self.recent.pop_front();
        }
        self.asked.insert(probe.op);
        if !alarming {
            return None;
        }
        let alarms: HashSet<OpId> = self.recent.iter().filter(|(_, alarming)| *alarming).map(|(op, _)| *op).collect();
        let count = self.recent.iter().filter(|(_, alarming)| *alarming).count();
        (count > ALARMING && alarms.len() >= OPERATIONS.min(self.asked.len())).then(|| {
            StopReason::Distress(format!(
                "{count} of the last {} answers are server errors where there were none before",
                self.recent.len()
            ))
        })
    }
}

/// Whether reading a body ended because nothing, or too little, came.
fn is_stall(why: &str) -> bool {
    why.starts_with("stalled")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connect::failure;
    use crate::exchange::{Body, Response};

    fn answer(status: u16) -> Outcome {
        Outcome::Answer(Response { status, version: "HTTP/1.1", headers: Vec::new(), body: Body::whole(Vec::new()) })
    }

    fn failed(stage: Stage) -> Outcome {
        Outcome::Failed(failure(stage, "reason".to_owned()))
    }

    #[test]
    fn five_connections_in_a_row_are_unreachable_or_distress() {
        let probe = Probe::of(OpId(0));
        let mut breaker = Breaker::default();
        let stops: Vec<_> =
            (0..5).filter_map(|_| breaker.observe(&probe, &failed(Stage::Connect), Turned::First)).collect();
        assert_eq!(stops, [StopReason::Unreachable("reason".to_owned())]);
        let mut breaker = Breaker::default();
        breaker.observe(&probe, &answer(200), Turned::First);
        for _ in 0..4 {
            assert_eq!(breaker.observe(&probe, &failed(Stage::Tls), Turned::First), None);
        }
        breaker.observe(&probe, &answer(404), Turned::First);
        for _ in 0..4 {
            assert_eq!(breaker.observe(&probe, &failed(Stage::Connect), Turned::First), None);
        }
        assert!(matches!(
            breaker.observe(&probe, &failed(Stage::Connect), Turned::First),
            Some(StopReason::Distress(_))
        ));
    }

    #[test]
    fn one_endpoint_that_always_fails_does_not_stop_the_run() {
        let mut breaker = Breaker::default();
        for turn in 0..300 {
            let (op, status) = if turn % 2 == 0 { (0, 500) } else { (1 + turn % 5, 200) };
            assert_eq!(breaker.observe(&Probe::of(OpId(op)), &answer(status), Turned::First), None, "{turn}");
        }
        // Nor one behind a dead upstream.
        let mut breaker = Breaker::default();
        for turn in 0..300 {
            let (op, status) = if turn % 2 == 0 { (0, 502) } else { (1 + turn % 5, 200) };
            assert_eq!(breaker.observe(&Probe::of(OpId(op)), &answer(status), Turned::First), None, "{turn}");
        }
    }

    #[test]
    fn answers_to_edited_requests_are_no_alarm() {
        let mut breaker = Breaker::default();
        for turn in 0..300 {
            let probe = Probe::of(OpId(turn % 10));
            breaker.observe(&probe, &answer(200), Turned::First);
            assert_eq!(breaker.observe(&probe.query("q", "'"), &answer(500), Turned::First), None);
        }
    }

    #[test]
    fn gateways_that_report_a_dead_application_stop_the_run() {
        let mut breaker = Breaker::default();
        for turn in 0..30 {
            breaker.observe(&Probe::of(OpId(turn % 6)), &answer(200), Turned::First);
        }
        let stopped =
            (0..30).position(|turn| breaker.observe(&Probe::of(OpId(turn % 6)), &answer(502), Turned::First).is_some());
        assert_eq!(stopped, Some(ALARMING));
    }

    #[test]
    fn a_target_that_turns_everything_away_is_left_alone_but_a_burst_is_free() {
        let mut breaker = Breaker::default();
        let probe = Probe::of(OpId(0));
        for _ in 0..100 {
            assert_eq!(breaker.observe(&probe, &answer(429), Turned::Burst), None);
        }
        let stopped = (0..100).position(|_| breaker.observe(&probe, &answer(429), Turned::First).is_some());
        assert_eq!(stopped, Some(TURNED_AWAY as usize - 1));
    }

    #[test]
    fn an_operation_that_fails_three_times_is_shunned_and_one_answer_resets() {
        let mut breaker = Breaker::default();
        let probe = Probe::of(OpId(3));
        breaker.observe(&probe, &failed(Stage::FirstByte), Turned::First);
        breaker.observe(&probe, &failed(Stage::Header), Turned::First);
        breaker.observe(&probe, &answer(200), Turned::First);
        assert_eq!(breaker.shuns(OpId(3)), None);
        let stalled = Body::whole(Vec::new()).cut("stalled: no end");
        for _ in 0..3 {
            let outcome = Outcome::Answer(Response {
                status: 200,
                version: "HTTP/1.1",
                headers: Vec::new(),
                body: stalled.clone(),
            });
            assert_eq!(breaker.observe(&probe, &outcome, Turned::First), None);
        }
        assert!(breaker.shuns(OpId(3)).is_some());
        assert_eq!(breaker.shuns(OpId(4)), None);
    }

    #[test]
    fn an_operation_that_turns_away_also_after_a_pause_is_shunned() {
        let mut breaker = Breaker::default();
        for _ in 0..3 {
            breaker.observe(&Probe::of(OpId(1)), &answer(429), Turned::First);
            breaker.observe(&Probe::of(OpId(2)), &answer(200), Turned::First);
        }
        assert_eq!(breaker.shuns(OpId(1)), None);
        for _ in 0..3 {
            breaker.observe(&Probe::of(OpId(1)), &answer(429), Turned::Second);
            breaker.observe(&Probe::of(OpId(2)), &answer(200), Turned::First);
        }
        assert!(breaker.shuns(OpId(1)).is_some());
    }

    #[test]
    fn many_operations_that_hang_stop_the_run() {
        let mut breaker = Breaker::default();
        let stops: Vec<_> = (0..5)
            .filter_map(|op| breaker.observe(&Probe::of(OpId(op)), &failed(Stage::FirstByte), Turned::First))
            .collect();
        assert!(matches!(stops[..], [StopReason::Distress(_)]));
    }
}
