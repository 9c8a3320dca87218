//! `scan`: from a URL to a recorded run.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use plimsoll_http::engine::{Engine, SetupError, Stopper};
use plimsoll_http::login::LoginError;
use plimsoll_http::plan;
use plimsoll_http::settings::{AllowWrites, Settings};
use plimsoll_http::tls::TlsFacts;
use plimsoll_http::transport::{Event as WireEvent, Transport};
use plimsoll_scan::drive::{self, Start};
use plimsoll_scan::token;
use plimsoll_scan::{Active, Seen};
use plimsoll_spec::{Api, LoadError, Options, Source};

use crate::assemble;
use crate::credentials::Credentials;
use crate::event::Event;
use crate::identities::Identities;
use crate::login;
use crate::only::Only;
use crate::record::{Header, Record};

/// What a scan needs to know.
pub struct Request {
    /// How to talk to the target.
    pub settings: Settings,
    /// The credentials, for reading tokens; the settings hold them for sending.
    pub credentials: Credentials,
    /// The named identities; the settings hold them for sending.
    pub identities: Identities,
    /// A contract on disk.
    pub contract: Option<PathBuf>,
    /// Checks to leave out.
    pub ignored: Vec<String>,
    /// Seconds since the epoch, for judging how long tokens live.
    pub now: i64,
    /// Whether inputs are tried for injection.
    pub injection: bool,
    /// Whether every path of the inventory is asked for.
    pub inventory: bool,
    /// Only these operations, where not all are asked for.
    pub only: Option<Only>,
    /// Whether somebody watches the progress, so that findings are counted on the way.
    pub watched: bool,
}

/// How long a run waits for calls that a target sends after it has answered.
pub(crate) const LATE_CALLS: Duration = Duration::from_millis(1_500);

