//! From a recorded run to its report: judge, correlate, grade, count. A pure function, so a replay says the same as the run did.

use std::collections::{BTreeMap, HashSet};

use plimsoll_http::transport::StopReason;
use plimsoll_http::{OpId, Outcome};
use plimsoll_model::report::{Coverage, OperationCounts, OperationFacts, RunCost, SCHEMA, Skipped, Target, Tool};
use plimsoll_model::score::{Grade, score};
use plimsoll_model::{Category, Finding, Report};
use plimsoll_scan::App;
use plimsoll_scan::check::Check;
use plimsoll_scan::checks::authorization::role_matrix;
use plimsoll_scan::index::Index;
use plimsoll_scan::{explore, judge::judge, twin};

use crate::audit;
use crate::correlate;
pub(crate) use crate::correlate::scored;
use crate::record::Record;

/// What a black box cannot see, under every report of a scan.
pub(crate) const BLIND: &str = "A scan sees the contract and the wire. It cannot see memory, missing clean-up or the line of code; `plimsoll memory` and \
                     `plimsoll code` are for those.";

/// The report of a run.
pub fn report(record: &mut Record) -> Report {
    let checks = checks(&record.header.ignored);
    let api = &record.header.api;
    let contract = audit::of_scan(api, &record.seen, |meta| !record.header.ignored.iter().any(|id| id == meta.id));
    let findings = joined(judge(api, &mut record.seen, &checks), contract);
    report_of(record, findings, &checks, BLIND)
}

/// The report of a run with these findings, made by these checks; `note` stands under it.
pub(crate) fn report_of(record: &Record, findings: Vec<Finding>, checks: &[&'static dyn Check], note: &str) -> Report {
    let issues = correlate::issues(&findings);
    let index = Index::of(&record.header.api);
    let access = role_matrix::table(&App { api: &record.header.api, index: &index, seen: &record.seen }, &findings);
    let operations = operations(record);
    let judged = operations.iter().filter(|facts| facts.requests > 0).count() as u32;
    let (categories, total) = score(&scored(&issues, &findings), |category| untested(category, checks, judged));
    let incomplete = incomplete(record, judged);
    let status = &record.header.status;
    Report {
        schema: SCHEMA.to_owned(),
        tool: Tool { name: "plimsoll".to_owned(), version: record.header.version.clone() },
        target: Target {
            url: record.header.url.clone(),
            contract: record.header.api.document.clone(),
            title: title(record),
            identities: identities(record),
            transport: record.header.transport.clone(),
        },
        complete: incomplete.is_empty(),
        incomplete,
        score: total,
        grade: total.map(Grade::of),
        categories,
        findings,
        issues,
        coverage: Coverage {
            operations: OperationCounts {
                found: operations.len() as u32,
                reached: operations.iter().filter(|facts| facts.reached).count() as u32,
                judged,
            },
            skipped: skipped(record),
            contract: diagnostics(record),
        },
        operations,
        access,
        cost: RunCost {
            requests: status.requests,
            max_requests: record.header.max_requests,
            bytes: status.bytes,
            seconds: status.elapsed.as_secs_f64(),
            max_seconds: record.header.max_seconds,
        },
        notes: vec![note.to_owned()],
        ..Report::default()
    }
}

/// Findings of two lanes in one order: the worst first, then by check, operation and part.
pub(crate) fn joined(mut findings: Vec<Finding>, more: Vec<Finding>) -> Vec<Finding> {
    findings.extend(more);
    findings.sort_by(|a, b| {
        (b.severity, b.confidence)
            .cmp(&(a.severity, a.confidence))
            .then_with(|| (&a.check, &a.operation, &a.part).cmp(&(&b.check, &b.operation, &b.part)))
            .then_with(|| a.fingerprint.cmp(&b.fingerprint))
    });
    findings
}

/// Every check but those that are ignored.
pub fn checks(ignored: &[String]) -> Vec<&'static dyn Check> {
    plimsoll_scan::checks::all().into_iter().filter(|check| !ignored.iter().any(|id| id == check.meta().id)).collect()
}

