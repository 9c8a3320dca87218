//! `method-or-case-bypass`: another spelling of a closed operation is open.

use plimsoll_http::{Exchange, OpId, Probe, Who};
use plimsoll_model::{Confidence, Method, Severity};

use super::admin_function_reached::everybody;
use super::administrative::sign;
use crate::check::{Check, Meta, check};
use crate::discover::soft404::NOWHERE;
use crate::draft::Draft;
use crate::fields::{self, Privacy};
use crate::view::{App, Op};
use crate::{same, standing};

check! {
    /// A spelling of the path, a method or a header that a rule does not know.
    pub struct MethodOrCaseBypass {
        id: "method-or-case-bypass", weakness: AccessRuleBypass, mode: Active, since: "0.2.0",
        page: "http/method-or-case-bypass.md",
    }
}

/// How many administrative operations it is tried at, and how many others: rules name paths, so one operation does not stand for all.
const ADMINISTRATIVE: usize = 5;
const OTHERS: usize = 2;
/// Headers from which proxies and frameworks take the path or the caller's address.
const PATH_HEADERS: &[&str] = &["x-original-url", "x-rewrite-url"];
const ADDRESS_HEADERS: &[&str] = &["x-forwarded-for", "x-real-ip", "x-client-ip", "x-originating-ip", "true-client-ip"];

impl Check for MethodOrCaseBypass {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn probes_app(&self, app: &App<'_>) -> Vec<Probe> {
        let closed = closed(app);
        let asked = app.ops().filter(|op| op.is_get() && op.base().is_some());
        // The role table asks the same; without identities, only what looks administrative is asked for as nobody.
        let named = !app.seen.identities.is_empty();
        let asked = asked.filter(|op| named || sign(op).is_some_and(|sign| sign.strong));
        let mut probes: Vec<Probe> =
            asked.flat_map(|op| everybody(app).into_iter().map(move |who| op.probe().who(who))).collect();
        let spellings = closed.iter().flat_map(|closed| tricks(&closed.op, closed.who)).map(|trick| trick.probe);
        probes.extend(spellings);
        let by_head = |closed: &Closed<'_>| closed.op.success(&head(&closed.op, closed.who)).is_some();
        probes.extend(closed.iter().filter(|closed| by_head(closed)).map(|closed| nowhere(app, closed.who)));
        probes
    }

    fn judge_app(&self, app: &App<'_>) -> Vec<Draft> {
        closed(app).iter().filter_map(judge).collect()
    }
}

/// An operation that is closed to one caller.
struct Closed<'a> {
    op: Op<'a>,
    who: Who,
    refusal: &'a Exchange,
    /// What a caller who may gets.
    open: Option<(Who, &'a Exchange)>,
}

/// One spelling.
struct Trick {
    name: &'static str,
    probe: Probe,
}

fn refusal<'a>(op: &Op<'a>, who: Who) -> Option<&'a Exchange> {
    op.answer_to(who).filter(|exchange| matches!(exchange.status(), Some(401 | 403)))
}

/// The operations to try it at: those first that look administrative, of the others one for each thing, and each as the caller to whom a role closes
/// it rather than as nobody.
fn closed<'a>(app: &App<'a>) -> Vec<Closed<'a>> {
    let mut all: Vec<(bool, Closed<'a>)> = Vec::new();
    let nobody = if app.seen.has_credentials { Who::Anonymous } else { Who::Given };
    for op in app.ops().filter(|op| op.is_get() && op.base().is_some()) {
        let administrative = sign(&op).is_some_and(|sign| sign.strong);
        let mut callers = app.seen.callers();
        callers.push(nobody);
        let open = callers.iter().find_map(|who| {
            let answer = op.answer_to(*who).filter(|answer| answer.is_success() && fields::has_data(answer))?;
            Some((*who, answer))
        });
        let Some((who, refusal)) = callers.iter().find_map(|who| Some((*who, refusal(&op, *who)?))) else { continue };
        let may_less = open.is_none_or(|(other, _)| {
            let (mine, theirs) = (standing::rank(app, who), standing::rank(app, other));
            mine.zip(theirs).is_none_or(|(mine, theirs)| mine < theirs)
        });
        if may_less && (open.is_some() || administrative) {
            all.push((administrative, Closed { op, who, refusal, open }));
        }
    }
    all.sort_by_key(|(administrative, closed)| (!administrative, closed.open.is_none(), closed.op.id));
    let mut words: Vec<&str> = Vec::new();
    let mut out = Vec::new();
    for (administrative, closed) in all {
        let segments: Vec<&str> = closed.op.spec.key.path.split('/').collect();
        let word = segments[meant(&segments)];
        let room =
            if administrative { out.len() < ADMINISTRATIVE } else { out.len() < OTHERS && !words.contains(&word) };
        if room {
            words.push(word);
            out.push(closed);
        }
    }
    out
}

/// The segment that a rule is most likely about: the first that names something, `admin` in `/api/v2/admin/users`.
fn meant(segments: &[&str]) -> usize {
    let is_version = |segment: &str| {
        segment
            .strip_prefix('v')
            .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit() || b == b'.'))
    };
    let names = |segment: &str| {
        segment.bytes().next().is_some_and(|b| b.is_ascii_alphabetic())
            && segment.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.~".contains(&b))
            && !is_version(segment)
            && !matches!(segment, "api" | "rest" | "public")
    };
    segments.iter().position(|segment| names(segment)).unwrap_or(0)
}

