//! `gl-dast-report.json`: what was seen on the running application, and what the contract that it serves allows.

use plimsoll_model::{Evidence, ExchangeEvidence, Report, redact};
use serde_json::{Value, json};

use super::{document, is_static, vulnerability};
use crate::entry::{self, Entry};
use crate::place::Root;

/// Characters of a body that is shown.
const BODY: usize = 10_000;

/// The findings without a file of their own.
pub fn render(report: &Report, root: &Root) -> String {
    let origin = origin(&report.target.url);
    let entries = entry::entries(report, root);
    let shown = entries.iter().filter(|entry| entry.is_open() && !is_static(entry));
    let vulnerabilities = shown.map(|entry| located(report, entry, &origin)).collect();
    let reached = report.operations.iter().filter(|facts| facts.requests > 0);
    let resources = reached
        .map(|facts| {
            let url = format!("{origin}{}", redact::one_line(&facts.operation.path, 2_000));
            json!({"method": facts.operation.method.as_str(), "url": url, "type": "url"})
        })
        .collect();
    document(report, "dast", Some(resources), vulnerabilities)
}

fn located(report: &Report, entry: &Entry<'_>, origin: &str) -> Value {
    let finding = entry.finding;
    let mut location = json!({"hostname": origin});
    if let Some(operation) = &finding.operation {
        location["method"] = operation.method.as_str().into();
        location["path"] = redact::one_line(&operation.path, 2_000).into();
    } else {
        location["path"] = "/".into();
    }
    if let Some(part) = &finding.part {
        location["param"] = redact::one_line(&part.name, 300).into();
    }
    let mut out = vulnerability(entry);
    out["location"] = location;
    let exchange = finding.evidence.iter().find_map(|evidence| match evidence {
        Evidence::Exchange(exchange) => Some(exchange),
        _ => None,
    });
    if let Some(exchange) = exchange {
        out["evidence"] = evidence(report, exchange, origin);
    }
    out
}

/// The first exchange. What it does not have is left out: the schema knows no null.
fn evidence(report: &Report, exchange: &ExchangeEvidence, origin: &str) -> Value {
    let (method, path) = exchange.request.split_once(' ').unwrap_or(("GET", "/"));
    let method = redact::one_line(method, 20);
    let mut out = json!({
        "source": {"id": format!("exchange:{}", exchange.id), "name": format!("Exchange {}", exchange.id), "url": report.target.url},
        "summary": redact::one_line(&exchange.role, 600),
        "request": {
            "headers": [],
            "method": if method.is_empty() { "GET".to_owned() } else { method },
            "url": format!("{origin}{}", redact::one_line(path, 4_000)),
        },
    });
    if let Some(status) = exchange.status {
        out["response"] = json!({
            "headers": exchange.headers.iter().filter_map(|header| header_of(header)).collect::<Vec<_>>(),
            "reason_phrase": "",
            "status_code": status,
            "body": crate::page::cut(&exchange.excerpt, BODY),
        });
    }
    out
}

/// A header with a value: older minor versions of the schema refuse an empty one.
fn header_of(header: &str) -> Option<Value> {
    let (name, value) = header.split_once(':')?;
    let (name, value) = (redact::one_line(name, 200), redact::one_line(value, 2_000));
    (!name.is_empty() && !value.is_empty()).then(|| json!({"name": name, "value": value}))
}

/// Protocol, domain and port of the target.
fn origin(url: &str) -> String {
    match url.split_once("://") {
        Some((scheme, rest)) => {
            let authority = rest.split(['/', '?', '#']).next().unwrap_or("");
            format!("{scheme}://{}", authority.rsplit_once('@').map_or(authority, |(_, host)| host))
        }
        None => "http://localhost".to_owned(),
    }
}
