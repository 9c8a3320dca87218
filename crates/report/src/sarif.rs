//! SARIF 2.1.0 (OASIS, 2020) as GitHub and GitLab take it.
//!
//! GitHub refuses a whole file for one location with a scheme, or for two runs of one category; it reads severities from rules, and closes the
//! alerts of a category that a file does not have any more. So there is one run for each vantage that looked, with a category of its own; a check
//! is one rule for each severity that it gives; and every location is relative to the repository.

mod rule;

use std::collections::{HashMap, HashSet};
use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use plimsoll_model::baseline::Since;
use plimsoll_model::{Evidence, Report, Severity, Vantage};
use serde_json::{Value, json};

use crate::entry::{self, Entry};
use crate::page::{self, Page};
use crate::place::{self, Root};
use crate::text::{count, grouped};
use crate::time;

/// Results in one run, at most (GitHub, "SARIF results exceed one or more limits").
const RESULTS: usize = 25_000;
/// How many of them GitHub keeps, by severity.
const KEPT: usize = 5_000;
/// Bytes of the file when it is compressed, at most: GitHub takes 10 MB.
const COMPRESSED: usize = 10_000_000;
/// Locations of one result besides its own: GitHub takes 1,000 and shows 100.
const LOCATIONS: usize = 100;
/// Characters of a message.
const MESSAGE: usize = 2_000;

/// The report as SARIF.
pub fn render(report: &Report, root: &Root) -> Page {
    // What was verified as fixed is no result: GitHub closes an alert that is not there any more.
    let mut entries = entry::entries(report, root);
    entries.retain(|entry| !entry.is_fixed());
    let mut most = RESULTS;
    loop {
        let (mut log, mut notices) = log(report, &entries, root, most);
        page::clean(&mut log);
        let mut text = log.to_string();
        text.push('\n');
        let size = compressed(&text);
        if size <= COMPRESSED {
            if most < RESULTS {
                notices.push(format!("GitHub takes {} MB compressed", COMPRESSED / 1_000_000));
            }
            return Page { text, notices };
        }
        let fits = most.min(entries.len()) as u64 * COMPRESSED as u64 / size as u64;
        most = (fits as usize * 9 / 10).max(1);
    }
}

/// The size after compression; 0 for a text that is small enough as it is. The fastest level, so that every better one is smaller.
fn compressed(text: &str) -> usize {
    if text.len() <= COMPRESSED {
        return 0;
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    // Writing to memory does not fail; if it did, the text would count as too large.
    match encoder.write_all(text.as_bytes()).and_then(|()| encoder.finish()) {
        Ok(bytes) => bytes.len(),
        Err(_) => usize::MAX,
    }
}

/// A log with at most so many results in each run.
fn log(report: &Report, entries: &[Entry<'_>], root: &Root, most: usize) -> (Value, Vec<String>) {
    let mut notices = Vec::new();
    let runs: Vec<Value> = entry::vantages(report)
        .into_iter()
        .map(|vantage| {
            let mine: Vec<&Entry<'_>> = entries.iter().filter(|entry| entry.finding.vantage == vantage).collect();
            let notice = left_out(vantage, mine.len(), most);
            let shown = &mine[..mine.len().min(most)];
            let run = run(report, vantage, shown, root, notice.as_deref());
            notices.extend(notice);
            run
        })
        .collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": runs,
    });
    (log, notices)
}

fn left_out(vantage: Vantage, found: usize, most: usize) -> Option<String> {
    let number = |number: usize| grouped(number as u64);
    if found > most {
        let rest = number(found - most);
        return Some(format!(
            "{vantage}: {} of {} findings are in it, the worst; {rest} left out",
            number(most),
            number(found)
        ));
    }
    (found > KEPT).then(|| format!("{vantage}: GitHub keeps {} of {} findings", number(KEPT), number(found)))
}

