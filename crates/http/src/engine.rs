//! The engine: takes planned requests from a batch and sends those that scope, plan, budgets, rate and the state of the target allow.
//!
//! It never follows a redirect, never asks the environment for a proxy, never sends one request more than the budget, and stops at the first sign
//! of harm. Whatever it does not send it says, with the reason.

use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{FuturesUnordered, StreamExt};
use plimsoll_model::exit;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};
use url::Host;

use crate::collaborator::{Collaborator, InboundCall, Listen};
use crate::connect::Connector;
use crate::course::{Course, Turn};
use crate::exchange::Exchange;
use crate::guard::{self, Refused};
use crate::limit::Limiter;
use crate::login::{self, LoginError};
use crate::plan::{self, Planned};
use crate::probe::{Lane, OpId, Probe};
use crate::secrets::Secrets;
use crate::settings::{Identity, Settings};
use crate::tls::{Setup, Survey, TlsFacts, survey};
use crate::transport::{BudgetKind, Event, RunStatus, StopReason, Transport};
use crate::wire::Wire;

/// Requests a second, and requests in flight, towards a target on a public address.
const PUBLIC_RATE: f64 = 10.0;
const PUBLIC_WINDOW: usize = 4;
/// Requests in flight towards a target on a loopback or private address.
const LOCAL_WINDOW: usize = 8;
/// How long a name may take to resolve.
const LOOKUP: Duration = Duration::from_secs(10);

/// Why an engine cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The address guard refuses the target.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The name has no address.
    #[error("`{host}` cannot be resolved: {why}")]
    Unresolved {
        /// The name.
        host: String,
        /// What the resolver said.
        why: String,
    },
    /// A header that cannot be sent.
    #[error("{0}")]
    Header(String),
    /// The collaborator cannot listen.
    #[error("cannot listen on {address}: {why}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// What the system said.
        why: std::io::Error,
    },
    /// A login that cannot be sent.
    #[error("identity {identity}: {why}")]
    Login {
        /// Who was to be signed in.
        identity: String,
        /// Why not.
        why: String,
    },
    /// The host cannot be named in a TLS handshake.
    #[error("TLS cannot be set up: {0}")]
    Tls(String),
}

impl SetupError {
    /// The exit code that a command ends with.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Refused(_) => exit::REFUSED,
            Self::Unresolved { .. } => exit::INCOMPLETE,
            Self::Header(_) | Self::Login { .. } | Self::Tls(_) | Self::Listen { .. } => exit::USAGE,
        }
    }
}

/// Sends requests to one target.
pub struct Engine {
    wire: Wire,
    addresses: Vec<IpAddr>,
    local: bool,
    rate: Option<f64>,
    window: usize,
    course: Course,
    stop: watch::Sender<bool>,
    collaborator: Option<Collaborator>,
}

/// The kill switch of an engine: usable from anywhere.
#[derive(Clone, Debug)]
pub struct Stopper(watch::Sender<bool>);

impl Stopper {
    /// Ends the run: nothing more is sent, what is in flight is given up.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }
}

impl Engine {
    /// Resolves the target's name, judges every address and prepares the run. Nothing is sent.
    ///
    /// # Errors
    /// A guard refuses the target, the name has no address, or a header cannot be sent; see [`SetupError::exit_code`].
    pub async fn new(settings: Settings) -> Result<Self, SetupError> {
        let addresses = resolve(&settings).await?;
        let local = addresses.iter().all(|address| guard::is_local(*address));
        let collaborator = listen(settings.listen, &addresses).await?;
        let tls = if settings.target.is_tls() {
            let lenient = local || settings.insecure;
            Some(Setup::new(settings.target.host(), lenient, &settings.authorities).map_err(SetupError::Tls)?)
        } else {
            None
        };
        let port = settings.target.port();
        let sockets = addresses.iter().map(|address| SocketAddr::new(*address, port)).collect();
        let connector = Connector::new(sockets, tls, settings.deadlines.connect, settings.caps);
        let rate = settings.rate.or((!local).then_some(PUBLIC_RATE));
        let window = settings.concurrency.unwrap_or(if local { LOCAL_WINDOW } else { PUBLIC_WINDOW });
        let limiter = Limiter::new(rate, window, Instant::now());
        let origin = Arc::from(settings.target.origin());
        let sessions = login::sessions(&settings).await?;
        let mut wire = Wire::new(settings, connector).map_err(SetupError::Header)?;
        wire.sign_in_with(sessions);
        let course = Course::new(limiter, origin);
        Ok(Self { wire, addresses, local, rate, window, course, stop: watch::Sender::new(false), collaborator })
    }

