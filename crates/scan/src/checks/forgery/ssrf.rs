//! `ssrf`: an address in a request is one that the service sends a request to.

use plimsoll_http::{Exchange, InboundCall, Place, Probe};
use plimsoll_model::{Confidence, Severity, redact};

use super::address::{Input, Wants, inputs, writes};
use super::outbound::{Failure, failure, is_gateway};
use crate::check::{Check, Meta, check};
use crate::checks::input::odd::WORD;
use crate::draft::Draft;
use crate::view::Op;

check! {
    /// Requests to wherever a caller wants.
    pub struct Ssrf {
        id: "ssrf", weakness: ServerSideRequestForgery, mode: Active, since: "0.1.0", page: "http/ssrf.md",
    }
}

/// A port at which nobody listens (RFC 7805 made its service historic), on the service's own machine.
const CLOSED: &str = "http://127.0.0.1:1/plimsoll-none";
/// A name that nobody has (RFC 6761 §6.4).
const NOWHERE: &str = "http://plimsoll.invalid/";
/// A file that nobody has.
const NO_FILE: &str = "file:///plimsoll-none";
/// Header fields that prove who is calling.
const CREDENTIALS: &[&str] =
    &["authorization", "cookie", "x-api-key", "api-key", "x-auth-token", "proxy-authorization"];

/// One way to write the address of the collaborator.
pub struct Form {
    /// What is written into the input.
    pub value: String,
    /// The token in it.
    pub token: String,
    /// What is special about it, in words that go on after "written".
    how: &'static str,
}

/// The ways to write the collaborator's address, plain first. The others get past code that compares text.
pub fn forms(op: &Op<'_>, place: &Place, input: &Input) -> Vec<Form> {
    let form = |name: &str, how: &'static str, value: &dyn Fn(&str) -> String| {
        let token = place.token(&input.question(op, name));
        Form { value: value(&token), token, how }
    };
    let authority = place.authority();
    if input.wants == Wants::Host {
        return vec![form("", "", &|token| format!("{authority}/{token}"))];
    }
    let mut out = vec![form("", "", &|token| place.url(token))];
    if let Some(known) = &input.known_host {
        out.push(form("as user", "behind the known host as a user name", &|token| {
            format!("http://{known}@{authority}/{token}")
        }));
    }
    if let std::net::IpAddr::V4(address) = place.address.ip() {
        let (port, number) = (place.address.port(), u32::from(address));
        out.push(form("as number", "as one number", &|token| format!("http://{number}:{port}/{token}")));
        out.push(form("mapped", "as an IPv6 address", &|token| format!("http://[::ffff:{address}]:{port}/{token}")));
    }
    if writes(op) {
        out.truncate(1);
    }
    out.truncate(3);
    out
}

/// The call to this form of the address, if one came in.
pub fn called(op: &Op<'_>, form: &Form) -> Option<InboundCall> {
    op.seen.active.with_token(&form.token).next().cloned()
}

/// Whether the value was looked at and not taken. What refuses every request says nothing of the value.
fn refuses_value(op: &Op<'_>, answer: &Exchange) -> bool {
    let refusal = matches!(answer.status(), Some(400 | 403 | 406 | 409 | 422));
    refusal && op.reply(&op.probe()).is_none_or(|base| base.status() != answer.status() || base.text() != answer.text())
}

/// What is asked about an input, as far as the answers go.
fn asked(op: &Op<'_>, input: &Input) -> Vec<Probe> {
    let mut probes = Vec::new();
    let mut first = None;
    if let Some(place) = &op.seen.active.collaborator {
        for form in forms(op, place, input) {
            let Some(probe) = input.probe(op, &form.value) else { break };
            let answer = op.reply(&probe);
            first = first.or(Some(probe.clone()));
            probes.push(probe);
            if called(op, &form).is_some() {
                probes.extend(input.probe(op, NO_FILE).filter(|_| !writes(op) && input.wants == Wants::Url));
                return probes;
            }
            // Words that compare text are tried in vain where the value is not what is looked at.
            if !input.is_certain || !answer.is_some_and(|answer| refuses_value(op, answer)) {
                break;
            }
        }
    } else if input.wants == Wants::Url && input.is_certain && !writes(op) {
        first = input.probe(op, CLOSED);
        probes.extend(first.clone());
    }
    // Nobody called. Perhaps the service cannot reach the collaborator, and says so.
    let tells = first
        .and_then(|probe| op.reply(&probe))
        .is_some_and(|answer| matches!(failure(answer), Some(Failure::Connect)) || is_gateway(answer));
    if tells && !writes(op) {
        probes.extend([NOWHERE, WORD].into_iter().filter_map(|value| input.probe(op, value)));
    }
    probes
}

impl Check for Ssrf {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn probes(&self, op: &Op<'_>) -> Vec<Probe> {
        if !is_asked(op) {
            return Vec::new();
        }
        inputs(op).iter().flat_map(|input| asked(op, input)).collect()
    }

    fn judge(&self, op: &Op<'_>) -> Vec<Draft> {
        if !is_asked(op) {
            return Vec::new();
        }
        inputs(op).iter().filter_map(|input| confirmed(op, input).or_else(|| suspected(op, input))).collect()
    }
}

