//! Exchanges: a request, what came back, and how long it took.
//!
//! Only the head of a body is kept. What checks need of the rest (its size, how many items its lists have, its scalar fields) is counted
//! while it streams by, in the [`Tally`].

use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::probe::Probe;
use crate::request::Request;
use crate::tally::Tally;

/// A recorded exchange.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// Its number in the recording, in the order of planning: stable between a run and its replay.
    pub id: u32,
    /// Where it was sent: scheme, host and port, without a trailing slash.
    pub origin: Arc<str>,
    /// What was asked for.
    pub probe: Probe,
    /// What was sent; secrets are replaced by `$NAME`.
    pub request: Request,
    /// What came back.
    pub outcome: Outcome,
    /// How long it took.
    pub timing: Timing,
}

/// What came back.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// An answer, perhaps cut off by a cap (see [`Body::complete`]).
    Answer(Response),
    /// No answer.
    Failed(Failure),
}

/// Why there was no answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// At which stage.
    pub stage: Stage,
    /// One line for people.
    pub message: String,
}

/// The stages at which an exchange can fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Refused by a guard; nothing was sent.
    Guard,
    /// Name resolution.
    Resolve,
    /// TCP connection.
    Connect,
    /// TLS handshake.
    Tls,
    /// Waiting for the response header.
    FirstByte,
    /// Reading the response header: malformed or over the limits.
    Header,
    /// Reading the body.
    Body,
}

/// Times in milliseconds from sending.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Timing {
    /// When the request was sent, from the start of the run.
    pub sent_ms: f64,
    /// Until the response header had arrived.
    pub first_byte_ms: f64,
    /// Until the last byte (or the cut) had arrived.
    pub total_ms: f64,
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Response {
    /// Status code, 100 to 999 as received.
    pub status: u16,
    /// `HTTP/1.1` or `HTTP/2`.
    pub version: &'static str,
    /// Headers in order of arrival; names in lower case, values with bytes outside of ASCII replaced.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Body,
}

/// A body, or as much of it as is kept.
#[derive(Clone, Debug)]
pub struct Body {
    /// The head of the decoded body.
    pub kept: Arc<[u8]>,
    /// Size of the decoded body in bytes, counted also where it was not kept.
    pub decoded_len: u64,
    /// Size on the wire in bytes.
    pub wire_len: u64,
    /// Whether the whole body was read. Cut off by a cap, a deadline or the peer otherwise.
    pub complete: bool,
    /// Why the reading stopped early, where it did.
    pub stopped: Option<String>,
    /// What was counted while streaming.
    pub tally: Arc<Tally>,
    /// Hash of the decoded body, for comparing bodies that are not kept whole.
    pub digest: [u8; 16],
    parsed: OnceLock<Option<Arc<Value>>>,
}

impl Exchange {
    /// The answer, if there was one.
    pub fn response(&self) -> Option<&Response> {
        match &self.outcome {
            Outcome::Answer(response) => Some(response),
            Outcome::Failed(_) => None,
        }
    }

    /// The status code, if there was an answer.
    pub fn status(&self) -> Option<u16> {
        self.response().map(|response| response.status)
    }

    /// Whether the answer is a 2xx.
    pub fn is_success(&self) -> bool {
        self.status().is_some_and(|status| (200..300).contains(&status))
    }

    /// The answer's body as JSON: whole where the body was kept whole, otherwise the part of it that was kept, closed after the last
    /// complete element. None where the body is not JSON.
    pub fn json(&self) -> Option<&Value> {
        self.response().and_then(|response| response.body.json())
    }

    /// The kept part of the body as text; empty where there was no answer.
    pub fn text(&self) -> std::borrow::Cow<'_, str> {
        self.response().map_or(std::borrow::Cow::Borrowed(""), |response| response.body.text())
    }
}

impl Response {
    /// The first header of this name (lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// All headers of this name (lower case).
    pub fn header_all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The media type without parameters, in lower case; empty where there is none.
    pub fn media_type(&self) -> String {
        let value = self.header("content-type").unwrap_or("");
        value.split(';').next().unwrap_or("").trim().to_ascii_lowercase()
    }

    /// Whether the media type is JSON or has a `+json` suffix (RFC 6839 §3.1).
    pub fn is_json(&self) -> bool {
        let media_type = self.media_type();
        media_type == "application/json" || media_type.ends_with("+json")
    }
}

impl Body {
    /// A body of which `kept` is the head. `whole` says whether `kept` is all of it.
    pub fn new(kept: Arc<[u8]>, decoded_len: u64, wire_len: u64, tally: Arc<Tally>, digest: [u8; 16]) -> Self {
        Self { kept, decoded_len, wire_len, complete: true, stopped: None, tally, digest, parsed: OnceLock::new() }
    }

    /// A whole body from memory, as fixtures and recordings have it.
    pub fn whole(bytes: impl Into<Arc<[u8]>>) -> Self {
        let kept = bytes.into();
        let tally = Arc::new(Tally::of(&kept));
        let len = kept.len() as u64;
        let digest = digest_of(&kept);
        Self::new(kept, len, len, tally, digest)
    }

    /// Marks the body as cut off.
    pub fn cut(mut self, why: impl Into<String>) -> Self {
        self.complete = false;
        self.stopped = Some(why.into());
        self
    }

    /// Keeps no more than the first `kept` bytes.
    pub fn cut_kept(&mut self, kept: usize) {
        if self.kept.len() > kept {
            self.kept = Arc::from(&self.kept[..kept]);
            self.parsed = OnceLock::new();
        }
    }

    /// Drops the parsed form; it is made again when it is asked for.
    pub fn forget_parsed(&mut self) {
        self.parsed = OnceLock::new();
    }

    /// Whether all of the decoded body is kept.
    pub fn is_whole(&self) -> bool {
        self.complete && self.kept.len() as u64 == self.decoded_len
    }

    /// The kept part as text.
    pub fn text(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.kept)
    }

    /// See [`Exchange::json`].
    pub fn json(&self) -> Option<&Value> {
        self.parsed.get_or_init(|| crate::tally::parse_lenient(&self.kept, self.is_whole()).map(Arc::new)).as_deref()
    }
}

/// The digest that [`Body::digest`] holds: the first 128 bits of BLAKE3.
pub fn digest_of(bytes: &[u8]) -> [u8; 16] {
    let mut digest = [0; 16];
    digest.copy_from_slice(&blake3::hash(bytes).as_bytes()[..16]);
    digest
}