    /// Signs everybody in who signs in, one after another, and says what that yielded: the place of the identity, the name of the secret, its value. Each
    /// login counts against the budget.
    ///
    /// # Errors
    /// The first login that fails.
    pub async fn sign_in(&mut self) -> Result<Vec<(usize, String, String)>, LoginError> {
        self.wire.spent.start();
        let mut out = Vec::new();
        for (n, session) in self.wire.sessions() {
            let (login, identity) = (&session.login, &self.wire.settings.identities[n].name);
            let yielded = session.begin(&self.wire, n).await.map_err(|(why, unanswered)| LoginError {
                identity: identity.clone(),
                request: format!("{} {}", login.method, plimsoll_model::redact::one_line(&login.url, 200)),
                why,
                unanswered,
            })?;
            let requests = self.wire.spent.requests();
            self.course.ledger.emit(|| Event::Sent { op: OpId::NONE, requests });
            out.push((n, login.secret.clone(), yielded.secret));
        }
        Ok(out)
    }

    /// Adds an identity, whose number follows on those before it, and hides these secrets.
    ///
    /// # Errors
    /// A header that cannot be sent.
    pub fn add_identity(&mut self, identity: Identity, hidden: &Secrets) -> Result<(), SetupError> {
        self.wire.hide(|secrets| secrets.extend(hidden));
        self.wire.add(&identity).map_err(SetupError::Header)?;
        self.wire.settings.identities.push(identity);
        Ok(())
    }

    /// The wire alone: for a login that goes to another origin.
    pub(crate) fn into_wire(self) -> Wire {
        self.wire
    }

    /// The addresses that the run connects to: resolved once, judged, and never resolved again.
    pub fn addresses(&self) -> &[IpAddr] {
        &self.addresses
    }

    /// Whether the target is on a loopback or private address.
    pub fn is_local(&self) -> bool {
        self.local
    }

    /// Requests a second, where they are limited: the settings', or the default for the target's address.
    pub fn rate(&self) -> Option<f64> {
        self.rate
    }

    /// Requests in flight at most: the settings', or the default for the target's address.
    pub fn concurrency(&self) -> usize {
        self.window
    }

    /// What the engine was made with.
    pub fn settings(&self) -> &Settings {
        &self.wire.settings
    }

    /// Calls this for everything that happens from now on. It runs between requests, so it must be quick.
    pub fn observe(&mut self, observer: impl FnMut(Event) + Send + 'static) {
        self.course.ledger.observer = Some(Box::new(observer));
    }

    /// The kill switch.
    pub fn stopper(&self) -> Stopper {
        Stopper(self.stop.clone())
    }

    /// The listener for requests that the target is made to send, where the run has one.
    pub fn collaborator(&self) -> Option<&Collaborator> {
        self.collaborator.as_ref()
    }

    /// Listens with this collaborator instead of the settings'.
    pub fn listen_with(&mut self, collaborator: Collaborator) {
        self.collaborator = Some(collaborator);
    }

    /// Finds out what the target's TLS offers, with a few connections that are paid for like requests. On plain http it takes none.
    pub async fn survey(&mut self) -> Survey {
        self.wire.spent.start();
        survey::run(&self.wire, &mut self.course.limiter, self.stop.subscribe(), self.local).await
    }

    /// What the first TLS handshake showed; none before the first request, and on plain HTTP.
    pub fn tls(&self) -> Option<&TlsFacts> {
        self.wire.connector.facts()
    }
}

/// The collaborator that the settings ask for. That the loopback address cannot be listened on is no reason not to scan.
async fn listen(listen: Listen, target: &[IpAddr]) -> Result<Option<Collaborator>, SetupError> {
    match listen {
        Listen::Off => Ok(None),
        Listen::Auto => {
            let address = target.iter().all(IpAddr::is_loopback).then(|| target.first()).flatten();
            Ok(match address {
                Some(address) => Collaborator::listen(SocketAddr::new(*address, 0)).await.ok(),
                None => None,
            })
        }
        Listen::At(address) => {
            Collaborator::listen(address).await.map(Some).map_err(|why| SetupError::Listen { address, why })
        }
    }
}

/// Looks the target's host up and judges every answer: one refused address among admissible ones is the mark of a rebinding attack.
async fn resolve(settings: &Settings) -> Result<Vec<IpAddr>, SetupError> {
    let host = settings.target.host();
    let text = host.to_string();
    let addresses = match host {
        Host::Ipv4(address) => vec![IpAddr::V4(*address)],
        Host::Ipv6(address) => vec![IpAddr::V6(*address)],
        Host::Domain(name) => {
            guard::judge_name(name)?;
            let unresolved = |why: String| SetupError::Unresolved { host: text.clone(), why };
            match tokio::time::timeout(LOOKUP, settings.resolver.lookup(name)).await {
                Ok(Ok(found)) if found.is_empty() => return Err(unresolved("there is no address".to_owned())),
                Ok(Ok(found)) => found,
                Ok(Err(error)) => return Err(unresolved(error.to_string())),
                Err(_) => return Err(unresolved(format!("no answer within {} s", LOOKUP.as_secs()))),
            }
        }
    };
    for address in &addresses {
        guard::judge(&text, *address, &settings.profile)?;
    }
    Ok(addresses)
}

impl Transport for Engine {
    fn calls(&self) -> Vec<InboundCall> {
        self.collaborator.as_ref().map(Collaborator::calls).unwrap_or_default()
    }

