//! `unhandled-input`: odd input ends in an error of the server.

use std::collections::BTreeSet;

use plimsoll_http::{Exchange, Lane, Probe};
use plimsoll_model::{Method, redact};

use super::odd::{self, Odd, Oddity};
use crate::check::{Check, Meta, check};
use crate::draft::Draft;
use crate::view::Op;

check! {
    /// Input that the service did not expect.
    pub struct UnhandledInput {
        id: "unhandled-input", weakness: UnhandledInput, mode: Active, since: "0.1.0", page: "http/unhandled-input.md",
    }
}

/// Odd requests for one operation.
const REQUESTS: usize = 6;
/// Odd requests before the others: one of them that fails makes the others unnecessary.
const FIRST: usize = 3;
/// An operation whose plain request takes longer than this, in milliseconds, gets the first odd requests only.
const SLOW_MS: f64 = 1_000.0;
/// Failures that are asked again.
const CONFIRMED: usize = 3;
/// Requests of other checks that are asked again because they ended in an error.
const OTHERS: usize = 2;
/// Further failures that a message names.
const SHOWN: usize = 3;

impl Check for UnhandledInput {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn probes(&self, op: &Op<'_>) -> Vec<Probe> {
        if !op.is_get() {
            return Vec::new();
        }
        match op.reply(&op.probe()).and_then(Exchange::status) {
            Some(status) if is_error(status) => vec![again(&op.probe())],
            Some(status) if answers(status) => {
                let mut probes: Vec<Probe> = asked(op).into_iter().map(|odd| odd.probe).collect();
                probes.extend(failed(op).iter().map(|failure| again(&failure.exchange.probe)));
                probes
            }
            _ => Vec::new(),
        }
    }

    fn judge(&self, op: &Op<'_>) -> Vec<Draft> {
        match op.reply(&op.probe()) {
            Some(base) if op.is_get() && base.status().is_some_and(is_error) => {
                fails_always(op, base).into_iter().collect()
            }
            Some(base) if op.is_get() && base.status().is_some_and(answers) => fails(op, base).into_iter().collect(),
            _ => Vec::new(),
        }
    }
}

/// An error of the server's own: not "not implemented" and not "unavailable", which are answers.
fn is_error(status: u16) -> bool {
    (500..600).contains(&status) && !matches!(status, 501 | 503)
}

/// Whether the plain request shows how the operation answers: where callers are turned away, their input is never looked at.
fn answers(status: u16) -> bool {
    status < 500 && !matches!(status, 401 | 403 | 407 | 429)
}

fn again(probe: &Probe) -> Probe {
    probe.clone().nth(probe.repeat.saturating_add(1))
}

/// The odd requests of an operation that are worth asking, given what was answered so far.
fn asked(op: &Op<'_>) -> Vec<Odd> {
    let mut requests = odd::requests(op, REQUESTS);
    let is_slow = op.reply(&op.probe()).is_some_and(|base| base.timing.total_ms > SLOW_MS);
    let first = requests.iter().take(FIRST).map(|odd| op.reply(&odd.probe).map(Exchange::status));
    let go_on = first.clone().all(|answer| answer.is_some_and(|status| !status.is_some_and(is_error)));
    if is_slow || !go_on {
        requests.truncate(FIRST);
    }
    requests
}

/// A request that ended in an error while the plain one does not.
struct Failure<'a> {
    exchange: &'a Exchange,
    odd: Option<Odd>,
}

/// The odd requests that failed: those of this check, then the first few of others, which ask for things that callers ask for too.
fn failed<'a>(op: &Op<'a>) -> Vec<Failure<'a>> {
    let asked = asked(op);
    let base = op.base();
    let fails = |exchange: &Exchange| exchange.status().is_some_and(is_error);
    let others: Vec<&Exchange> = op
        .exchanges()
        .filter(|exchange| fails(exchange) && exchange.probe.lane != Lane::Burst && !exchange.probe.is_base())
        .filter(|exchange| exchange.request.method == Method::Get && exchange.probe.repeat == 0)
        .filter(|exchange| base.is_some_and(|base| base.target() != exchange.request.target()))
        .filter(|exchange| !asked.iter().any(|odd| odd.probe == exchange.probe))
        .take(OTHERS)
        .collect();
    asked
        .into_iter()
        .filter_map(|odd| {
            let exchange = op.reply(&odd.probe).filter(|exchange| fails(exchange))?;
            Some(Failure { exchange, odd: Some(odd) })
        })
        .chain(others.into_iter().map(|exchange| Failure { exchange, odd: None }))
        .take(CONFIRMED)
        .collect()
}

