//! `unexpected-method`: TRACE is answered, or methods are announced that the contract does not know.

use std::collections::BTreeMap;

use plimsoll_http::{Exchange, OpId, Probe};
use plimsoll_model::{Method, PartKind, Severity};
use plimsoll_spec::Origin;

use crate::check::{Check, Meta, check};
use crate::checks::authentication::access::as_anonymous;
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

/// How many operations are tried. Views differ, so one is not enough; all would be more than the weakness is worth.
const TRIED: usize = 12;

/// TRACE of the cheapest operations, always without credentials: an echo would put them into the answer.
fn traces<'a>(app: &App<'a>) -> Vec<(Op<'a>, Probe)> {
    let mut ops: Vec<(u64, Op<'_>)> = app
        .ops()
        .filter(Op::is_get)
        .filter_map(|op| Some((op.baseline()?.response()?.body.decoded_len / 1024, op)))
        .collect();
    ops.sort_by_key(|(size, op)| (*size, op.id));
    ops.into_iter()
        .take(TRIED)
        .map(|(_, op)| {
            let probe = op.probe().method(Method::Trace).header(HEADER.0, HEADER.1);
            (op, as_anonymous(&op, probe))
        })
        .collect()
}

impl Check for UnexpectedMethod {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn probes_app(&self, app: &App<'_>) -> Vec<Probe> {
        traces(app).into_iter().map(|(_, probe)| probe).collect()
    }

    fn judge_app(&self, app: &App<'_>) -> Vec<Draft> {
        traced(app).into_iter().chain(announced(app)).collect()
    }
}

fn traced(app: &App<'_>) -> Option<Draft> {
    let answered: Vec<(Op<'_>, &Exchange)> =
        traces(app).into_iter().filter_map(|(op, probe)| Some((op, op.success(&probe)?))).collect();
    let echo = answered.iter().find(|(_, exchange)| exchange.text().contains(HEADER.1));
    let draft = if let Some((_, exchange)) = echo {
        app.finding(
            "TRACE is answered with the request as it came in: a header that was sent came back, and so would cookies and credentials.",
        )
        .exchange(exchange, "TRACE")
    } else {
        let (first, exchange) = answered.first()?;
        let count = answered.len();
        first
            .finding(format!(
                "TRACE is answered like GET at {count} operation{}: what is behind does not look at the method, so it runs for DELETE too.",
                if count == 1 { "" } else { "s" },
            ))
            .also(answered.iter().skip(1).map(|(op, _)| op.key().clone()))
            .outline(exchange, "TRACE")
    };
    Some(draft.severity(Severity::Low).cause("trace"))
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
    let declared =
        |method: &str| app.at(&op.key().path).any(|other| other.key().method.as_str().eq_ignore_ascii_case(method));
    let allow = exchange.response().and_then(|response| response.header("allow")).unwrap_or("");
    allow
        .split(',')
        .map(str::trim)
        .filter(|method| {
            matches!(*method, "PUT" | "POST" | "PATCH" | "DELETE" | "TRACE" | "CONNECT") && !declared(method)
        })
        .collect()
}
