//! Logins: requests that the user has written down, whose answers yield what an identity carries from then on.
//!
//! A login is sent once before anything else, again shortly before what it yielded ends, and once after a refusal where the same identity was answered
//! before. It goes to the target's origin, or to the one other origin that the user names. What it yields is a secret from the moment that it is read.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use plimsoll_model::{Method, exit};
use tokio::time::Instant;

use crate::collaborator::Listen;
use crate::engine::{Engine, SetupError};
use crate::exchange::{Outcome, Response};
use crate::outgoing::Outgoing;
use crate::plan::{Permit, Planned};
use crate::probe::{OpId, Probe, Who};
use crate::request::{Body, Request};
use crate::scope::Target;
use crate::settings::Settings;
use crate::wire::Wire;

/// How much of the answer to a login is read.
const KEPT: usize = 64 << 10;
/// How much of the time that it is good for a token is used: the rest is for clocks and requests on their way.
const USED: f64 = 0.9;

/// A login as the user has written it down.
#[derive(Clone, PartialEq, Eq)]
pub struct Login {
    /// The method: of a login, POST.
    pub method: Method,
    /// A path below the target's base URL, or a whole URL.
    pub url: String,
    /// The origin besides the target's that the URL may have.
    pub origin: Option<String>,
    /// Headers of the request.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: Option<Body>,
    /// What the answer yields.
    pub yields: Yields,
    /// Where the answer says in how many seconds it ends, as a JSON pointer (RFC 6901).
    pub expires: Option<String>,
    /// What it is called where it is hidden, as in `ALICE_TOKEN`.
    pub secret: String,
}

/// What the answer to a login yields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Yields {
    /// A text in its JSON.
    Token {
        /// Where, as a JSON pointer.
        pointer: String,
        /// The header that carries it.
        header: String,
        /// The header's value, with `{token}` for the text.
        template: String,
    },
    /// A cookie of this name.
    Cookie(String),
}

impl std::fmt::Debug for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Login({} {})", self.method, self.url)
    }
}

/// Why a login failed: one line that says who, where and what came back.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("identity {identity}: the login with {request} failed: {why}")]
pub struct LoginError {
    /// Who was to be signed in.
    pub identity: String,
    /// Method and URL.
    pub request: String,
    /// What came back.
    pub why: String,
    /// Whether nothing came back at all.
    pub unanswered: bool,
}

impl LoginError {
    /// The exit code that a command ends with.
    pub fn exit_code(&self) -> u8 {
        if self.unanswered { exit::INCOMPLETE } else { exit::USAGE }
    }
}

/// What a login yielded.
pub(crate) struct Yielded {
    /// The text by itself.
    pub(crate) secret: String,
    /// The header that carries it.
    pub(crate) header: (String, String),
    ends: Option<Duration>,
}

/// An identity that signs in, while a run lasts.
pub(crate) struct Session {
    pub(crate) login: Login,
    /// The request that is sent.
    planned: Planned,
    /// The way to another origin.
    elsewhere: Option<Box<Wire>>,
    /// Held while signing in, so that many requests which are refused at once lead to one login.
    turn: tokio::sync::Mutex<Option<Instant>>,
    generation: AtomicU32,
    answered: AtomicBool,
    /// Whether a login after a refusal did not help: then the refusal was not about the token.
    futile: AtomicBool,
}

impl Session {
    pub(crate) fn new(login: Login, path: &str, elsewhere: Option<Wire>) -> Self {
        let mut request = Request::get_target(path);
        request.method = login.method;
        for (name, value) in &login.headers {
            request.set_header(name, value);
        }
        request.body.clone_from(&login.body);
        let probe = Probe::of(OpId::NONE).who(Who::Anonymous);
        let planned = Planned::new(u32::MAX, probe, request).under(Permit::configured(login.method));
        Self {
            login,
            planned: Planned { keep: Some(KEPT), ..planned },
            elsewhere: elsewhere.map(Box::new),
            turn: tokio::sync::Mutex::new(None),
            generation: AtomicU32::new(0),
            answered: AtomicBool::new(false),
            futile: AtomicBool::new(false),
        }
    }

    /// Takes note of the status of an answer to a request that carried what this login yielded.
    pub(crate) fn note(&self, status: u16) {
        if (200..300).contains(&status) {
            self.answered.store(true, Ordering::Relaxed);
        }
    }

    /// Which login the requests that leave now carry.
    pub(crate) fn generation(&self) -> u32 {
        self.generation.load(Ordering::Acquire)
    }

    /// Whether a refusal may mean that what the login yielded has ended.
    pub(crate) fn may_have_ended(&self) -> bool {
        self.answered.load(Ordering::Relaxed) && !self.futile.load(Ordering::Relaxed)
    }

    /// Takes note of what came of a login after a refusal.
    pub(crate) fn helped(&self, status: u16) {
        self.futile.store(status == 401, Ordering::Relaxed);
    }

