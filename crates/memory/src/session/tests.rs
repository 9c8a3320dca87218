//! Sessions against a simulated application: what grows, how, and what the session makes of it.

use std::collections::BTreeMap;
use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use plimsoll_http::exchange::{Body, Outcome as Reply, Response, Timing};
use plimsoll_http::{Exchange, Permit, Planned, RunStatus, StopReason, Transport};
use plimsoll_model::memory::{Signal, Verdict};
use plimsoll_model::{Method, OperationKey};

use super::*;
use crate::agent::client::Agents;
use crate::drive::Source;
use crate::drive::requests::Written;
use crate::estimate::simulate::Dice;
use crate::sample::{Collect, Live};

/// What an operation does with each request.
#[derive(Clone, Copy)]
struct Habit {
    /// Bytes kept for good.
    leak: f64,
    /// Bytes kept for each target that was not seen before, up to so many of them.
    cache: (f64, usize),
    /// The answer's status.
    status: u16,
    /// File descriptors kept for good.
    files: f64,
    /// Milliseconds.
    ms: f64,
    /// Bytes that each request makes garbage which only a whole collection finds.
    stale: f64,
    /// Objects of cycles that each request throws away.
    thrown_away: f64,
}

const CLEAN: Habit =
    Habit { leak: 0.0, cache: (0.0, 0), status: 200, files: 0.0, ms: 4.0, stale: 0.0, thrown_away: 0.0 };

struct World {
    habits: BTreeMap<String, Habit>,
    everywhere: f64,
    held: f64,
    files: f64,
    warm: u64,
    requests: u64,
    clock: f64,
    seen: HashSet<String>,
    dice: Dice,
    /// Requests after which the worker is replaced, and after which the target dies.
    replaced_after: u64,
    dies_after: u64,
    generation: u32,
    readings: u32,
    /// Milliseconds of a whole collection, and whether parts of one are possible.
    gc_ms: f64,
    has_parts: bool,
    /// Garbage that waits for a whole collection.
    stale: f64,
    /// Objects of cycles that were thrown away.
    thrown_away: f64,
}

#[derive(Clone)]
struct App(Arc<Mutex<World>>);

impl App {
    fn new(habits: &[(&str, Habit)]) -> Self {
        Self(Arc::new(Mutex::new(World {
            habits: habits.iter().map(|(path, habit)| ((*path).to_owned(), *habit)).collect(),
            everywhere: 0.0,
            held: 60e6,
            files: 20.0,
            warm: 0,
            requests: 0,
            clock: 0.0,
            seen: HashSet::new(),
            dice: Dice::new(42),
            replaced_after: u64::MAX,
            dies_after: u64::MAX,
            generation: 0,
            readings: 0,
            gc_ms: 40.0,
            has_parts: true,
            stale: 0.0,
            thrown_away: 0.0,
        })))
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.0.lock().unwrap()
    }

    fn operations(&self) -> Vec<Driven> {
        let paths: Vec<String> = self.world().habits.keys().cloned().collect();
        let driven = |path: String| Driven {
            source: Source::Written(Written::new(Method::Get, &format!("{path}?q={{n}}"), None).unwrap()),
            key: OperationKey::new(Method::Get, path),
            permit: Permit::SAFE,
            sizes: None,
        };
        paths.into_iter().map(driven).collect()
    }
}

impl World {
    fn serve(&mut self, target: &str) -> Option<(u16, f64)> {
        if self.requests >= self.dies_after {
            return None;
        }
        let path = target.split('?').next().unwrap_or("");
        let habit = self.habits.get(path).copied().unwrap_or(Habit { status: 404, ms: 1.0, ..CLEAN });
        self.requests += 1;
        // Libraries warm up: half a megabyte, most of it within 400 requests.
        self.warm += 1;
        self.held += 5_000.0 * (-(self.warm as f64) / 100.0).exp();
        self.held += self.everywhere + habit.leak * (0.8 + 0.4 * self.dice.uniform());
        self.files += habit.files;
        self.stale += habit.stale;
        self.thrown_away += habit.thrown_away;
        if habit.cache.1 > 0 && self.seen.len() < habit.cache.1 && self.seen.insert(target.to_owned()) {
            self.held += habit.cache.0;
        }
        self.clock += habit.ms;
        if self.requests.is_multiple_of(self.replaced_after) {
            (self.held, self.files, self.warm) = (60e6, 20.0, 0);
            self.generation += 1;
        }
        Some((habit.status, habit.ms))
    }
}

