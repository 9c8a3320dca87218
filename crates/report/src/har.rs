//! The exchanges that are evidence, as HTTP Archive 1.2 (`plimsoll replay` repeats the whole run; this is for other tools).
//!
//! It holds what the report shows, which is not all that was sent and received: credentials are names of variables, bodies are the part that
//! matters, and only headers that matter are there. What is not known is -1, as the format says it.

use std::collections::HashSet;

use plimsoll_model::{Evidence, ExchangeEvidence, Finding, Report, redact};
use serde_json::{Value, json};

use crate::time;

/// The report's exchanges as HAR, each once, in the order of the findings.
pub fn render(report: &Report) -> String {
    let mut met: HashSet<(&str, &str)> = HashSet::new();
    let mut entries = Vec::new();
    for finding in &report.findings {
        for evidence in &finding.evidence {
            if let Evidence::Exchange(exchange) = evidence
                && met.insert((exchange.id.as_str(), exchange.request.as_str()))
            {
                entries.push(entry(report, finding, exchange));
            }
        }
    }
    let log = json!({"log": {
        "version": "1.2",
        "creator": {"name": "Plimsoll", "version": report.tool.version},
        "entries": entries,
    }});
    crate::page::json(log)
}

fn entry(report: &Report, finding: &Finding, exchange: &ExchangeEvidence) -> Value {
    let (method, path) = exchange.request.split_once(' ').unwrap_or(("GET", exchange.request.as_str()));
    let headers: Vec<Value> = exchange.headers.iter().filter_map(|header| header_of(header)).collect();
    let value_of = |name: &str| {
        let header = exchange.headers.iter().filter_map(|header| header.split_once(':'));
        header.into_iter().find(|(key, _)| key.trim().eq_ignore_ascii_case(name)).map(|(_, value)| one(value))
    };
    let url = url(&report.target.url, path);
    let query: Vec<Value> = url
        .split_once('?')
        .map(|(_, query)| query.split('&').filter(|pair| !pair.is_empty()).map(pair).collect())
        .unwrap_or_default();
    let ms = if exchange.ms.is_finite() { exchange.ms.max(0.0) } else { 0.0 };
    json!({
        "startedDateTime": time::started(report),
        "time": ms,
        "request": {
            "method": one(method),
            "url": url,
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": [],
            "queryString": query,
            "headersSize": -1,
            "bodySize": -1,
        },
        "response": {
            "status": exchange.status.unwrap_or(0),
            "statusText": "",
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": headers,
            "content": {
                "size": exchange.bytes,
                "mimeType": value_of("content-type").unwrap_or_else(|| media_type(&exchange.excerpt).to_owned()),
                "text": exchange.excerpt,
                "comment": "the part that matters",
            },
            "redirectURL": value_of("location").unwrap_or_default(),
            "headersSize": -1,
            "bodySize": -1,
        },
        "cache": {},
        "timings": {"send": 0, "wait": ms, "receive": 0},
        "comment": format!("{} ({}): {}", finding.check, one(&exchange.role), one(&finding.message)),
        "_exchange": exchange.id,
        "_fingerprint": finding.fingerprint,
        "_curl": exchange.curl,
    })
}

/// What an excerpt looks like, where no header says it.
fn media_type(excerpt: &str) -> &'static str {
    if excerpt.starts_with(['{', '[']) { "application/json" } else { "text/plain" }
}

fn header_of(header: &str) -> Option<Value> {
    let (name, value) = header.split_once(':')?;
    Some(json!({"name": one(name), "value": one(value)}))
}

fn pair(pair: &str) -> Value {
    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
    json!({"name": name, "value": value})
}

/// The absolute URL of a request target; characters that a URL cannot have are percent-encoded (RFC 3986 §2).
fn url(base: &str, path: &str) -> String {
    let origin = match base.split_once("://") {
        Some((scheme, rest)) => {
            let authority = rest.split(['/', '?', '#']).next().unwrap_or("");
            let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
            format!("{scheme}://{host}")
        }
        None => "http://localhost".to_owned(),
    };
    let absolute = path.contains("://") && !path.starts_with('/');
    let whole = if absolute { path.to_owned() } else { format!("{origin}/{}", path.trim_start_matches('/')) };
    let mut out = String::with_capacity(whole.len());
    let mut bytes = whole.bytes().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' => out.push(char::from(byte)),
            b'-' | b'.' | b'_' | b'~' | b':' | b'/' | b'?' | b'@' | b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*'
            | b'+' | b',' | b';' | b'=' => out.push(char::from(byte)),
            b'%' if bytes.peek().is_some_and(u8::is_ascii_hexdigit) => out.push('%'),
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

fn one(text: &str) -> String {
    redact::one_line(text, 2_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_absolute_and_encoded() {
        assert_eq!(
            url("http://u:p@127.0.0.1:8000/api", "/orders?q=a b&x=%00{"),
            "http://127.0.0.1:8000/orders?q=a%20b&x=%00%7B"
        );
        assert_eq!(url("src", "/a…%zz"), "http://localhost/a%E2%80%A6%25zz");
    }
}
