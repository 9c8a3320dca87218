//! Recognises what runs beside an API by what it answers: documentation, contracts, metrics, diagnostics. By content, never by path alone: a
//! server that answers every path with its start page serves none of these.

use std::collections::HashSet;

use plimsoll_http::{Exchange, OpId, Probe, Who};
use plimsoll_model::{Method, OperationKey};

use crate::view::App;

/// What documents an API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Documentation {
    /// A page on which people read and try the API.
    Interactive,
    /// The OpenAPI document.
    Contract,
}

/// Marks of the customary documentation pages.
const PAGES: &[&str] = &[
    "swagger-ui",
    "swaggeruibundle",
    "<redoc",
    "redoc.standalone",
    "redoc.init",
    "@scalar/api-reference",
    "<elements-api",
    "<rapi-doc",
    "rapidoc-min",
];

/// What of the API's documentation an answer is.
pub fn documentation(exchange: &Exchange) -> Option<Documentation> {
    let response = exchange.response().filter(|_| exchange.is_success())?;
    let text = response.body.text();
    if response.media_type() == "text/html" {
        let lower = text.to_ascii_lowercase();
        return PAGES.iter().any(|mark| lower.contains(mark)).then_some(Documentation::Interactive);
    }
    let head: String = text.chars().take(4_000).filter(|c| !matches!(c, ' ' | '"' | '\'' | '\r')).collect();
    let says = |word: &str, versions: &[&str]| {
        head.match_indices(word).any(|(at, _)| {
            let starts = at == 0 || head[..at].ends_with(['{', ',', '\n', '\u{feff}']);
            starts && versions.iter().any(|version| head[at + word.len()..].starts_with(version))
        })
    };
    (says("openapi:", &["3."]) || says("swagger:", &["2.0"])).then_some(Documentation::Contract)
}

/// What tells of the inside of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Diagnostics {
    /// Metrics in a Prometheus or OpenMetrics text format.
    Prometheus,
    /// The index of Spring Boot's Actuator, or its metrics.
    Actuator,
    /// Environment variables or configuration properties.
    Environment,
    /// Go's `expvar`.
    Expvar,
    /// Go's profiler.
    Profiler,
    /// Apache's server status.
    ServerStatus,
}

impl Diagnostics {
    /// What it is called in a message.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Prometheus => "metrics in the Prometheus format",
            Self::Actuator => "Spring Boot Actuator",
            Self::Environment => "environment variables or configuration properties",
            Self::Expvar => "Go's runtime variables",
            Self::Profiler => "Go's profiler",
            Self::ServerStatus => "Apache's server status",
        }
    }
}

/// Which diagnostics an answer is.
pub fn diagnostics(exchange: &Exchange) -> Option<Diagnostics> {
    let response = exchange.response().filter(|_| exchange.is_success())?;
    let text = response.body.text();
    if response.media_type() == "text/html" {
        return if text.contains("Apache Server Status for") {
            Some(Diagnostics::ServerStatus)
        } else if text.contains("full goroutine stack dump") {
            Some(Diagnostics::Profiler)
        } else {
            None
        };
    }
    // The words are looked for before the answer is parsed: almost no answer has one.
    let words = ["propertySources", "\"PATH\"", "memstats", "/actuator/", "jvm."];
    if response.is_json() && !words.iter().any(|word| text.contains(word)) {
        return None;
    }
    if let Some(map) = exchange.json().and_then(serde_json::Value::as_object) {
        let has = |name: &str| map.contains_key(name);
        let jvm = |name: &serde_json::Value| name.as_str().is_some_and(|name| name.starts_with("jvm."));
        let actuator = map.get("_links").is_some_and(|links| links.to_string().contains("/actuator/"));
        let names = map.get("names").and_then(serde_json::Value::as_array);
        return if has("propertySources") && has("activeProfiles") || has("PATH") && (has("HOME") || has("HOSTNAME")) {
            Some(Diagnostics::Environment)
        } else if has("cmdline") && has("memstats") {
            Some(Diagnostics::Expvar)
        } else if actuator || names.is_some_and(|names| names.iter().any(jvm)) {
            Some(Diagnostics::Actuator)
        } else {
            None
        };
    }
    is_exposition(&text).then_some(Diagnostics::Prometheus)
}

/// Whether a text has the `# TYPE name kind` lines of the Prometheus exposition format, 0.0.4, or of OpenMetrics.
fn is_exposition(text: &str) -> bool {
    const KINDS: &[&str] =
        &["counter", "gauge", "histogram", "summary", "untyped", "unknown", "info", "stateset", "gaugehistogram"];
    text.lines().any(|line| {
        let mut words = line.split_ascii_whitespace();
        (words.next(), words.next()) == (Some("#"), Some("TYPE"))
            && words.next().is_some()
            && words.next().is_some_and(|kind| KINDS.contains(&kind))
    })
}

/// A request for a path of the target, below its prefix, that belongs to no operation.
pub fn path_probe(app: &App<'_>, path: &str) -> Probe {
    let prefix = app.seen.base(OpId::NONE).map_or("", |base| base.path.trim_end_matches('/'));
    Probe::of(OpId::NONE).path(&format!("{prefix}{path}"))
}

/// The same questions without credentials, for the successful GETs that `is_wanted` recognises; none where no credentials were given.
pub fn anonymous_twins(app: &App<'_>, is_wanted: impl Fn(&Exchange) -> bool) -> Vec<Probe> {
    if !app.seen.has_credentials {
        return Vec::new();
    }
    let mut paths: HashSet<&str> = HashSet::new();
    let mut probes = Vec::new();
    for exchange in app.seen.all() {
        let path = exchange.request.path.as_str();
        let is_plain = exchange.probe.who == Who::Given && exchange.request.method == Method::Get;
        if is_plain && !paths.contains(path) && is_wanted(exchange) {
            paths.insert(path);
            probes.push(exchange.probe.clone().who(Who::Anonymous));
        }
    }
    probes
}

/// The successful GETs without credentials, one for each path, in the order in which they were seen.
pub fn open<'a>(app: &App<'a>) -> Vec<&'a Exchange> {
    let mut out: Vec<&Exchange> = Vec::new();
    let mut paths: HashSet<&str> = HashSet::new();
    for exchange in app.seen.all() {
        let is_anonymous = exchange.probe.who == Who::Anonymous || !app.seen.has_credentials;
        let is_get = exchange.request.method == Method::Get;
        if is_anonymous && is_get && exchange.is_success() && paths.insert(&exchange.request.path) {
            out.push(exchange);
        }
    }
    out
}

/// The operation that an exchange belongs to, or the one that its path stands for.
pub fn key_of(app: &App<'_>, exchange: &Exchange) -> OperationKey {
    if let Some(op) = app.op(exchange.probe.op) {
        return op.key().clone();
    }
    let path = &exchange.request.path;
    let below = path.strip_prefix(app.api.prefix.as_str()).filter(|below| below.starts_with('/'));
    OperationKey::new(exchange.request.method, below.unwrap_or(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exposition_formats() {
        assert!(is_exposition("# HELP up Whether.\n# TYPE up gauge\nup 1\n"));
        assert!(!is_exposition("# TYPE of thing\nid,name\n"));
        assert!(!is_exposition("# Orders\n"));
    }
}
