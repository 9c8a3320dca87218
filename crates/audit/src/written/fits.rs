//! Whether a value as it is written is allowed by a schema. What is not certain fits: formats and patterns are not tried, and a schema that was cut allows
//! everything.

use plimsoll_spec::{Raw, RawKind, Schema, SchemaKind};
use serde_json::Value;

/// How deep values are compared.
const DEPTH: u8 = 12;
/// How many elements of a list are compared.
const ITEMS: usize = 20;

/// What does not fit: where in the value, and why.
pub(super) struct Misfit {
    /// As in `items[0].name`; empty for the value itself.
    pub path: String,
    /// One phrase.
    pub why: String,
}

/// Compares a value with a schema. `input` tells whether callers send it: what is `readOnly` may be missing then.
pub(super) fn misfit(schema: &Schema, raw: Raw<'_>, input: bool) -> Option<Misfit> {
    check(schema, raw, input, DEPTH).err()
}

fn wrong(why: impl Into<String>) -> Misfit {
    Misfit { path: String::new(), why: why.into() }
}

fn within(step: &str, misfit: Misfit) -> Misfit {
    let joint = if misfit.path.is_empty() || misfit.path.starts_with('[') { "" } else { "." };
    Misfit { path: format!("{step}{joint}{}", misfit.path), why: misfit.why }
}

fn check(schema: &Schema, raw: Raw<'_>, input: bool, depth: u8) -> Result<(), Misfit> {
    // Writers use null for "nothing here", whatever the schema says.
    if schema.recursive || depth == 0 || matches!(raw.kind(), RawKind::Null) {
        return Ok(());
    }
    if !schema.alternatives.is_empty() {
        let mut first = None;
        let fits = schema.alternatives.iter().any(|alternative| match check(alternative, raw, input, depth - 1) {
            Ok(()) => true,
            Err(misfit) => {
                first.get_or_insert(misfit);
                false
            }
        });
        if !fits {
            let why = if schema.alternatives.len() == 1 { first } else { None };
            return Err(why.unwrap_or_else(|| wrong("none of the alternatives allows it")));
        }
    }
    let (kind, word) = kind_of(raw);
    let allowed = schema.kinds.is_empty()
        || schema.kinds.contains(&kind)
        || kind == SchemaKind::Integer && schema.kinds.contains(&SchemaKind::Number)
        // A whole number that is written as one with a fraction.
        || kind == SchemaKind::Number && schema.kinds.contains(&SchemaKind::Integer) && number(raw).is_some_and(|n| n.fract() == 0.0);
    if !allowed {
        return Err(wrong(format!("{word} where {} is declared", wanted(schema))));
    }
    if !schema.values.is_empty() && !schema.values.iter().any(|value| same(value, raw)) {
        return Err(wrong("a value that `enum` does not have"));
    }
    match raw.kind() {
        RawKind::Text(text) => {
            let length = text.chars().count() as u64;
            if schema.max_length.is_some_and(|most| length > most) {
                return Err(wrong("longer than `maxLength`"));
            }
            if schema.min_length.is_some_and(|least| length < least) {
                return Err(wrong("shorter than `minLength`"));
            }
        }
        RawKind::Number(number) => {
            let number = number.as_f64().unwrap_or_default();
            if schema.maximum.is_some_and(|most| number > most) {
                return Err(wrong("above `maximum`"));
            }
            if schema.minimum.is_some_and(|least| number < least) {
                return Err(wrong("below `minimum`"));
            }
        }
        RawKind::List(list) => {
            if schema.max_items.is_some_and(|most| list.len() as u64 > most) {
                return Err(wrong("more elements than `maxItems`"));
            }
            if let Some(items) = &schema.items {
                for (index, item) in list.iter().take(ITEMS).enumerate() {
                    check(items, item, input, depth - 1).map_err(|misfit| within(&format!("[{index}]"), misfit))?;
                }
            }
        }
        RawKind::Map(map) => {
            for name in &schema.required {
                let declared = schema.properties.iter().find(|(key, _)| key == name).map(|(_, inner)| inner);
                let excused = declared.is_none_or(|inner| if input { inner.read_only } else { inner.write_only });
                if !excused && map.get(name).is_none() {
                    return Err(wrong(format!("`{name}` is required and missing")));
                }
            }
            for (name, inner) in &schema.properties {
                if let Some(value) = map.get(name) {
                    check(inner, value, input, depth - 1).map_err(|misfit| within(name, misfit))?;
                }
            }
            if schema.additional == Some(false) && schema.alternatives.is_empty() {
                let known = |name: &str| schema.properties.iter().any(|(key, _)| key == name) || name.starts_with("x-");
                if let Some((name, _)) = map.iter().find(|(name, _)| !known(name)) {
                    return Err(wrong(format!("`{name}` is not declared, and further properties are not allowed")));
                }
            }
        }
        RawKind::Null | RawKind::Bool(_) => {}
    }
    Ok(())
}

fn number(raw: Raw<'_>) -> Option<f64> {
    if let RawKind::Number(number) = raw.kind() { number.as_f64() } else { None }
}

fn kind_of(raw: Raw<'_>) -> (SchemaKind, &'static str) {
    match raw.kind() {
        RawKind::Null => (SchemaKind::Null, "null"),
        RawKind::Bool(_) => (SchemaKind::Boolean, "a boolean"),
        RawKind::Number(number) if number.is_f64() => (SchemaKind::Number, "a number"),
        RawKind::Number(_) => (SchemaKind::Integer, "an integer"),
        RawKind::Text(_) => (SchemaKind::String, "a text"),
        RawKind::List(_) => (SchemaKind::Array, "a list"),
        RawKind::Map(_) => (SchemaKind::Object, "an object"),
    }
}

fn wanted(schema: &Schema) -> String {
    schema.kinds.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(" or ")
}

fn same(value: &Value, raw: Raw<'_>) -> bool {
    match (value, raw.kind()) {
        (Value::String(a), RawKind::Text(b)) => a == b,
        (Value::Bool(a), RawKind::Bool(b)) => *a == b,
        (Value::Number(a), RawKind::Number(b)) => a.as_f64() == b.as_f64(),
        (Value::Null, RawKind::Null) => true,
        (Value::Array(_) | Value::Object(_), RawKind::List(_) | RawKind::Map(_)) => *value == raw.to_value(),
        _ => false,
    }
}