impl Transport for App {
    async fn send(&mut self, batch: &mut (dyn Iterator<Item = Planned> + Send)) -> Vec<Exchange> {
        let mut out = Vec::new();
        for planned in batch {
            let Some((status, ms)) = self.world().serve(&planned.request.target()) else { break };
            let response =
                Response { status, version: "HTTP/1.1", headers: Vec::new(), body: Body::whole(b"{}".to_vec()) };
            out.push(Exchange {
                id: planned.id,
                origin: "http://127.0.0.1".into(),
                probe: planned.probe,
                request: planned.request,
                outcome: Reply::Answer(response),
                timing: Timing { sent_ms: 0.0, first_byte_ms: ms, total_ms: ms },
            });
        }
        out
    }

    fn status(&self) -> RunStatus {
        let world = self.world();
        let dead = world.requests >= world.dies_after;
        RunStatus {
            stopped: dead.then(|| StopReason::Unreachable("connection refused".to_owned())),
            ..RunStatus::default()
        }
    }
}

impl Sense for App {
    async fn read(&mut self, collect: Collect) -> Result<Reading, SampleError> {
        let mut world = self.world();
        let is_part = collect == Collect::New && world.has_parts;
        let gc_ms = if is_part { 5.0 } else { world.gc_ms };
        world.clock += 20.0 + if collect == Collect::Nothing { 0.0 } else { gc_ms };
        world.readings += 1;
        if matches!(collect, Collect::Whole | Collect::Aside) || collect == Collect::New && !is_part {
            world.stale = 0.0;
        }
        let noise = 2_000.0 * world.dice.normal();
        let bytes = (world.held + world.stale + noise) as u64;
        Ok(Reading {
            at: Duration::from_secs_f64(world.clock / 1_000.0),
            uss: Some(bytes + (20 << 20)),
            rss: bytes + (30 << 20),
            live: (collect != Collect::Nothing).then_some(Live {
                blocks: bytes / 80,
                bytes,
                gc_ms: gc_ms as f32,
                asyncio_tasks: 3,
                freed: world.thrown_away as u64,
            }),
            fds: world.files as u32,
            threads: 12,
            tasks: Some(3),
            processes: 1,
            generation: world.generation,
            cpu: Duration::from_secs_f64(world.clock / 2_000.0),
            ..Reading::default()
        })
    }

    fn agents(&mut self) -> Option<&mut Agents> {
        None
    }
}

async fn measured(app: &App) -> Outcome {
    let mut sense = app.clone();
    run(Load::over(app.clone()), &mut sense, app.operations(), "", Options::default(), &mut |_| {}).await
}

fn entry<'a>(outcome: &'a Outcome, path: &str) -> &'a OperationMemory {
    outcome.memory.iter().find(|entry| entry.operation.path == path).unwrap()
}

#[tokio::test]
async fn two_leaks_among_thirty_operations() {
    let clean: Vec<String> = (0..28).map(|i| format!("/clean/{i:02}")).collect();
    let mut habits: Vec<(&str, Habit)> = clean.iter().map(|path| (path.as_str(), CLEAN)).collect();
    habits.push(("/leaky/large", Habit { leak: 9_600.0, ..CLEAN }));
    habits.push(("/leaky/small", Habit { leak: 700.0, ..CLEAN }));
    let app = App::new(&habits);
    let outcome = measured(&app).await;
    assert_eq!((outcome.incomplete.len(), outcome.run.signal), (0, Signal::Live));
    let leaks: Vec<&str> = outcome
        .memory
        .iter()
        .filter(|entry| entry.verdict == Verdict::Leak)
        .map(|entry| entry.operation.path.as_str())
        .collect();
    assert_eq!(leaks, ["/leaky/large", "/leaky/small"]);
    for (path, truth) in [("/leaky/large", 9_600.0), ("/leaky/small", 700.0)] {
        let entry = entry(&outcome, path);
        assert!((entry.bytes_per_request.unwrap().value - truth).abs() < 0.03 * truth + 30.0, "{entry:?}");
        assert_eq!(entry.keyed_by_input, Some(false));
        assert_eq!(entry.concurrency.iter().map(|at| at.concurrency).collect::<Vec<_>>(), [1, 16]);
        assert!(entry.requests_until_limit.unwrap().requests > 1_000);
    }
    assert!(outcome.memory.iter().all(|entry| entry.verdict != Verdict::Inconclusive), "{outcome:?}");
    assert!(entry(&outcome, "/clean/07").smallest_detectable.unwrap() < 600.0);
    // 4 ms a request and 60 ms a reading: screening stays below three minutes, all of it below four.
    assert!(outcome.run.screen_seconds < 110.0 && outcome.run.seconds < 240.0, "{:?}", outcome.run);
}

