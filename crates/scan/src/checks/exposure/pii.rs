//! `pii`: personal data in answers, to whom and of how many people.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_http::{Exchange, Response};
use plimsoll_model::{PartKind, Severity, redact};

use super::bodies::{distinct, field, walk};
use super::personal::{self, Personal};
use crate::check::{Check, Meta, check};
use crate::draft::Draft;
use crate::view::Op;

check! {
    /// Personal data in answers.
    pub struct Pii {
        id: "pii", weakness: PiiExposed, mode: Passive, since: "0.1.0", page: "http/pii.md",
    }
}

/// From how many people on an answer is bulk.
const BULK: usize = 5;

/// What was found of one kind: values, and where.
#[derive(Debug, Default)]
struct Found {
    values: BTreeSet<String>,
    part: String,
}

impl Check for Pii {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn judge(&self, op: &Op<'_>) -> Vec<Draft> {
        let mut all: BTreeMap<Personal, Found> = BTreeMap::new();
        let mut shown: Option<(&Exchange, usize)> = None;
        for (exchange, response) in distinct(op).into_iter().filter(|(exchange, _)| exchange.is_success()) {
            let found = in_answer(exchange, response);
            let count: usize = found.values().map(|kind| kind.values.len()).sum();
            if count > 0 && shown.is_none_or(|(_, most)| count > most) {
                shown = Some((exchange, count));
            }
            for (kind, found) in found {
                let known = all.entry(kind).or_default();
                known.values.extend(found.values);
                if known.part.is_empty() {
                    known.part = found.part;
                }
            }
        }
        let Some((exchange, _)) = shown else { return Vec::new() };
        let people = all.values().map(|found| found.values.len()).max().unwrap_or(0);
        let Some(severity) = severity(op, &all, people) else { return Vec::new() };
        let list: Vec<String> =
            all.iter().map(|(kind, found)| format!("{} {}", found.values.len(), kind.as_str())).collect();
        let excerpt: Vec<String> = all
            .values()
            .map(|found| {
                let masked: Vec<String> = found.values.iter().take(3).map(|value| redact::mask(value)).collect();
                format!("{}: {}", found.part, masked.join(", "))
            })
            .collect();
        let who = if op.is_open() { "Anybody gets" } else { "A caller with credentials gets" };
        let kinds: Vec<&str> = all.keys().map(|kind| kind.as_str()).collect();
        let part = all.values().next().map_or(String::new(), |found| found.part.clone());
        vec![
            op.finding(format!("{who} personal data: {}.", list.join(", ")))
                .cause(format!("{who} {} {severity}", kinds.join(", ")))
                .severity(severity)
                .part(PartKind::ResponseBody, part)
                .exchange_excerpt(exchange, "the answer that holds most; values are masked", excerpt.join("\n")),
        ]
    }
}

/// The severity, or none where the data may well be the caller's own.
fn severity(op: &Op<'_>, all: &BTreeMap<Personal, Found>, people: usize) -> Option<Severity> {
    let grave = all.keys().any(|kind| kind.is_grave());
    let bulk = people >= BULK;
    if op.is_open() {
        return Some(if bulk || grave { Severity::High } else { Severity::Medium });
    }
    let named_by_caller = op.key().path.contains('{');
    match (bulk, grave) {
        (true, _) => Some(Severity::Medium),
        (false, true) => Some(Severity::Low),
        // One record that the caller chose and may read: a fact, until two identities show whose it is.
        (false, false) => named_by_caller.then_some(Severity::Info),
    }
}

fn in_answer(exchange: &Exchange, response: &Response) -> BTreeMap<Personal, Found> {
    let mut out: BTreeMap<Personal, Found> = BTreeMap::new();
    let mut add = |kind: Personal, value: &str, part: &str| {
        let found = out.entry(kind).or_default();
        found.values.insert(value.to_owned());
        if found.part.is_empty() {
            part.clone_into(&mut found.part);
        }
    };
    if let Some(value) = exchange.json() {
        walk(value, &mut |path, text| {
            if let Some(kind) = personal::of_field(&field(path), text) {
                add(kind, text, path);
            }
        });
    } else {
        let media_type = response.media_type();
        if media_type == "text/csv"
            || media_type.contains("ndjson")
            || media_type == "text/plain"
            || media_type.contains("jsonl")
        {
            for email in personal::emails(&response.body.text()) {
                add(Personal::Email, email, "body");
            }
        }
    }
    out
}
