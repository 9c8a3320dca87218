//! Values for parameters and bodies: what the contract gives as an example, else what was harvested, else something that the schema allows.

use plimsoll_spec::{Location, Operation, Parameter, Schema, SchemaKind};
use serde_json::{Map, Value};

use crate::harvest::Harvest;
use crate::paging;

/// How deep a generated body goes, and how many values it has at most.
const DEPTH: u32 = 8;
const NODES: u32 = 2_000;

/// A value for a parameter, as it is written in a request. None where nothing sensible is known.
pub fn parameter(parameter: &Parameter, harvest: &Harvest) -> Option<String> {
    declared(parameter)
        .or_else(|| harvested(parameter, harvest))
        .or_else(|| invented(&parameter.name, &parameter.schema, harvest))
}

/// What the contract itself gives: example, default, or the first of an enumeration.
pub fn declared(parameter: &Parameter) -> Option<String> {
    let schema = &parameter.schema;
    let variants = schema.variants();
    parameter
        .examples
        .iter()
        .chain(
            variants
                .iter()
                .flat_map(|schema| schema.examples.iter().chain(&schema.default).chain(schema.values.first())),
        )
        .find(|value| !value.is_null())
        .and_then(text)
}

fn harvested(parameter: &Parameter, harvest: &Harvest) -> Option<String> {
    harvest.value(&parameter.name).filter(|value| fits(value, &parameter.schema)).map(str::to_owned)
}

/// Whether a value is of a kind and length that the schema allows.
pub fn fits(value: &str, schema: &Schema) -> bool {
    let length = value.chars().count() as u64;
    let long_enough =
        schema.min_length.is_none_or(|min| length >= min) && schema.max_length.is_none_or(|max| length <= max);
    let number = value.parse::<f64>().ok();
    let in_range =
        number.is_none_or(|n| schema.minimum.is_none_or(|min| n >= min) && schema.maximum.is_none_or(|max| n <= max));
    let kind = if schema.is_only(SchemaKind::Integer) {
        value.parse::<i64>().is_ok()
    } else if schema.is_only(SchemaKind::Number) {
        number.is_some()
    } else {
        true
    };
    long_enough && in_range && kind
}

fn invented(name: &str, schema: &Schema, harvest: &Harvest) -> Option<String> {
    let variants = schema.variants();
    let schema = variants
        .iter()
        .find(|schema| !schema.kinds.is_empty() && schema.kinds != [SchemaKind::Null])
        .copied()
        .unwrap_or(schema);
    if let Some(role) = paging::role(name)
        && schema.is_only(SchemaKind::Integer)
    {
        let size = if role == paging::Role::Limit { 10.0 } else { 1.0 };
        return Some(clamp(size, schema).to_string());
    }
    match schema.kinds.iter().find(|kind| **kind != SchemaKind::Null) {
        Some(SchemaKind::Integer | SchemaKind::Number) => Some(clamp(1.0, schema).to_string()),
        Some(SchemaKind::Boolean) => Some("true".to_owned()),
        Some(SchemaKind::Array) => schema
            .items
            .as_deref()
            .map_or_else(|| Some("1".to_owned()), |items| invented(name.trim_end_matches('s'), items, harvest)),
        Some(SchemaKind::Object) => Some("{}".to_owned()),
        Some(SchemaKind::String | SchemaKind::Null) | None => Some(word(name, schema, harvest)),
    }
}

fn clamp(value: f64, schema: &Schema) -> f64 {
    value.max(schema.minimum.unwrap_or(f64::MIN)).min(schema.maximum.unwrap_or(f64::MAX))
}

fn word(name: &str, schema: &Schema, harvest: &Harvest) -> String {
    let lower = name.to_ascii_lowercase();
    let by_format = match schema.format.as_deref() {
        Some("date") => Some("2026-01-15"),
        Some("date-time") => Some("2026-01-15T00:00:00Z"),
        Some("uuid") => Some("00000000-0000-4000-8000-000000000001"),
        Some("email") => Some("someone@example.com"),
        Some("uri" | "url") => Some("https://example.com/"),
        Some("ipv4") => Some("192.0.2.1"),
        _ => None,
    };
    if let Some(value) = by_format {
        return value.to_owned();
    }
    if matches!(lower.as_str(), "from" | "since" | "start" | "start_date" | "from_date" | "after_date" | "date_from") {
        return earliest(harvest).unwrap_or_else(|| "2026-01-01".to_owned());
    }
    if matches!(lower.as_str(), "to" | "until" | "end" | "end_date" | "to_date" | "date_to" | "date") {
        return latest(harvest).unwrap_or_else(|| "2026-01-31".to_owned());
    }
    if ["url", "uri", "redirect", "next", "return"].iter().any(|word| lower.contains(word)) {
        return "https://example.com/".to_owned();
    }
    if lower == "ids" || lower.ends_with("_ids") {
        let ids = harvest.values("id", 2);
        if !ids.is_empty() {
            return ids.join(",");
        }
    }
    let mut word = harvest.word().unwrap_or("test").to_owned();
    let least = schema.min_length.unwrap_or(0) as usize;
    while word.chars().count() < least {
        word.push('a');
    }
    if let Some(most) = schema.max_length {
        word = word.chars().take(most as usize).collect();
    }
    word
}