#[tokio::test]
async fn a_hundred_operations_do_not_cost_a_hundred_times_one() {
    let paths: Vec<String> = (0..100).map(|i| format!("/op/{i:03}")).collect();
    let mut habits: Vec<(&str, Habit)> = paths.iter().map(|path| (path.as_str(), CLEAN)).collect();
    habits[41].1.leak = 4_000.0;
    let app = App::new(&habits);
    let outcome = measured(&app).await;
    let leaks: Vec<&str> = outcome
        .memory
        .iter()
        .filter(|entry| entry.verdict == Verdict::Leak)
        .map(|entry| entry.operation.path.as_str())
        .collect();
    assert_eq!(leaks, ["/op/041"]);
    let one = App::new(&[("/op", CLEAN)]);
    measured(&one).await;
    let (many, one) = (app.world().requests, one.world().requests);
    assert!(many < 40 * one, "{many} {one}");
}

#[tokio::test]
async fn a_bounded_cache_is_no_leak_and_one_keyed_by_input_is_recognised() {
    let app = App::new(&[("/bounded", Habit { cache: (2_500.0, 1_000), ..CLEAN })]);
    let outcome = measured(&app).await;
    assert!(matches!(outcome.memory[0].verdict, Verdict::None | Verdict::Plateau), "{:?}", outcome.memory[0]);
    let app = App::new(&[("/unbounded", Habit { cache: (2_500.0, usize::MAX), ..CLEAN })]);
    let outcome = measured(&app).await;
    assert_eq!((outcome.memory[0].verdict, outcome.memory[0].keyed_by_input), (Verdict::Leak, Some(true)));
}

#[tokio::test]
async fn what_fills_beside_a_leak_is_no_part_of_its_rate() {
    let app = App::new(&[("/ring", Habit { cache: (4_000.0, 2_400), leak: 400.0, ..CLEAN })]);
    let outcome = measured(&app).await;
    let found = &outcome.memory[0];
    let rate = found.bytes_per_request.unwrap();
    assert!(found.verdict == Verdict::Leak && rate.low <= 400.0 && rate.high < 1_000.0, "{found:?}");
}

#[tokio::test]
async fn what_every_request_leaves_behind_is_said_once() {
    let app = App::new(&[("/a", CLEAN), ("/b", Habit { leak: 6_000.0, ..CLEAN })]);
    app.world().everywhere = 3_000.0;
    let outcome = measured(&app).await;
    let (a, b) = (entry(&outcome, "/a"), entry(&outcome, "/b"));
    assert_eq!((a.verdict, a.everywhere), (Verdict::Leak, true));
    assert!((a.bytes_per_request.unwrap().value - 3_000.0).abs() < 100.0, "{a:?}");
    assert_eq!((b.verdict, b.everywhere), (Verdict::Leak, false));
    assert!((b.bytes_per_request.unwrap().value - 9_000.0).abs() < 200.0, "{b:?}");
    assert_eq!(outcome.notes.len(), 1);
}

/// Ten operations, one of which leaks, on a heap that takes a third of a second to collect.
fn large() -> App {
    let clean: Vec<String> = (0..9).map(|n| format!("/clean/{n}")).collect();
    let mut habits: Vec<(&str, Habit)> = clean.iter().map(|path| (path.as_str(), CLEAN)).collect();
    habits.push(("/leak", Habit { leak: 4_000.0, ..CLEAN }));
    let app = App::new(&habits);
    app.world().gc_ms = 300.0;
    app
}

#[tokio::test]
async fn a_large_heap_is_not_collected_whole_at_every_reading() {
    let (quick, slow) = (large(), large());
    slow.world().has_parts = false;
    let mut seconds = Vec::new();
    for app in [quick, slow] {
        let outcome = measured(&app).await;
        let leaks: Vec<_> = outcome.memory.iter().filter(|entry| entry.verdict == Verdict::Leak).collect();
        assert_eq!(leaks.iter().map(|entry| entry.operation.path.as_str()).collect::<Vec<_>>(), ["/leak"]);
        let rate = leaks[0].bytes_per_request.unwrap();
        assert!(rate.holds(4_000.0) && rate.reach() < 300.0, "{rate:?}");
        seconds.push(outcome.run.seconds);
    }
    assert!(seconds[0] * 2.0 < seconds[1], "{seconds:?}");
}

