//! `open-redirect`: a caller decides where a redirect leads.

use plimsoll_http::{Exchange, Probe};
use plimsoll_model::PartKind;
use plimsoll_spec::Location;
use url::Url;

use crate::check::{Check, Meta, check};
use crate::draft::Draft;
use crate::fields::normal;
use crate::view::Op;

check! {
    /// A redirect to a host that the caller names.
    pub struct OpenRedirect {
        id: "open-redirect", weakness: OpenRedirect, mode: Active, since: "0.1.0", page: "http/open-redirect.md",
    }
}

/// A host of nobody (RFC 2606).
const HOST: &str = "plimsoll.example";
/// Ways to name it. The later ones get past code that looks for a scheme, and browsers follow them all the same: a backslash counts as a
/// slash (URL Standard §4.4).
const FORMS: [&str; 3] = ["https://plimsoll.example/", "//plimsoll.example/", "/\\plimsoll.example/"];

/// Names of parameters that hold the target of a redirect, in lower case without separators.
const NAMES: &[&str] = &[
    "url",
    "uri",
    "next",
    "nexturl",
    "redirect",
    "redirecturl",
    "redirecturi",
    "redirectto",
    "return",
    "returnto",
    "returnurl",
    "returnuri",
    "returnpath",
    "dest",
    "destination",
    "continue",
    "continueto",
    "goto",
    "targeturl",
    "forward",
    "forwardto",
    "callbackurl",
    "successurl",
    "cancelurl",
    "backurl",
    "checkouturl",
    "rurl",
];

impl Check for OpenRedirect {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn probes(&self, op: &Op<'_>) -> Vec<Probe> {
        targets(op).iter().flat_map(|name| asked(op, name)).collect()
    }

    fn judge(&self, op: &Op<'_>) -> Vec<Draft> {
        targets(op)
            .into_iter()
            .filter_map(|name| {
                let exchange = asked(op, &name).iter().find_map(|probe| op.reply(probe).filter(|exchange| leads_away(exchange)))?;
                let given = exchange.request.query_value(&name).unwrap_or_default().to_owned();
                let draft = op
                    .finding(format!(
                        "`{name}={given}` is answered with {} to `{HOST}`: the caller decides where the redirect leads.",
                        exchange.status().unwrap_or(302),
                    ))
                    .part(PartKind::Query, &name)
                    .exchange_excerpt(exchange, "redirects to a host of the caller's choice", "")
                    .headers(exchange, &["location"]);
                Some(draft)
            })
            .collect()
    }
}

/// The probes for a parameter. The next form is tried only where the one before neither led away nor was ignored.
fn asked(op: &Op<'_>, name: &str) -> Vec<Probe> {
    let mut probes = Vec::new();
    for form in FORMS {
        let probe = op.probe().query(name, form);
        let answer = op.reply(&probe);
        probes.push(probe);
        let refused = answer.is_some_and(|exchange| {
            !leads_away(exchange) && exchange.status().is_some_and(|s| (300..500).contains(&s))
        });
        if !refused {
            break;
        }
    }
    probes
}

/// The query parameters that may hold the target of a redirect.
fn targets(op: &Op<'_>) -> Vec<String> {
    if !op.is_get() || op.list().is_some() {
        return Vec::new();
    }
    let redirects = op.reply(&op.probe()).and_then(Exchange::status).is_some_and(|status| (300..400).contains(&status));
    let is_wanted = |name: &str, shown: Option<&str>| {
        shown.is_some_and(|value| value.starts_with("http")) || is_target(name) || redirects && is_perhaps_target(name)
    };
    let declared = op.spec.parameters_in(Location::Query).filter(|parameter| {
        let mut shown = parameter.examples.iter().chain(&parameter.schema.examples).chain(&parameter.schema.default);
        let is_url = matches!(parameter.schema.format.as_deref(), Some("uri" | "url"));
        is_url || is_wanted(&parameter.name, shown.find_map(serde_json::Value::as_str))
    });
    let given = op.base().into_iter().flat_map(|base| &base.query).filter(|(name, value)| is_wanted(name, Some(value)));
    let mut names: Vec<String> = Vec::new();
    for name in declared.map(|parameter| &parameter.name).chain(given.map(|(name, _)| name)) {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    names.truncate(2);
    names
}

/// Names that are ends of ranges, or views, far more often than addresses: they count only where there is a redirect.
fn is_perhaps_target(name: &str) -> bool {
    matches!(
        name,
        "to" | "out" | "view" | "ref" | "referrer" | "target" | "location" | "go" | "back" | "u" | "link" | "callback"
    )
}

fn is_target(name: &str) -> bool {
    NAMES.contains(&normal(name).as_str())
}

/// Whether an answer is a redirect (RFC 9110 §15.4) that a browser follows to the host.
fn leads_away(exchange: &Exchange) -> bool {
    let Some(response) = exchange.response().filter(|response| (300..400).contains(&response.status)) else {
        return false;
    };
    let base = Url::parse(&format!("{}{}", exchange.origin, exchange.request.path)).ok();
    let target = response.header("location").and_then(|location| base?.join(location.trim()).ok());
    target.is_some_and(|url| url.host_str().is_some_and(|host| host.eq_ignore_ascii_case(HOST)))
}
