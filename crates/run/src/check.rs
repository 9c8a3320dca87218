//! `check`: every vantage that a project makes possible, and one report of what they say together.
//!
//! Code and contracts on disk are read while the application starts and is scanned; memory is measured alone afterwards, on an instance that nobody has
//! asked anything. A vantage that fails makes the run incomplete, and the others report all the same. Whatever ends a run, what it started is ended with it.

pub mod changed;
mod merge;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use plimsoll_http::Target;
use plimsoll_http::scope::BadTarget;
use plimsoll_memory::supervise::{Launch, Supervised};
use plimsoll_model::report::Skipped;
use plimsoll_model::{Lane, Report, Vantage, exit, redact};
use tokio::sync::{oneshot, watch};

use crate::audit::{self, fetch};
use crate::emulator::{self, Emulator};
use crate::event::{Event, LaneStep};
use crate::memory::{self, MemoryError, Subject};
use crate::record::Record;
use crate::scan::{self, ScanError};
use crate::{assemble, code};

pub use changed::{Since, Touched};

/// How long everything may take where nothing is said: a person waits for it.
pub const MOST: Duration = Duration::from_mins(5);
/// What is kept of the time for what comes after a measurement: ending, joining, proposing.
const AFTER: Duration = Duration::from_secs(20);
/// A measurement in less time says nothing.
const LEAST: Duration = Duration::from_secs(10);
/// How much of its time a scan may leave for the measurement at least: two thirds of everything.
const SCAN_SHARE: u32 = 3;
/// How long code and contracts are waited for once a run has been interrupted.
const PATIENCE: Duration = Duration::from_secs(2);

/// What is to be done. A vantage without its request is not looked from.
pub struct Request {
    /// How a running API is scanned; its target is replaced where the application is started for it.
    pub scan: Option<scan::Request>,
    /// The command with which the application is started for the scan; none where the target runs already.
    pub start: Option<Launch>,
    /// What the application stands on.
    pub emulator: Option<emulator::Plan>,
    /// How contracts are audited; without documents the one that the scan finds is.
    pub audit: Option<audit::Request>,
    /// Which code is read.
    pub code: Option<code::Request>,
    /// How memory is measured.
    pub memory: Option<memory::Request>,
    /// How long memory is measured where that is said; a share of all the time otherwise.
    pub memory_time: Option<Duration>,
    /// How long everything may take.
    pub most: Duration,
    /// Only what can have changed since then.
    pub since: Option<Since>,
    /// Vantages that are not looked from, and what would change that.
    pub left_out: Vec<(Vantage, String)>,
    /// The version of the program.
    pub version: String,
}

/// What a check comes to.
#[derive(Debug)]
pub struct Outcome {
    /// The report, before suppressions, baseline and gate.
    pub report: Report,
    /// The recording of the scan.
    pub record: Option<Record>,
}

/// Why there is no report: the target may not be asked at all.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// The target is refused.
    #[error(transparent)]
    Refused(#[from] ScanError),
}

impl CheckError {
    /// The exit code that the command ends with.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Refused(ScanError::Setup(error)) => error.exit_code(),
            Self::Refused(_) => exit::USAGE,
        }
    }
}

/// What one vantage came to.
#[derive(Debug, Default)]
struct Ran {
    /// Its report, if it came that far.
    report: Option<Report>,
    /// Why it did not do everything.
    why: Vec<String>,
    seconds: f64,
}

impl Ran {
    fn failed(why: impl Into<String>, began: Instant) -> Self {
        Self { report: None, why: vec![one_line(&why.into())], seconds: began.elapsed().as_secs_f64() }
    }

    fn of(report: Report, began: Instant) -> Self {
        Self { why: report.incomplete.clone(), report: Some(report), seconds: began.elapsed().as_secs_f64() }
    }
}

/// A reason as reports show it.
fn one_line(why: &str) -> String {
    redact::one_line(why, 600)
}

/// Everything that the vantages said.
#[derive(Debug, Default)]
struct All {
    contract: Option<Ran>,
    wire: Option<Ran>,
    code: Option<(Ran, code::Outcome)>,
    memory: Option<Ran>,
    record: Option<Record>,
    /// What the diff can have changed, where that was asked.
    touched: Option<Touched>,
    skipped: Vec<Skipped>,
    notes: Vec<String>,
}

