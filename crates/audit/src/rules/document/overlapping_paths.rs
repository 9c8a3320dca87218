//! `overlapping-paths`: one request fits two paths of the contract.

use std::collections::HashMap;

use plimsoll_model::{Method, Severity};
use plimsoll_spec::{Location, Place, SchemaKind};
use serde_json::Value;

use super::template::{Relation, is_open, relation};
use crate::draft::{Draft, Drafts};
use crate::rule::{Meta, Rule, rule};
use crate::rules::tally;
use crate::view::{OpView, View};

rule! {
    /// Ambiguous templates, and fixed paths in the shadow of a template.
    pub struct OverlappingPaths {
        id: "overlapping-paths", weakness: AmbiguousContract, severity: Low, since: "0.3.0", owasp: [],
    }
}

/// Pairs of operations that are compared: documents with thousands of siblings exist.
const PAIRS: usize = 200_000;

/// An operation with the segments of its path.
type Split<'a> = (OpView<'a>, Vec<&'a str>);

impl Rule for OverlappingPaths {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, view: &View<'_>, out: &mut Drafts) {
        let mut groups: HashMap<(Method, usize), Vec<Split<'_>>> = HashMap::new();
        for op in view.operations() {
            let segments: Vec<&str> = op.key().path.split('/').collect();
            groups.entry((op.key().method, segments.len())).or_default().push((op, segments));
        }
        let mut crossing: Vec<(OpView<'_>, OpView<'_>)> = Vec::new();
        let mut shadowed: Vec<(&Place, String)> = Vec::new();
        let mut left = PAIRS;
        for group in groups.values_mut() {
            group.sort_by_key(|(op, _)| op.index);
            // Only what has a parameter can overlap with something.
            let open: Vec<&Split<'_>> =
                group.iter().filter(|(_, segments)| segments.iter().any(|segment| is_open(segment))).collect();
            for (a, first) in &*group {
                for (b, second) in open.iter().copied() {
                    if left == 0 {
                        break;
                    }
                    left -= 1;
                    let both_open = first.iter().any(|segment| is_open(segment));
                    match relation(first, second) {
                        Relation::Crossing
                            if a.index < b.index && accepts(a, first, second) && accepts(b, second, first) =>
                        {
                            crossing.push((*a, *b));
                        }
                        Relation::Within if !both_open && accepts(b, second, first) => {
                            shadowed.push((&a.spec.place, format!("{} in the shadow of {}", a.key(), b.key().path)));
                        }
                        _ => {}
                    }
                }
            }
        }
        crossing.sort_by_key(|(a, b)| (a.index, b.index));
        if let Some((a, b)) = crossing.first() {
            let message = format!(
                "{} of operations fit the same request, and neither is more special: `{}` and `{}`{}.",
                tally::count(crossing.len(), "pair"),
                a.key(),
                b.key(),
                if crossing.len() > 1 { " first of all" } else { "" }
            );
            let draft = Draft::at(&b.spec.place, message).cause("crossing");
            out.add(
                crossing
                    .iter()
                    .take(3)
                    .fold(draft, |draft, (a, b)| draft.contract(&b.spec.place, format!("{} and {}", a.key(), b.key()))),
            );
        }
        if !shadowed.is_empty() {
            shadowed.sort_by(|a, b| (a.0.line, &a.1).cmp(&(b.0.line, &b.1)));
            let message = format!(
                "{} are also values of a template beside them ({}): the order of routes decides which one answers.",
                tally::count(shadowed.len(), "fixed path"),
                tally::names(shadowed.iter().map(|(_, text)| text))
            );
            out.add(tally::habit("shadowed", message, shadowed).severity(Severity::Info));
        }
    }
}

/// Whether the parameters of an operation may have the values that the fixed segments of the other path give them.
fn accepts(op: &OpView<'_>, own: &[&str], other: &[&str]) -> bool {
    own.iter().zip(other).filter(|(own, other)| is_open(own) && !is_open(other)).all(|(own, word)| {
        let name = own.trim_start_matches('{').trim_end_matches('}');
        let Some(parameter) = op.spec.parameter(Location::Path, name) else { return true };
        let schema = &parameter.schema;
        let number = word.parse::<f64>().is_ok();
        let text = schema.allows(SchemaKind::String)
            && (schema.values.is_empty()
                || schema.values.iter().any(|value| matches!(value, Value::String(known) if known == word)))
            && schema.pattern.is_none()
            && !matches!(schema.format.as_deref(), Some("uuid" | "date" | "date-time" | "email" | "ipv4" | "ipv6"));
        text || number && schema.allows(SchemaKind::Integer)
    })
}