#[tokio::test]
async fn garbage_that_only_a_whole_collection_finds_is_no_leak() {
    let app = large();
    for (path, habit) in &mut app.world().habits {
        habit.stale = if path == "/leak" { 900.0 } else { 2_500.0 };
    }
    let outcome = measured(&app).await;
    for entry in &outcome.memory {
        let expected = if entry.operation.path == "/leak" { Verdict::Leak } else { Verdict::None };
        assert_eq!(entry.verdict, expected, "{entry:?}");
    }
    let rate = entry(&outcome, "/leak").bytes_per_request.unwrap();
    assert!(rate.holds(4_000.0), "{rate:?}");
}

#[tokio::test]
async fn what_is_thrown_away_is_a_cost_and_no_leak() {
    let app = App::new(&[("/client", Habit { thrown_away: 4_000.0, ..CLEAN }), ("/plain", CLEAN)]);
    let outcome = measured(&app).await;
    let thrown_away = |path| entry(&outcome, path).churn.unwrap().cycle_objects.unwrap();
    assert_ne!(entry(&outcome, "/client").verdict, Verdict::Leak);
    assert!((thrown_away("/client") - 4_000.0).abs() < 1.0, "{}", thrown_away("/client"));
    assert!(thrown_away("/plain") < 1.0, "{}", thrown_away("/plain"));
}

#[tokio::test]
async fn errors_are_no_clean_bill() {
    let app = App::new(&[
        ("/broken", Habit { status: 500, ..CLEAN }),
        ("/fine", CLEAN),
        ("/missing", Habit { status: 404, leak: 30_000.0, ..CLEAN }),
        ("/limited", Habit { status: 429, ..CLEAN }),
    ]);
    let outcome = measured(&app).await;
    assert_eq!(entry(&outcome, "/broken").verdict, Verdict::Inconclusive);
    assert!(entry(&outcome, "/broken").settle.is_some());
    assert_eq!(entry(&outcome, "/limited").verdict, Verdict::Inconclusive);
    assert!(entry(&outcome, "/limited").requests < 10);
    assert_eq!(entry(&outcome, "/missing").verdict, Verdict::Leak);
    assert!(matches!(entry(&outcome, "/fine").verdict, Verdict::None | Verdict::Plateau));
}

#[tokio::test]
async fn descriptors_leak_without_bytes() {
    let app = App::new(&[("/a", CLEAN), ("/files", Habit { files: 1.0, ..CLEAN })]);
    let outcome = measured(&app).await;
    let files = entry(&outcome, "/files");
    assert_eq!(files.verdict, Verdict::Leak, "{files:?}");
    assert!((files.handles[0].per_request.value - 1.0).abs() < 0.05);
    assert_ne!(entry(&outcome, "/a").verdict, Verdict::Leak);
}

#[tokio::test]
async fn a_replaced_worker_is_no_fix_and_no_leak() {
    let app = App::new(&[("/a", Habit { leak: 20_000.0, ..CLEAN })]);
    app.world().replaced_after = 900;
    let outcome = measured(&app).await;
    assert!(outcome.run.restarts >= 2, "{:?}", outcome.run);
    assert!(matches!(outcome.memory[0].verdict, Verdict::Leak | Verdict::Inconclusive), "{:?}", outcome.memory[0]);
}

#[tokio::test]
async fn a_target_that_dies_ends_the_session_with_what_was_in_flight() {
    let app = App::new(&[("/a", CLEAN), ("/b", CLEAN)]);
    app.world().dies_after = 1_000;
    let outcome = measured(&app).await;
    assert_eq!(outcome.incomplete.len(), 1);
    assert!(
        outcome.incomplete[0].contains("connection refused") && outcome.incomplete[0].contains("GET /"),
        "{:?}",
        outcome.incomplete
    );
}

#[tokio::test]
async fn one_operation_takes_less_than_half_a_minute() {
    for leak in [0.0, 256.0, 5_000.0] {
        let app = App::new(&[("/a", Habit { leak, ..CLEAN })]);
        let outcome = measured(&app).await;
        let expected = if leak > 0.0 { Verdict::Leak } else { Verdict::None };
        let verdict = outcome.memory[0].verdict;
        assert!(verdict == expected || leak == 0.0 && verdict == Verdict::Plateau, "{:?}", outcome.memory[0]);
        assert!(outcome.run.seconds < 30.0, "{leak}: {:?} {:?}", outcome.run, outcome.memory[0].concurrency);
    }
}
