//! `exposed-debug-endpoint`: profilers, consoles, dumps and debug operations that anybody reaches.

use plimsoll_http::{Exchange, Probe, Who};
use plimsoll_model::{Confidence, Method, OperationKey, Severity};

use super::paths::{self, Kind};
use super::recognise;
use crate::check::{Check, Meta, check};
use crate::checks::authentication::access::anonymous_probe;
use crate::draft::Draft;
use crate::view::{App, Op};

check! {
    /// What developers look inside with, served to anybody.
    pub struct ExposedDebugEndpoint {
        id: "exposed-debug-endpoint", weakness: ExposedDebugEndpoint, mode: Active, since: "0.2.0",
        page: "http/exposed-debug-endpoint.md",
    }
}

/// Words of a path that only something for developers has.
const WORDS: &[&str] = &[
    "debug",
    "dbg",
    "pprof",
    "profiler",
    "profiling",
    "heapdump",
    "threaddump",
    "memdump",
    "coredump",
    "stacktrace",
    "phpinfo",
    "environ",
    "tracemalloc",
    "objgraph",
];
/// How much data an answer has at least to be worth a finding: `{"debug": false}` is none.
const LEAST: u64 = 24;

fn is_debug(kind: Kind) -> bool {
    matches!(kind, Kind::Debug | Kind::Console)
}

/// Whether a segment of the path is such a word, whole: `/_debug`, `/debug-info`, `/users/v1/_debug`.
fn says_debug(path: &str) -> bool {
    path.split('/').filter(|segment| !segment.contains('{')).any(|segment| {
        segment
            .split(|c: char| !c.is_ascii_alphanumeric())
            .any(|word| WORDS.contains(&word.to_ascii_lowercase().as_str()))
    })
}

/// An operation for developers that answers everybody with data.
fn of_operation<'a>(op: &Op<'a>) -> Option<&'a Exchange> {
    if !op.is_get() || !says_debug(&op.key().path) {
        return None;
    }
    let exchange = if op.seen.has_credentials { op.success(&op.probe().who(Who::Anonymous)) } else { op.baseline() }?;
    let response = exchange.response()?;
    let data = response.is_json() || response.media_type().starts_with("text/");
    (data && response.body.decoded_len >= LEAST).then_some(exchange)
}

impl Check for ExposedDebugEndpoint {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn probes(&self, op: &Op<'_>) -> Vec<Probe> {
        let wanted = op.is_get() && op.seen.has_credentials && says_debug(&op.key().path) && op.baseline().is_some();
        if wanted { vec![anonymous_probe(op)] } else { Vec::new() }
    }

    fn probes_app(&self, app: &App<'_>) -> Vec<Probe> {
        paths::probes(app, is_debug)
    }

    fn judge(&self, op: &Op<'_>) -> Vec<Draft> {
        let Some(exchange) = of_operation(op) else { return Vec::new() };
        // Metrics, environments and Go's profiler are findings of `metrics-exposed`; what stands in the list is named there.
        let listed = paths::LIST.iter().any(|entry| is_debug(entry.kind) && paths::is_there(entry, exchange));
        if listed || recognise::diagnostics(exchange).is_some() {
            return Vec::new();
        }
        let draft = op
            .finding("A debug operation answers anybody with data.")
            .severity(Severity::Medium)
            .exchange_excerpt(exchange, "without credentials", crate::outline::outline(exchange));
        vec![draft]
    }

    fn judge_app(&self, app: &App<'_>) -> Vec<Draft> {
        let found = paths::found(app, is_debug);
        let drafts = found.iter().map(|found| {
            let path = &found.exchange.request.path;
            Draft::new(
                Some(OperationKey::new(Method::Get, path.clone())),
                format!("`{path}` answers anybody with {}.", found.entry.what),
            )
            .severity(found.entry.severity)
            .confidence(if found.compared { Confidence::Observed } else { Confidence::Suspected })
            .cause(found.entry.what.clone())
            .exchange_excerpt(found.exchange, "without credentials", "")
        });
        drafts.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::says_debug;

    #[test]
    fn words() {
        for path in ["/users/v1/_debug", "/debug", "/api/debug/config", "/debug-info", "/actuator/heapdump"] {
            assert!(says_debug(path), "{path}");
        }
        for path in ["/debugger-stickers", "/orders/{debug}", "/profiles", "/environments"] {
            assert!(!says_debug(path), "{path}");
        }
    }
}
