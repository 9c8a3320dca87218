//! How large a value may be by its schema, and from where on that is no bound; sizes and numbers as people read them.

use serde_json::Value;

use crate::api::{Schema, SchemaKind};

/// The largest page that is customary: more than this in one answer is no page.
pub const SANE_PAGE: u64 = 1_000;

/// The greatest number that a schema allows; none where it allows any. A schema that allows several kinds is as wide as its widest.
pub fn maximum(schema: &Schema) -> Option<f64> {
    if !schema.values.is_empty() {
        return Some(schema.values.iter().filter_map(Value::as_f64).fold(0.0, f64::max));
    }
    let numeric = |schema: &&Schema| {
        schema.kinds.is_empty() && schema.alternatives.is_empty()
            || schema.kinds.contains(&SchemaKind::Integer)
            || schema.kinds.contains(&SchemaKind::Number)
    };
    let variants = schema.variants();
    let mut widest: Option<f64> = None;
    for variant in variants.iter().copied().filter(numeric) {
        let bound = match &variant.values[..] {
            [] => variant.maximum.or(schema.maximum)?,
            values => values.iter().filter_map(Value::as_f64).fold(0.0, f64::max),
        };
        widest = Some(widest.map_or(bound, |w| w.max(bound)));
    }
    // Text of few characters bounds a number written in it.
    widest.or_else(|| {
        let shortest = variants.iter().find_map(|variant| variant.max_length)?;
        (shortest <= 4).then(|| 10f64.powi(shortest as i32) - 1.0)
    })
}

/// Whether every way to write a list has an end: `maxItems` of an array; `maxLength`, `pattern` or `enum` of a text.
pub fn is_bounded_list(schema: &Schema) -> bool {
    schema.variants().iter().filter(|variant| !variant.kinds.is_empty()).all(|variant| {
        variant.kinds.iter().all(|kind| match kind {
            SchemaKind::Array => variant.max_items.is_some(),
            SchemaKind::String => {
                variant.max_length.is_some() || variant.pattern.is_some() || !variant.values.is_empty()
            }
            _ => true,
        })
    }) && schema.variants().iter().any(|variant| !variant.kinds.is_empty())
}

/// A size for people: `812 B`, `161 KiB`, `2.4 MiB`.
pub fn size(bytes: u64) -> String {
    match bytes {
        0..1_024 => format!("{bytes} B"),
        1_024..1_048_576 => format!("{} KiB", bytes.div_ceil(1_024)),
        _ => format!("{:.1} MiB", bytes as f64 / 1_048_576.0),
    }
}

/// A whole number for people: `2,000`.
pub fn number(value: u64) -> String {
    let digits = value.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn integer(maximum: Option<f64>) -> Schema {
        Schema { kinds: vec![SchemaKind::Integer], maximum, ..Schema::default() }
    }

    #[test]
    fn the_widest_alternative_decides() {
        assert_eq!(maximum(&integer(Some(100.0))), Some(100.0));
        assert_eq!(maximum(&integer(None)), None);
        let null = Schema { kinds: vec![SchemaKind::Null], ..Schema::default() };
        let either =
            |a: Schema| Schema { alternatives: vec![Arc::new(a), Arc::new(null.clone())], ..Schema::default() };
        assert_eq!(maximum(&either(integer(Some(50.0)))), Some(50.0));
        assert_eq!(maximum(&either(integer(None))), None);
        assert_eq!(maximum(&Schema { values: vec![10.into(), 25.into()], ..integer(None) }), Some(25.0));
        let text = Schema { kinds: vec![SchemaKind::String], max_length: Some(2), ..Schema::default() };
        assert_eq!(maximum(&text), Some(99.0));
    }

    #[test]
    fn every_alternative_of_a_list_needs_an_end() {
        let of = |kind| Schema { kinds: vec![kind], ..Schema::default() };
        let bounded = Schema { max_items: Some(50), ..of(SchemaKind::Array) };
        assert!(is_bounded_list(&bounded));
        assert!(!is_bounded_list(&of(SchemaKind::Array)));
        assert!(!is_bounded_list(&Schema::default()));
        let either = |b| Schema { alternatives: vec![Arc::new(bounded.clone()), Arc::new(b)], ..Schema::default() };
        assert!(is_bounded_list(&either(of(SchemaKind::Null))));
        assert!(!is_bounded_list(&either(of(SchemaKind::String))));
    }

    #[test]
    fn sizes_and_numbers_for_people() {
        assert_eq!(size(812), "812 B");
        assert_eq!(size(164_384), "161 KiB");
        assert_eq!(number(999), "999");
        assert_eq!(number(1_234_567), "1,234,567");
    }
}