fn run(report: &Report, vantage: Vantage, entries: &[&Entry<'_>], root: &Root, notice: Option<&str>) -> Value {
    let mut rules: Vec<Value> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    let results: Vec<Value> = entries
        .iter()
        .map(|entry| {
            let id = rule::id(entry.finding);
            let index = *known.entry(id.clone()).or_insert_with(|| {
                rules.push(rule::rule(&id, entry.finding));
                rules.len() - 1
            });
            result(report, entry, &id, index, root)
        })
        .collect();
    json!({
        "tool": {"driver": {
            "name": "Plimsoll",
            "semanticVersion": report.tool.version,
            "informationUri": rule::HOME,
            "rules": rules,
        }},
        "automationDetails": {"id": category(report, vantage)},
        "columnKind": "unicodeCodePoints",
        "invocations": [invocation(report, vantage, notice)],
        "results": results,
    })
}

/// The category of a run, before GitHub's last slash: what it replaces when it is uploaded again.
fn category(report: &Report, vantage: Vantage) -> String {
    let target = if report.target.url.contains("://") { place::host(report) } else { slug(&report.target.url) };
    format!("plimsoll/{vantage}/{target}/")
}

/// Letters, digits and `._-` of a text.
fn slug(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars().take(100) {
        if c.is_ascii_alphanumeric() || matches!(c, '.' | '_') {
            out.push(c);
        } else if !out.ends_with('-') && !out.is_empty() {
            out.push('-');
        }
    }
    let out = out.trim_matches(['-', '.']);
    if out.is_empty() { "project".to_owned() } else { out.to_owned() }
}

fn invocation(report: &Report, vantage: Vantage, notice: Option<&str>) -> Value {
    let lane = report.lanes.iter().find(|lane| lane.vantage == vantage);
    let incomplete = match lane {
        Some(lane) => lane.why.as_slice(),
        None => report.incomplete.as_slice(),
    };
    let said = |level: &str, text: &str| json!({"level": level, "message": {"text": line(text)}});
    let mut notifications: Vec<Value> = incomplete.iter().map(|why| said("warning", why)).collect();
    notifications.extend(notice.map(|notice| said("note", notice)));
    let mut out = json!({"executionSuccessful": incomplete.is_empty()});
    if report.time.is_some() {
        let (started, ended) = time::both(report);
        out["startTimeUtc"] = started.into();
        out["endTimeUtc"] = ended.into();
    }
    if !notifications.is_empty() {
        out["toolExecutionNotifications"] = notifications.into();
    }
    out
}

fn result(report: &Report, entry: &Entry<'_>, rule: &str, index: usize, root: &Root) -> Value {
    let finding = entry.finding;
    let hash = finding.fingerprint.as_str();
    let digits = hash.split_once(':').map_or(hash, |(_, digits)| digits);
    let mut region = json!({"startLine": entry.place.line_or_first()});
    if let Some([start, end]) = entry.place.columns.filter(|[start, end]| *start >= 1 && end > start) {
        region["startColumn"] = start.into();
        region["endColumn"] = end.into();
    }
    let mut location = json!({"physicalLocation": {
        "artifactLocation": {"uri": entry.place.uri()},
        "region": region,
    }});
    let mut met = HashSet::new();
    let names = finding.operations().map(ToString::to_string).filter(|name| met.insert(name.clone())).take(LOCATIONS);
    let names: Vec<Value> = names.map(|name| named(&name, "resource")).collect();
    let symbol = finding.source.as_ref().and_then(|source| source.symbol.as_deref());
    let names: Vec<Value> = names.into_iter().chain(symbol.map(|symbol| named(symbol, "function"))).collect();
    if !names.is_empty() {
        location["logicalLocations"] = names.into();
    }
    let mut out = json!({
        "ruleId": rule,
        "ruleIndex": index,
        "level": rule::level(finding.severity),
        "rank": rule::rank(finding.severity),
        "message": {"text": message(entry)},
        "locations": [location],
        "partialFingerprints": {"primaryLocationLineHash": format!("{digits}:1"), "plimsoll/v1": hash},
        "properties": properties(entry),
    });
    let chain = chain(entry, root);
    if chain.len() > 1 {
        let steps: Vec<Value> = chain.iter().map(|step| json!({"location": step})).collect();
        out["codeFlows"] = json!([{"threadFlows": [{"locations": steps}]}]);
    } else if !chain.is_empty() {
        out["relatedLocations"] = chain.into();
    }
    if report.baseline.is_some() {
        out["baselineState"] = state(entry.since()).into();
    }
    // Where one result has suppressions, all have (SARIF 3.27.23); none are an empty list.
    if !report.suppressed.is_empty() {
        let why = entry
            .justification()
            .map(|why| json!({"kind": "external", "status": "accepted", "justification": line(&why)}));
        out["suppressions"] = why.into_iter().collect();
    }
    out
}

fn named(name: &str, kind: &str) -> Value {
    json!({"fullyQualifiedName": name, "kind": kind})
}

fn state(since: Option<Since>) -> &'static str {
    match since {
        Some(Since::Known) => "unchanged",
        Some(Since::Worse) => "updated",
        Some(Since::New | Since::Back) | None => "new",
    }
}

/// What was seen, and where: readers show it without the logical locations.
fn message(entry: &Entry<'_>) -> String {
    let said = line(&entry.finding.message);
    let subject = entry.subject();
    let said =
        if entry.finding.operation.is_none() || said.contains(&subject) { said } else { format!("{said} ({subject})") };
    if entry.is_at_handler() {
        return format!("{said}. Shown at the function that answers; which line is the cause is not known.");
    }
    said
}

/// One line without an embedded link (SARIF 3.11.6), which a target could have written.
fn line(text: &str) -> String {
    plimsoll_model::redact::one_line(text, MESSAGE).replace("](", "] (")
}

fn properties(entry: &Entry<'_>) -> Value {
    let finding = entry.finding;
    let mut out = json!({
        "confidence": finding.confidence,
        "kind": finding.kind,
        "weakness": finding.weakness.id(),
        "severity": finding.severity,
    });
    if let Some(issue) = entry.issue {
        out["issue"] = issue.id.clone().into();
        out["stage"] = issue.stage.as_str().into();
    }
    if !finding.also.is_empty() {
        out["operations"] = count(finding.also.len() as u64 + 1, "operation").into();
    }
    out
}

/// The lines that lead to a finding, in their order.
fn chain(entry: &Entry<'_>, root: &Root) -> Vec<Value> {
    let step = |evidence: &Evidence| match evidence {
        Evidence::Source { file, line: row, note, .. } => {
            let path = root.file(file)?;
            let said = if note.is_empty() || note == "here" { "here" } else { note };
            Some(json!({
                "physicalLocation": {
                    "artifactLocation": {"uri": place::uri(&path)},
                    "region": {"startLine": (*row).max(1)},
                },
                "message": {"text": line(said)},
            }))
        }
        _ => None,
    };
    entry.finding.evidence.iter().filter_map(step).take(LOCATIONS).collect()
}

/// Whether a severity makes a rule one of security for GitHub.
fn counts(severity: Severity) -> bool {
    severity > Severity::Info
}
