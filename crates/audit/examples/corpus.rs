//! Audits many documents, one JSON line each: what was found by rule and severity, what the contracts are like, how long it took. For
//! `bench/audit.sh`. Paths are read from standard input, one a line; with `--bare`, documents are only parsed with serde_json.

#![expect(clippy::print_stdout, reason = "an example prints")]

use std::collections::BTreeMap;
use std::io::BufRead;
use std::path::Path;
use std::time::Instant;

use plimsoll_audit::{Document, Nobody, View, audit_with_sizes, validate};
use plimsoll_model::Severity;
use plimsoll_spec::roles::bounds::maximum;
use plimsoll_spec::{Api, Description, Options, Source};
use serde_json::{Value, json};

fn main() {
    let bare = std::env::args().any(|argument| argument == "--bare");
    for path in std::io::stdin().lock().lines().map_while(Result::ok) {
        let line = if bare { parse(Path::new(&path)) } else { audit(Path::new(&path)) };
        println!("{line}");
    }
}

fn parse(path: &Path) -> Value {
    let bytes = std::fs::read(path).unwrap_or_default();
    let begun = Instant::now();
    let read = serde_json::from_slice::<Value>(&bytes).is_ok();
    json!({"path": path, "bytes": bytes.len(), "read": read, "seconds": begun.elapsed().as_secs_f64()})
}

fn audit(path: &Path) -> Value {
    let begun = Instant::now();
    let mut laps = Vec::new();
    let description = match Description::read(&Source::File(path.to_owned()), &Options::default()) {
        Ok(description) => description,
        Err(error) => return json!({"path": path, "error": error.to_string()}),
    };
    laps.push(begun.elapsed().as_secs_f64());
    let api = match description.api() {
        Ok(api) => api,
        Err(error) => return json!({"path": path, "error": error.to_string()}),
    };
    laps.push(begun.elapsed().as_secs_f64());
    let document = validate(&description, &api);
    drop(description);
    laps.push(begun.elapsed().as_secs_f64());
    let (findings, _) = audit_with_sizes(&api, &document, |_| true);
    laps.push(begun.elapsed().as_secs_f64());
    let mut rules: BTreeMap<(&str, &str), u32> = BTreeMap::new();
    for finding in &findings {
        *rules.entry((&finding.check, finding.severity.as_str())).or_default() += 1;
    }
    let rules: Vec<Value> = rules.iter().map(|((rule, severity), n)| json!([rule, severity, n])).collect();
    let above = findings.iter().filter(|finding| finding.severity > Severity::Info).count();
    json!({
        "path": path, "format": api.format, "operations": api.operations.len(), "findings": findings.len(), "above_info": above,
        "rules": rules, "faults": document.faults.len(), "remarks": api.diagnostics.len(), "facts": facts(&api, &document), "laps": laps,
    })
}

/// What contracts are like, for the table in the handbook.
fn facts(api: &Api, document: &Document) -> Value {
    let view = View::new(api, document, &Nobody);
    let lists = view.lists();
    let limits: Vec<_> = lists.iter().filter_map(|list| list.controls.limit).collect();
    json!({
        "reads": view.operations().filter(plimsoll_audit::view::OpView::is_get).count(),
        "lists": lists.iter().filter(|list| list.op.is_get()).count(),
        "without_control": lists.iter().filter(|list| list.op.is_get() && !list.controls.is_any()).count(),
        "limits": limits.len(),
        "without_maximum": limits.iter().filter(|limit| maximum(&limit.schema).is_none()).count(),
        "with_max_items": lists.iter().filter(|list| list.list.max_items.is_some()).count(),
        "documented_429": view.operations().filter(|op| op.spec.responses.contains_key("429")).count(),
        "open": view.operations().filter(plimsoll_audit::view::OpView::is_open).count(),
    })
}
