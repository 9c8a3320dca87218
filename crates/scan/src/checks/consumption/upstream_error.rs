//! `upstream-error`: what went wrong at another service is handed on.

use std::sync::LazyLock;

use plimsoll_http::{Exchange, Response};
use plimsoll_model::{PartKind, Severity, redact};
use regex::Regex;

use super::parties::is_internal;
use super::server_page::whole_page;
use crate::check::{Check, Meta, check};
use crate::checks::dynamodb::errors;
use crate::checks::exposure::bodies::{distinct, walk};
use crate::checks::exposure::stack_trace;
use crate::draft::Draft;
use crate::view::Op;

check! {
    /// The error of another service in an answer.
    pub struct UpstreamError {
        id: "upstream-error", weakness: UpstreamErrorExposed, mode: Passive, since: "0.1.0", page: "http/upstream-error.md",
    }
}

/// What HTTP clients say of a request that failed. The host is captured where it is named.
const CLIENTS: &[(&str, &str)] = &[
    ("the error of an HTTP client", r"HTTPS?ConnectionPool\(host=['\x22]?([^'\x22,)]{1,120})"),
    ("the error of an HTTP client", r"Cannot connect to host ([A-Za-z0-9._-]{1,120}):\d+"),
    (
        "the status of another service",
        r"(?:Server|Client) error '\d{3} [A-Za-z -]{2,40}' for url '(?:https?://)([^/'\x22:]{1,120})",
    ),
    (
        "the status of another service",
        r"\b\d{3} (?:Client|Server) Error: [^:\n]{1,60} for url: (?:https?://)([^/\s\x22:]{1,120})",
    ),
    (
        "the error of an HTTP client",
        r"(?:connect ECONNREFUSED|connect ETIMEDOUT|getaddrinfo ENOTFOUND|getaddrinfo EAI_AGAIN) ([A-Za-z0-9._:-]{1,120})",
    ),
    (
        "the error of an HTTP client",
        r"dial tcp (?:lookup )?([A-Za-z0-9._-]{1,120})(?::\d+)?[^\n]{0,60}(?:connection refused|no such host|i/o timeout)",
    ),
    (
        "the error of an HTTP client",
        r"I/O error on (?:GET|POST|PUT|PATCH|DELETE) request for \\?\x22https?://([^/\x22:\\]{1,120})",
    ),
    ("the error of an HTTP client", r"<urlopen error \[?[^\]>]{1,60}"),
    ("the error of an HTTP client", r"java\.net\.(?:ConnectException|UnknownHostException): ?([A-Za-z0-9._-]{0,120})"),
    (
        "the error of an HTTP client",
        r"org\.springframework\.web\.client\.(?:HttpServerErrorException|ResourceAccessException)",
    ),
    ("the error of a gateway behind", r"upstream connect error or disconnect/reset before headers"),
    ("the error of a gateway behind", r"no healthy upstream"),
    (
        "the error of an HTTP client",
        r"(?:httpx|requests\.exceptions|aiohttp\.client_exceptions|urllib3\.exceptions|httpcore)\.?\w*\.(?:ConnectError|ConnectTimeout|ReadTimeout|ConnectionError|Timeout|ClientConnectorError|MaxRetryError|HTTPStatusError)",
    ),
];

static REGEXES: LazyLock<Vec<(&str, Regex)>> =
    LazyLock::new(|| CLIENTS.iter().filter_map(|(what, form)| Some((*what, Regex::new(form).ok()?))).collect());

/// What a page has that another server wrote about its failure.
const PAGES: &[&str] = &[
    "<title>502 bad gateway",
    "<title>503 service",
    "<title>504 gateway",
    "<title>500 internal server error",
    "<title>404 not found",
    "<title>403 forbidden",
    "<title>401 ",
    "<title>error",
    "<hr><center>nginx",
    "<address>apache",
    "<h1>internal server error",
    "<h1>bad gateway",
    "<h1>not found",
    "<title>http status ",
];

/// What was handed on.
pub struct Passed {
    /// What it is, in words that go on after "hands on".
    pub what: &'static str,
    /// The field that holds it; empty for the whole answer.
    pub field: String,
    /// The host that it names.
    pub host: Option<String>,
    /// What of it is shown.
    pub shown: String,
}

/// What a text says of a failure at another service. `asked` is what the caller sent: the failure of an address that the caller gave is another
/// matter.
fn in_text(field: &str, text: &str, asked: &[String]) -> Option<Passed> {
    let found = REGEXES.iter().find_map(|(what, regex)| {
        let captured = regex.captures(text)?;
        let host = captured
            .get(1)
            .map(|host| host.as_str().trim_end_matches(['.', ':']).to_owned())
            .filter(|host| !host.is_empty());
        let is_own = host.as_ref().is_some_and(|host| asked.iter().any(|text| text.contains(host.as_str())));
        let shown = captured.get(0)?.as_str().to_owned();
        (!is_own).then_some(Passed { what, field: field.to_owned(), host, shown })
    });
    let page = || {
        let start = text.trim_start().get(..200.min(text.trim_start().len())).unwrap_or("").to_ascii_lowercase();
        let is_page = start.starts_with("<!doctype") || start.starts_with("<html") || start.starts_with("<head");
        let lower = is_page.then(|| text.to_ascii_lowercase())?;
        let mark = PAGES.iter().find(|mark| lower.contains(**mark))?;
        let shown = format!("…{mark}…");
        Some(Passed { what: "the error page of another server", field: field.to_owned(), host: None, shown })
    };
    found.or_else(page)
}

