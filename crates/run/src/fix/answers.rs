//! Answers before and after a change: the same requests in the same order, each time to an application that was just started.
//!
//! The unchanged application is asked twice. What it answers alike is expected of the changed one; what varies by itself (times, random names, the order of
//! sets) is not. The operations concerned are asked many times with inputs that vary, so that a bound that cuts off what used to be kept shows, and all
//! other safe operations are asked before and after that.

pub mod compare;

use std::collections::HashMap;
use std::time::{Duration, Instant};

use compare::{Answer, Expected, Varying};
use plimsoll_http::engine::{Engine, SetupError};
use plimsoll_http::scope::BadTarget;
use plimsoll_http::settings::Settings;
use plimsoll_http::{Lane, OpId, Outcome, Permit, Planned, Probe, Request as HttpRequest, Response, Target, Transport};
use plimsoll_memory::drive::{Driven, Lever, Load};
use plimsoll_memory::supervise::{Launch, SuperviseError, Supervised};
use plimsoll_model::verification::Answers;
use plimsoll_model::{OperationKey, redact};
use plimsoll_scan::Active;
use plimsoll_scan::drive::{self, Start};
use tokio::sync::watch;

use crate::memory::{self, Request, Subject, Wanted};
use crate::scan::{self, ScanError};

/// Requests of each operation before and after the load.
const AROUND: u64 = 6;
/// Requests of each operation concerned, and how many of them follow one another.
const LOAD: u64 = 1_200;
const TURN: u64 = 40;
/// Bytes of a body that are kept to be looked into, and how many of the bodies of each part of the load are.
const KEPT: usize = 256 << 10;
const LOOKED_INTO: u64 = 60;
/// The parts of the time that are up when every operation was asked, when the load was sent, when it was repeated, and when everything was asked once more.
const PARTS: [f64; 4] = [0.25, 0.7, 0.85, 1.0];
/// Differences that are told.
const TOLD: usize = 8;
/// How long asking may take in all, whatever the application does.
const LONGEST: Duration = Duration::from_mins(10);
/// How often a safe request is sent that gets no answer, and the time in between: a connection that was closed meanwhile is no difference.
const TRIES: usize = 3;
const PAUSE: Duration = Duration::from_millis(300);
/// What one operation may receive.
const RECEIVED: u64 = 1 << 34;

