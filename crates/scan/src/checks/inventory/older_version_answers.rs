//! `older-version-answers`: what the current version answers, an older one answers too.

use std::collections::BTreeSet;

use plimsoll_http::{Exchange, Probe, Who};
use plimsoll_model::{Method, OperationKey, Severity};
use plimsoll_spec::{Location, Origin};
use serde_json::Value;

use crate::check::{Check, Meta, check};
use crate::checks::authentication::access;
use crate::draft::Draft;
use crate::view::{App, Op};

check! {
    /// `/v1` beside `/v2`, or the same by a header, a parameter or a media type.
    pub struct OlderVersionAnswers {
        id: "older-version-answers", weakness: OlderVersionAnswers, mode: Active, since: "0.2.0",
        page: "http/older-version-answers.md",
    }
}

/// How many operations are asked in an older version, which often has only some of them.
const ASKED: usize = 16;
/// A version that no API has: what answers to it too does not look at versions.
const NEVER: u32 = 97;
/// Parameters that choose a version.
const PARAMETERS: &[&str] =
    &["version", "api-version", "api_version", "apiversion", "x-api-version", "accept-version", "v"];

/// How a request says which version it wants.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Way {
    /// By a segment of the path; none yet where the path has no version.
    Path,
    /// By a query parameter or a header.
    Parameter(Location, String),
    /// By the version in the media type of its answers: what stands before and behind the number.
    MediaType(String, String),
}

/// A question: the version that is current, an older one, and the probes for it and for a version that never was.
struct Question {
    way: Way,
    current: u32,
    older: u32,
    probe: Probe,
    control: Probe,
}

/// The number of a segment like `v2`.
fn number(segment: &str) -> Option<u32> {
    let digits = segment.strip_prefix(['v', 'V'])?;
    let digits = digits.strip_suffix(".0").unwrap_or(digits);
    (digits.len() <= 2 && digits.bytes().all(|b| b.is_ascii_digit())).then(|| digits.parse().ok())?
}

/// The path with another number in its version segment; where it has none, with one before everything but `/api`.
fn in_version(path: &str, version: u32) -> String {
    let mut segments: Vec<String> = path.split('/').map(str::to_owned).collect();
    if let Some(at) = segments.iter().position(|segment| number(segment).is_some()) {
        let minor = if segments[at].ends_with(".0") { ".0" } else { "" };
        segments[at] = format!("{}{version}{minor}", &segments[at][..1]);
    } else {
        let at = if segments.get(1).is_some_and(|segment| segment == "api") { 2 } else { 1 };
        segments.insert(at.min(segments.len()), format!("v{version}"));
    }
    segments.join("/")
}

/// The questions for one operation that answers.
fn questions(op: &Op<'_>) -> Vec<Question> {
    let (Some(base), Some(answer)) = (op.base(), op.baseline()) else { return Vec::new() };
    let mut out = Vec::new();
    let in_path = base.path.split('/').find_map(number);
    match in_path {
        Some(current) if current >= 2 => {
            let ask = |version| op.probe().path(&in_version(&base.path, version));
            let older = current - 1;
            out.push(Question { way: Way::Path, current, older, probe: ask(older), control: ask(NEVER) });
        }
        Some(_) => {}
        None => {
            let ask = |version| op.probe().path(&in_version(&base.path, version));
            out.push(Question { way: Way::Path, current: 0, older: 1, probe: ask(1), control: ask(NEVER) });
        }
    }
    for parameter in &op.spec.parameters {
        let name = parameter.name.as_str();
        if !PARAMETERS.contains(&name.to_ascii_lowercase().as_str()) {
            continue;
        }
        let sent = match parameter.location {
            Location::Query => base.query_value(name),
            Location::Header => {
                base.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
            }
            _ => None,
        };
        let written = sent.map(str::to_owned).unwrap_or_default();
        let Some(current) =
            written.trim_start_matches('v').trim_end_matches(".0").parse::<u32>().ok().filter(|n| (2..90).contains(n))
        else {
            continue;
        };
        let ask = |version: u32| {
            let value = written.replacen(&current.to_string(), &version.to_string(), 1);
            match parameter.location {
                Location::Query => op.probe().query(name, &value),
                _ => op.probe().header(name, &value),
            }
        };
        let way = Way::Parameter(parameter.location, name.to_owned());
        out.push(Question { way, current, older: current - 1, probe: ask(current - 1), control: ask(NEVER) });
    }
    let media_type = answer.response().map(plimsoll_http::Response::media_type).unwrap_or_default();
    if let Some((before, rest)) = media_type.split_once(".v").filter(|_| media_type.contains("/vnd.")) {
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        if let Some(current) = digits.parse::<u32>().ok().filter(|current| (2..90).contains(current)) {
            let after = rest[digits.len()..].to_owned();
            let ask = |version: u32| op.probe().header("accept", &format!("{before}.v{version}{after}"));
            let way = Way::MediaType(before.to_owned(), after.clone());
            out.push(Question { way, current, older: current - 1, probe: ask(current - 1), control: ask(NEVER) });
        }
    }
    out
}