    async fn send(&mut self, batch: &mut (dyn Iterator<Item = Planned> + Send)) -> Vec<Exchange> {
        let Self { wire, course, stop, .. } = self;
        let wire: &Wire = wire;
        let deadline = wire.spent.deadline();
        let mut interrupted = stop.subscribe();
        let mut interrupted = pin!(interrupted.wait_for(|stop| *stop));
        let mut time_is_up = pin!(sleep_until(deadline));
        let mut wake = pin!(sleep_until(deadline));
        let mut flying = FuturesUnordered::new();
        let mut aloft: BTreeMap<u32, (Probe, Option<Exchange>)> = BTreeMap::new();
        let mut waiting: VecDeque<Turn> = VecDeque::new();
        let mut alone = false;
        if *stop.borrow() {
            course.ledger.stop(StopReason::Interrupted);
        }
        loop {
            let mut wait_until = None;
            // A request is taken from the batch, and looked at, only when there is room for it.
            while course.ledger.stopped.is_none() && !alone && flying.len() < course.limiter.full_window() {
                let Some(turn) =
                    waiting.pop_front().or_else(|| batch.next().map(|planned| Turn { planned, first: None }))
                else {
                    break;
                };
                let probe = &turn.planned.probe;
                let lane = probe.lane;
                let refused = plan::refuse_request(&turn.planned.request, turn.planned.permit, &wire.settings)
                    .or_else(|| course.breaker.shuns(probe.op).map(str::to_owned))
                    .or_else(|| {
                        wire.spent
                            .is_spent(probe.op)
                            .then(|| "the bytes of the operation's budget are spent".to_owned())
                    });
                if let Some(reason) = refused {
                    course.give_up(&turn.planned.probe, turn.first, &reason);
                    continue;
                }
                let window = if lane == Lane::Burst { course.limiter.full_window() } else { course.limiter.window() };
                if flying.len() >= window || lane == Lane::Quiet && !flying.is_empty() {
                    waiting.push_front(turn);
                    break;
                }
                if lane != Lane::Burst
                    && let Err(at) = course.limiter.admit(Instant::now())
                {
                    waiting.push_front(turn);
                    wait_until = Some(at);
                    break;
                }
                if !wire.spent.take_request() {
                    course.ledger.stop(StopReason::Budget(BudgetKind::Requests));
                    waiting.push_front(turn);
                    break;
                }
                course.ledger.emit(|| Event::Sent { op: probe.op, requests: wire.spent.requests() });
                alone = lane == Lane::Quiet;
                aloft.insert(turn.planned.id, (probe.clone(), turn.first));
                flying.push(wire.exchange(turn.planned));
            }
            if let Some(why) = course.ledger.stopped.as_ref().map(ToString::to_string) {
                for turn in waiting.drain(..) {
                    course.give_up(&turn.planned.probe, turn.first, &why);
                }
                for planned in &mut *batch {
                    course.ledger.skip(&planned.probe, &why);
                }
            }
            if flying.is_empty() && waiting.is_empty() {
                break;
            }
            if let Some(at) = wait_until {
                wake.as_mut().reset(at);
            }
            tokio::select! {
                biased;
                _ = &mut interrupted => course.ledger.stop(StopReason::Interrupted),
                () = &mut time_is_up => course.ledger.stop(StopReason::Budget(BudgetKind::Time)),
                Some(done) = flying.next(), if !flying.is_empty() => {
                    let first = aloft.remove(&done.planned.id).and_then(|(_, first)| first);
                    alone = false;
                    if let Some(again) = course.learn(done, first, deadline) {
                        waiting.push_back(again);
                    }
                    if !matches!(course.ledger.stopped, Some(StopReason::Unreachable(_))) {
                        continue;
                    }
                }
                () = &mut wake, if wait_until.is_some() => continue,
            }
            // Stopped from outside, by the clock, or by a target that does not exist: what is in flight is given up at once.
            let why = course.ledger.stopped.as_ref().map(ToString::to_string).unwrap_or_default();
            drop(std::mem::take(&mut flying));
            wire.connector.clear();
            for (probe, first) in std::mem::take(&mut aloft).into_values() {
                course.give_up(&probe, first, &why);
            }
            for turn in waiting.drain(..) {
                course.give_up(&turn.planned.probe, turn.first, &why);
            }
            for planned in &mut *batch {
                course.ledger.skip(&planned.probe, &why);
            }
            break;
        }
        let mut exchanges = std::mem::take(&mut course.exchanges);
        exchanges.sort_by_key(|exchange| exchange.id);
        exchanges
    }

    fn status(&self) -> RunStatus {
        RunStatus {
            requests: self.wire.spent.requests(),
            bytes: self.wire.spent.bytes(),
            elapsed: self.wire.spent.started().map(|start| start.elapsed()).unwrap_or_default(),
            stopped: self.course.ledger.stopped.clone(),
            skipped: self
                .course
                .ledger
                .skipped
                .iter()
                .map(|((op, reason), count)| (*op, reason.clone(), *count))
                .collect(),
            slowed: self.course.ledger.slowed.iter().map(|(why, count)| (why.clone(), *count)).collect(),
        }
    }
}