    /// Signs in where that was not done, or where what it yielded is about to end, or where `after` says that requests of that generation were
    /// refused. False: the login failed.
    pub(crate) async fn renew(&self, wire: &Wire, n: usize, after: Option<u32>) -> bool {
        let mut due = self.turn.lock().await;
        let wanted = match after {
            Some(generation) => self.generation() == generation,
            None => due.is_some_and(|due| Instant::now() >= due),
        };
        if !wanted {
            return true;
        }
        let Ok(yielded) = self.send(wire).await else {
            // What is carried stays: the target says what it thinks of it. It is not asked again and again.
            *due = None;
            self.futile.store(true, Ordering::Relaxed);
            return false;
        };
        *due = yielded.ends.map(|ends| Instant::now() + ends);
        wire.carry(n, &self.login.secret, &yielded);
        self.generation.fetch_add(1, Ordering::Release);
        true
    }

    /// Signs in for the first time.
    pub(crate) async fn begin(&self, wire: &Wire, n: usize) -> Result<Yielded, (String, bool)> {
        let mut due = self.turn.lock().await;
        let yielded = self.send(wire).await?;
        *due = yielded.ends.map(|ends| Instant::now() + ends);
        wire.carry(n, &self.login.secret, &yielded);
        self.generation.fetch_add(1, Ordering::Release);
        Ok(yielded)
    }

    async fn send(&self, wire: &Wire) -> Result<Yielded, (String, bool)> {
        if !wire.spent.take_request() {
            return Err(("the budget of requests is spent".to_owned(), true));
        }
        let way = self.elsewhere.as_deref().unwrap_or(wire);
        match way.plain_exchange(self.planned.clone()).await {
            Outcome::Failed(failure) => Err((failure.message, true)),
            Outcome::Answer(response) => yielded(&self.login, &response).map_err(|why| (why, false)),
        }
    }
}

/// What the answer yields; else why not, without showing it.
fn yielded(login: &Login, response: &Response) -> Result<Yielded, String> {
    if !(200..400).contains(&response.status) {
        return Err(format!("the answer is {}", response.status));
    }
    let json = response.body.json();
    let (secret, header) = match &login.yields {
        Yields::Token { pointer, header, template } => {
            let json = json.ok_or_else(|| format!("the answer ({}) is no JSON", response.status))?;
            let token = json.pointer(pointer).and_then(|value| value.as_str()).filter(|token| !token.is_empty());
            let token = token.ok_or_else(|| format!("the answer ({}) has no text at {pointer}", response.status))?;
            (token.to_owned(), (header.clone(), template.replace("{token}", token)))
        }
        Yields::Cookie(name) => {
            let value = response.header_all("set-cookie").find_map(|cookie| {
                let (known, value) = cookie.split(';').next()?.split_once('=')?;
                (known.trim() == name && !value.trim().is_empty()).then(|| value.trim().to_owned())
            });
            let value = value.ok_or_else(|| format!("the answer ({}) sets no cookie `{name}`", response.status))?;
            (value.clone(), ("cookie".to_owned(), format!("{name}={value}")))
        }
    };
    Outgoing::admits(&header.0, &header.1).map_err(|_| "what it yields cannot be sent in a header".to_owned())?;
    let ends = login.expires.as_deref().and_then(|pointer| {
        let value = json?.pointer(pointer)?;
        let seconds = value.as_f64().or_else(|| value.as_str()?.parse().ok())?;
        (seconds.is_finite() && seconds > 0.0).then(|| Duration::from_secs_f64((seconds * USED).min(1e8)))
    });
    Ok(Yielded { secret, header, ends })
}

/// The logins of the named identities, each with the way to where it goes.
pub(crate) async fn sessions(settings: &Settings) -> Result<Vec<Option<Session>>, SetupError> {
    let mut out = Vec::new();
    for identity in &settings.identities {
        out.push(match &identity.login {
            None => None,
            Some(login) => Some(session(settings, &identity.name, login).await?),
        });
    }
    Ok(out)
}

async fn session(settings: &Settings, name: &str, login: &Login) -> Result<Session, SetupError> {
    let wrong = |why: String| SetupError::Login { identity: name.to_owned(), why };
    if login.url.starts_with('/') && !login.url.starts_with("//") {
        return Ok(Session::new(login.clone(), &format!("{}{}", settings.target.prefix(), login.url), None));
    }
    if let Ok(path) = settings.target.admit("/", &login.url) {
        return Ok(Session::new(login.clone(), &path, None));
    }
    let url = plimsoll_model::redact::one_line(&login.url, 200);
    if !login.url.contains("://") {
        return Err(wrong(format!("`{url}` is neither a path nor a URL")));
    }
    let target = Target::parse(&login.url).map_err(|error| wrong(error.to_string()))?;
    let allowed = login.origin.as_deref().and_then(|origin| Target::parse(origin).ok());
    if allowed.is_none_or(|allowed| allowed.origin() != target.origin()) {
        let origin = target.origin();
        return Err(wrong(format!(
            "credentials go to {}; to send them to {origin}, write origin = \"{origin}\"",
            settings.target.origin()
        )));
    }
    let path = target.url()[url::Position::BeforePath..].to_owned();
    let other =
        Settings { target, credentials: Vec::new(), identities: Vec::new(), listen: Listen::Off, ..settings.clone() };
    // The same guard as for the target itself.
    let wire = Box::pin(Engine::new(other)).await?.into_wire();
    Ok(Session::new(login.clone(), &path, Some(wire)))
}
