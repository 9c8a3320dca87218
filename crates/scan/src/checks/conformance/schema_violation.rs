//! `schema-violation`: an answer breaks the schema that its contract declares.

use std::collections::{BTreeMap, HashSet};

use plimsoll_http::Exchange;
use plimsoll_model::{PartKind, Severity};
use plimsoll_spec::Schema;
use serde_json::Value;

use super::declared::{own, response};
use super::json_schema;
use crate::check::{Check, Meta, check};
use crate::draft::Draft;
use crate::view::Op;

check! {
    /// Answers that break their schema.
    pub struct SchemaViolation {
        id: "schema-violation", weakness: ContractViolation, mode: Passive, since: "0.3.0", page: "http/schema-violation.md",
    }
}

/// Different answers of an operation that are looked at, errors that are taken from each, and violations that are named.
const ANSWERS: usize = 12;
const ERRORS: usize = 60;
const NAMED: usize = 6;

impl Check for SchemaViolation {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn judge(&self, op: &Op<'_>) -> Vec<Draft> {
        let mut validators: BTreeMap<u16, Option<jsonschema::Validator>> = BTreeMap::new();
        let mut found: BTreeMap<String, String> = BTreeMap::new();
        let mut shown: Option<(&Exchange, &Schema)> = None;
        let mut met = HashSet::new();
        for (exchange, answer) in own(op).filter(|(exchange, _)| exchange.is_success()) {
            // Of a body that was not kept whole the end is missing.
            if !answer.is_json() || !answer.body.is_whole() || met.len() >= ANSWERS || !met.insert(answer.body.digest) {
                continue;
            }
            let Some(value) = exchange.json() else { continue };
            let Some(schema) = response(op, answer.status).and_then(|declared| {
                declared.content.iter().find(|(media_type, _)| media_type.contains("json")).map(|(_, schema)| schema)
            }) else {
                continue;
            };
            let validator = validators.entry(answer.status).or_insert_with(|| {
                json_schema::of_answer(schema).and_then(|schema| jsonschema::validator_for(&schema).ok())
            });
            let Some(validator) = validator else { continue };
            let before = found.len();
            for error in validator.iter_errors(value).take(ERRORS) {
                let place = dotted(&error.instance_path().to_string());
                found.entry(place).or_insert_with(|| what(&error));
            }
            if found.len() > before && shown.is_none() {
                shown = Some((exchange, schema));
            }
        }
        let Some((exchange, schema)) = shown else { return Vec::new() };
        let named: Vec<String> = found.iter().take(NAMED).map(|(place, what)| format!("`{place}` {what}")).collect();
        let more = found.len().saturating_sub(NAMED);
        let more = if more > 0 { format!(", and {more} more") } else { String::new() };
        let part = found.keys().next().cloned().unwrap_or_default();
        vec![
            op.finding(format!("The answer breaks its schema: {}{more}.", named.join("; ")))
                .severity(Severity::Low)
                .part(PartKind::ResponseBody, part)
                .contract(&schema.place, schema.name.clone().unwrap_or_else(|| "the declared answer".to_owned()))
                .outline(exchange, "an answer that breaks it; values are left out"),
        ]
    }
}

/// `/items/3/price` as `items.price`: what one element does wrong, most do.
fn dotted(pointer: &str) -> String {
    let segments = pointer.split('/').filter(|segment| !segment.is_empty() && segment.parse::<u64>().is_err());
    let path: Vec<String> = segments.map(|segment| segment.replace("~1", "/").replace("~0", "~")).collect();
    if path.is_empty() { "the answer".to_owned() } else { path.join(".") }
}

/// What is wrong, without the value, which may be anybody's.
fn what(error: &jsonschema::ValidationError<'_>) -> String {
    use jsonschema::error::ValidationErrorKind as Kind;
    let given = match error.instance().as_ref() {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    };
    match error.kind() {
        Kind::Type { .. } => format!("is {given}, which is not declared"),
        Kind::Enum { .. } | Kind::Constant { .. } => "is none of the declared values".to_owned(),
        Kind::Required { property } => format!("lacks {property}"),
        Kind::Minimum { limit } => format!("is below the minimum of {limit}"),
        Kind::Maximum { limit } => format!("is above the maximum of {limit}"),
        Kind::MinLength { limit } => format!("is shorter than {limit}"),
        Kind::MaxLength { limit } => format!("is longer than {limit}"),
        Kind::MinItems { limit } => format!("has fewer elements than {limit}"),
        Kind::MaxItems { limit } => format!("has more elements than {limit}"),
        Kind::AnyOf { .. } => "fits none of the declared alternatives".to_owned(),
        _ => "is not what is declared".to_owned(),
    }
}
