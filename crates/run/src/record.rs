//! A run as it is recorded: everything that its report depends on.

use plimsoll_http::recording::{self, RecordingError};
use plimsoll_http::transport::RunStatus;
use plimsoll_http::{Exchange, OpId, Request};
use plimsoll_scan::token::TokenFacts;
use plimsoll_scan::{Active, Economy, Forged, Seen, SeenIdentity};
use plimsoll_spec::Api;
use serde::{Deserialize, Serialize};

/// What a recording says of its run, beside the exchanges.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Header {
    /// The version of Plimsoll that made it.
    pub version: String,
    /// The target's base URL.
    pub url: String,
    /// The headers that carry the given credentials, with `$NAME` for each value.
    pub credentials: Vec<(String, String)>,
    /// The named identities: names, roles and how their credentials are shown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub identities: Vec<SeenIdentity>,
    /// Tokens made of theirs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub forged: Vec<Forged>,
    /// What the given tokens say of themselves.
    pub tokens: Vec<TokenFacts>,
    /// Facts about the transport, in words.
    pub transport: Vec<String>,
    /// The contract with what was discovered.
    pub api: Api,
    /// The request that each operation's probes edit.
    pub bases: Vec<(OpId, Request)>,
    /// Operations that were not called, and why.
    pub refused: Vec<(OpId, String)>,
    /// Endpoints that speak something else.
    pub protocols: Vec<String>,
    /// What was spent, and whether the run was stopped.
    pub status: RunStatus,
    /// Requests that were allowed.
    pub max_requests: u64,
    /// Seconds that were allowed.
    pub max_seconds: f64,
    /// Checks that were left out.
    pub ignored: Vec<String>,
    /// What the run could try, and the requests that the target sent to its collaborator.
    #[serde(default)]
    pub active: Active,
    /// Who asked for what.
    #[serde(default)]
    pub economy: Economy,
}

/// A run.
#[derive(Debug)]
pub struct Record {
    /// What is known beside the exchanges.
    pub header: Header,
    /// What was seen.
    pub seen: Seen,
}

impl Record {
    /// Reads a recording.
    ///
    /// # Errors
    /// See [`RecordingError`].
    pub fn read(input: &mut dyn std::io::BufRead) -> Result<Self, RecordingError> {
        let (header, exchanges) = recording::read::<Header>(input)?;
        Ok(Self { seen: seen(&header, exchanges), header })
    }

    /// Writes a recording.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn write(&self, out: &mut dyn std::io::Write) -> std::io::Result<()> {
        recording::write(out, &self.header, self.seen.all())
    }
}

/// What was seen, from a header and exchanges.
pub(crate) fn seen(header: &Header, exchanges: Vec<Exchange>) -> Seen {
    let mut seen = Seen::given(header.credentials.clone(), header.tokens.clone())
        .with_identities(header.identities.clone(), header.forged.clone());
    seen.active = header.active.clone();
    for (op, base) in &header.bases {
        seen.set_base(*op, base.clone());
    }
    for exchange in exchanges {
        seen.push(exchange);
    }
    seen
}
