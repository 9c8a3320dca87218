//! Sends blocks of requests, one at a time or many at once, and keeps of the answers nothing but counts.
//!
//! A block ends early when the target turns requests away (429, 503): what is measured then is its rate limiter. It never sends what the engine would not.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use plimsoll_http::{Engine, Event, Exchange, Lane, OpId, Planned, Probe, Request, StopReason, Transport};

use super::requests::Driven;

/// Requests of one call to the transport: so many exchanges are held at a time.
const CHUNK: u64 = 128;
/// Requests turned away in a row after which a block ends.
const TURNED_AWAY: u32 = 3;

/// Requests of one operation.
#[derive(Clone, Copy, Debug)]
pub struct Block<'a> {
    /// Which operation it is.
    pub op: OpId,
    /// The operation.
    pub driven: &'a Driven,
    /// The number of the first request; it decides how the request varies.
    pub from: u64,
    /// How many.
    pub count: u64,
    /// How many at once.
    pub concurrency: u32,
    /// Whether all are alike.
    pub fixed: bool,
}

/// What came back.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answers {
    /// Answers by status; 0 stands for none.
    pub statuses: BTreeMap<u16, u64>,
    /// Requests that were answered, or failed.
    pub sent: u64,
    /// Time from sending to the last byte, all requests added up, in milliseconds.
    pub busy_ms: f64,
    /// Elements of the longest list that an answer held.
    pub items: Option<u64>,
    /// The largest answer in decoded bytes.
    pub largest: u64,
    /// Whether the target turned requests away.
    pub turned_away: bool,
}

impl Answers {
    /// Answers that say that it worked, redirections included.
    pub fn good(&self) -> u64 {
        self.statuses.iter().filter(|(status, _)| (200..400).contains(*status)).map(|(_, count)| count).sum()
    }

    /// Whether most answers say that it worked.
    pub fn are_good(&self) -> bool {
        self.good() * 2 > self.sent
    }

    /// Answers that turn the request away.
    fn away(&self) -> u64 {
        [429, 503].iter().filter_map(|status| self.statuses.get(status)).sum()
    }

    /// Milliseconds of one request.
    pub fn latency_ms(&self) -> f64 {
        self.busy_ms / self.sent.max(1) as f64
    }

    /// Adds other answers.
    pub fn add(&mut self, other: &Self) {
        for (status, count) in &other.statuses {
            *self.statuses.entry(*status).or_default() += count;
        }
        self.sent += other.sent;
        self.busy_ms += other.busy_ms;
        self.items = self.items.max(other.items);
        self.largest = self.largest.max(other.largest);
        self.turned_away |= other.turned_away;
    }

    fn take(&mut self, exchange: &Exchange) {
        *self.statuses.entry(exchange.status().unwrap_or(0)).or_default() += 1;
        self.sent += 1;
        self.busy_ms += exchange.timing.total_ms;
        if let Some(response) = exchange.response() {
            self.largest = self.largest.max(response.body.decoded_len);
            let tally = &response.body.tally;
            let lines = (tally.lists.is_empty() && tally.lines > 1).then_some(tally.lines);
            self.items = self.items.max(tally.longest().map(|list| list.len).or(lines));
        }
    }
}

/// Sends blocks through a transport.
pub struct Load<T> {
    transport: T,
    /// Requests turned away in a row, as far as the transport says so on the way.
    away: Arc<AtomicU32>,
    /// The lane of requests that need not be alone.
    lane: Lane,
    next_id: u32,
    sent: u64,
}

impl Load<Engine> {
    /// Sends through an engine. Towards a local target without a given rate requests leave as fast as they are answered; otherwise the engine's limiter decides.
    /// `watch` sees every event.
    pub fn live(mut engine: Engine, mut watch: impl FnMut(Event) + Send + 'static) -> Self {
        let away = Arc::new(AtomicU32::new(0));
        let count = Arc::clone(&away);
        let lane = if engine.is_local() && engine.rate().is_none() { Lane::Burst } else { Lane::Normal };
        engine.observe(move |event| {
            if let Event::Answered { status, .. } = &event {
                match status {
                    Some(429 | 503) => drop(count.fetch_add(1, Ordering::Relaxed)),
                    _ => count.store(0, Ordering::Relaxed),
                }
            }
            watch(event);
        });
        Self { transport: engine, away, lane, next_id: 0, sent: 0 }
    }
}

impl<T: Transport> Load<T> {
    /// Sends through any transport.
    pub fn over(transport: T) -> Self {
        Self { transport, away: Arc::default(), lane: Lane::Normal, next_id: 0, sent: 0 }
    }

    /// The transport.
    pub fn transport(&self) -> &T {
        &self.transport
    }

    /// Requests sent so far.
    pub fn sent(&self) -> u64 {
        self.sent
    }

    /// Why the run ended early, if it did.
    pub fn stopped(&self) -> Option<StopReason> {
        self.transport.status().stopped
    }

