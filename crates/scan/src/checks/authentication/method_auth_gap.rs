//! `method-auth-gap`: GET asks for credentials, HEAD or OPTIONS on the same resource does not.

use plimsoll_http::{Exchange, OpId, Probe, Who};
use plimsoll_model::Method;

use super::access::{anonymous, anonymous_probe, as_anonymous, refuses};
use crate::check::{Check, Meta, check};
use crate::discover::soft404::NOWHERE;
use crate::draft::Draft;
use crate::fields;
use crate::view::{App, Op};

check! {
    /// A method that opens what GET closes.
    pub struct MethodAuthGap {
        id: "method-auth-gap", weakness: MethodAuthGap, mode: Active, since: "0.1.0", page: "http/method-auth-gap.md",
    }
}

fn head(op: &Op<'_>) -> Probe {
    as_anonymous(op, op.probe().method(Method::Head))
}

fn options(op: &Op<'_>) -> Probe {
    as_anonymous(op, op.probe().method(Method::Options))
}

/// HEAD where nothing is. What answers it here with a 2xx answers it everywhere, and tells nothing.
fn control(app: &App<'_>) -> Probe {
    let probe = Probe::of(OpId::NONE).path(&format!("{}{NOWHERE}", app.api.prefix)).method(Method::Head);
    if app.seen.has_credentials { probe.who(Who::Anonymous) } else { probe }
}

impl Check for MethodAuthGap {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn probes(&self, op: &Op<'_>) -> Vec<Probe> {
        if !op.is_get() {
            return Vec::new();
        }
        let mut probes = vec![anonymous_probe(op)];
        if refuses(op) {
            probes.extend([head(op), options(op)]);
        }
        probes
    }

    fn probes_app(&self, app: &App<'_>) -> Vec<Probe> {
        let opened = app.ops().any(|op| op.is_get() && refuses(&op) && op.success(&head(&op)).is_some());
        if opened { vec![control(app)] } else { Vec::new() }
    }

    fn judge(&self, op: &Op<'_>) -> Vec<Draft> {
        if !op.is_get() || !refuses(op) {
            return Vec::new();
        }
        let app = op.app();
        let everywhere = op.seen.reply(&control(&app)).is_none_or(Exchange::is_success);
        let by_head = op.success(&head(op)).filter(|_| !everywhere);
        let by_options = op.success(&options(op)).filter(|answer| is_data_of(op, answer));
        let said = match (by_head.map(|answer| metadata(op, answer)), by_options) {
            (_, Some(_)) => "OPTIONS without credentials answers with its data".to_owned(),
            (Some(names), None) if names.is_empty() => "HEAD answers as if they had been given".to_owned(),
            (Some(names), None) => format!("HEAD answers, with {}", names.join(", ")),
            (None, None) => return Vec::new(),
        };
        let refusal = anonymous(op);
        let status = refusal.and_then(Exchange::status).unwrap_or(401);
        let declared = app.at(&op.key().path).filter(|other| {
            other.key().method == Method::Head && by_head.is_some()
                || other.key().method == Method::Options && by_options.is_some()
        });
        let mut draft = op
            .finding(format!("GET without credentials is refused with {status}; {said}."))
            .also(declared.map(|other| other.key().clone()));
        if let Some(refusal) = refusal {
            draft = draft.exchange(refusal, "GET without credentials");
        }
        if let Some(exchange) = by_options {
            draft = draft.outline(exchange, "OPTIONS without credentials");
        }
        if let Some(exchange) = by_head {
            draft = draft.exchange_excerpt(exchange, "HEAD without credentials", "");
        }
        vec![draft]
    }
}

/// Whether an answer to OPTIONS is the data that GET gives, and no description of the options.
fn is_data_of(op: &Op<'_>, answer: &Exchange) -> bool {
    if !fields::has_data(answer) {
        return false;
    }
    match op.baseline() {
        Some(given) => fields::names(given) == fields::names(answer),
        None => fields::privacy(answer) == fields::Privacy::Personal,
    }
}

/// The headers of an answer to HEAD that tell of the resource: those that the refusal of GET does not have, and the size.
/// Their values are not shown: they may be as private as the body.
fn metadata(op: &Op<'_>, head: &Exchange) -> Vec<String> {
    let refusal = anonymous(op).and_then(Exchange::response);
    let tells = |name: &str| {
        matches!(name, "content-length" | "etag" | "last-modified")
            || refusal.is_some_and(|refusal| refusal.header(name).is_none())
                && !matches!(
                    name,
                    "vary" | "allow" | "cache-control" | "content-type" | "transfer-encoding" | "connection"
                )
                && !name.starts_with("access-control-")
                && !name.starts_with("x-ratelimit")
                && !name.starts_with("ratelimit")
                && name != "set-cookie"
    };
    let headers = head.response().into_iter().flat_map(|response| &response.headers);
    headers.filter(|(name, value)| tells(name) && value != "0").map(|(name, _)| format!("`{name}`")).collect()
}
