//! Probes: what a check asks for, as a small edit of an operation's base request.
//!
//! A queue may hold a million of these, so a probe is a compact description (32 bytes and one short string); the request is built when it
//! is sent. Two checks that ask for the same thing write equal probes, and equal probes are sent once.

use std::fmt;

use plimsoll_model::Method;
use serde::{Deserialize, Serialize};

use crate::request::{Body, Request};

/// The index of an operation in its `Api`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OpId(pub u32);

impl OpId {
    /// No operation: requests of discovery, and requests to the application as a whole.
    pub const NONE: Self = Self(u32::MAX);
}

/// As whom a request is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Who {
    /// With the credentials that the user gave, if any; where there are only named identities, as the first of them.
    #[default]
    Given,
    /// Without credentials.
    Anonymous,
    /// As one of the named identities, by its place in [`crate::Settings::identities`]: with its credentials and nobody else's.
    As(u8),
}

/// How a probe shares the wire with others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lane {
    /// Beside others, within concurrency and rate.
    #[default]
    Normal,
    /// Alone on the wire, in the order asked: for anything that is timed.
    Quiet,
    /// As fast as concurrency allows, without the token bucket: a small rate-limit burst, which counts against the budget like all else.
    Burst,
}

/// A request that a check asks for: the base request of an operation, edited.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Probe {
    /// Whose base request is edited.
    pub op: OpId,
    /// Distinguishes repetitions of an otherwise equal probe.
    pub repeat: u16,
    /// How it shares the wire.
    pub lane: Lane,
    /// As whom it is sent.
    pub who: Who,
    /// The edit script, one edit a line; see [`Edit`].
    edits: Box<str>,
}

/// One edit of a base request, written as one line: a sigil, then percent-encoded `name=value`.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Edit {
    /// `?name=value` sets a query parameter, replacing all of that name.
    Query(String, String),
    /// `&name=value` adds a query parameter beside others of that name.
    AddQuery(String, String),
    /// `-name` drops a query parameter.
    DropQuery(String),
    /// `:name=value` sets a request header.
    Header(String, String),
    /// `/path` replaces the path, already percent-encoded.
    Path(String),
    /// `!METHOD` replaces the method.
    Method(Method),
    /// `{type=body` replaces the body, with its media type.
    Body(String, String),
}

impl Probe {
    /// The operation's base request as it is.
    pub fn of(op: OpId) -> Self {
        Self { op, repeat: 0, lane: Lane::Normal, who: Who::Given, edits: "".into() }
    }

    /// Sets a query parameter, replacing all of that name.
    pub fn query(self, name: &str, value: &str) -> Self {
        self.with('?', name, Some(value))
    }

    /// Sets a query parameter to `len` times `fill`, without holding the long value: `len` is at most 1,048,576.
    pub fn query_filled(self, name: &str, fill: char, len: u32) -> Self {
        let value = format!("{fill}{}", len.min(1 << 20));
        self.with('*', name, Some(&value))
    }

    /// Adds a query parameter beside others of that name.
    pub fn add_query(self, name: &str, value: &str) -> Self {
        self.with('&', name, Some(value))
    }

    /// Drops a query parameter.
    pub fn drop_query(self, name: &str) -> Self {
        self.with('-', name, None)
    }

    /// Sets a request header.
    pub fn header(self, name: &str, value: &str) -> Self {
        self.with(':', name, Some(value))
    }

    /// Sets a request header to `len` times `fill`.
    pub fn header_filled(self, name: &str, fill: char, len: u32) -> Self {
        let value = format!("{fill}{}", len.min(1 << 20));
        self.with('+', name, Some(&value))
    }

    /// Replaces the path. It is taken as it is: percent-encoded, beginning with a slash.
    pub fn path(self, path: &str) -> Self {
        self.with('/', path, None)
    }

    /// Replaces the method.
    pub fn method(self, method: Method) -> Self {
        self.with('!', method.as_str(), None)
    }

    /// Replaces the body.
    pub fn body(self, media_type: &str, body: &str) -> Self {
        self.with('{', media_type, Some(body))
    }

    /// The n-th repetition of this probe.
    pub fn nth(mut self, repeat: u16) -> Self {
        self.repeat = repeat;
        self
    }

    /// Sent in this lane.
    pub fn lane(mut self, lane: Lane) -> Self {
        self.lane = lane;
        self
    }

    /// Sent as this identity.
    pub fn who(mut self, who: Who) -> Self {
        self.who = who;
        self
    }

    /// Whether this is the base request, unedited, as the given identity.
    pub fn is_base(&self) -> bool {
        self.edits.is_empty() && self.who == Who::Given
    }

    /// The request that this probe stands for.
    pub fn build(&self, base: &Request) -> Request {
        let mut request = base.clone();
        for edit in self.script() {
            match edit {
                Edit::Query(name, value) => request.set_query(&name, &value),
                Edit::AddQuery(name, value) => request.query.push((name, value)),
                Edit::DropQuery(name) => request.query.retain(|(key, _)| *key != name),
                Edit::Header(name, value) => request.set_header(&name, &value),
                Edit::Path(path) => request.path = path,
                Edit::Method(method) => request.method = method,
                Edit::Body(media_type, content) => request.body = Some(Body { media_type, content }),
            }
        }
        request
    }

