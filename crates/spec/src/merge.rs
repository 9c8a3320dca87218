//! Two schemas that both apply as one: `allOf`, what stands beside a reference, and alternatives that are none.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde_json::Value;

use crate::api::{Schema, SchemaKind};
use crate::reader::weight;
use crate::tree::LINE;

/// The kind of this name in JSON Schema.
pub(crate) fn kind_of(name: &str) -> Option<SchemaKind> {
    Some(match name {
        "null" => SchemaKind::Null,
        "boolean" => SchemaKind::Boolean,
        "integer" => SchemaKind::Integer,
        "number" => SchemaKind::Number,
        "string" => SchemaKind::String,
        "array" => SchemaKind::Array,
        "object" => SchemaKind::Object,
        _ => return None,
    })
}

/// The kind of a value; a number without a fraction is an integer.
pub(crate) fn kind_of_value(value: &Value) -> SchemaKind {
    match value {
        Value::Null => SchemaKind::Null,
        Value::Bool(_) => SchemaKind::Boolean,
        Value::Number(number) if number.is_f64() && number.as_f64().is_some_and(|n| n.fract() != 0.0) => {
            SchemaKind::Number
        }
        Value::Number(_) => SchemaKind::Integer,
        Value::String(_) => SchemaKind::String,
        Value::Array(_) => SchemaKind::Array,
        Value::Object(_) => SchemaKind::Object,
    }
}

/// What a copied property weighs in values of a document; it holds its name and takes part in no sharing.
const COPY: usize = 4;
/// Properties of the same name are combined where neither has more properties than this: a small document can name the same
/// two large schemas a million times.
const COMBINED: usize = 16;

/// Adds what `other` demands to what `schema` demands; its properties come last. Of what cannot be combined the schema's own stays.
pub(crate) fn absorb(schema: &mut Schema, other: &Schema) {
    absorb_properties(schema, other, true);
    absorb_rest(schema, other);
}

/// Like [`absorb`], for what the schema is derived from: properties of the base come first, and its name counts where the schema adds
/// no properties.
pub(crate) fn absorb_base(schema: &mut Schema, mut base: Schema) {
    if schema.properties.is_empty() {
        take(&mut schema.name, base.name.as_ref());
        schema.properties = std::mem::take(&mut base.properties);
    }
    let (properties, required) = (schema.properties.len(), schema.required.len());
    absorb(schema, &base);
    schema.properties.rotate_left(properties);
    schema.required.rotate_left(required);
}

fn absorb_rest(schema: &mut Schema, other: &Schema) {
    schema.kinds = intersection(&schema.kinds, &other.kinds);
    take(&mut schema.format, other.format.as_ref());
    take(&mut schema.pattern, other.pattern.as_ref());
    take(&mut schema.default, other.default.as_ref());
    take(&mut schema.items, other.items.as_ref());
    schema.minimum = pick(schema.minimum, other.minimum, f64::max);
    schema.maximum = pick(schema.maximum, other.maximum, f64::min);
    schema.min_length = pick(schema.min_length, other.min_length, u64::max);
    schema.max_length = pick(schema.max_length, other.max_length, u64::min);
    schema.min_items = pick(schema.min_items, other.min_items, u64::max);
    schema.max_items = pick(schema.max_items, other.max_items, u64::min);
    schema.max_properties = pick(schema.max_properties, other.max_properties, u64::min);
    schema.max_name_length = pick(schema.max_name_length, other.max_name_length, u64::min);
    schema.unique |= other.unique;
    if schema.values.is_empty() {
        schema.values.clone_from(&other.values);
    }
    if schema.examples.is_empty() {
        schema.examples.clone_from(&other.examples);
    }
    if schema.required.is_empty() {
        schema.required.clone_from(&other.required);
    } else {
        let known: HashSet<String> = schema.required.iter().cloned().collect();
        schema.required.extend(other.required.iter().filter(|name| !known.contains(*name)).cloned());
    }
    // A closed schema allows what its own patterns name, and nothing else.
    match (schema.additional, other.additional) {
        (Some(false), _) => {}
        (_, Some(false)) => {
            schema.additional = Some(false);
            schema.extra.clone_from(&other.extra);
        }
        (mine, theirs) => {
            schema.additional = mine.or(theirs);
            take(&mut schema.extra, other.extra.as_ref());
        }
    }
    if schema.alternatives.is_empty() {
        schema.alternatives.clone_from(&other.alternatives);
    }
    schema.read_only |= other.read_only;
    schema.write_only |= other.write_only;
    schema.recursive |= other.recursive;
}