/// What fails twice does not fail by chance.
fn fails(op: &Op<'_>, base: &Exchange) -> Option<Draft> {
    let failures: Vec<Failure<'_>> = failed(op)
        .into_iter()
        .filter(|failure| op.reply(&again(&failure.exchange.probe)).and_then(Exchange::status).is_some_and(is_error))
        .collect();
    let first = failures.first()?;
    let mut changes: Vec<String> = Vec::new();
    for failure in &failures {
        let change = change(op, failure.exchange);
        if !changes.contains(&change) {
            changes.push(change);
        }
    }
    let (status, plain) = (first.exchange.status().unwrap_or(500), base.status().unwrap_or(200));
    let more = changes.len().saturating_sub(1 + SHOWN);
    let also = match changes.get(1..).unwrap_or_default() {
        [] => String::new(),
        [one] => format!(" So does {one}."),
        others if more == 0 => format!(" So do {}.", others.join(", ")),
        others => format!(" So do {} and {more} more.", others[..SHOWN].join(", ")),
    };
    let mut draft = op.finding(format!("{} ends in {status}, twice; the plain request in {plain}.{also}", changes[0]));
    if let Some(odd) = &first.odd {
        draft = draft.part(odd.part, &odd.name);
    }
    if let Some(cause) = common_cause(&failures) {
        draft = draft.cause(cause);
    }
    for failure in failures.iter().take(3) {
        draft = draft.exchange_excerpt(failure.exchange, "odd input", excerpt(failure.exchange));
    }
    Some(draft.exchange_excerpt(base, "the plain request", ""))
}

/// Characters and lengths that no layer took care of are one cause wherever they fail; a missing thing or a bad number is the handler's own.
fn common_cause(failures: &[Failure<'_>]) -> Option<&'static str> {
    let kinds: BTreeSet<Option<Oddity>> =
        failures.iter().map(|failure| failure.odd.as_ref().map(|odd| odd.oddity)).collect();
    match kinds.into_iter().collect::<Vec<_>>().as_slice() {
        [Some(Oddity::Nul)] => Some("a NUL character"),
        [Some(Oddity::Extra)] => Some("an unknown parameter"),
        _ => None,
    }
}

/// The operation that never answers: a finding of its own, because no input is to blame.
fn fails_always(op: &Op<'_>, base: &Exchange) -> Option<Draft> {
    op.reply(&again(&op.probe())).and_then(Exchange::status).filter(|status| is_error(*status))?;
    let reads: Vec<u16> = op
        .exchanges()
        .filter(|exchange| exchange.request.method == Method::Get && exchange.probe.lane != Lane::Burst)
        .filter_map(Exchange::status)
        .collect();
    if reads.iter().any(|status| (200..400).contains(status)) {
        return None;
    }
    let errors = reads.iter().filter(|status| is_error(**status)).count();
    let status = base.status().unwrap_or(500);
    let draft = op
        .finding(format!(
            "No request was answered: {errors} of {} ended in an error of the server ({status}).",
            reads.len()
        ))
        .exchange_excerpt(base, "the plain request", excerpt(base));
    Some(draft)
}

/// What distinguishes a request from the plain one.
fn change(op: &Op<'_>, exchange: &Exchange) -> String {
    let Some(base) = op.base() else { return format!("`{}`", exchange.request.target()) };
    let shown = |name: &str, value: &str| format!("`{name}={}`", redact::one_line(&value.replace('\0', "%00"), 32));
    let mut out: Vec<String> = exchange
        .request
        .query
        .iter()
        .filter(|pair| !base.query.contains(pair))
        .map(|(name, value)| shown(name, value))
        .collect();
    let gone = base.query.iter().filter(|(name, _)| exchange.request.query_value(name).is_none());
    out.extend(gone.map(|(name, _)| format!("no `{name}`")));
    if base.path != exchange.request.path {
        let template: Vec<&str> = op.key().path.rsplit('/').collect();
        let (before, after) = (base.path.rsplit('/'), exchange.request.path.rsplit('/'));
        let changed = before.zip(after).zip(template).filter(|((before, after), _)| before != after);
        out.extend(changed.map(|((_, after), name)| {
            let value = percent_encoding::percent_decode_str(after).decode_utf8_lossy();
            shown(name.trim_matches(['{', '}']), &value)
        }));
    }
    if out.is_empty() { format!("`{}`", redact::one_line(&exchange.request.target(), 60)) } else { out.join(" with ") }
}

/// The head of an error, short: traces are for other checks.
fn excerpt(exchange: &Exchange) -> String {
    redact::one_line(&exchange.text(), 160)
}