    fn with(mut self, sigil: char, name: &str, value: Option<&str>) -> Self {
        let mut edits = String::from(self.edits);
        if !edits.is_empty() {
            edits.push('\n');
        }
        edits.push(sigil);
        escape(name, &mut edits);
        if let Some(value) = value {
            edits.push('=');
            escape(value, &mut edits);
        }
        self.edits = edits.into_boxed_str();
        self
    }

    fn script(&self) -> impl Iterator<Item = Edit> + '_ {
        self.edits.lines().filter_map(|line| {
            let mut chars = line.chars();
            let sigil = chars.next()?;
            let (name, value) = chars.as_str().split_once('=').unwrap_or((chars.as_str(), ""));
            let (name, value) = (unescape(name), unescape(value));
            Some(match sigil {
                '?' => Edit::Query(name, value),
                '*' => Edit::Query(name, filled(&value)),
                '&' => Edit::AddQuery(name, value),
                '-' => Edit::DropQuery(name),
                ':' => Edit::Header(name, value),
                '+' => Edit::Header(name, filled(&value)),
                '/' => Edit::Path(name),
                '!' => Edit::Method(name.parse().ok()?),
                '{' => Edit::Body(name, value),
                _ => return None,
            })
        })
    }
}

impl fmt::Debug for Probe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Probe({}#{} {:?} {:?} {:?})", self.op.0, self.repeat, self.lane, self.who, self.edits)
    }
}

fn filled(spec: &str) -> String {
    let mut chars = spec.chars();
    let fill = chars.next().unwrap_or('a');
    // A script may come out of a file: it describes no more than a check may.
    let len: usize = chars.as_str().parse().unwrap_or(0);
    std::iter::repeat_n(fill, len.min(1 << 20)).collect()
}

/// From this length on, a run of one letter or digit is described instead of held.
const RUN: usize = 32;

/// Only the characters that the script itself uses are escaped, so that scripts stay short and readable. A long run of one letter or digit becomes
/// `%{` letter length `}`; no escaped text has `%{` otherwise.
fn escape(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let run = if c.is_ascii_alphanumeric() { rest.bytes().take_while(|byte| *byte == c as u8).count() } else { 1 };
        if run >= RUN {
            out.push_str("%{");
            out.push(c);
            out.push_str(&run.to_string());
            out.push('}');
            rest = &rest[run..];
            continue;
        }
        match c {
            '%' => out.push_str("%25"),
            '\n' => out.push_str("%0A"),
            '\r' => out.push_str("%0D"),
            '=' => out.push_str("%3D"),
            _ => out.push(c),
        }
        rest = &rest[c.len_utf8()..];
    }
}

fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("%{") {
        out.push_str(&decoded(&rest[..at]));
        let (run, after) = rest[at + 2..].split_once('}').unwrap_or((&rest[at + 2..], ""));
        out.push_str(&filled(run));
        rest = after;
    }
    out.push_str(&decoded(rest));
    out
}

fn decoded(text: &str) -> std::borrow::Cow<'_, str> {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base() -> Request {
        let mut base = Request::get("/orders");
        base.query = vec![("limit".into(), "10".into()), ("q".into(), "a".into())];
        base
    }

    #[test]
    fn edits_are_applied_in_order() {
        let probe = Probe::of(OpId(3))
            .query("limit", "1=%\n2")
            .add_query("q", "b")
            .drop_query("none")
            .header("Origin", "https://a.example")
            .method(Method::Head)
            .path("/orders/1%2F2");
        let request = probe.build(&base());
        assert_eq!(request.method, Method::Head);
        assert_eq!(request.path, "/orders/1%2F2");
        assert_eq!(request.query, [("limit", "1=%\n2"), ("q", "a"), ("q", "b")].map(|(k, v)| (k.into(), v.into())));
        assert_eq!(request.headers, [("origin".to_owned(), "https://a.example".to_owned())]);
    }

    #[test]
    fn long_values_are_described_not_held() {
        let probe = Probe::of(OpId(0)).query_filled("q", 'x', 5_000);
        assert!(format!("{probe:?}").len() < 80);
        assert_eq!(probe.build(&base()).query[1].1.len(), 5_000);
    }

    #[test]
    fn long_runs_are_described_not_held() {
        let path = format!("/a%7B/{}/{}b", "k".repeat(2_100), "7".repeat(40));
        let probe = Probe::of(OpId(0)).path(&path).query("q", &"%{a9}=".repeat(40)).query("r", &"é".repeat(50));
        assert!(format!("{:?}", Probe::of(OpId(0)).path(&path)).len() < 80);
        let request = probe.build(&base());
        assert_eq!(request.path, path);
        assert_eq!(request.query_value("q"), Some("%{a9}=".repeat(40).as_str()));
        assert_eq!(request.query_value("r"), Some("é".repeat(50).as_str()));
    }

    #[test]
    fn a_probe_is_small() {
        assert!(size_of::<Probe>() <= 32);
    }
}
