//! `undocumented-operation`: something answers that the contract does not list.

use std::collections::HashSet;

use plimsoll_http::{Exchange, OpId, Probe};
use plimsoll_model::{Method, OperationKey};
use plimsoll_spec::{Api, Origin};

use super::recognise;
use crate::check::{Check, Meta, check};
use crate::discover::{Soft404, links, soft404};
use crate::draft::Draft;
use crate::view::App;

check! {
    /// An operation that answers and that the contract does not list.
    pub struct UndocumentedOperation {
        id: "undocumented-operation", weakness: UndocumentedOperation, mode: Active, since: "0.1.0",
        page: "http/undocumented-operation.md",
    }
}

/// How many linked templates are followed.
const FOLLOWED: usize = 8;
/// Last segments of paths that run beside an API by custom and that no contract lists.
const BESIDE: &[&str] = &[
    "",
    "health",
    "healthz",
    "healthcheck",
    "health-check",
    "live",
    "livez",
    "liveness",
    "ready",
    "readyz",
    "readiness",
    "ping",
    "status",
    "heartbeat",
    "alive",
    "up",
    "version",
    "metrics",
    "robots.txt",
    "favicon.ico",
    "security.txt",
    "manifest.json",
    "sitemap.xml",
];

/// A path that answers link to, with the template that it and its siblings are instances of.
#[derive(Debug, PartialEq, Eq)]
struct Linked {
    template: String,
    path: String,
    from: OperationKey,
}

/// The links in the operations' answers that no template of the contract covers.
fn linked(app: &App<'_>) -> Vec<Linked> {
    let mut out: Vec<Linked> = Vec::new();
    let listed = Listed::of(app.api);
    for op in app.ops().filter(|op| op.spec.origin == Origin::Contract) {
        if out.len() >= FOLLOWED {
            break;
        }
        let Some(exchange) = op.baseline() else { continue };
        let paths: Vec<String> = links::in_answer(exchange)
            .iter()
            .map(|target| target.split('?').next().unwrap_or("").to_owned())
            .filter(|path| below_prefix(app.api, path).is_some_and(|path| !listed.covers(path)))
            .collect();
        for path in &paths {
            let template = links::template_among(path, &paths);
            if !out.iter().any(|linked| linked.template == template) {
                out.push(Linked { template, path: path.clone(), from: op.key().clone() });
            }
        }
    }
    out.truncate(FOLLOWED);
    out
}

fn below_prefix<'p>(api: &Api, path: &'p str) -> Option<&'p str> {
    path.strip_prefix(api.prefix.as_str()).filter(|below| below.starts_with('/'))
}

/// The templates of the contract and of what exploration found beside it, of any method. Templates have few forms (where their parameters
/// stand), so a path is looked up once for each form instead of being compared with every template.
struct Listed<'a> {
    forms: HashSet<Vec<bool>>,
    templates: HashSet<Vec<&'a str>>,
}

impl<'a> Listed<'a> {
    fn of(api: &'a Api) -> Self {
        let mut listed = Self { forms: HashSet::new(), templates: HashSet::new() };
        for operation in &api.operations {
            let segments: Vec<&str> = operation.key.path.trim_end_matches('/').split('/').collect();
            let form: Vec<bool> = segments.iter().map(|segment| segment.contains('{')).collect();
            listed.templates.insert(fill(&segments, &form));
            listed.forms.insert(form);
        }
        listed
    }

    /// Whether a template covers this path.
    fn covers(&self, path: &str) -> bool {
        let segments: Vec<&str> = path.trim_end_matches('/').split('/').collect();
        let mut forms = self.forms.iter().filter(|form| form.len() == segments.len());
        forms.any(|form| self.templates.contains(&fill(&segments, form)))
    }
}

/// The segments, with the same text wherever the form has a parameter.
fn fill<'p>(segments: &[&'p str], form: &[bool]) -> Vec<&'p str> {
    segments.iter().zip(form).map(|(segment, is_parameter)| if *is_parameter { "{}" } else { segment }).collect()
}

/// Whether an answer is one of an API and not of what runs beside it: pages, health checks, documentation, metrics.
fn is_operation(exchange: &Exchange) -> bool {
    let Some(response) = exchange.response().filter(|_| exchange.is_success()) else { return false };
    let last = exchange.request.path.trim_end_matches('/').rsplit('/').next().unwrap_or("").to_ascii_lowercase();
    let well_known = exchange.request.path.contains("/.well-known/");
    let media_type = response.media_type();
    let is_data = response.is_json()
        || matches!(media_type.as_str(), "application/x-ndjson" | "application/xml" | "text/xml" | "text/csv");
    // The root of a REST framework: nothing but links.
    let is_index = exchange.json().and_then(serde_json::Value::as_object).is_some_and(|map| {
        !map.is_empty() && map.values().all(|value| value.as_str().is_some_and(|text| text.starts_with("http")))
    });
    is_data
        && response.body.decoded_len > 2
        && !is_index
        && !well_known
        && !BESIDE.contains(&last.as_str())
        && recognise::documentation(exchange).is_none()
        && recognise::diagnostics(exchange).is_none()
}

/// A linked status page of one thing is no health check of the service.
fn is_operation_of_a_thing(exchange: &Exchange, template: &str) -> bool {
    let mut plain = exchange.clone();
    if template.contains('{') {
        plain.request.path.push_str("/of-a-thing");
    }
    is_operation(&plain)
}

impl Check for UndocumentedOperation {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn probes_app(&self, app: &App<'_>) -> Vec<Probe> {
        if app.api.format.is_none() {
            return Vec::new();
        }
        linked(app).iter().map(|linked| Probe::of(OpId::NONE).path(&linked.path)).collect()
    }

    fn judge_app(&self, app: &App<'_>) -> Vec<Draft> {
        if app.api.format.is_none() {
            return Vec::new();
        }
        let mut soft404 = Soft404::default();
        for path in soft404::PATHS {
            app.seen.reply(&recognise::path_probe(app, path)).into_iter().for_each(|exchange| soft404.learn(exchange));
        }
        let mut found: Vec<(OperationKey, &Exchange, String)> = Vec::new();
        for op in app.ops().filter(|op| op.spec.origin != Origin::Contract) {
            let how = if op.spec.origin == Origin::Link { "through a link" } else { "on a conventional path" };
            if let Some(exchange) = op.baseline().filter(|exchange| is_operation_of_a_thing(exchange, &op.key().path)) {
                found.push((op.key().clone(), exchange, how.to_owned()));
            }
        }
        for linked in linked(app) {
            let Some(exchange) = app.seen.reply(&Probe::of(OpId::NONE).path(&linked.path)) else { continue };
            let template = below_prefix(app.api, &linked.template).unwrap_or(&linked.template);
            let key = OperationKey::new(Method::Get, template);
            let is_new = !found.iter().any(|(other, _, _)| *other == key);
            if is_new && is_operation_of_a_thing(exchange, template) && !soft404.matches(exchange) {
                found.push((key, exchange, format!("through a link in the answer of {}", linked.from)));
            }
        }
        let drafts = found.into_iter().map(|(key, exchange, how)| {
            let status = exchange.status().unwrap_or_default();
            Draft::new(Some(key), format!("Found {how}: it answers {status}, and the contract does not list it."))
                .exchange(exchange, "not in the contract")
        });
        drafts.collect()
    }
}
