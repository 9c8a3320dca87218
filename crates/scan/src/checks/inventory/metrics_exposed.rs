//! `metrics-exposed`: metrics and other diagnostics without credentials.

use plimsoll_http::{Exchange, Probe};
use plimsoll_model::Severity;

use super::paths::{self, Kind};
use super::recognise::{self, Diagnostics};
use crate::check::{Check, Meta, check};
use crate::draft::Draft;
use crate::view::App;

check! {
    /// Metrics, environment or profiler, served to anybody.
    pub struct MetricsExposed {
        id: "metrics-exposed", weakness: MetricsExposed, mode: Active, since: "0.1.0", page: "http/metrics-exposed.md",
    }
}

/// Where they customarily are. Most of these discovery asks for too; then they cost nothing.
const PATHS: &[&str] = &["/metrics", "/actuator", "/actuator/env", "/actuator/prometheus", "/debug/vars", "/env"];
/// How many metric names an excerpt shows.
const NAMES: usize = 6;

/// The names in it, never the values: an environment holds secrets, and labels may hold anything.
fn excerpt(kind: Diagnostics, exchange: &Exchange) -> String {
    let names: Vec<String> = match kind {
        Diagnostics::Prometheus => {
            let text = exchange.text();
            let types =
                text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next().map(str::to_owned));
            types.take(NAMES).collect()
        }
        _ => exchange
            .json()
            .and_then(serde_json::Value::as_object)
            .map(|map| map.keys().take(NAMES).cloned().collect())
            .unwrap_or_default(),
    };
    if names.is_empty() { String::new() } else { format!("{}, …", names.join(", ")) }
}

impl Check for MetricsExposed {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn probes_app(&self, app: &App<'_>) -> Vec<Probe> {
        let mut probes: Vec<Probe> = PATHS.iter().map(|path| recognise::path_probe(app, path)).collect();
        probes.extend(paths::of_kind(app, Kind::Metrics));
        probes.extend(recognise::anonymous_twins(app, |exchange| recognise::diagnostics(exchange).is_some()));
        probes
    }

    fn judge_app(&self, app: &App<'_>) -> Vec<Draft> {
        let found =
            recognise::open(app).into_iter().filter_map(|exchange| Some((exchange, recognise::diagnostics(exchange)?)));
        let drafts = found.map(|(exchange, kind)| {
            let severity = match kind {
                Diagnostics::Environment | Diagnostics::Profiler => Severity::High,
                _ => Severity::Medium,
            };
            Draft::new(
                Some(recognise::key_of(app, exchange)),
                format!("`{}` serves {} without credentials.", exchange.request.path, kind.as_str()),
            )
            .cause(kind.as_str())
            .severity(severity)
            .exchange_excerpt(exchange, "without credentials", excerpt(kind, exchange))
        });
        drafts.collect()
    }
}