/// Why a scan did not begin.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    /// The target cannot be used.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// Somebody cannot be signed in.
    #[error(transparent)]
    Login(#[from] LoginError),
    /// The contract cannot be read.
    #[error(transparent)]
    Contract(#[from] LoadError),
    /// The contract can be read, and names no operation that could be tested.
    #[error("{document}: the contract names no operation{why}")]
    NoOperation {
        /// The file.
        document: String,
        /// The first reason that its diagnostics give, after a colon.
        why: String,
    },
}

/// Reads a contract from disk.
///
/// # Errors
/// When nothing of it can be read, or nothing in it can be tested.
pub fn contract(path: &std::path::Path) -> Result<Api, ScanError> {
    let mut api = plimsoll_spec::load(&Source::File(path.to_owned()), &Options::default())?;
    let document = path.display().to_string();
    if api.operations.is_empty() {
        let why = api.diagnostics.iter().find(|diagnostic| diagnostic.fatal);
        let why = why.map(|diagnostic| format!(": {}", diagnostic.message)).unwrap_or_default();
        return Err(ScanError::NoOperation { document, why });
    }
    api.document = Some(document);
    Ok(api)
}

/// Scans a target. `control` gets the kill switch before the first request; `watch` gets every event.
///
/// # Errors
/// When the target is refused or the contract cannot be read. A target that does not answer is no error but an incomplete run.
pub async fn scan(
    mut request: Request,
    control: impl FnOnce(Stopper),
    watch: Arc<dyn Fn(Event) + Send + Sync>,
) -> Result<Record, ScanError> {
    let contract = request.contract.as_deref().map(contract).transpose()?;
    let settings = request.settings.clone();
    let mut engine = Engine::new(request.settings).await?;
    watch(planned(&engine, &settings));
    let observer = watch.clone();
    engine.observe(move |event| match event {
        WireEvent::Sent { requests, .. } => observer(Event::Sent { requests }),
        WireEvent::Slowed { why } => observer(Event::Note(format!("slowed down: {why}"))),
        WireEvent::Stopped { why } => observer(Event::Note(format!("stopped: {why}"))),
        WireEvent::Answered { .. } | WireEvent::Dropped { .. } => {}
    });
    control(engine.stopper());
    for line in login::planned(&request.identities) {
        watch(Event::Note(line));
    }
    login::sign_in(&mut engine, &mut request.identities).await?;
    let forged = login::forge(&mut engine, &request.credentials, &request.identities)?;
    let survey = engine.survey().await;
    let checks = assemble::checks(&request.ignored);
    let tokens: Vec<_> = request
        .credentials
        .values
        .iter()
        .map(|(name, value)| (name, value))
        .chain(request.identities.values.iter().map(|(_, name, value)| (name, value)))
        .filter_map(|(name, value)| token::facts(&format!("${name}"), value, request.now))
        .collect();
    let start = Start {
        prefix: settings.target.prefix().trim_end_matches('/').to_owned(),
        contract,
        checks: &checks,
        permits: &|operation| {
            if let Some(only) = request.only.as_ref().filter(|only| !only.needs(&operation.key)) {
                return Err(only.why.clone());
            }
            plan::permit(&operation.key, operation.id.as_deref(), &operation.summary, operation.marked_safe, &settings)
        },
        tokens: tokens.clone(),
        credentials: request.credentials.shown.clone(),
        identities: request.identities.seen.clone(),
        forged: forged.clone(),
        active: Active {
            injection: request.injection,
            collaborator: engine.collaborator().map(|collaborator| collaborator.place().clone()),
            writes: match &settings.allow_writes {
                AllowWrites::Only(named) => named.iter().cloned().collect(),
                AllowWrites::All => Vec::new(),
            },
            calls: Vec::new(),
            inventory: request.inventory,
            survey: Some(survey),
        },
        watched: request.watched,
    };
    let progress = watch.clone();
    let mut outcome = drive::run(&mut engine, start, &mut |step| progress(Event::Progress(step))).await;
    late_calls(&engine, &mut outcome.seen).await;
    let header = Header {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        url: format!("{}{}", settings.target.origin(), settings.target.prefix().trim_end_matches('/')),
        credentials: request.credentials.shown,
        identities: request.identities.seen,
        forged,
        tokens,
        transport: transport(engine.tls(), settings.target.is_tls()),
        bases: sorted(outcome.seen.bases().map(|(op, base)| (op, base.clone())).collect()),
        api: outcome.api,
        refused: outcome.refused,
        protocols: outcome.protocols,
        status: engine.status(),
        max_requests: settings.budgets.max_requests,
        max_seconds: settings.budgets.max_time.as_secs_f64(),
        ignored: request.ignored,
        active: outcome.seen.active.clone(),
        economy: outcome.economy,
    };
    Ok(Record { header, seen: outcome.seen })
}

/// Waits for the calls of a target that works on after its answer, where an address of the collaborator was sent that nobody has called yet.
async fn late_calls(engine: &Engine, seen: &mut Seen) {
    let Some(collaborator) = engine.collaborator() else { return };
    let authority = collaborator.place().authority();
    let sent = |exchange: &plimsoll_http::Exchange| {
        let request = &exchange.request;
        let given = request.query.iter().chain(&request.headers).any(|(_, value)| value.contains(&authority));
        given || request.body.as_ref().is_some_and(|body| body.content.contains(&authority))
    };
    let waiting = seen.all().iter().filter(|exchange| exchange.is_success() && sent(exchange)).count();
    if waiting > collaborator.calls().len() && engine.status().stopped.is_none() {
        collaborator.wait(LATE_CALLS).await;
    }
    seen.active.calls = collaborator.calls();
}

fn sorted<T: Ord>(mut items: Vec<T>) -> Vec<T> {
    items.sort();
    items
}

fn planned(engine: &Engine, settings: &Settings) -> Event {
    let addresses: Vec<String> = engine.addresses().iter().map(ToString::to_string).collect();
    let local = if engine.is_local() { " (local)" } else { "" };
    let writes = settings.allow_writes != AllowWrites::default();
    let methods = match (settings.allow_destructive, writes) {
        (true, _) => "every method, deleting ones included",
        (false, true) => "GET, HEAD, OPTIONS, and the writes that were allowed",
        (false, false) => "GET, HEAD, OPTIONS, queries of GraphQL and JSON-RPC only",
    };
    Event::Planned {
        target: settings.target.url().to_string(),
        address: format!("{}{local}", addresses.join(", ")),
        max_requests: settings.budgets.max_requests,
        max_seconds: settings.budgets.max_time.as_secs(),
        max_bytes_per_operation: settings.budgets.max_bytes_per_operation,
        rate: engine.rate(),
        concurrency: engine.concurrency(),
        methods: methods.to_owned(),
    }
}

fn transport(tls: Option<&TlsFacts>, is_tls: bool) -> Vec<String> {
    let Some(tls) = tls else {
        return if is_tls { Vec::new() } else { vec!["plain HTTP".to_owned()] };
    };
    let mut out = vec![tls.version.clone(), format!("certificate of {}, issued by {}", tls.subject, tls.issuer)];
    out.extend(tls.alpn.iter().map(|protocol| format!("ALPN {protocol}")));
    out.extend(tls.unverified.iter().map(|why| format!("the certificate does not verify: {why}")));
    out
}