    /// Sends a block and waits for its last answer.
    pub async fn send(&mut self, block: Block<'_>) -> Answers {
        let mut answers = Answers::default();
        let mut next = block.from;
        let end = block.from + block.count;
        let chunk = if block.concurrency <= 1 { 1 } else { CHUNK };
        let mut away = 0;
        self.away.store(0, Ordering::Relaxed);
        while next < end {
            let until = (next + chunk).min(end);
            let numbers = next..until;
            let requests = numbers.map(|n| block.driven.source.nth(n, block.fixed));
            let (part, asked) = self.transmit(block.op, block.driven, requests).await;
            next = until;
            let lost = part.sent < asked;
            answers.add(&part);
            away = if part.sent > 0 && part.away() == part.sent { away + part.sent } else { 0 };
            answers.turned_away |= away >= u64::from(TURNED_AWAY);
            if lost || answers.turned_away {
                break;
            }
        }
        answers
    }

    /// Sends one request that stands in no series: a trial of a lever, a page of another size.
    pub async fn send_one(&mut self, op: OpId, driven: &Driven, request: Request) -> Answers {
        self.away.store(0, Ordering::Relaxed);
        self.transmit(op, driven, std::iter::once(request)).await.0
    }

    async fn transmit(
        &mut self,
        op: OpId,
        driven: &Driven,
        requests: impl Iterator<Item = Request> + Send,
    ) -> (Answers, u64) {
        let (lane, permit, first) = (self.lane, driven.permit, self.next_id);
        let away = Arc::clone(&self.away);
        let mut asked = 0_u64;
        let mut batch = requests.take_while(|_| away.load(Ordering::Relaxed) < TURNED_AWAY).map(|request| {
            asked += 1;
            // What is kept of a body would add up over a long run.
            let id = first.wrapping_add(asked as u32 - 1);
            Planned { keep: Some(0), ..Planned::new(id, Probe::of(op).lane(lane), request).under(permit) }
        });
        let exchanges = self.transport.send(&mut batch).await;
        drop(batch);
        self.next_id = first.wrapping_add(asked as u32);
        let mut answers = Answers::default();
        for exchange in &exchanges {
            answers.take(exchange);
        }
        answers.turned_away = self.away.load(Ordering::Relaxed) >= TURNED_AWAY;
        self.sent += answers.sent;
        (answers, asked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drive::requests::{Source, Written};
    use plimsoll_http::exchange::{Body, Outcome, Response, Timing};
    use plimsoll_http::{Permit, RunStatus};
    use plimsoll_model::{Method, OperationKey};

    /// Answers every request with the next status, and remembers how many came together.
    struct Scripted {
        statuses: Vec<u16>,
        batches: Vec<usize>,
    }

    impl Transport for Scripted {
        async fn send(&mut self, batch: &mut (dyn Iterator<Item = Planned> + Send)) -> Vec<Exchange> {
            let all: Vec<Planned> = batch.collect();
            self.batches.push(all.len());
            let answer = |planned: Planned| {
                let status = if self.statuses.len() > 1 { self.statuses.remove(0) } else { self.statuses[0] };
                let body = Body::whole(br#"{"items":[1,2,3]}"#.to_vec());
                Exchange {
                    id: planned.id,
                    origin: "http://127.0.0.1".into(),
                    probe: planned.probe,
                    request: planned.request,
                    outcome: Outcome::Answer(Response { status, version: "HTTP/1.1", headers: Vec::new(), body }),
                    timing: Timing { sent_ms: 0.0, first_byte_ms: 1.0, total_ms: 2.0 },
                }
            };
            all.into_iter().map(answer).collect()
        }

        fn status(&self) -> RunStatus {
            RunStatus::default()
        }
    }

    fn driven() -> Driven {
        Driven {
            key: OperationKey::new(Method::Get, "/a"),
            permit: Permit::SAFE,
            source: Source::Written(Written::new(Method::Get, "/a?n={n}", None).unwrap()),
            sizes: None,
        }
    }

    #[tokio::test]
    async fn one_at_a_time_or_many() {
        let mut load = Load::over(Scripted { statuses: vec![200], batches: Vec::new() });
        let driven = driven();
        let block = Block { op: OpId(0), driven: &driven, from: 0, count: 5, concurrency: 1, fixed: false };
        let answers = load.send(block).await;
        assert_eq!((answers.sent, answers.good(), answers.items), (5, 5, Some(3)));
        load.send(Block { count: 130, concurrency: 16, ..block }).await;
        assert_eq!(load.transport().batches, [1, 1, 1, 1, 1, 128, 2]);
        assert_eq!(load.sent(), 135);
    }

    #[tokio::test]
    async fn errors_are_counted_and_a_target_that_turns_away_is_left_alone() {
        let mut load = Load::over(Scripted { statuses: vec![200, 500, 404, 429], batches: Vec::new() });
        let driven = driven();
        let block = Block { op: OpId(0), driven: &driven, from: 0, count: 400, concurrency: 16, fixed: false };
        let answers = load.send(block).await;
        assert!(!answers.are_good());
        let answers = load.send(block).await;
        assert!(answers.turned_away);
        assert_eq!(answers.sent, 128);
        assert_eq!(load.send(Block { concurrency: 1, ..block }).await.sent, 3);
    }
}
