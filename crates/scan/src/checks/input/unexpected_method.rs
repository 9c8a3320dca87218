//! `unexpected-method`: TRACE is answered, or methods are announced that the contract does not know.

use std::collections::BTreeMap;

use plimsoll_http::{Exchange, OpId, Probe, Who};
use plimsoll_model::{Method, PartKind, Severity};
use plimsoll_spec::Origin;

use crate::check::{Check, Meta, check};
use crate::draft::Draft;
use crate::view::{App, Op};

check! {
    /// A method that should be refused.
    pub struct UnexpectedMethod {
        id: "unexpected-method", weakness: UnexpectedMethod, mode: Active, since: "0.1.0", page: "http/unexpected-method.md",
    }
}

/// A header that only an echo can bring back.
const HEADER: (&str, &str) = ("x-plimsoll-echo", "3f9c1a");

/// TRACE, always without credentials: an echo would put them into the answer.
fn trace(app: &App<'_>) -> Probe {
    let op = app.cheapest().map_or(OpId::NONE, |op| op.id);
    let probe = Probe::of(op).method(Method::Trace).header(HEADER.0, HEADER.1);
    if app.seen.has_credentials { probe.who(Who::Anonymous) } else { probe }
}

impl Check for UnexpectedMethod {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn probes_app(&self, app: &App<'_>) -> Vec<Probe> {
        vec![trace(app)]
    }

    fn judge_app(&self, app: &App<'_>) -> Vec<Draft> {
        traced(app).into_iter().chain(announced(app)).collect()
    }
}

fn traced(app: &App<'_>) -> Option<Draft> {
    let exchange = app.seen.reply(&trace(app)).filter(|exchange| exchange.is_success())?;
    let echoes = exchange.text().contains(HEADER.1);
    let draft = app.finding(if echoes {
        "TRACE is answered with the request as it came in: a header that was sent came back, and so would cookies and credentials."
    } else {
        "TRACE is answered like any other method."
    });
    let severity = if echoes { Severity::Low } else { Severity::Info };
    Some(draft.severity(severity).cause("trace").exchange(exchange, "TRACE"))
}

/// Methods that change something, stand in an `Allow` header (RFC 9110 §10.2.1), and in no contract. Nobody tried them: a fact, no more.
fn announced(app: &App<'_>) -> Option<Draft> {
    app.api.document.as_ref()?;
    let mut found: BTreeMap<OpId, (Op<'_>, &Exchange, Vec<&str>)> = BTreeMap::new();
    for (op, exchange) in app.exchanges() {
        let Some(op) = op.filter(|op| {
            op.spec.origin == Origin::Contract && op.base().is_some_and(|base| base.path == exchange.request.path)
        }) else {
            continue;
        };
        let undeclared = undeclared(app, &op, exchange);
        if !undeclared.is_empty() {
            found.entry(op.id).or_insert((op, exchange, undeclared));
        }
    }
    let (op, exchange, methods) = found.values().next()?;
    let rest = found.values().skip(1).map(|(op, _, _)| op.key().clone());
    let draft = op
        .finding(format!(
            "The `Allow` header announces {}, which the contract does not declare for this path.",
            methods.join(", ")
        ))
        .severity(Severity::Info)
        .part(PartKind::ResponseHeader, "allow")
        .cause("allow")
        .also(rest)
        .exchange_excerpt(exchange, "announces methods", "")
        .headers(exchange, &["allow"]);
    Some(draft)
}

fn undeclared<'a>(app: &App<'_>, op: &Op<'_>, exchange: &'a Exchange) -> Vec<&'a str> {
    let declared = |method: &str| {
        app.ops()
            .any(|other| other.key().path == op.key().path && other.key().method.as_str().eq_ignore_ascii_case(method))
    };
    let allow = exchange.response().and_then(|response| response.header("allow")).unwrap_or("");
    allow
        .split(',')
        .map(str::trim)
        .filter(|method| {
            matches!(*method, "PUT" | "POST" | "PATCH" | "DELETE" | "TRACE" | "CONNECT") && !declared(method)
        })
        .collect()
}