fn head(op: &Op<'_>, who: Who) -> Probe {
    op.probe().who(who).method(Method::Head)
}

/// HEAD where nothing is.
fn nowhere(app: &App<'_>, who: Who) -> Probe {
    Probe::of(OpId::NONE).path(&format!("{}{NOWHERE}", app.api.prefix)).method(Method::Head).who(who)
}

/// The spellings of one operation. All of them are safe methods, and none of them names another resource.
fn tricks(op: &Op<'_>, who: Who) -> Vec<Trick> {
    let Some(base) = op.base() else { return Vec::new() };
    let probe = || op.probe().who(who);
    let mut out = vec![Trick { name: "HEAD", probe: head(op, who) }];
    let prefix = op.api.prefix.trim_end_matches('/');
    let path = base.path.strip_prefix(prefix).unwrap_or(&base.path);
    let mut at = |name: &'static str, path: String| {
        let path = format!("{prefix}{path}");
        if path != base.path {
            out.push(Trick { name, probe: probe().path(&path) });
        }
    };
    let trimmed = path.trim_end_matches('/');
    at("another slash at the end", if path.ends_with('/') { trimmed.to_owned() } else { format!("{path}/") });
    at("a doubled slash", format!("/{path}"));
    at("a dot segment", format!("/.{path}"));
    let segments: Vec<&str> = path.split('/').collect();
    let word = meant(&segments);
    if let Some(letter) = segments[word].bytes().next().filter(u8::is_ascii_alphabetic) {
        let with = |text: &str| {
            let mut changed = segments.clone();
            changed[word] = text;
            changed.join("/")
        };
        at("capital letters", with(&segments[word].to_ascii_uppercase()));
        at("an encoded letter", with(&format!("%{letter:02x}{}", &segments[word][1..])));
        at("a path parameter", with(&format!("{};x", segments[word])));
    }
    at("a path parameter at the end", format!("{trimmed};x"));
    at("an extension", format!("{trimmed}.json"));
    for name in PATH_HEADERS {
        let target = base.target();
        out.push(Trick { name, probe: probe().path(&format!("{prefix}/")).header(name, &target) });
    }
    let addressed = ADDRESS_HEADERS.iter().fold(probe(), |probe, name| probe.header(name, "127.0.0.1"));
    out.push(Trick { name: "x-forwarded-for: 127.0.0.1", probe: addressed });
    let overridden = probe().method(Method::Options).header("x-http-method-override", "GET");
    out.push(Trick { name: "OPTIONS with x-http-method-override: GET", probe: overridden });
    out
}

fn judge(closed: &Closed<'_>) -> Option<Draft> {
    let Closed { op, who, refusal, open } = closed;
    let works = |trick: &Trick| -> Option<Exchange> { works(closed, trick).cloned() };
    let found: Vec<(Trick, Exchange)> =
        tricks(op, *who).into_iter().filter_map(|trick| works(&trick).map(|answer| (trick, answer))).collect();
    let (first, answer) = found.first()?;
    let names: Vec<&str> = found.iter().map(|(trick, _)| trick.name).collect();
    let (name, called) = (op.seen.name_of(*who), op.seen.called(*who));
    let status = refusal.status().unwrap_or(403);
    let message = match open {
        Some((owner, _)) => {
            format!(
                "Refused to {called} with {status}; with {} the answer is what {} gets.",
                names.join(", "),
                op.seen.called(*owner)
            )
        }
        None => format!("Refused to {called} with {status}; with {} the answer is data.", names.join(", ")),
    };
    let (severity, confidence) =
        if open.is_some() { (Severity::High, Confidence::Observed) } else { (Severity::Medium, Confidence::Suspected) };
    let draft = op
        .finding(message)
        .cause(format!("walked around by {}", names.join(", ")))
        .severity(severity)
        .confidence(confidence)
        .outline(answer, format!("as {name}, with {}", first.name))
        .outline(refusal, format!("as {name}"));
    Some(match open {
        Some((owner, answer)) => draft.outline(answer, format!("as {}, who may", op.seen.name_of(*owner))),
        None => draft,
    })
}

/// The answer to a spelling, if it is what the operation keeps back.
fn works<'a>(closed: &Closed<'a>, trick: &Trick) -> Option<&'a Exchange> {
    let answer = closed.op.success(&trick.probe)?;
    if trick.name == "HEAD" {
        // A server that answers HEAD everywhere, or that does not say how much GET would give, tells nothing.
        let nothing = closed.op.seen.reply(&nowhere(&closed.op.app(), closed.who)).is_none_or(Exchange::is_success);
        let length = answer.response()?.header("content-length")?.parse::<u64>().ok()?;
        let (_, open) = closed.open?;
        let whole = open.response()?;
        return (!nothing
            && length > 2
            && length == whole.body.decoded_len
            && whole.header("content-encoding").is_none())
        .then_some(answer);
    }
    match closed.open {
        Some((_, open)) => same::compare(open, answer).is_same().then_some(answer),
        // Nobody is known who may: only data about people is surely not what is meant for everybody.
        None => (fields::has_data(answer) && fields::privacy(answer) == Privacy::Personal).then_some(answer),
    }
}