/// Looks from every vantage that was asked for. `interrupted` becomes true when the user wants it to end; `watch` gets every event.
///
/// # Errors
/// [`CheckError`] when the target is refused for safety. Everything else that goes wrong is in the report, which is then incomplete.
pub async fn check(
    mut request: Request,
    interrupted: watch::Receiver<bool>,
    watch: Arc<dyn Fn(Event) + Send + Sync>,
) -> Result<Outcome, CheckError> {
    let began = Instant::now();
    let mut all = All::default();
    let mut reading = request.code.take().map(|request| read(request, &watch));
    let named = request.audit.as_ref().is_some_and(|audit| !audit.documents.is_empty());
    let documents = request.audit.as_ref().map(|audit| audit.documents.as_slice()).unwrap_or_default();
    let audits = request.since.as_ref().is_none_or(|since| since.touches_any(documents));
    let scanned = request.scan.as_ref().and_then(|scan| scan.contract.clone());
    let contracts: Vec<PathBuf> = documents.iter().filter_map(file).chain(scanned).collect();
    let mut auditing = None;
    if named && audits {
        auditing = request.audit.take().map(|request| audited(request, &watch));
    }
    // What the diff can have changed is known when the code has been read.
    if let Some(since) = &request.since {
        all.code = waited(reading.take(), &interrupted).await;
        let touched = since.touched(all.code.as_ref().map(|(_, outcome)| outcome), &contracts);
        narrow(&mut request, &touched, &mut all, named);
        all.touched = Some(touched);
    }
    let running = Box::pin(running(&mut request, &mut all, began, &interrupted, &watch)).await;
    if all.code.is_none() {
        all.code = waited(reading, &interrupted).await;
    }
    if let Some(contract) = waited_for(auditing, &interrupted).await {
        all.contract = Some(contract);
    }
    running?;
    let record = all.record.take();
    let seconds = began.elapsed().as_secs_f64();
    let was_interrupted = *interrupted.borrow();
    let report = merge::report(all, &request, seconds, was_interrupted);
    Ok(Outcome { report, record })
}

fn file(source: &audit::Source) -> Option<PathBuf> {
    match source {
        audit::Source::File(path) => Some(path.clone()),
        _ => None,
    }
}

/// Leaves out what cannot have changed.
fn narrow(request: &mut Request, touched: &Touched, all: &mut All, named: bool) {
    match touched {
        Touched::Everything { .. } => {}
        Touched::Nothing { why } => {
            for (vantage, was) in [
                (Vantage::Wire, request.scan.take().is_some()),
                (Vantage::Memory, request.memory.take().is_some()),
                (Vantage::Contract, !named && request.audit.take().is_some()),
            ] {
                if was {
                    request.left_out.push((vantage, why.clone()));
                }
            }
        }
        Touched::Only(only) => {
            if let Some(scan) = &mut request.scan {
                scan.only = Some(only.clone());
            }
            if let Some(memory) = &mut request.memory {
                memory.wanted.of = Some(only.clone());
            }
        }
    }
    if named && request.audit.take().is_some() {
        request.left_out.push((Vantage::Contract, "no contract was changed".to_owned()));
    }
    all.notes.push(touched.told());
}

/// Looks at the running application, from the wire and then from its memory. An error is a refusal of the target.
async fn running(
    request: &mut Request,
    all: &mut All,
    began: Instant,
    interrupted: &watch::Receiver<bool>,
    watch: &Arc<dyn Fn(Event) + Send + Sync>,
) -> Result<(), CheckError> {
    if request.scan.is_none() && request.memory.is_none() {
        return Ok(());
    }
    let emulator = match request.emulator.take() {
        None => None,
        Some(plan) => {
            watch(Event::Note(format!("starting {}", plan.line())));
            let mut stop = interrupted.clone();
            let started = tokio::select! {
                biased;
                _ = stop.wait_for(|stop| *stop) => Err("interrupted".to_owned()),
                started = plan.start() => started.map_err(|error| error.to_string()),
            };
            match started {
                Ok(emulator) => Some(emulator),
                Err(why) => {
                    let failed = || Some(Ran::failed(&*why, began));
                    all.wire = request.scan.take().and_then(|_| failed());
                    all.memory = request.memory.take().and_then(|_| failed());
                    tell(watch, Vantage::Wire, all.wire.as_ref());
                    tell(watch, Vantage::Memory, all.memory.as_ref());
                    return Ok(());
                }
            }
        }
    };
    let result = on_emulator(request, all, began, emulator.as_ref(), interrupted, watch).await;
    if let Some(emulator) = emulator {
        if let Some(ending) = emulator.ending() {
            let why = format!("the emulator {ending}");
            for ran in [&mut all.wire, &mut all.memory].into_iter().flatten() {
                ran.why.push(why.clone());
            }
        }
        emulator.stop().await;
    }
    result
}

