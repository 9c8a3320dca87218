//! `memory`: starts an application or watches one that runs, explores its operations as a scan does, measures what each leaves behind, and reports it.
//!
//! Whatever ends a run, what it started is ended with it. A run that was cut short reports what was measured until then, and says that it is incomplete.

mod compare;
mod findings;
mod identity;
mod operations;
pub(crate) mod report;

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use plimsoll_http::engine::{Engine, SetupError, Stopper};
use plimsoll_http::login::LoginError;
use plimsoll_http::scope::BadTarget;
use plimsoll_http::settings::Settings;
use plimsoll_http::transport::{Event as WireEvent, Transport};
use plimsoll_http::{OpId, Target};
use plimsoll_memory::agent::attach;
use plimsoll_memory::agent::client::Agents;
use plimsoll_memory::drive::Load;
use plimsoll_memory::sample::{CgroupGauge, Collect, Gauge, MetricsGauge, SampleError};
use plimsoll_memory::session;
use plimsoll_memory::supervise::{SuperviseError, Supervised, Watched};
use plimsoll_model::{Report, exit};
use plimsoll_scan::Active;
use plimsoll_scan::drive::{self, Start};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::credentials::Credentials;
use crate::event::Event;
use crate::identities::Identities;
use crate::record::{Header, Record};
use crate::scan::{self, ScanError};

pub use compare::changes;
#[cfg(test)]
pub(crate) use findings::of_all as findings_of;
pub use findings::size;
pub use operations::{Wanted, WantedError};
pub(crate) use operations::{permit, plan};
pub use plimsoll_memory::session::Options;
pub use plimsoll_memory::supervise::Launch;

/// How long processes may take to say that they run the agent.
const HELLO: Duration = Duration::from_secs(3);
/// How long a process that was attached to may take to answer.
const ANSWER: Duration = Duration::from_secs(10);
/// How much longer than its time a session may take before it is stopped, for its last block and what attribution walks: a quarter, within these
/// bounds. A target that answers nothing uses it up.
const GRACE: [Duration; 2] = [Duration::from_secs(15), Duration::from_mins(2)];
/// What one operation may receive. The budget of a scan would end a measurement of large answers.
const RECEIVED: u64 = 1 << 40;
/// How long one operation is measured at most where few are: a slow one needs it, and a measurement that decides is over before.
const LONGEST: Duration = Duration::from_mins(1);
/// Requests of a run, at most; how many an operation gets is the session's matter.
const REQUESTS: u64 = 20_000_000;

/// What is measured.
#[derive(Clone, Debug)]
pub enum Subject {
    /// A command that is started, and ended in the end.
    Command(Box<Launch>),
    /// A process that runs, and what descends from it.
    Process(i32),
    /// The processes of a control group.
    Group(PathBuf),
    /// A page of metrics.
    Metrics(Target),
}

/// What a measurement needs to know.
#[derive(Clone)]
pub struct Request {
    /// What is measured.
    pub subject: Subject,
    /// Where it answers; found by looking for a command or a process.
    pub url: Option<Target>,
    /// How to talk to it; the target is filled in when it is known.
    pub settings: Settings,
    /// The credentials, for showing; the settings hold them for sending.
    pub credentials: Credentials,
    /// The named identities; the first is asked as where no credentials are given.
    pub identities: Identities,
    /// A contract on disk.
    pub contract: Option<PathBuf>,
    /// Which operations, and which requests.
    pub wanted: Wanted,
    /// What the session may spend, and what it looks for.
    pub options: Options,
    /// Whether the agent is to be brought into Python processes.
    pub agent: bool,
    /// The `PYTHONPATH` of this process's environment.
    pub pythonpath: Option<OsString>,
    /// An earlier report to compare with.
    pub before: Option<Report>,
    /// The folder that the project's files are named from.
    pub folder: PathBuf,
}

