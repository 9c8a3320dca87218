//! `undocumented-fields`: fields of an answer that the contract does not declare.

use std::collections::BTreeSet;

use plimsoll_http::Exchange;
use plimsoll_model::{PartKind, Severity};
use plimsoll_spec::Schema;
use serde_json::Value;

use super::bodies::{distinct, field};
use crate::check::{Check, Meta, check};
use crate::draft::Draft;
use crate::view::Op;

check! {
    /// Fields that the contract does not declare.
    pub struct UndocumentedFields {
        id: "undocumented-fields", weakness: UndocumentedFields, mode: Passive, since: "0.1.0", page: "http/undocumented-fields.md",
    }
}

const DEPTH: u32 = 5;
const ELEMENTS: usize = 50;

/// Words in names of fields that a client has no business with.
const SENSITIVE: &[&str] = &[
    "password",
    "hash",
    "secret",
    "token",
    "apikey",
    "internal",
    "cost",
    "margin",
    "role",
    "isadmin",
    "admin",
    "permission",
    "score",
    "salary",
    "ssn",
    "deleted",
    "supplier",
    "risk",
];

impl Check for UndocumentedFields {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn judge(&self, op: &Op<'_>) -> Vec<Draft> {
        let Some(schema) = op.spec.success_schema() else { return Vec::new() };
        let mut extra: BTreeSet<String> = BTreeSet::new();
        let mut shown: Option<(&Exchange, usize)> = None;
        for (exchange, _) in distinct(op).into_iter().filter(|(exchange, _)| exchange.is_success()) {
            let Some(value) = exchange.json() else { continue };
            let mut mine = BTreeSet::new();
            compare(value, &[schema], "", 0, &mut mine);
            if !mine.is_empty() && shown.is_none_or(|(_, most)| mine.len() > most) {
                shown = Some((exchange, mine.len()));
            }
            extra.extend(mine);
        }
        let Some((exchange, _)) = shown else { return Vec::new() };
        let sensitive = extra.iter().any(|path| SENSITIVE.iter().any(|word| field(path).contains(word)));
        let names: Vec<&str> = extra.iter().map(String::as_str).take(12).collect();
        let more =
            if extra.len() > names.len() { format!(" and {} more", extra.len() - names.len()) } else { String::new() };
        vec![
            op.finding(format!(
                "The answer has fields that the contract does not declare: {}{more}.",
                names.join(", ")
            ))
            .severity(if sensitive { Severity::Medium } else { Severity::Low })
            .part(PartKind::ResponseBody, names[0])
            .contract(&schema.place, schema.name.clone().unwrap_or_else(|| "the declared answer".to_owned()))
            .exchange_excerpt(exchange, "an answer with them; values are left out", names.join("\n")),
        ]
    }
}

/// Collects the dotted paths of fields that none of the schemas declares. A schema that says nothing about its properties, or that allows others,
/// allows everything.
fn compare(value: &Value, schemas: &[&Schema], path: &str, depth: u32, out: &mut BTreeSet<String>) {
    if depth > DEPTH {
        return;
    }
    let variants = Schema::variants_of(schemas.iter().copied());
    match value {
        Value::Array(items) => {
            let elements: Vec<&Schema> = variants.iter().filter_map(|schema| schema.items.as_deref()).collect();
            if !elements.is_empty() {
                items.iter().take(ELEMENTS).for_each(|item| compare(item, &elements, path, depth + 1, out));
            }
        }
        Value::Object(map) => {
            let objects: Vec<&&Schema> = variants.iter().filter(|schema| !schema.properties.is_empty()).collect();
            let open = variants.iter().any(|schema| schema.additional == Some(true) || schema.recursive);
            if objects.is_empty() || open {
                return;
            }
            for (name, inner) in map {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                let declared: Vec<&Schema> = objects
                    .iter()
                    .filter_map(|schema| schema.properties.iter().find(|(key, _)| key == name))
                    .map(|(_, schema)| &**schema)
                    .collect();
                if declared.is_empty() {
                    out.insert(path);
                } else {
                    compare(inner, &declared, &path, depth + 1, out);
                }
            }
        }
        _ => {}
    }
}