async fn on_emulator(
    request: &mut Request,
    all: &mut All,
    began: Instant,
    emulator: Option<&Emulator>,
    interrupted: &watch::Receiver<bool>,
    watch: &Arc<dyn Fn(Event) + Send + Sync>,
) -> Result<(), CheckError> {
    let env = emulator.map(Emulator::environment).unwrap_or_default();
    let on = |launch: &mut Launch| launch.env.splice(0..0, env.iter().cloned()).for_each(drop);
    if let Some(mut scan) = request.scan.take() {
        if request.memory.is_some() {
            scan.settings.budgets.max_time = scan.settings.budgets.max_time.min(request.most / SCAN_SHARE);
        }
        let mut start = request.start.take();
        start.iter_mut().for_each(on);
        let audit = request.audit.take();
        let lane = Instant::now();
        watch(Event::Lane(Vantage::Wire, LaneStep::Began));
        let (ran, record, contract) = wire(scan, start, audit, lane, interrupted, watch).await?;
        tell(watch, Vantage::Wire, Some(&ran));
        let failed = ran.report.is_none().then(|| ran.why.clone());
        all.wire = Some(ran);
        all.record = record;
        all.contract = contract;
        tell(watch, Vantage::Contract, all.contract.as_ref());
        // An application that does not start for the one does not start for the other.
        if let Some(why) = failed.filter(|_| request.memory.is_some()) {
            request.memory = None;
            all.memory = Some(Ran { why, ..Ran::default() });
            return Ok(());
        }
    }
    if let Some(mut memory) = request.memory.take() {
        let lane = Instant::now();
        let left = request.most.saturating_sub(began.elapsed()).saturating_sub(AFTER);
        // A session may take a quarter more than its time for its last block, and then asks what holds the memory.
        memory.options.time = request.memory_time.unwrap_or_else(|| (left * 3 / 4).max(LEAST));
        if let Subject::Command(launch) = &mut memory.subject {
            on(launch);
        }
        watch(Event::Lane(Vantage::Memory, LaneStep::Began));
        let measuring = Box::pin(memory::measure(memory, interrupted.clone(), Arc::clone(watch)));
        let ran = match measuring.await {
            Ok(report) => Ran::of(report, lane),
            Err(MemoryError::Interrupted) => Ran::failed("interrupted", lane),
            Err(error) => Ran::failed(error.to_string(), lane),
        };
        tell(watch, Vantage::Memory, Some(&ran));
        all.memory = Some(ran);
    }
    Ok(())
}

/// Scans, on an instance of its own where there is a command for it. With `audit`, the contract that the scan finds is audited as long as the application
/// answers.
async fn wire(
    mut scan: scan::Request,
    start: Option<Launch>,
    audit: Option<audit::Request>,
    began: Instant,
    interrupted: &watch::Receiver<bool>,
    watch: &Arc<dyn Fn(Event) + Send + Sync>,
) -> Result<(Ran, Option<Record>, Option<Ran>), CheckError> {
    let mut supervised = None;
    if let Some(launch) = start {
        watch(Event::Note(format!("starting {}", launch.line())));
        let mut stop = interrupted.clone();
        let started = tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => Err("interrupted".to_owned()),
            started = Supervised::spawn(launch) => started.map_err(|error| error.to_string()),
        };
        let target = started.and_then(|started| {
            let target = at(started.origin(), &scan.settings.target).map_err(|error| error.to_string())?;
            supervised = Some(started);
            Ok(target)
        });
        match target {
            Ok(target) => scan.settings.target = target,
            Err(why) => return Ok((Ran::failed(why, began), None, None)),
        }
    }
    let control = |stopper: plimsoll_http::Stopper| {
        let mut stop = interrupted.clone();
        tokio::spawn(async move {
            if stop.wait_for(|stop| *stop).await.is_ok() {
                stopper.stop();
            }
        });
    };
    let scanned = Box::pin(scan::scan(scan, control, Arc::clone(watch))).await;
    let mut out = (Ran::default(), None, None);
    match scanned {
        Ok(mut record) => {
            let contract = match audit {
                Some(audit) if !*interrupted.borrow() => of_target(&record, audit).await,
                _ => None,
            };
            let mut ran = Ran::of(assemble::report(&mut record), began);
            // How it ended is asked before it is ended on purpose.
            let ending = supervised.as_ref().and_then(|supervised| supervised.watched().look_for_ending());
            if let (Some(ending), Some(supervised)) = (ending, &supervised) {
                let said = supervised.watched().output().last_lines(3).join(" | ");
                let said = if said.is_empty() { said } else { format!("; it said: {said}") };
                ran.why.insert(0, one_line(&format!("the application {ending}{said}")));
            }
            out = (ran, Some(record), contract);
        }
        Err(ScanError::Setup(error)) if error.exit_code() == exit::REFUSED => {
            return Err(ScanError::Setup(error).into());
        }
        Err(error) => out.0 = Ran::failed(error.to_string(), began),
    }
    if let Some(supervised) = supervised {
        supervised.stop().await;
    }
    Ok(out)
}

