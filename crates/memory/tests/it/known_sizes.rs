//! Leaks of a known size are found and measured: 256 bytes per request by the agent, 4 KiB from outside.

use std::time::Duration;

use plimsoll_http::{Engine, Permit, Settings, Target};
use plimsoll_memory::agent::Agents;
use plimsoll_memory::drive::requests::Written;
use plimsoll_memory::drive::{Driven, Load, Source};
use plimsoll_memory::sample::Gauge;
use plimsoll_memory::session::{self, Options, Outcome};
use plimsoll_memory::supervise::{Launch, Supervised};
use plimsoll_model::memory::{OperationMemory, Signal, Verdict};
use plimsoll_model::{Method, OperationKey};

use crate::target::{PYTHON, file, tagged};

/// Measures one path of a server that retains so many bytes for each request to `/leak`.
async fn measured(bytes: u32, path: &str, with_agent: bool) -> Outcome {
    let command = [PYTHON.into(), file("leaks.py").into(), bytes.to_string().into()].to_vec();
    let (mut launch, tag) = tagged(Launch::new(command));
    let mut agents = with_agent.then(|| Agents::listen().unwrap());
    launch.env.extend(agents.iter().flat_map(|agents| agents.environment(None)));
    let target = Supervised::spawn(launch).await.unwrap();
    let mut gauge = Gauge::tree(target.watched().clone());
    if let Some(mut agents) = agents.take() {
        assert!(agents.wait(Duration::from_secs(20)).await, "no agent");
        gauge = gauge.with_agents(agents);
    }
    let mut settings = Settings::new(Target::parse(target.origin()).unwrap());
    settings.concurrency = Some(16);
    settings.budgets.max_requests = u64::MAX;
    settings.budgets.max_bytes_per_operation = u64::MAX;
    let load = Load::live(Engine::new(settings).await.unwrap(), |_| {});
    let source = Source::Written(Written::new(Method::Get, &[path, "?n={n}"].concat(), None).unwrap());
    let key = OperationKey::new(Method::Get, path);
    let driven = Driven { key, permit: Permit::SAFE, source, sizes: None };
    // The machine may be busy: requests are what is limited.
    let options = Options { operation_time: Duration::from_mins(1), ..Options::default() };
    let outcome = session::run(load, &mut gauge, vec![driven], "", options, &mut |_| {}).await;
    target.stop().await;
    tag.assert_gone_soon();
    assert_eq!(outcome.incomplete, Vec::<String>::new());
    outcome
}

/// The series that decided, one request at a time.
fn deciding(entry: &OperationMemory) -> u64 {
    entry.concurrency[0].requests
}

#[tokio::test]
async fn a_leak_of_256_bytes_is_found_by_the_agent_within_5000_requests() {
    let outcome = measured(256, "/leak", true).await;
    let entry = &outcome.memory[0];
    assert_eq!((entry.verdict, entry.signal), (Verdict::Leak, Some(Signal::Live)), "{entry:?}");
    // One interval in twenty leaves the truth out by design; how often it may is tested by simulation.
    let slope = entry.bytes_per_request.unwrap();
    assert!((slope.value - 256.0).abs() < 40.0 && slope.low > 128.0, "{slope:?}");
    assert_eq!(entry.keyed_by_input, Some(false));
    assert!(deciding(entry) <= 5_000, "{}", deciding(entry));
}

#[tokio::test]
async fn a_leak_of_4_kib_is_found_from_outside_within_5000_requests() {
    let outcome = measured(4_096, "/leak", false).await;
    let entry = &outcome.memory[0];
    assert_eq!((entry.verdict, entry.signal), (Verdict::Leak, Some(Signal::Uss)), "{entry:?}");
    let slope = entry.bytes_per_request.unwrap();
    assert!((slope.value - 4_096.0).abs() < 400.0 && slope.low > 3_000.0, "{slope:?}");
    assert!(deciding(entry) <= 5_000, "{}", deciding(entry));
}

#[tokio::test]
async fn a_server_that_keeps_nothing_is_not_blamed_and_neither_is_the_agent() {
    let outcome = measured(256, "/idle", true).await;
    let entry = &outcome.memory[0];
    assert!(matches!(entry.verdict, Verdict::None | Verdict::Plateau), "{entry:?}");
    let slope = entry.bytes_per_request.unwrap();
    assert!(slope.low < 32.0 && slope.high < 256.0, "{slope:?}");
}