fn untested(category: Category, checks: &[&'static dyn Check], judged: u32) -> Option<String> {
    if !checks.iter().any(|check| check.meta().weakness.facts().category == category) {
        return Some("no check of this category was run".to_owned());
    }
    (judged == 0).then(|| "no operation answered".to_owned())
}

fn identities(record: &Record) -> Vec<String> {
    let given = record.header.credentials.iter().map(|(name, shown)| format!("{name}: {shown}"));
    let named = record.header.identities.iter().map(|identity| {
        let role = identity.role.as_deref().map(|role| format!("{role}, ")).unwrap_or_default();
        format!("{} ({role}{})", identity.name, identity.shown.lines().join(", "))
    });
    std::iter::once("anonymous".to_owned()).chain(given).chain(named).collect()
}

fn title(record: &Record) -> Option<String> {
    let api = &record.header.api;
    match (&api.title, &api.version) {
        (Some(title), Some(version)) => Some(format!("{title} {version}")),
        (title, _) => title.clone(),
    }
}

fn incomplete(record: &Record, judged: u32) -> Vec<String> {
    let status = &record.header.status;
    let mut out: Vec<String> = status.stopped.iter().map(ToString::to_string).collect();
    if judged == 0 && !matches!(status.stopped, Some(StopReason::Unreachable(_))) {
        out.push("no operation was found that answers; give the contract with --spec".to_owned());
    }
    out.extend(twin::difference(&record.header.api, &record.seen));
    out
}

fn operations(record: &Record) -> Vec<OperationFacts> {
    let refused: BTreeMap<OpId, &String> = record.header.refused.iter().map(|(op, why)| (*op, why)).collect();
    record
        .header
        .api
        .operations
        .iter()
        .enumerate()
        .map(|(index, operation)| {
            let op = OpId(index as u32);
            let mut facts = OperationFacts {
                operation: operation.key.clone(),
                origin: operation.origin.as_str().to_owned(),
                reached: false,
                reason: None,
                requests: 0,
                statuses: BTreeMap::new(),
                sizes: Vec::new(),
                latencies_ms: Vec::new(),
            };
            let mut best: Option<u16> = None;
            for exchange in record.seen.of(op) {
                facts.requests += 1;
                if let Some(response) = exchange.response() {
                    *facts.statuses.entry(response.status).or_default() += 1;
                    if exchange.probe.is_base() || best.is_none() {
                        best = Some(response.status);
                    }
                    if exchange.is_success() {
                        facts.reached = true;
                        facts.sizes.push(response.body.decoded_len);
                        facts.latencies_ms.push((exchange.timing.total_ms * 10.0).round() / 10.0);
                    }
                }
            }
            if !facts.reached {
                facts.reason = Some(match (refused.get(&op), facts.requests) {
                    (Some(why), _) => (*why).clone(),
                    (None, 0) => "no value is known for its parameters: give examples in the contract".to_owned(),
                    (None, _) => explore::reason(best),
                });
            }
            facts
        })
        .collect()
}

fn skipped(record: &Record) -> Vec<Skipped> {
    let mut out: Vec<Skipped> = Vec::new();
    let name = |op: &OpId| {
        record
            .header
            .api
            .operations
            .get(op.0 as usize)
            .map_or_else(|| "discovery".to_owned(), |operation| operation.key.to_string())
    };
    // Operations of one reason are one line.
    let mut reasons: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (op, why) in &record.header.refused {
        reasons.entry(why).or_default().push(name(op));
    }
    out.extend(reasons.into_iter().map(|(why, names)| Skipped {
        what: names.join(", "),
        why: why.to_owned(),
        requests: 0,
    }));
    let mut seen = HashSet::new();
    for (op, why, count) in &record.header.status.skipped {
        if seen.insert((op, why)) {
            out.push(Skipped { what: name(op), why: why.clone(), requests: *count as u32 });
        }
    }
    out.extend(cut(record, &name));
    for id in &record.header.ignored {
        out.push(Skipped { what: format!("check {id}"), why: "ignored by the configuration".to_owned(), requests: 0 });
    }
    for protocol in &record.header.protocols {
        let why = "recognised and listed; its operations are not part of this scan".to_owned();
        out.push(Skipped { what: protocol.clone(), why, requests: 0 });
    }
    out
}

/// Operations whose answers were not read to their end, or did not come, with the first reason of each. A range was asked for on purpose.
fn cut(record: &Record, name: &dyn Fn(&OpId) -> String) -> Vec<Skipped> {
    let mut by: BTreeMap<OpId, (String, u32)> = BTreeMap::new();
    for exchange in record.seen.all().iter().filter(|exchange| exchange.request.range_end().is_none()) {
        let why = match &exchange.outcome {
            Outcome::Answer(response) => {
                response.body.stopped.as_ref().map(|why| format!("not read to the end: {why}"))
            }
            Outcome::Failed(failure) => Some(format!("no answer: {}", failure.message)),
        };
        if let Some(why) = why {
            by.entry(exchange.probe.op).or_insert((why, 0)).1 += 1;
        }
    }
    by.into_iter().map(|(op, (why, count))| Skipped { what: name(&op), why, requests: count }).collect()
}

fn diagnostics(record: &Record) -> Vec<String> {
    let api = &record.header.api;
    let document = api.document.as_deref().unwrap_or("contract");
    api.diagnostics
        .iter()
        .map(|diagnostic| match diagnostic.place.line {
            Some(line) => format!("{document}:{line}: {}", diagnostic.message),
            None => format!("{document}: {}", diagnostic.message),
        })
        .collect()
}
