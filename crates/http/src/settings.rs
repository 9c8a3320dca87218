//! What a run may do and what it carries: target, credentials, budgets, deadlines, caps, permissions.
//!
//! Nothing here reads the environment or a file; whoever starts a run fills it in. Credential values are never shown by `Debug`.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use plimsoll_model::OperationKey;
use serde::{Deserialize, Serialize};

use crate::collaborator::Listen;
use crate::login::Login;
use crate::resolve::{Resolve, SystemResolver};
use crate::scope::Target;
use crate::secrets::Secrets;

/// Who runs the engine: decides which addresses are admissible.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Profile {
    /// A developer's own machine: loopback and private addresses are targets like any other.
    #[default]
    Cli,
    /// A service that scans for others: loopback and private addresses are refused, unless the name (or literal) of the target and its
    /// address both stand in this list.
    Service(Vec<(String, IpNet)>),
}

/// A header (or a query parameter) that proves who the caller is, sent to the target's origin only, and only with probes of its identity.
#[derive(Clone, PartialEq, Eq)]
pub struct Credential {
    /// The header, as in `authorization`.
    pub header: String,
    /// Its value. Never recorded, never shown.
    pub value: String,
}

impl Credential {
    /// A credential in this header.
    pub fn new(header: impl Into<String>, value: impl Into<String>) -> Self {
        Self { header: header.into(), value: value.into() }
    }
}

/// A named identity: what a request sent as [`crate::Who::As`] carries, and nobody else's does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// Its name, as in `alice`.
    pub name: String,
    /// Its headers.
    pub credentials: Vec<Credential>,
    /// Query parameters that it adds to every request; here [`Credential::header`] is the parameter's name.
    pub query: Vec<Credential>,
    /// The request whose answer yields a header more.
    pub login: Option<Login>,
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credential({}: …)", self.header)
    }
}

/// What a run may spend at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Budgets {
    /// Requests, repetitions included.
    pub max_requests: u64,
    /// Bytes received for one operation, as they came over the wire.
    pub max_bytes_per_operation: u64,
    /// Time from the first request.
    pub max_time: Duration,
}

impl Default for Budgets {
    fn default() -> Self {
        Self { max_requests: 2_000, max_bytes_per_operation: 64 << 20, max_time: Duration::from_mins(10) }
    }
}

/// How long one exchange may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deadlines {
    /// To connect, TLS included.
    pub connect: Duration,
    /// From sending until the response header has arrived.
    pub first_byte: Duration,
    /// From sending until the last byte has arrived, however steadily bytes drip.
    pub total: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self { connect: Duration::from_secs(5), first_byte: Duration::from_secs(15), total: Duration::from_secs(30) }
    }
}

/// How much of the bodies is kept; all that is read is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keep {
    /// Decoded bytes kept of one body.
    pub per_body: usize,
    /// Decoded bytes kept in the whole run before [`Keep::per_body_after`] applies.
    pub total: u64,
    /// Decoded bytes kept of one body once the total is reached.
    pub per_body_after: usize,
}

impl Default for Keep {
    fn default() -> Self {
        Self { per_body: 32 << 10, total: 3 << 20, per_body_after: 4 << 10 }
    }
}

/// How much of a single answer is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caps {
    /// Decoded bytes of one body, after which reading stops.
    pub max_decoded: u64,
    /// Bytes of a response header section.
    pub max_header_bytes: usize,
    /// Fields of a response header section. Up to 100 the parser needs no memory of its own; more cost every request.
    pub max_headers: usize,
}

impl Default for Caps {
    fn default() -> Self {
        Self { max_decoded: 64 << 20, max_header_bytes: 64 << 10, max_headers: 100 }
    }
}

/// The operations that may be called although their method is not safe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AllowWrites {
    /// These; none by default.
    Only(BTreeSet<OperationKey>),
    /// Every POST, PUT and PATCH.
    All,
}