/// Where an application that was started answers, with the path that the configured target has.
fn at(origin: &str, configured: &Target) -> Result<Target, BadTarget> {
    Target::parse(&format!("{origin}{}", configured.prefix()))
}

/// Audits the contract that a scan found. None where it found none.
async fn of_target(record: &Record, mut request: audit::Request) -> Option<Ran> {
    let began = Instant::now();
    let document = record.header.api.document.clone()?;
    request.documents.clear();
    let target = Target::parse(&record.header.url).ok()?;
    let report = match fetch::audit(&[format!("{}{document}", target.origin())], &request).await {
        Ok(report) => report,
        // It needs credentials, or is not there any more: what the scan read of it is judged.
        Err(_) => audit::read_already(&record.header.api, &request),
    };
    Some(Ran::of(
        Report { target: plimsoll_model::report::Target { contract: Some(document), ..report.target }, ..report },
        began,
    ))
}

/// Work on a thread of its own. Nobody waits for it where a run was interrupted, so that it is no task of the runtime, whose end would.
fn aside<T: Send + 'static>(name: &str, work: impl FnOnce() -> T + Send + 'static) -> oneshot::Receiver<T> {
    let (sender, receiver) = oneshot::channel();
    let thread = std::thread::Builder::new().name(format!("plimsoll-{name}"));
    // Where no thread can be had the sender is dropped, and the receiver says so.
    drop(thread.spawn(move || drop(sender.send(work()))));
    receiver
}

type Read = oneshot::Receiver<(Ran, code::Outcome)>;

fn read(request: code::Request, watch: &Arc<dyn Fn(Event) + Send + Sync>) -> Read {
    watch(Event::Lane(Vantage::Code, LaneStep::Began));
    let watch = Arc::clone(watch);
    aside("code", move || {
        let began = Instant::now();
        let (ran, outcome) = match code::code(&request) {
            Ok(mut outcome) => {
                let report = std::mem::take(&mut outcome.report);
                (Ran::of(report, began), outcome)
            }
            Err(error) => (Ran::failed(error.to_string(), began), code::Outcome::default()),
        };
        tell(&watch, Vantage::Code, Some(&ran));
        (ran, outcome)
    })
}

fn audited(request: audit::Request, watch: &Arc<dyn Fn(Event) + Send + Sync>) -> oneshot::Receiver<Ran> {
    watch(Event::Lane(Vantage::Contract, LaneStep::Began));
    let watch = Arc::clone(watch);
    aside("contract", move || {
        let began = Instant::now();
        let ran = match audit::audit(&request) {
            Ok(report) => Ran::of(report, began),
            Err(error) => Ran::failed(error.to_string(), began),
        };
        tell(&watch, Vantage::Contract, Some(&ran));
        ran
    })
}

async fn waited(reading: Option<Read>, interrupted: &watch::Receiver<bool>) -> Option<(Ran, code::Outcome)> {
    let began = Instant::now();
    let lost = |why: &str| (Ran::failed(why, began), code::Outcome::default());
    Some(patiently(reading?, interrupted).await.unwrap_or_else(lost))
}

async fn waited_for(auditing: Option<oneshot::Receiver<Ran>>, interrupted: &watch::Receiver<bool>) -> Option<Ran> {
    let began = Instant::now();
    Some(patiently(auditing?, interrupted).await.unwrap_or_else(|why| Ran::failed(why, began)))
}

/// Waits for work on a thread; not long once the run was interrupted.
async fn patiently<T>(work: oneshot::Receiver<T>, interrupted: &watch::Receiver<bool>) -> Result<T, &'static str> {
    let mut stop = interrupted.clone();
    let late = async move {
        if stop.wait_for(|stop| *stop).await.is_err() {
            std::future::pending::<()>().await;
        }
        tokio::time::sleep(PATIENCE).await;
    };
    tokio::select! {
        biased;
        done = work => done.map_err(|_| "ended without a word, which is a bug of plimsoll; please report it"),
        () = late => Err("interrupted"),
    }
}

fn tell(watch: &Arc<dyn Fn(Event) + Send + Sync>, vantage: Vantage, ran: Option<&Ran>) {
    let Some(ran) = ran else { return };
    let findings = ran.report.as_ref().map_or(0, |report| report.findings.len());
    let why = ran.why.first().cloned();
    watch(Event::Lane(vantage, LaneStep::Ended { findings, seconds: ran.seconds, why }));
}

/// What a vantage did, for the report.
fn lane(vantage: Vantage, ran: &Ran, findings: usize) -> Lane {
    Lane {
        vantage,
        ran: ran.report.is_some(),
        why: ran.why.clone(),
        seconds: (ran.seconds * 10.0).round() / 10.0,
        findings: findings as u32,
    }
}