/// Whether the operation looks at its inputs at all: it has a base request, and does not turn its caller away.
pub fn is_asked(op: &Op<'_>) -> bool {
    let status = op.reply(&op.probe()).and_then(Exchange::status);
    status.is_some_and(|status| !matches!(status, 401 | 403 | 405 | 407 | 429 | 501))
}

fn confirmed(op: &Op<'_>, input: &Input) -> Option<Draft> {
    let place = op.seen.active.collaborator.as_ref()?;
    let (form, call, exchange) = forms(op, place, input).into_iter().find_map(|form| {
        let exchange = op.reply(&input.probe(op, &form.value)?)?;
        Some((called(op, &form)?, form, exchange)).map(|(call, form, exchange)| (form, call, exchange))
    })?;
    let mark = place.mark(&form.token);
    let is_read = exchange.text().contains(&mark);
    let is_open = op.is_open() || !op.seen.has_credentials && exchange.is_success();
    let severity = match () {
        () if !place.is_inside() => Severity::Medium,
        () if is_read && is_open => Severity::Critical,
        () => Severity::High,
    };
    let agent = if call.user_agent.is_empty() { String::new() } else { format!(" of `{}`", call.user_agent) };
    let read = if is_read { ", and the answer to it was passed on" } else { "" };
    let how = if form.how.is_empty() {
        String::new()
    } else {
        format!(" It was written {}; the plain form was refused.", form.how)
    };
    let message = format!(
        "`{}` decides where the service sends a request: a {}{agent} came in at the address that was given{read}.{how}",
        input.name, call.method,
    );
    let mut draft = op
        .finding(message)
        .part(input.part, &input.name)
        .severity(severity)
        .exchange_excerpt(exchange, "gives an address of ours", excerpt(exchange, &mark))
        .note(format!("Came in from {}: {} {}", call.source, call.method, redact::one_line(&call.target, 120)));
    if !place.is_inside() {
        draft =
            draft.note("The address was a public one. Whether internal addresses are reached as well was not tried.");
    }
    let sent: Vec<&str> = call.headers.iter().map(String::as_str).filter(|name| CREDENTIALS.contains(name)).collect();
    if !sent.is_empty() {
        draft = draft.note(format!("The request carried a credential of the service ({}).", sent.join(", ")));
    }
    let file = input.probe(op, NO_FILE).and_then(|probe| op.reply(&probe));
    if let Some(file) = file.filter(|answer| failure(answer) == Some(Failure::File)) {
        draft = draft
            .exchange_excerpt(file, "a file that does not exist", redact::one_line(&file.text(), 160))
            .note("Addresses of files are opened as well.");
    }
    Some(draft)
}

/// What of the answer shows the call: the text around the mark, else the head.
fn excerpt(exchange: &Exchange, mark: &str) -> String {
    let text = exchange.text();
    let Some(at) = text.find(mark) else { return redact::one_line(&text, 160) };
    let from = text[..at].char_indices().rev().nth(30).map_or(0, |(at, _)| at);
    let shown: String = text[from..].chars().take(mark.len() + 60).collect();
    redact::one_line(&shown, 160)
}

/// Without a call: the service says that a connection failed where nobody listens, and that a lookup failed where there is no name.
fn suspected(op: &Op<'_>, input: &Input) -> Option<Draft> {
    let first = match &op.seen.active.collaborator {
        Some(place) => forms(op, place, input).into_iter().next()?.value,
        None => CLOSED.to_owned(),
    };
    let reply = |value: &str| op.reply(&input.probe(op, value)?);
    let (closed, nowhere, word) = (reply(&first)?, reply(NOWHERE)?, reply(WORD)?);
    let by_words = failure(closed) == Some(Failure::Connect)
        && failure(nowhere) != Some(Failure::Connect)
        && failure(word).is_none();
    let by_lookup = failure(closed) == Some(Failure::Connect) && failure(nowhere) == Some(Failure::Lookup);
    let refuses = |answer: &Exchange| matches!(answer.status(), Some(400 | 422));
    let by_status = is_gateway(closed) && is_gateway(nowhere) && refuses(word);
    (by_words || by_lookup || by_status).then(|| {
        op.finding(format!(
            "`{}` seems to decide where the service sends a request: an address at which nobody listens is answered with {}, one without a host with {}, a word that is no address with {}.",
            input.name,
            status(closed),
            status(nowhere),
            status(word),
        ))
        .part(input.part, &input.name)
        .severity(Severity::Medium)
        .confidence(Confidence::Suspected)
        .exchange_excerpt(closed, "nobody listens there", redact::one_line(&closed.text(), 160))
        .exchange_excerpt(nowhere, "a name without an address", redact::one_line(&nowhere.text(), 160))
        .exchange_excerpt(word, "no address at all", redact::one_line(&word.text(), 160))
    })
}

fn status(exchange: &Exchange) -> String {
    exchange.status().map_or_else(|| "nothing".to_owned(), |status| status.to_string())
}