impl Default for AllowWrites {
    fn default() -> Self {
        Self::Only(BTreeSet::new())
    }
}

impl AllowWrites {
    /// Whether the user named this operation, or all.
    pub fn covers(&self, key: &OperationKey) -> bool {
        match self {
            Self::All => true,
            Self::Only(named) => named.contains(key),
        }
    }

    /// Whether the user wrote down this very operation.
    pub fn names(&self, key: &OperationKey) -> bool {
        matches!(self, Self::Only(named) if named.contains(key))
    }
}

/// Everything that the engine must know before the first request.
#[derive(Clone)]
pub struct Settings {
    /// Where the API is.
    pub target: Target,
    /// Who runs the engine.
    pub profile: Profile,
    /// Headers that prove who the caller is.
    pub credentials: Vec<Credential>,
    /// The named identities, in the order in which [`crate::Who::As`] counts them.
    pub identities: Vec<Identity>,
    /// What must be replaced wherever a request or an answer is recorded.
    pub secrets: Arc<Secrets>,
    /// What the run may spend.
    pub budgets: Budgets,
    /// Requests a second. None leaves it to the target's address: without a limit on loopback and private addresses, 10 elsewhere.
    pub rate: Option<f64>,
    /// Requests in flight. None leaves it to the target's address: 8 on loopback and private addresses, 4 elsewhere.
    pub concurrency: Option<usize>,
    /// How long an exchange may take.
    pub deadlines: Deadlines,
    /// How much of the bodies is kept.
    pub keep: Keep,
    /// How much of an answer is read.
    pub caps: Caps,
    /// Which operations may write.
    pub allow_writes: AllowWrites,
    /// Whether operations may be called that delete or reset.
    pub allow_destructive: bool,
    /// Whether the run goes on although the certificate of a public target does not verify.
    pub insecure: bool,
    /// Certificates of authorities (DER) that are trusted besides the roots of this machine.
    pub authorities: Vec<Vec<u8>>,
    /// The port of http that belongs to a target on https; by custom 80 for 443 and 8080 for 8443 where none is given.
    pub plain_port: Option<u16>,
    /// Headers that every request carries besides those of the engine.
    pub extra_headers: Vec<(String, String)>,
    /// Names this run towards the target, in `User-Agent` and `X-Plimsoll-Scan`: letters, digits and hyphens.
    pub scan_id: String,
    /// Whether and where the run listens for requests that the target is made to send.
    pub listen: Listen,
    /// Looks up names.
    pub resolver: Arc<dyn Resolve>,
}

impl Settings {
    /// The defaults for this target.
    pub fn new(target: Target) -> Self {
        Self {
            target,
            profile: Profile::default(),
            credentials: Vec::new(),
            identities: Vec::new(),
            secrets: Arc::new(Secrets::default()),
            budgets: Budgets::default(),
            rate: None,
            concurrency: None,
            deadlines: Deadlines::default(),
            keep: Keep::default(),
            caps: Caps::default(),
            allow_writes: AllowWrites::default(),
            allow_destructive: false,
            insecure: false,
            authorities: Vec::new(),
            plain_port: None,
            extra_headers: Vec::new(),
            scan_id: "local".to_owned(),
            listen: Listen::Off,
            resolver: Arc::new(SystemResolver),
        }
    }

    /// The `User-Agent` of every request.
    pub fn user_agent(&self) -> String {
        format!(
            "plimsoll/{} (+https://github.com/plimsoll-scan/plimsoll; scan={})",
            env!("CARGO_PKG_VERSION"),
            self.scan_id
        )
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("target", &self.target)
            .field("profile", &self.profile)
            .field("credentials", &self.credentials)
            .field("identities", &self.identities)
            .field("budgets", &self.budgets)
            .field("rate", &self.rate)
            .field("concurrency", &self.concurrency)
            .field("allow_writes", &self.allow_writes)
            .field("allow_destructive", &self.allow_destructive)
            .finish_non_exhaustive()
    }
}