/// Why there is no measurement.
#[derive(Debug, thiserror::Error)]
pub enum MemoryError {
    /// The target cannot be started or watched.
    #[error(transparent)]
    Supervise(#[from] SuperviseError),
    /// The target cannot be used.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// Nobody can be signed in.
    #[error(transparent)]
    Login(#[from] LoginError),
    /// The contract cannot be used.
    #[error(transparent)]
    Contract(#[from] ScanError),
    /// What was said about operations and requests cannot be used.
    #[error(transparent)]
    Wanted(#[from] WantedError),
    /// It answers at a place that is no URL.
    #[error(transparent)]
    Target(#[from] BadTarget),
    /// There is no reading.
    #[error(transparent)]
    Sample(#[from] SampleError),
    /// It is not known where the target answers.
    #[error("it is not known where the target answers; give its --url")]
    NoUrl,
    /// Stopped from outside before anything was measured.
    #[error("interrupted before anything was measured")]
    Interrupted,
}

impl MemoryError {
    /// The exit code that the command ends with.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Supervise(
                SuperviseError::NoCommand
                | SuperviseError::NotFound(_)
                | SuperviseError::NoFolder(_)
                | SuperviseError::NoProcess(_),
            )
            | Self::Contract(_)
            | Self::Wanted(_)
            | Self::Target(_)
            | Self::NoUrl => exit::USAGE,
            Self::Setup(error) => error.exit_code(),
            Self::Login(error) => error.exit_code(),
            Self::Supervise(_) | Self::Sample(_) | Self::Interrupted => exit::INCOMPLETE,
        }
    }
}

/// Measures. `interrupted` becomes true when the user wants it to end; `watch` gets every event.
///
/// # Errors
/// The target cannot be started or reached, or what was asked for cannot be used. What goes wrong later makes an incomplete report.
pub async fn measure(
    mut request: Request,
    mut interrupted: watch::Receiver<bool>,
    watch: Arc<dyn Fn(Event) + Send + Sync>,
) -> Result<Report, MemoryError> {
    let contract = request.contract.as_deref().map(scan::contract).transpose()?;
    let mut stop = interrupted.clone();
    let begun = tokio::select! {
        biased;
        _ = stop.wait_for(|stop| *stop) => return Err(MemoryError::Interrupted),
        begun = begin(&request, &*watch) => begun?,
    };
    let Begun { supervised, gauge, target, mut notes } = begun;
    notes.extend(identity::settle(&mut request, &target).await?);
    let watched = supervised.as_ref().map(|supervised| supervised.watched().clone());
    let settings = settings(&request, target);
    let mut engine = Engine::new(settings.clone()).await?;
    watch(Event::Note(format!("measuring {}", settings.target.url())));
    let sent = watch.clone();
    // Whatever ends the run, the operation that was asked last is known.
    let latest = Arc::new(AtomicU32::new(u32::MAX));
    let asked = Arc::clone(&latest);
    let mut slowed = BTreeSet::new();
    let observe = move |event| match event {
        WireEvent::Sent { requests, op } => {
            asked.store(op.0, Ordering::Relaxed);
            sent(Event::Sent { requests });
        }
        // Said once: a measurement drives the target to where this happens again and again.
        WireEvent::Slowed { why } if slowed.insert(why.clone()) => sent(Event::Note(format!("slowed down: {why}"))),
        _ => {}
    };
    engine.observe(observe.clone());
    let guard = guard(engine.stopper(), watched.clone(), interrupted.clone(), patience(request.options.time));
    let start = Start {
        prefix: settings.target.prefix().trim_end_matches('/').to_owned(),
        contract,
        checks: &[],
        permits: &|operation| permit(operation, &settings),
        tokens: Vec::new(),
        credentials: request.credentials.shown.clone(),
        identities: Vec::new(),
        forged: Vec::new(),
        active: Active::default(),
        watched: false,
    };
    let progress = watch.clone();
    let explored = drive::run(&mut engine, start, &mut |step| progress(Event::Progress(step))).await;
    let planned = plan(&explored.api, &explored.seen, &settings, &request.wanted)?;
    let mut refused = explored.refused;
    let named = |op: &OpId| explored.api.operations.get(op.0 as usize).map(|operation| &operation.key);
    refused.retain(|(op, _)| named(op).is_none_or(|key| request.wanted.asks_for(key)));
    let record = Record {
        header: Header {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            url: format!("{}{}", settings.target.origin(), settings.target.prefix().trim_end_matches('/')),
            credentials: request.credentials.shown.clone(),
            refused,
            protocols: explored.protocols,
            status: engine.status(),
            max_requests: 0,
            max_seconds: request.options.time.as_secs_f64(),
            api: explored.api,
            ..Header::default()
        },
        seen: explored.seen,
    };
    let mut gauge = gauge;
    let prefix = record.header.api.prefix.clone();
    let load = Load::live(engine, observe);
    let steps = watch.clone();
    let keys: Vec<_> = planned.driven.iter().map(|driven| driven.key.clone()).collect();
    let outcome = if planned.driven.is_empty() {
        None
    } else {
        let mut tell = move |step| steps(Event::Memory(step));
        let time = request.options.time_for(planned.driven.len());
        let share = time * 2 / (3 * planned.driven.len() as u32);
        let operation_time = request.options.operation_time.max(share.min(LONGEST));
        let options = Options { time, operation_time, ..request.options };
        Some(session::run(load, &mut gauge, planned.driven, &prefix, options, &mut tell).await)
    };
    let latest = usize::try_from(latest.load(Ordering::Relaxed)).ok().and_then(|index| keys.get(index).cloned());
    guard.abort();
    // Aborted before it came to anything, it was not late.
    let was_late = guard.await.unwrap_or(false);
    // What is known of the end is asked before the target is ended on purpose.
    let ending = watched.as_ref().and_then(Watched::look_for_ending);
    let said = watched.as_ref().map(|watched| watched.output().last_lines(3)).unwrap_or_default();
    notes.extend(watched.iter().flat_map(Watched::take_notes));
    notes.extend(watched.iter().filter_map(|watched| {
        Some(format!("the target said that memory ran out: {}", watched.output().out_of_memory()?))
    }));
    let ports = watched.as_ref().map(Watched::ports).unwrap_or_default();
    drop(gauge);
    let stopped = match supervised {
        Some(supervised) => supervised.stop().await,
        None => plimsoll_memory::supervise::Stopped::default(),
    };
    notes.extend(left_running(&stopped.left));
    let was_interrupted = *interrupted.borrow_and_update();
    let measured = report::Measured {
        outcome,
        ending,
        latest,
        said,
        ports,
        was_interrupted,
        was_late,
        notes,
        left_out: planned.left_out,
    };
    let mut report = report::assemble(record, measured, &request.wanted, &request.folder);
    if let Some(before) = &request.before {
        report.memory_changes = changes(before, &report);
    }
    Ok(report)
}

fn left_running(left: &[i32]) -> Option<String> {
    let pids: Vec<String> = left.iter().map(ToString::to_string).collect();
    (!left.is_empty()).then(|| format!("could not be ended: process {}", pids.join(", ")))
}

/// A target that answers, and how it is looked at.
struct Begun {
    supervised: Option<Supervised>,
    gauge: Gauge,
    target: Target,
    notes: Vec<String>,
}

async fn begin(request: &Request, watch: &(dyn Fn(Event) + Send + Sync)) -> Result<Begun, MemoryError> {
    let mut notes = Vec::new();
    match &request.subject {
        Subject::Command(launch) => {
            let mut launch = (**launch).clone();
            let agents = request.agent.then(|| listen(&mut launch, request, &mut notes)).flatten();
            watch(Event::Note(format!("starting {}", launch.line())));
            let supervised = Supervised::spawn(launch).await?;
            if !supervised.other_ports().is_empty() && request.url.is_none() {
                let others: Vec<String> = supervised.other_ports().iter().map(ToString::to_string).collect();
                notes.push(format!(
                    "{} was measured; it also listens on {} (--port decides)",
                    supervised.origin(),
                    others.join(", ")
                ));
            }
            let gauge = with_agents(Gauge::tree(supervised.watched().clone()), agents, &mut notes).await;
            let target = match &request.url {
                Some(url) => url.clone(),
                None => Target::parse(supervised.origin())?,
            };
            Ok(Begun { supervised: Some(supervised), gauge, target, notes })
        }
        Subject::Process(pid) => {
            let mut supervised = Supervised::attach(*pid)?;
            let target = if let Some(url) = &request.url {
                url.clone()
            } else {
                supervised.find_origin(None, ANSWER).await?;
                Target::parse(supervised.origin())?
            };
            supervised.serves(target.port());
            let agents = if request.agent { attached(&supervised.watched().pids(), &mut notes).await } else { None };
            let gauge = with_agents(Gauge::tree(supervised.watched().clone()), agents, &mut notes).await;
            Ok(Begun { supervised: Some(supervised), gauge, target, notes })
        }
        Subject::Group(folder) => {
            let target = request.url.clone().ok_or(MemoryError::NoUrl)?;
            Ok(Begun { supervised: None, gauge: Gauge::cgroup(CgroupGauge::new(folder)?), target, notes })
        }
        Subject::Metrics(page) => {
            let target = request.url.clone().ok_or(MemoryError::NoUrl)?;
            let mut settings = request.settings.clone();
            settings.target = page.clone();
            // Credentials belong to the target's origin; a metrics page elsewhere gets none.
            if page.origin() != target.origin() {
                settings.credentials.clear();
            }
            let mut gauge = Gauge::metrics(MetricsGauge::new(settings).await?);
            gauge.read(Collect::Nothing).await?;
            Ok(Begun { supervised: None, gauge, target, notes })
        }
    }
}

/// Waits for agents from now on, and sets what the target needs to bring them in. Where that fails the target is measured from outside.
fn listen(launch: &mut Launch, request: &Request, notes: &mut Vec<String>) -> Option<Agents> {
    let agents = match Agents::listen() {
        Ok(agents) => agents,
        Err(error) => {
            notes.push(format!("measured from outside: {error}"));
            return None;
        }
    };
    let own = launch.env.iter().rev().find(|(name, _)| name == "PYTHONPATH").map(|(_, value)| value.clone());
    let path = own.or_else(|| request.pythonpath.clone());
    launch.env.extend(agents.environment(path.as_deref()));
    Some(agents)
}

/// Brings the agent into processes that run, where their interpreter lets it in.
async fn attached(pids: &[i32], notes: &mut Vec<String>) -> Option<Agents> {
    let mut agents = Agents::listen().ok()?;
    let mut refused = None;
    for pid in pids {
        if let Err(error) = attach::attach(pid.cast_unsigned(), &mut agents).await {
            refused = refused.or(Some(error.to_string()));
        }
    }
    if agents.processes().is_empty() {
        notes.extend(refused.map(|why| format!("measured from outside: {why}")));
        return None;
    }
    Some(agents)
}

/// The gauge with the agents, if any process says hello.
async fn with_agents(gauge: Gauge, agents: Option<Agents>, notes: &mut Vec<String>) -> Gauge {
    let Some(mut agents) = agents else { return gauge };
    if agents.wait(HELLO).await {
        gauge.with_agents(agents)
    } else {
        notes.push(
            "measured from outside: no process of the target runs the agent, which needs Python 3.9 or newer"
                .to_owned(),
        );
        gauge
    }
}

/// The settings of the run: budgets that are the session's matter are not the engine's.
fn settings(request: &Request, target: Target) -> Settings {
    let mut settings = request.settings.clone();
    settings.target = target;
    settings.concurrency = Some(usize::try_from(request.options.concurrency).unwrap_or(16).max(8));
    settings.budgets.max_requests = REQUESTS;
    settings.budgets.max_bytes_per_operation = RECEIVED;
    // The guard is first, and can say why.
    settings.budgets.max_time = patience(request.options.time) * 2;
    // What takes longer than a good part of all the time cannot be measured.
    settings.deadlines.first_byte = settings.deadlines.first_byte.min((request.options.time / 4).max(LEAST_PATIENCE));
    settings
}

/// How long an answer is waited for at least.
const LEAST_PATIENCE: Duration = Duration::from_secs(5);

/// How long a session may take.
fn patience(time: Duration) -> Duration {
    time + (time / 4).clamp(GRACE[0], GRACE[1])
}

/// Stops the engine when the target ends, the user interrupts, or the time is up: nobody waits for answers that will not come. True where it was the
/// time.
fn guard(
    stopper: Stopper,
    watched: Option<Watched>,
    mut interrupted: watch::Receiver<bool>,
    time: Duration,
) -> JoinHandle<bool> {
    tokio::spawn(async move {
        let ended = async {
            match &watched {
                Some(watched) => drop(watched.ended().await),
                None => std::future::pending().await,
            }
        };
        let late = tokio::select! {
            () = ended => false,
            _ = interrupted.wait_for(|stop| *stop) => false,
            () = tokio::time::sleep(time) => true,
        };
        stopper.stop();
        late
    })
}

#[cfg(test)]
pub(crate) mod tests {
    use plimsoll_model::memory::{Interval, OperationMemory, Verdict};
    use plimsoll_model::{Method, OperationKey};

    /// An interval of 95 %.
    pub fn interval(low: f64, value: f64, high: f64) -> Interval {
        Interval { value, low, high, level: 0.95 }
    }

    /// An operation of which nothing is known but its verdict.
    pub fn measured(path: &str, verdict: Verdict) -> OperationMemory {
        let known = serde_json::json!({"operation": OperationKey::new(Method::Get, path), "verdict": verdict, "why": "", "requests": 100});
        // Everything else may be absent, as in the reports of those who had nothing to say about it.
        serde_json::from_value(known).unwrap()
    }
}
