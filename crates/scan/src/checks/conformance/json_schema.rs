//! A schema of the contract as a JSON Schema that a validator takes: what an answer must fulfil, and no more.
//!
//! Left out is what is judged elsewhere or is no promise of an answer: unknown properties (`undocumented-fields`), write-only properties, formats, which are annotations
//! (JSON Schema 2020-12, Validation §7.2.1), patterns that are no regular expression of the validator's.

use plimsoll_spec::{Schema, SchemaKind};
use serde_json::{Map, Value, json};

/// Levels that are written out; what lies below may be anything.
const DEPTH: u32 = 8;
/// Schemas that are written out for one answer.
const MOST: usize = 4_000;

/// The JSON Schema of an answer; none where it is too large to be worth it.
pub(super) fn of_answer(schema: &Schema) -> Option<Value> {
    let mut left = MOST;
    let written = write(schema, 0, &mut left);
    (left > 0).then_some(written)
}

fn write(schema: &Schema, depth: u32, left: &mut usize) -> Value {
    if depth > DEPTH || *left == 0 || schema.recursive {
        return Value::Bool(true);
    }
    *left -= 1;
    let mut out = Map::new();
    let mut put = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            out.insert(key.to_owned(), value);
        }
    };
    if !schema.kinds.is_empty() {
        let kinds: Vec<&str> = schema.kinds.iter().map(|kind| word(*kind)).collect();
        put("type", Some(json!(kinds)));
    }
    put("minimum", schema.minimum.map(Value::from));
    put("maximum", schema.maximum.map(Value::from));
    put("minLength", schema.min_length.map(Value::from));
    put("maxLength", schema.max_length.map(Value::from));
    put("minItems", schema.min_items.map(Value::from));
    put("maxItems", schema.max_items.map(Value::from));
    if !schema.values.is_empty() {
        let mut values = schema.values.clone();
        // Many contracts write a nullable enumeration without null among its values.
        if schema.kinds.contains(&SchemaKind::Null) && !values.contains(&Value::Null) {
            values.push(Value::Null);
        }
        put("enum", Some(Value::Array(values)));
    }
    put("items", schema.items.as_deref().map(|items| write(items, depth + 1, left)));
    if !schema.properties.is_empty() {
        let properties: Map<String, Value> =
            schema.properties.iter().map(|(name, inner)| (name.clone(), write(inner, depth + 1, left))).collect();
        put("properties", Some(Value::Object(properties)));
    }
    let promised = |name: &&String| {
        let declared = schema.properties.iter().find(|(other, _)| other == *name);
        declared.is_none_or(|(_, inner)| !inner.write_only)
    };
    let required: Vec<&String> = schema.required.iter().filter(promised).collect();
    if !required.is_empty() {
        put("required", Some(json!(required)));
    }
    if !schema.alternatives.is_empty() {
        // `oneOf` as `anyOf`: that two alternatives fit is the contract's fault, not the answer's.
        let alternatives = schema.alternatives.iter().map(|inner| write(inner, depth + 1, left)).collect();
        put("anyOf", Some(Value::Array(alternatives)));
    }
    Value::Object(out)
}

fn word(kind: SchemaKind) -> &'static str {
    match kind {
        SchemaKind::Null => "null",
        SchemaKind::Boolean => "boolean",
        SchemaKind::Integer => "integer",
        SchemaKind::Number => "number",
        SchemaKind::String => "string",
        SchemaKind::Array => "array",
        SchemaKind::Object => "object",
    }
}