fn dates(harvest: &Harvest) -> Vec<String> {
    let mut dates: Vec<String> = ["created_at", "createdAt", "date", "created", "updated_at", "timestamp"]
        .iter()
        .flat_map(|name| harvest.values(name, 20))
        .filter(|value| value.len() >= 10 && value.is_char_boundary(10) && value.as_bytes()[4] == b'-')
        .map(|value| value[..10].to_owned())
        .collect();
    dates.sort();
    dates
}

fn earliest(harvest: &Harvest) -> Option<String> {
    dates(harvest).into_iter().next()
}

fn latest(harvest: &Harvest) -> Option<String> {
    dates(harvest).into_iter().next_back()
}

/// A JSON body that the operation's contract allows; none where it takes none or nothing can be said.
pub fn body(operation: &Operation) -> Option<(String, String)> {
    let body = operation.body.as_ref()?;
    let (media_type, (schema, examples)) = body.content.iter().find(|(media_type, _)| media_type.contains("json"))?;
    let value = examples.first().cloned().unwrap_or_else(|| {
        let mut budget = NODES;
        instance(schema, 0, &mut budget)
    });
    Some((media_type.clone(), value.to_string()))
}

/// A JSON body of an operation that changes this object, with the object's own values: all that the contract lets a caller write, or nothing at all
/// where the contract says nothing. What the object does not show is left out, unless it is required.
pub fn body_of(operation: &Operation, object: &Map<String, Value>) -> Option<(String, String)> {
    let Some(body) = operation.body.as_ref() else {
        return Some(("application/json".to_owned(), "{}".to_owned()));
    };
    let (media_type, (schema, _)) = body.content.iter().find(|(media_type, _)| media_type.contains("json"))?;
    let mut out = Map::new();
    for variant in schema.variants() {
        for (name, inner) in variant.properties.iter().filter(|(_, inner)| !inner.read_only) {
            let mut budget = NODES;
            let present = object.get(name).filter(|value| !value.is_null()).cloned();
            let value = present.or_else(|| variant.required.contains(name).then(|| instance(inner, 0, &mut budget)));
            out.extend(value.map(|value| (name.clone(), value)));
        }
    }
    Some((media_type.clone(), Value::Object(out).to_string()))
}

/// A value that a schema allows. `budget` is how many nodes it may still have: a schema of few lines can describe billions.
fn instance(schema: &Schema, depth: u32, budget: &mut u32) -> Value {
    if *budget == 0 || depth >= DEPTH {
        return Value::Null;
    }
    *budget -= 1;
    if let Some(value) = schema.examples.iter().chain(&schema.default).chain(schema.values.first()).next() {
        return value.clone();
    }
    if let Some(alternative) = schema.alternatives.iter().find(|schema| !schema.is_only(SchemaKind::Null))
        && schema.kinds.is_empty()
        && schema.properties.is_empty()
    {
        return instance(alternative, depth + 1, budget);
    }
    let kind = schema.kinds.iter().find(|kind| **kind != SchemaKind::Null);
    match kind {
        Some(SchemaKind::Integer) => Value::from(clamp(1.0, schema) as i64),
        Some(SchemaKind::Number) => Value::from(clamp(1.0, schema)),
        Some(SchemaKind::Boolean) => Value::Bool(true),
        Some(SchemaKind::Array) => {
            let items = schema.items.as_deref().map(|items| instance(items, depth + 1, budget));
            Value::Array(items.into_iter().collect())
        }
        Some(SchemaKind::String) => Value::String(word("", schema, &Harvest::default())),
        _ if !schema.properties.is_empty() => {
            let wanted =
                schema.properties.iter().filter(|(name, inner)| schema.required.contains(name) && !inner.read_only);
            Value::Object(wanted.map(|(name, inner)| (name.clone(), instance(inner, depth + 1, budget))).collect())
        }
        Some(SchemaKind::Object) => Value::Object(Map::new()),
        _ => Value::Null,
    }
}

/// A value as it is written in a query or path.
pub fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().filter_map(text).collect();
            (!items.is_empty()).then(|| items.join(","))
        }
        Value::Null | Value::Object(_) => None,
    }
}

/// The required parameters of an operation in this location.
pub fn required(operation: &Operation, location: Location) -> impl Iterator<Item = &Parameter> {
    operation.parameters_in(location).filter(|parameter| parameter.required)
}
