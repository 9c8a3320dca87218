//! Measures a target without contract or exploration: `measure OPERATIONS SECONDS -- COMMAND …`.
//!
//! OPERATIONS is a file with one operation on each line, as in `GET /search?q=term-{n}`; the variable `AUTHORIZATION` is sent as that header. Prints one JSON line for each
//! operation and one for the whole. For development; people use `plimsoll memory`.

use std::ffi::OsString;
use std::io::Write as _;
use std::time::Duration;

use plimsoll_http::settings::Credential;
use plimsoll_http::{AllowWrites, Engine, Settings, Target, plan};
use plimsoll_memory::agent::Agents;
use plimsoll_memory::drive::requests::Written;
use plimsoll_memory::drive::{Driven, Load, Source};
use plimsoll_memory::sample::Gauge;
use plimsoll_memory::session::{self, Options};
use plimsoll_memory::supervise::{Launch, Supervised};
use plimsoll_model::OperationKey;

#[tokio::main(flavor = "current_thread")]
#[expect(clippy::disallowed_methods, reason = "an example has no other place to read its environment")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let file = arguments.next().ok_or("measure OPERATIONS SECONDS -- COMMAND …")?;
    let seconds: u64 = arguments.next().and_then(|s| s.to_str()?.parse().ok()).ok_or("SECONDS")?;
    let command: Vec<OsString> = arguments.skip(1).collect();
    let mut agents = Agents::listen()?;
    let mut launch = Launch::new(command);
    launch.env = agents.environment(std::env::var_os("PYTHONPATH").as_deref());
    let supervised = Supervised::spawn(launch).await?;
    let mut gauge = Gauge::tree(supervised.watched().clone());
    if agents.wait(Duration::from_secs(3)).await {
        gauge = gauge.with_agents(agents);
    }
    let mut settings = Settings::new(Target::parse(supervised.origin())?);
    settings.concurrency = Some(16);
    settings.allow_writes = AllowWrites::All;
    settings.budgets.max_requests = u64::MAX;
    settings.budgets.max_bytes_per_operation = u64::MAX;
    settings.budgets.max_time = Duration::from_hours(1);
    if let Ok(value) = std::env::var("AUTHORIZATION") {
        settings.credentials.push(Credential::new("authorization", value));
    }
    let mut operations = Vec::new();
    for line in std::fs::read_to_string(file)?.lines().filter(|line| !line.trim().is_empty()) {
        let (method, target) = line.split_once(' ').ok_or("METHOD /target")?;
        let key: OperationKey = format!("{method} {}", target.split('?').next().unwrap_or(target)).parse()?;
        let written = Written::new(key.method, target, None)?;
        let permit = plan::permit(&key, None, "", false, &settings)?;
        operations.push(Driven { key, permit, source: Source::Written(written), sizes: None });
    }
    let load = Load::live(Engine::new(settings).await?, |_| {});
    let options = Options { time: Duration::from_secs(seconds), ..Options::default() };
    let mut watch = |progress| drop(writeln!(std::io::stderr(), "{progress:?}"));
    let outcome = session::run(load, &mut gauge, operations, "", options, &mut watch).await;
    let mut out = std::io::stdout().lock();
    for entry in &outcome.memory {
        writeln!(out, "{}", serde_json::to_string(entry)?)?;
    }
    writeln!(out, "{}", serde_json::to_string(&outcome.run)?)?;
    writeln!(out, "{:?} {:?}", outcome.incomplete, outcome.notes)?;
    supervised.stop().await;
    Ok(())
}