/// What an answer hands on. Pages are looked for inside of JSON only: a page alone is mostly the service's own, or its gateway's.
fn in_answer(exchange: &Exchange, response: &Response) -> Option<Passed> {
    let request = &exchange.request;
    let mut asked: Vec<String> = request.query.iter().map(|(_, value)| value.clone()).collect();
    asked.extend(request.body.iter().map(|body| body.content.clone()));
    let segments = request.path.split('/').map(|part| percent_encoding::percent_decode_str(part).decode_utf8_lossy());
    // `/stock` is the name of an operation and of a host; `/check/shop.example` names a host.
    asked.extend(segments.filter(|segment| segment.contains('.')).map(std::borrow::Cow::into_owned));
    // An address that a probe brought in fails by itself.
    if asked.iter().any(|text| text.contains("://")) {
        return None;
    }
    if let Some(value) = exchange.json() {
        let mut found = None;
        walk(value, &mut |path, text| {
            if found.is_none() && text.len() >= 12 {
                found = in_text(path, text, &asked);
            }
        });
        return found;
    }
    let is_text = response.status >= 400 && response.media_type() == "text/plain";
    is_text.then(|| in_text("", &response.body.text(), &asked)).flatten()
}

impl Check for UpstreamError {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn judge(&self, op: &Op<'_>) -> Vec<Draft> {
        let found = distinct(op).into_iter().find_map(|(exchange, response)| {
            // A trace is a finding of its own, and what the store says as well.
            let is_other =
                stack_trace::in_answer(response).is_some() || !errors::betrayals(&response.body.text()).is_empty();
            let passed =
                whole_page(op, exchange, response).or_else(|| in_answer(exchange, response).filter(|_| !is_other))?;
            Some((exchange, passed))
        });
        let Some((exchange, passed)) = found else { return Vec::new() };
        let internal = passed.host.as_deref().is_some_and(is_internal);
        let host = match (&passed.host, internal) {
            (Some(host), true) => format!(", with the name of an internal host (`{}`)", redact::one_line(host, 60)),
            (Some(host), false) => format!(", with its host (`{}`)", redact::one_line(host, 60)),
            (None, _) => String::new(),
        };
        let message = format!("The answer ({}) hands on {}{host}.", exchange.status().unwrap_or(0), passed.what);
        let shown = redact::one_line(&errors::masked(&passed.shown), 160);
        let draft = op
            .finding(message)
            .severity(if internal || passed.host.is_some() { Severity::Medium } else { Severity::Low })
            .cause(format!("upstream {}", passed.host.as_deref().unwrap_or(passed.what)))
            .part(PartKind::ResponseBody, if passed.field.is_empty() { "$".to_owned() } else { passed.field })
            .exchange_excerpt(exchange, "what another service said", shown);
        vec![draft]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_compiles() {
        assert_eq!(REGEXES.len(), CLIENTS.len());
    }

    #[test]
    fn hosts_that_errors_name() {
        let host = |text: &str| in_text("detail", text, &[]).map(|passed| passed.host.unwrap_or_default());
        for (text, expected) in [
            (
                "HTTPConnectionPool(host='inventory.internal', port=8080): Max retries exceeded with url: /v1",
                "inventory.internal",
            ),
            ("Server error '503 Service Unavailable' for url 'http://stock:9000/v1/7'", "stock"),
            ("404 Client Error: Not Found for url: http://10.0.0.5:9000/v1", "10.0.0.5"),
            ("connect ECONNREFUSED 10.0.0.5:9000", "10.0.0.5:9000"),
            ("Get \"http://stock\": dial tcp 10.0.0.5:9000: connect: connection refused", "10.0.0.5"),
            ("Cannot connect to host stock:9000 ssl:default [Connect call failed]", "stock"),
            ("<html><head><title>502 Bad Gateway</title></head>", ""),
        ] {
            assert_eq!(host(text).as_deref(), Some(expected), "{text}");
        }
        for text in
            ["The warehouse does not answer at the moment", "<p>Not found</p>", "no connection", "404 Not Found"]
        {
            assert_eq!(host(text), None, "{text}");
        }
        assert!(
            in_text("d", "Cannot connect to host a.example:80", &["a.example".to_owned()]).is_none(),
            "the caller named it"
        );
    }
}