/// The operations that are asked: without parameters first, and of those without a version only one.
fn asked<'a>(app: &App<'a>) -> Vec<(Op<'a>, Question)> {
    let mut ops: Vec<Op<'a>> =
        app.ops().filter(|op| op.is_get() && op.baseline().is_some() && op.spec.origin != Origin::Convention).collect();
    // Collections first: they are what a version has at least.
    ops.sort_by_key(|op| (op.key().path.contains('{'), op.list().is_none(), op.id));
    let mut out: Vec<(Op<'a>, Question)> = Vec::new();
    for op in ops {
        for question in questions(&op) {
            let alike =
                out.iter().filter(|(_, other)| other.way == question.way && other.current == question.current).count();
            let most = if question.current == 0 { 1 } else { ASKED };
            if alike < most {
                out.push((op, question));
            }
        }
    }
    out
}

/// The names of an answer's members; of a list, those of its first element, whether or not it stands in an envelope.
fn names(value: &Value) -> BTreeSet<&str> {
    let first = |items: &'_ [Value]| items.first().is_some_and(Value::is_object);
    match value {
        Value::Object(map) => match map.values().find_map(|value| value.as_array().filter(|items| first(items))) {
            Some(items) => names(&items[0]),
            None => map.keys().map(String::as_str).collect(),
        },
        Value::Array(items) => items.first().map(names).unwrap_or_default(),
        _ => BTreeSet::new(),
    }
}

/// Whether two answers are those of one operation: with at least half of the fewer names in common. An envelope may have come or gone.
fn alike(a: &Exchange, b: &Exchange) -> bool {
    let (Some(a), Some(b)) = (a.json(), b.json()) else { return false };
    let (mine, theirs) = (names(a), names(b));
    let common = mine.intersection(&theirs).count();
    common > 0 && common * 2 >= mine.len().min(theirs.len())
}

/// The older version's answer, if it is one: the same operation, and no answer to a version that never was.
fn older<'a>(op: &Op<'a>, question: &Question) -> Option<&'a Exchange> {
    let answer = op.success(&question.probe)?;
    let control = op.reply(&question.control)?;
    let heeds = !control.is_success();
    // An answer in the asked media type shows that the version was heeded.
    let typed = match &question.way {
        Way::MediaType(before, _) => answer
            .response()
            .is_some_and(|response| response.media_type().starts_with(&format!("{before}.v{}", question.older))),
        _ => true,
    };
    (heeds && typed && alike(op.baseline()?, answer)).then_some(answer)
}

impl Check for OlderVersionAnswers {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn probes_app(&self, app: &App<'_>) -> Vec<Probe> {
        let mut probes = Vec::new();
        for (op, question) in asked(app) {
            // The control is wanted only where there is something to compare it with.
            if op.success(&question.probe).is_some() {
                probes.push(question.control);
                if app.seen.has_credentials {
                    probes.push(access::anonymous_probe(&op));
                }
                if access::refuses(&op) {
                    probes.push(question.probe.clone().who(Who::Anonymous));
                }
            }
            probes.push(question.probe);
        }
        probes
    }

    fn judge_app(&self, app: &App<'_>) -> Vec<Draft> {
        let mut drafts = Vec::new();
        for (op, question) in asked(app) {
            let Some(answer) = older(&op, &question) else { continue };
            let open = access::refuses(&op).then(|| op.success(&question.probe.clone().who(Who::Anonymous))).flatten();
            let key = match question.way {
                Way::Path => OperationKey::new(Method::Get, in_version(&op.key().path, question.older)),
                _ => op.key().clone(),
            };
            let listed = question.way == Way::Path
                && app.ops().any(|other| *other.key() == key && other.spec.origin == Origin::Contract);
            let beside = match (&question.way, question.current) {
                (Way::Path, 0) => "the one without a version".to_owned(),
                (_, current) => format!("version {current}"),
            };
            let by = match &question.way {
                Way::Path => String::new(),
                Way::Parameter(_, name) => format!(" (by `{name}`)"),
                Way::MediaType(..) => " (by the media type)".to_owned(),
            };
            let (said, severity) = match (open.is_some(), listed) {
                (true, _) => (", and without the credentials that the newer one asks for", Severity::High),
                (false, true) => (", and the contract lists both", Severity::Info),
                (false, false) => (", and the contract does not list it", Severity::Medium),
            };
            let said = if app.api.format.is_none() && open.is_none() { "" } else { said };
            let message = format!("Version {}{by} still answers beside {beside}{said}.", question.older);
            let mut draft =
                Draft::new(Some(key), message).severity(severity).cause(format!("version {}{by}", question.older));
            if let Some(newer) = op.baseline() {
                draft = draft.exchange_excerpt(newer, "the newer version", crate::outline::outline(newer));
            }
            let shown = open.unwrap_or(answer);
            drafts.push(draft.exchange_excerpt(shown, "the older version", crate::outline::outline(shown)));
        }
        drafts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_in_paths() {
        assert_eq!(in_version("/v2/orders", 1), "/v1/orders");
        assert_eq!(in_version("/identity/api/auth/v3/check-otp", 2), "/identity/api/auth/v2/check-otp");
        assert_eq!(in_version("/api/orders", 1), "/api/v1/orders");
        assert_eq!(in_version("/orders", 1), "/v1/orders");
        assert_eq!(in_version("/v2.0/orders", 1), "/v1.0/orders");
        assert_eq!((number("v2"), number("v2.0"), number("video"), number("v123")), (Some(2), Some(2), None, None));
    }
}
