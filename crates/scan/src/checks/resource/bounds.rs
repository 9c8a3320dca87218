//! What counts as large, as a customary page and as a bound: the thresholds that the checks of this family share.
//!
//! They are deliberately far from what sound services answer with: a list of a dozen categories is no unbounded read, and a page of a
//! thousand elements is a page.

use plimsoll_http::Exchange;
use plimsoll_model::Severity;
use plimsoll_spec::{Schema, SchemaKind};
use serde_json::Value;

use crate::list::List;
use crate::paging::{self, Next};
use crate::view::Op;

/// From this number of elements on, a list without page control is worth a word.
pub const LARGE_LEN: u64 = 100;
/// From this number of bytes on, a list without page control is worth a word.
pub const LARGE_BYTES: u64 = 64 << 10;
/// The largest page that is customary: more than this in one answer is no page.
pub const SANE_PAGE: u64 = 1_000;
/// From this number of bytes on, an answer is heavy whatever it holds.
pub const HEAVY_BYTES: u64 = 256 << 10;
/// The page size that no caller needs and no sound service serves.
pub const HUGE: u64 = 100_000;

/// Numbers at which lists are customarily cut.
pub const CAPS: &[u64] = &[10, 20, 25, 50, 100, 200, 250, 500, 1_000];

/// Whether a list is so long or heavy that its size matters.
pub fn is_large(list: &List<'_>) -> bool {
    list.len() >= LARGE_LEN || (list.bytes() >= LARGE_BYTES && list.len() >= 20)
}

/// Whether lists are customarily cut at this number.
pub fn is_cap(len: u64) -> bool {
    CAPS.contains(&len)
}

/// The severity of an answer of this size: high where it is heavy, or large and open to anybody; medium otherwise.
pub fn severity(op: &Op<'_>, len: u64, bytes: u64) -> Severity {
    let large = len >= LARGE_LEN || bytes >= LARGE_BYTES;
    if len > SANE_PAGE || bytes >= HEAVY_BYTES || (large && op.is_open()) { Severity::High } else { Severity::Medium }
}

/// Whether an answer says that there is more than it holds, or how much there is, or admits that it may be cut: a next page, a total above
/// its length, a flag (also where it says "no"), a partial content header (RFC 9110 §14.4).
pub fn tells_of_more(exchange: &Exchange, len: u64) -> bool {
    let Some(response) = exchange.response() else { return false };
    let by_header = response.headers.iter().any(|(name, value)| match name.as_str() {
        "content-range" => true,
        "x-total-count" | "x-total" | "total-count" | "x-has-more" => true,
        "link" => value.contains("rel=\"next\"") || value.contains("rel=next"),
        _ => false,
    });
    let by_field = response.body.tally.scalars.iter().any(|(path, value)| {
        let last = path.rsplit('.').next().unwrap_or(path).to_ascii_lowercase().replace(['_', '-'], "");
        let is_flag = value.is_boolean()
            && ["more", "next", "truncated", "last", "partial", "complete"].iter().any(|word| last.contains(word));
        let is_total = last.contains("total") || last == "numfound";
        let above = last.contains("count") && value.as_u64().is_some_and(|count| count > len);
        is_flag || (is_total && value.is_number()) || above
    });
    by_header || by_field || paging::next(exchange).is_some()
}

/// Whether an answer offers a next page.
pub fn has_next(exchange: &Exchange) -> bool {
    matches!(paging::next(exchange), Some(Next::Cursor { .. } | Next::Link(_) | Next::Flag | Next::Key(_)))
}

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
    fn sizes_and_numbers_for_people() {
        assert_eq!(size(812), "812 B");
        assert_eq!(size(164_384), "161 KiB");
        assert_eq!(number(999), "999");
        assert_eq!(number(1_234_567), "1,234,567");
    }
}