/// Why answers cannot be compared.
#[derive(Debug, thiserror::Error)]
pub enum AnswersError {
    /// The application does not start.
    #[error(transparent)]
    Supervise(#[from] SuperviseError),
    /// It cannot be talked to.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// It answers at a place that is no URL.
    #[error(transparent)]
    Target(#[from] BadTarget),
    /// The contract cannot be used.
    #[error(transparent)]
    Contract(#[from] ScanError),
    /// The requests of the configuration cannot be used.
    #[error(transparent)]
    Wanted(#[from] memory::WantedError),
    /// There is no command that starts it.
    #[error("no command is known that starts the application (memory.command)")]
    NoCommand,
    /// Stopped from outside.
    #[error("interrupted")]
    Interrupted,
}

/// The requests, in the order in which they are sent.
#[derive(Clone, Debug, Default)]
pub struct Script {
    steps: Vec<Step>,
}

#[derive(Clone, Debug)]
struct Step {
    op: OpId,
    key: OperationKey,
    permit: Permit,
    request: HttpRequest,
    keep: bool,
    /// The part of the time after which it is left out; none for what is always asked.
    until: Option<f64>,
}

/// What the unchanged application answers.
#[derive(Clone, Debug)]
pub struct Known {
    script: Script,
    expected: Vec<Option<Expected>>,
    varying: HashMap<OpId, Varying>,
}

/// A running application, and the way to it.
struct App {
    supervised: Supervised,
    engine: Engine,
}

impl App {
    async fn start(request: &Request) -> Result<Self, AnswersError> {
        let Subject::Command(launch) = &request.subject else { return Err(AnswersError::NoCommand) };
        let mut launch: Launch = (**launch).clone();
        // The order of sets is one reason less for answers to vary.
        if !launch.env.iter().any(|(name, _)| name == "PYTHONHASHSEED") {
            launch.env.push(("PYTHONHASHSEED".into(), "0".into()));
        }
        let supervised = Supervised::spawn(launch).await?;
        let target = match &request.url {
            Some(url) => url.clone(),
            None => Target::parse(supervised.origin())?,
        };
        let engine = Engine::new(settings(request, target)).await?;
        Ok(Self { supervised, engine })
    }
}

fn settings(request: &Request, target: Target) -> Settings {
    let mut settings = request.settings.clone();
    settings.target = target;
    settings.budgets.max_requests = 1_000_000;
    settings.budgets.max_bytes_per_operation = RECEIVED;
    settings.budgets.max_time = LONGEST;
    settings
}

/// Asks the unchanged application what it answers: once to learn what can be asked, then twice the same. `patience` is how long each of these may take.
///
/// # Errors
/// It cannot be started or asked.
pub async fn learn(
    request: &Request,
    concerned: &[OperationKey],
    patience: Duration,
    mut interrupted: watch::Receiver<bool>,
) -> Result<Known, AnswersError> {
    let mut script = Box::pin(unless(&mut interrupted, script(request, concerned))).await?;
    let first = unless(&mut interrupted, pass(request, &script, Some(patience))).await?;
    let mut sent = first.iter().map(Option::is_some);
    script.steps.retain(|_| sent.next().unwrap_or(false));
    let second = unless(&mut interrupted, pass(request, &script, None)).await?;
    let mut varying: HashMap<OpId, Varying> = HashMap::new();
    let mut expected = Vec::with_capacity(script.steps.len());
    for ((step, first), second) in script.steps.iter().zip(first.into_iter().flatten()).zip(second) {
        let pair = second.map(|second| (first, second));
        if let Some((first, second)) = &pair {
            varying.entry(step.op).or_default().note(first, second);
        }
        expected.push(pair.and_then(|(first, second)| Expected::of(&first, &second)));
    }
    Ok(Known { script, expected, varying })
}

/// Asks the changed application the same, and says what differs.
///
/// # Errors
/// It cannot be started or asked.
pub async fn compare(
    request: &Request,
    known: &Known,
    mut interrupted: watch::Receiver<bool>,
) -> Result<(Answers, Vec<OperationKey>), AnswersError> {
    let now = unless(&mut interrupted, pass(request, &known.script, None)).await?;
    let mut answers = Answers { compared: 0, different: Vec::new() };
    let mut operations = Vec::new();
    let steady = Varying::default();
    for (number, (step, expected)) in known.script.steps.iter().zip(&known.expected).enumerate() {
        let Some(expected) = expected else { continue };
        answers.compared += 1;
        let missing = Answer::default();
        let answer = now.get(number).and_then(Option::as_ref).unwrap_or(&missing);
        let Some(how) = expected.differs(answer, known.varying.get(&step.op).unwrap_or(&steady)) else { continue };
        if answers.different.len() < TOLD {
            let target = redact::one_line(&step.request.target(), 80);
            answers.different.push(format!("{} {target}: {how}", step.key.method));
        }
        if !operations.contains(&step.key) {
            operations.push(step.key.clone());
        }
    }
    Ok((answers, operations))
}

/// Does something unless it is interrupted.
async fn unless<T>(
    interrupted: &mut watch::Receiver<bool>,
    work: impl Future<Output = Result<T, AnswersError>>,
) -> Result<T, AnswersError> {
    tokio::select! {
        biased;
        _ = interrupted.wait_for(|stop| *stop) => Err(AnswersError::Interrupted),
        done = work => done,
    }
}

/// Explores an application that is started for it, and writes down what to ask.
async fn script(request: &Request, concerned: &[OperationKey]) -> Result<Script, AnswersError> {
    let contract = request.contract.as_deref().map(scan::contract).transpose()?;
    let App { supervised, mut engine } = App::start(request).await?;
    let settings = engine.settings().clone();
    let start = Start {
        prefix: settings.target.prefix().trim_end_matches('/').to_owned(),
        contract,
        checks: &[],
        permits: &|operation| memory::permit(operation, &settings),
        tokens: Vec::new(),
        credentials: request.credentials.shown.clone(),
        identities: Vec::new(),
        forged: Vec::new(),
        active: Active::default(),
        watched: false,
    };
    let explored = drive::run(&mut engine, start, &mut |_| {}).await;
    let wanted = Wanted { only: Vec::new(), ..request.wanted.clone() };
    let mut driven = memory::plan(&explored.api, &explored.seen, &settings, &wanted)?.driven;
    let mut load = Load::live(engine, |_| {});
    for (number, driven) in driven.iter_mut().enumerate() {
        accepted(&mut load, OpId(number as u32), driven).await;
    }
    drop(supervised.stop().await);
    Ok(written(&driven, concerned))
}

/// Leaves the variations that an operation takes.
async fn accepted(load: &mut Load<Engine>, op: OpId, driven: &mut Driven) {
    let Some((base, levers)) = driven.source.levers_mut() else { return };
    let (base, tried) = (base.clone(), std::mem::take(levers));
    let good = load.send_one(op, driven, base.clone()).await.are_good();
    let mut taken: Vec<Lever> = Vec::new();
    for lever in tried {
        let mut request = base.clone();
        lever.apply(&mut request, 1);
        if load.send_one(op, driven, request).await.are_good() == good {
            taken.push(lever);
        }
    }
    if let Some((_, levers)) = driven.source.levers_mut() {
        *levers = taken;
    }
}

/// The requests: every operation a few times, those that are concerned many times in turn, and every operation once more.
fn written(driven: &[Driven], concerned: &[OperationKey]) -> Script {
    let step = |(op, n, keep, part): (usize, u64, bool, f64)| {
        let driven: &Driven = &driven[op];
        let request = driven.source.nth(n, false);
        // However slow they are, every operation is asked at least once before and after the load.
        let until = (n > 0 || part == PARTS[1] || part == PARTS[2]).then_some(part);
        Step { op: OpId(op as u32), key: driven.key.clone(), permit: driven.permit, request, keep, until }
    };
    let around = |part: f64| (0..AROUND).flat_map(move |n| (0..driven.len()).map(move |op| (op, n, true, part)));
    let focus: Vec<usize> = (0..driven.len()).filter(|op| concerned.contains(&driven[*op].key)).collect();
    let turns = (0..LOAD / TURN).flat_map(|turn| focus.iter().map(move |op| (*op, turn)));
    let load =
        turns.flat_map(|(op, turn)| (turn * TURN..(turn + 1) * TURN).map(move |n| (op, n, n < LOOKED_INTO, PARTS[1])));
    // What was asked first is asked again in the end: something may have been forgotten meanwhile.
    let again = (0..LOOKED_INTO).flat_map(|n| focus.iter().map(move |op| (*op, n, true, PARTS[2])));
    let all = around(PARTS[0]).chain(load).chain(again).chain(around(PARTS[3]));
    Script { steps: all.map(step).collect() }
}

/// Sends the requests to an application that is started for it, one after the other. With a patience, as many as it takes. What was not sent has no
/// answer at all.
async fn pass(
    request: &Request,
    script: &Script,
    patience: Option<Duration>,
) -> Result<Vec<Option<Answer>>, AnswersError> {
    let App { supervised, mut engine } = App::start(request).await?;
    let began = Instant::now();
    let mut answers = Vec::with_capacity(script.steps.len());
    for (number, step) in script.steps.iter().enumerate() {
        let end = patience.zip(step.until).map(|(patience, part)| patience.mul_f64(part));
        let late = end.is_some_and(|end| began.elapsed() > end);
        // Nothing more is sent once the engine has stopped.
        if late || engine.status().stopped.is_some() {
            answers.push(None);
            continue;
        }
        answers.push(Some(asked(&mut engine, number as u32, step).await));
    }
    drop(supervised.stop().await);
    Ok(answers)
}

/// Sends one request.
async fn asked(engine: &mut Engine, number: u32, step: &Step) -> Answer {
    let keep = if step.keep { KEPT } else { 0 };
    let mut last = Answer::default();
    let tries = if step.request.method.is_safe() { TRIES } else { 1 };
    for attempt in 0..tries {
        if attempt > 0 {
            tokio::time::sleep(PAUSE).await;
        }
        let probe = Probe::of(step.op).lane(Lane::Burst);
        let planned = Planned::new(number, probe, step.request.clone()).under(step.permit);
        let exchanges = engine.send(&mut std::iter::once(Planned { keep: Some(keep), ..planned })).await;
        last.failed = match exchanges.into_iter().next().map(|exchange| exchange.outcome) {
            Some(Outcome::Answer(response)) => return answer(&response),
            Some(Outcome::Failed(failure)) => Some(redact::one_line(&failure.message, 120)),
            None => engine.status().stopped.map(|why| redact::one_line(&why.to_string(), 120)),
        };
    }
    last
}

fn answer(response: &Response) -> Answer {
    let body = &response.body;
    let whole = body.kept.len() as u64 == body.decoded_len;
    Answer {
        status: Some(response.status),
        digest: body.digest,
        len: body.decoded_len,
        body: whole.then(|| body.kept.to_vec()),
        failed: None,
    }
}

#[cfg(test)]
mod tests {
    use plimsoll_memory::drive::Source;
    use plimsoll_memory::drive::requests::Written;
    use plimsoll_model::Method;

    use super::*;

    fn driven(path: &str) -> Driven {
        let written = Written::new(Method::Get, &format!("{path}?n={{n}}"), None).unwrap();
        let key = OperationKey::new(Method::Get, path);
        Driven { key, permit: Permit::SAFE, source: Source::Written(written), sizes: None }
    }

    #[test]
    fn what_is_concerned_is_asked_often_and_everything_around_it() {
        let operations = [driven("/a"), driven("/b")];
        let script = written(&operations, &[operations[1].key.clone()]);
        let count = |path: &str| script.steps.iter().filter(|step| step.key.path == path).count() as u64;
        assert_eq!((count("/a"), count("/b")), (2 * AROUND, 2 * AROUND + LOAD + LOOKED_INTO));
        let targets: std::collections::HashSet<String> =
            script.steps.iter().map(|step| step.request.target()).collect();
        assert_eq!(targets.len() as u64, AROUND + LOAD);
        assert_eq!(script.steps.last().map(|step| step.request.target()), Some("/b?n=5".to_owned()));
        let always = script.steps.iter().filter(|step| step.until.is_none()).map(|step| step.request.target());
        assert_eq!(always.collect::<Vec<_>>(), ["/a?n=0", "/b?n=0", "/a?n=0", "/b?n=0"]);
    }
}
