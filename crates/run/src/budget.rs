//! Where a run's requests went: by check, by operation, and what sharing saved.
//!
//! It reads a record and renders text for people; nothing here decides what is sent.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use plimsoll_http::OpId;

use crate::record::Record;

/// How many operations are named.
const NAMED: usize = 5;

/// Requests for one operation: on average, and at most.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PerOperation {
    /// All requests of the run, divided by the operations that were asked at least once.
    pub average: f64,
    /// The operations with the most requests of their own, the most expensive first.
    pub most: Vec<(String, u64)>,
}

/// Requests for one operation.
pub fn per_operation(record: &Record) -> PerOperation {
    let mut by: BTreeMap<OpId, u64> = BTreeMap::new();
    for exchange in record.seen.all().iter().filter(|exchange| exchange.probe.op != OpId::NONE) {
        *by.entry(exchange.probe.op).or_default() += 1;
    }
    let mut most: Vec<(String, u64)> = by
        .iter()
        .filter_map(|(op, count)| Some((record.header.api.operations.get(op.0 as usize)?.key.to_string(), *count)))
        .collect();
    most.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let average = if by.is_empty() { 0.0 } else { record.header.status.requests as f64 / by.len() as f64 };
    PerOperation { average, most }
}

/// The account as text.
pub fn explain(record: &Record) -> String {
    let economy = &record.header.economy;
    let status = &record.header.status;
    let operations = per_operation(record);
    let mut out = String::new();
    // Writing to a string cannot fail.
    let mut line = |text: std::fmt::Arguments<'_>| {
        let _ = writeln!(out, "{text}");
    };
    line(format_args!("Requests: {} of {}", status.requests, record.header.max_requests));
    let survey = record.header.active.survey.as_ref().map_or(0, |survey| survey.connections);
    if survey > 0 {
        line(format_args!("  {survey:>6}  connections that looked at TLS"));
    }
    line(format_args!("  {:>6}  discovery", economy.discovery));
    line(format_args!("  {:>6}  exploration", economy.exploration));
    line(format_args!("  {:>6}  for checks", economy.rounds));
    let wanted = economy.wanted();
    if wanted > economy.rounds {
        line(format_args!("          instead of {wanted} if nobody shared"));
    }
    line(format_args!(
        "Per operation: {:.1} on average, {} at most",
        operations.average,
        operations.most.first().map_or(0, |(_, n)| *n)
    ));
    for (name, count) in operations.most.iter().take(NAMED) {
        line(format_args!("  {count:>6}  {name}"));
    }
    if economy.checks.is_empty() {
        return out;
    }
    line(format_args!("By check:  asked   alone  shared   known"));
    let mut checks: Vec<_> = economy.checks.iter().collect();
    checks.sort_by(|a, b| {
        b.alone.cmp(&a.alone).then_with(|| b.probes.cmp(&a.probes)).then_with(|| a.check.cmp(&b.check))
    });
    for asked in checks {
        line(format_args!(
            "          {:>6}  {:>6}  {:>6}  {:>6}  {}",
            asked.probes, asked.alone, asked.shared, asked.known, asked.check
        ));
    }
    line(format_args!(
        "alone: nobody else asked; shared: others asked too; known: discovery or exploration had asked."
    ));
    out
}