/// Adds properties. Those of the same name are combined once, not in depth: two shared graphs could multiply.
fn absorb_properties(schema: &mut Schema, other: &Schema, combine: bool) {
    if other.properties.is_empty() {
        return;
    }
    if schema.properties.is_empty() {
        schema.properties.clone_from(&other.properties);
        return;
    }
    let positions: HashMap<&str, usize> =
        schema.properties.iter().enumerate().map(|(index, (name, _))| (name.as_str(), index)).collect();
    let mut fresh = Vec::new();
    let mut same = Vec::new();
    for (name, theirs) in &other.properties {
        match positions.get(name.as_str()) {
            None => fresh.push((name.clone(), Arc::clone(theirs))),
            Some(&index) => same.push((index, theirs)),
        }
    }
    for (index, theirs) in same {
        let mine = &mut schema.properties[index].1;
        let small = mine.properties.len() <= COMBINED && theirs.properties.len() <= COMBINED;
        if combine && small && !Arc::ptr_eq(mine, theirs) {
            let mine = Arc::make_mut(mine);
            take(&mut mine.name, theirs.name.as_ref());
            absorb_properties(mine, theirs, false);
            absorb_rest(mine, theirs);
        }
    }
    schema.properties.extend(fresh);
}

/// What a copy of a schema costs, schemas in it being shared: mostly the names of its properties.
pub(crate) fn copy_weight(schema: &Schema) -> usize {
    let names = schema.properties.iter().map(|(name, _)| COPY + name.len() / LINE).sum::<usize>();
    let required = schema.required.iter().map(|name| 1 + name.len() / LINE).sum::<usize>();
    let values = schema.values.iter().chain(&schema.examples).chain(&schema.default).map(weight).sum::<usize>();
    names + required + values + schema.alternatives.len()
}

/// The only alternative that is not just null. One alone, or one and null, leave no choice; that is how Python's generators write an
/// optional value since OpenAPI 3.1.
pub(crate) fn only_alternative(schema: &Schema) -> Option<Arc<Schema>> {
    let mut others = schema.alternatives.iter().filter(|alternative| !is_null(alternative));
    others.next().filter(|_| others.next().is_none()).cloned()
}

fn is_null(alternative: &Arc<Schema>) -> bool {
    *alternative.kinds == [SchemaKind::Null] && alternative.alternatives.is_empty()
}

/// Makes one schema of one with an only alternative.
pub(crate) fn collapse(schema: &mut Schema, only: &Schema) {
    let nulls = schema.alternatives.len() - 1;
    let alternatives = std::mem::take(&mut schema.alternatives);
    absorb_base(schema, only.clone());
    if nulls > 0 && !schema.kinds.is_empty() {
        schema.kinds.push(SchemaKind::Null);
    } else if nulls > 0 && !schema.alternatives.is_empty() {
        schema.alternatives.extend(alternatives.into_iter().find(is_null));
    }
}

fn take<T: Clone>(mine: &mut Option<T>, theirs: Option<&T>) {
    if mine.is_none() {
        *mine = theirs.cloned();
    }
}

fn pick<T: Copy>(mine: Option<T>, theirs: Option<T>, stricter: fn(T, T) -> T) -> Option<T> {
    match (mine, theirs) {
        (Some(mine), Some(theirs)) => Some(stricter(mine, theirs)),
        (mine, theirs) => mine.or(theirs),
    }
}

/// The kinds that both allow. Where there are none the first stand: a contradiction is likelier a mistake than meant.
fn intersection(mine: &[SchemaKind], theirs: &[SchemaKind]) -> Vec<SchemaKind> {
    if mine.is_empty() || theirs.is_empty() {
        return if mine.is_empty() { theirs } else { mine }.to_vec();
    }
    let allows = |kinds: &[SchemaKind], kind: SchemaKind| {
        kinds.contains(&kind) || kind == SchemaKind::Integer && kinds.contains(&SchemaKind::Number)
    };
    let mut both: Vec<SchemaKind> = mine.iter().copied().filter(|&kind| allows(theirs, kind)).collect();
    both.extend(theirs.iter().copied().filter(|&kind| allows(mine, kind)));
    both.sort_unstable();
    both.dedup();
    if both.is_empty() { mine.to_vec() } else { both }
}
