//! `upstream-headers`: headers of the service behind are copied into the answer.

use std::collections::BTreeMap;

use plimsoll_http::{Exchange, Response};
use plimsoll_model::{OperationKey, PartKind, Severity, redact};

use super::parties::is_internal;
use crate::check::{Check, Meta, check};
use crate::draft::Draft;
use crate::view::App;

check! {
    /// Headers of another service in an answer.
    pub struct UpstreamHeaders {
        id: "upstream-headers", weakness: UpstreamErrorExposed, mode: Passive, since: "0.1.0", page: "http/upstream-headers.md",
    }
}

/// Fields that name who answered behind; they count where what they name is internal.
const NAMING: &[&str] = &[
    "via",
    "x-backend",
    "x-backend-host",
    "x-backend-server",
    "x-forwarded-host",
    "x-forwarded-server",
    "x-host",
    "x-node",
    "x-origin-server",
    "x-real-server",
    "x-served-by",
    "x-server",
    "x-server-name",
];
/// Fields that are about nobody but who is behind.
const BEHIND: &[&str] = &[
    "x-backend-host",
    "x-backend-server",
    "x-origin-server",
    "x-real-server",
    "x-upstream",
    "x-upstream-addr",
    "x-upstream-host",
    "x-upstream-server",
];
/// Fields that DynamoDB writes and nobody else.
const STORE: &[&str] = &["x-amz-crc32"];
/// Fields that an answer has once (RFC 9110 §6.6.1, §10.2.4); two of them are its own and another's.
const SINGLE: &[&str] = &["server", "date"];

/// The field that was copied, and why it must have been.
fn copied(response: &Response) -> Option<(String, String)> {
    let own = |name: &str, value: &str| (name.to_owned(), format!("`{name}: {}`", redact::one_line(value, 60)));
    let naming = response.headers.iter().find(|(name, value)| {
        !value.trim().is_empty() && BEHIND.contains(&name.as_str())
            || NAMING.contains(&name.as_str()) && value.split([',', ' ', ';', '(', ')']).any(names_the_inside)
    });
    if let Some((name, value)) = naming {
        return Some(own(name, value));
    }
    if let Some((name, value)) = response.headers.iter().find(|(name, _)| STORE.contains(&name.as_str())) {
        return Some(own(name, value));
    }
    SINGLE.iter().find_map(|name| {
        let values: Vec<&str> = response.header_all(name).collect();
        let differ = values.len() > 1 && (*name == "date" || values.iter().any(|value| *value != values[0]));
        let shown: Vec<String> = values.iter().map(|value| redact::one_line(value, 40)).collect();
        differ.then(|| ((*name).to_owned(), format!("`{name}` twice (`{}`)", shown.join("`, `"))))
    })
}

/// Whether a word is an internal host: a dotted name or address, with or without a port. Pseudonyms (`varnish`) are meant to be seen
/// (RFC 9110 §7.6.3).
fn names_the_inside(word: &str) -> bool {
    let host = word.trim_start_matches("http://").trim_start_matches("https://");
    let host = host
        .rsplit_once(':')
        .filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()))
        .map_or(host, |(host, _)| host);
    host.contains('.') && host.chars().any(|c| c.is_ascii_alphabetic() || c.is_ascii_digit()) && is_internal(host)
}

impl Check for UpstreamHeaders {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn judge_app(&self, app: &App<'_>) -> Vec<Draft> {
        let mut found: BTreeMap<String, (String, &Exchange, Vec<OperationKey>)> = BTreeMap::new();
        for (op, exchange) in app.exchanges() {
            let Some((name, shown)) = exchange.response().and_then(copied) else { continue };
            let entry = found.entry(name).or_insert_with(|| (shown, exchange, Vec::new()));
            entry.2.extend(op.map(|op| op.key().clone()));
        }
        let drafts = found.into_iter().map(|(name, (shown, exchange, keys))| {
            app.finding(format!("Headers of a service behind are copied into the answer: {shown}."))
                .severity(Severity::Low)
                .part(PartKind::ResponseHeader, name.clone())
                .cause(format!("copied {name}"))
                .also(keys)
                .exchange_excerpt(exchange, "with a header of another service", "")
                .headers(exchange, &[name.as_str()])
        });
        drafts.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::names_the_inside;

    #[test]
    fn words_that_name_the_inside() {
        for word in [
            "stock.internal",
            "10.2.0.7:9000",
            "http://stock.svc.cluster.local",
            "ip-10-0-0-1.eu-west-1.compute.internal",
        ] {
            assert!(names_the_inside(word), "{word}");
        }
        for word in ["varnish", "1.1", "google", "cache-fra-1", "HTTP/1.1", "d111.cloudfront.net", "2.0"] {
            assert!(!names_the_inside(word), "{word}");
        }
    }
}
