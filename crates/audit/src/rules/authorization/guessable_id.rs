//! `guessable-id`: objects are named by numbers that can be counted through.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_model::{PartKind, Severity};
use plimsoll_spec::roles::normal;
use plimsoll_spec::roles::purpose::{Purpose, is_counted, purpose};
use plimsoll_spec::{Location, Parameter, Schema};
use serde_json::Value;

use crate::draft::{Draft, Drafts};
use crate::rule::{Meta, Rule, rule};
use crate::rules::authentication::access::{Access, asks_anywhere, is_entrance};
use crate::rules::authentication::shows;
use crate::rules::tally;
use crate::view::{OpView, View};

rule! {
    /// Counted ids in path and query.
    pub struct GuessableId {
        id: "guessable-id", weakness: GuessableObjectIds, severity: Info, since: "0.3.0",
        owasp: ["spectral:owasp:api1:2023-no-numeric-ids", "vacuum:owasp-no-numeric-ids"],
    }
}

impl Rule for GuessableId {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, view: &View<'_>, out: &mut Drafts) {
        let asks = asks_anywhere(view);
        let mut guarded: Vec<(OpView<'_>, &Parameter)> = Vec::new();
        let mut public: Vec<(OpView<'_>, &Parameter)> = Vec::new();
        let mut listed: Vec<(OpView<'_>, &Parameter)> = Vec::new();
        let mut open: BTreeMap<&str, Vec<(OpView<'_>, &Parameter)>> = BTreeMap::new();
        for op in view.operations() {
            for parameter in op.spec.parameters.iter().filter(|parameter| is_guessable(&op, parameter)) {
                let is_open = asks && Access::of(op.spec).is_open() && !is_entrance(&op);
                let names = parameter.location == Location::Path;
                // What anybody may read may be public on purpose; what anybody may change is not.
                match (is_open, names && (op.is_write() || shows::personal(&op).is_some())) {
                    (true, true) => open.entry(&parameter.name).or_default().push((op, parameter)),
                    (true, false) if is_listed(view, &op, parameter) => listed.push((op, parameter)),
                    (true, false) => public.push((op, parameter)),
                    (false, _) => guarded.push((op, parameter)),
                }
            }
        }
        for (name, uses) in open {
            let (op, parameter) = uses[0];
            let message = format!(
                "`{name}` is a number that can be counted through, and {} without credentials.",
                match uses.len() {
                    1 => format!("`{}` answers", op.key()),
                    _ => format!("{} answer", tally::count(uses.len(), "operation")),
                }
            );
            out.add(
                Draft::at(&parameter.place, message)
                    .part(PartKind::Path, name)
                    .cause(name)
                    .severity(Severity::Medium)
                    .suspected()
                    .operations(uses.iter().map(|(op, _)| op.index)),
            );
        }
        let groups = [
            ("public", public, Severity::Low, "anybody can read all of them"),
            (
                "listed",
                listed,
                Severity::Info,
                "an open list gives them as well, and what it leaves out can be counted through, too",
            ),
            ("numbers", guarded, Severity::Info, "each of them has to check the owner"),
        ];
        for (cause, uses, severity, tail) in groups.into_iter().filter(|(_, uses, ..)| !uses.is_empty()) {
            let names: BTreeSet<&str> = uses.iter().map(|(_, parameter)| parameter.name.as_str()).collect();
            let ops: BTreeSet<u32> = uses.iter().map(|(op, _)| op.index).collect();
            let message = format!(
                "{} with objects that are named by numbers, and can be counted through ({}): {tail}.",
                tally::count(ops.len(), "operation"),
                tally::names(names)
            );
            let shown =
                uses.iter().map(|(op, parameter)| (&parameter.place, format!("{}: {}", op.key(), parameter.name)));
            out.add(tally::habit(cause, message, shown).severity(severity));
        }
    }
}

/// Whether anybody gets these objects, with their numbers, from a list or a search above them: then counting finds what is published anyway.
fn is_listed(view: &View<'_>, op: &OpView<'_>, parameter: &Parameter) -> bool {
    let Some((above, _)) = op.key().path.split_once(&format!("/{{{}}}", parameter.name)) else { return false };
    view.lists().iter().any(|list| {
        let below = list.op.key().path.strip_prefix(above).filter(|rest| rest.is_empty() || rest.starts_with('/'));
        let items = list.list.items.iter().flat_map(|item| item.variants());
        list.op.is_get()
            && Access::of(list.op.spec).is_open()
            && below.is_some_and(|rest| !rest.contains('{'))
            && items.flat_map(|item| &item.properties).any(|(name, schema)| {
                (normal(name) == normal(&parameter.name) || purpose(name) == Some(Purpose::Id)) && is_counted(schema)
            })
    })
}

/// Whether a parameter names an object by a number, or by digits.
fn is_guessable(op: &OpView<'_>, parameter: &Parameter) -> bool {
    let id = purpose(&parameter.name) == Some(Purpose::Id);
    match parameter.location {
        // The last part of a path is what the operation is about, whatever its name.
        Location::Path => {
            (id || op.key().path.ends_with(&format!("/{{{}}}", parameter.name)) && !is_measure(&parameter.name))
                && counts(parameter)
        }
        Location::Query => {
            id && !parameter.name.to_ascii_lowercase().ends_with('s') && counts(parameter) && pages_not(&parameter.name)
        }
        Location::Header | Location::Cookie => false,
    }
}

/// Numbers that name no object: years, versions, positions.
fn is_measure(name: &str) -> bool {
    let words = plimsoll_spec::roles::words(name);
    const MEASURES: &[&str] = &[
        "year",
        "month",
        "day",
        "week",
        "hour",
        "version",
        "page",
        "limit",
        "offset",
        "count",
        "size",
        "width",
        "height",
        "depth",
        "level",
        "rank",
        "latitude",
        "longitude",
        "lat",
        "lon",
        "lng",
        "x",
        "y",
        "z",
        "amount",
        "price",
        "code",
        "status",
        "port",
        "index",
        "position",
        "timestamp",
        "date",
        "number",
        "season",
        "round",
        "radius",
        "distance",
        "revision",
        "block",
        "height",
        "epoch",
        "slot",
        "zip",
        "attempt",
        "shard",
        "partition",
        "quantity",
    ];
    words.iter().any(|word| MEASURES.contains(&word.as_str()))
}

/// Ids of a page or of a moment (`since_id`, `max_id`) choose results and name nothing.
fn pages_not(name: &str) -> bool {
    let name = normal(name);
    !["sinceid", "maxid", "minid", "fromid", "toid", "lastid", "afterid", "beforeid", "startid", "nextid", "chainid"]
        .contains(&name.as_str())
}

fn counts(parameter: &Parameter) -> bool {
    let schema = &parameter.schema;
    if is_counted(schema) {
        return schema.values.is_empty();
    }
    digits_only(schema) || schema.format.is_none() && schema.pattern.is_none() && shows_digits(&parameter.examples)
}

/// Whether a text consists of digits by its pattern.
fn digits_only(schema: &Schema) -> bool {
    schema.pattern.as_deref().is_some_and(|pattern| {
        let body = pattern.trim_start_matches('^').trim_end_matches('$');
        let rest = ["[0-9]", r"\d", "[1-9]"].iter().find_map(|class| body.strip_prefix(class));
        rest.is_some_and(|rest| {
            let rest = rest.replace(r"\d", "").replace("[0-9]", "");
            rest.chars().all(|c| matches!(c, '+' | '*' | '?' | '{' | '}' | ',' | '0'..='9'))
        })
    })
}

/// Whether the examples of a text are small numbers.
fn shows_digits(examples: &[Value]) -> bool {
    !examples.is_empty()
        && examples.iter().all(|example| match example {
            Value::String(text) => text.len() <= 7 && text.parse::<u32>().is_ok(),
            Value::Number(number) => number.as_u64().is_some_and(|number| number < 10_000_000),
            _ => false,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_of_digits() {
        let of = |pattern: &str| digits_only(&Schema { pattern: Some(pattern.to_owned()), ..Schema::default() });
        assert!(of(r"^\d+$") && of("^[0-9]{1,10}$") && of("^[1-9][0-9]*$"));
        assert!(!of("^[0-9a-f]{32}$") && !of(r"^\d+-[a-z]+$") && !of("^[a-z]+$"));
    }
}
