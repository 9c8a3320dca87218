//! How long a text is at most: by its keywords, by its pattern, by its format; and how many bytes a character takes.

use plimsoll_spec::Schema;
use serde_json::Value;

use crate::pattern;

/// Bytes of the worst character: beyond the basic plane, as two escapes in JSON (`\ud83d\ude00`) or four bytes with three characters each in a
/// URL.
const WORST: u32 = 12;

/// What is known of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Extent {
    /// Characters at most; none where nothing bounds them.
    pub characters: Option<u64>,
    /// Bytes of each at worst.
    pub each: u32,
}

/// Bytes that a character takes at worst, in JSON with everything escaped that a serialiser may escape, and in a URL.
pub(crate) const fn width(character: u32) -> u32 {
    match character {
        // RFC 3986 §2.3: unreserved characters stand for themselves everywhere.
        0x30..=0x39 | 0x41..=0x5a | 0x61..=0x7a | 0x2d | 0x2e | 0x5f | 0x7e => 1,
        // `\"` and `\/` take two, `%2F` three.
        0x20..=0x7e => 3,
        // `\u0007`, and two bytes as six characters.
        0..=0x7ff => 6,
        // Three bytes with three characters each.
        0x800..=0xffff => 9,
        _ => WORST,
    }
}

/// The length that a format implies, in characters, and the bytes of each; none for formats that imply none.
pub fn format_length(format: &str) -> Option<(u64, u32)> {
    Some(match format {
        "date" => (10, 1),
        // RFC 3339 with nanoseconds and an offset.
        "date-time" => (35, 3),
        "time" => (24, 3),
        "uuid" => (36, 1),
        // With braces.
        "guid" => (38, 3),
        "ipv4" => (15, 1),
        "ipv6" => (45, 3),
        // RFC 5321 §4.5.3.1.3 less the brackets; RFC 6531 allows any characters.
        "email" | "idn-email" => (254, WORST),
        // RFC 1035 §3.1.
        "hostname" => (253, 1),
        "idn-hostname" => (253, WORST),
        "int32" => (11, 1),
        "int64" | "uint64" => (20, 1),
        _ => return None,
    })
}

/// What bounds the text of these schemas, which all apply.
pub(super) fn extent(schemas: &[&Schema]) -> Extent {
    let mut extent = Extent { characters: None, each: WORST };
    for schema in schemas {
        extent.narrow(schema.max_length, WORST);
        match schema.format.as_deref() {
            Some("byte" | "base64" | "base64url") => extent.narrow(None, 3),
            // What is binary stands for itself; its length counts octets.
            Some("binary") => extent.narrow(None, 1),
            Some(format) => {
                if let Some((characters, each)) = format_length(format) {
                    extent.narrow(Some(characters), each);
                }
            }
            None => {}
        }
        if let Some(known) = schema.pattern.as_deref().and_then(pattern::extent) {
            extent.narrow(known.characters, known.each);
        }
    }
    extent
}

impl Extent {
    fn narrow(&mut self, characters: Option<u64>, each: u32) {
        self.characters = match (self.characters, characters) {
            (Some(mine), Some(theirs)) => Some(mine.min(theirs)),
            (mine, theirs) => mine.or(theirs),
        };
        self.each = self.each.min(each);
    }
}

/// Bytes that a value takes at worst.
pub fn literal(value: &Value) -> u128 {
    match value {
        Value::Null => 4,
        Value::Bool(_) => 5,
        Value::Number(number) => number.to_string().len() as u128 + 2,
        Value::String(text) => characters(text) + 2,
        Value::Array(items) => {
            items.iter().fold(2_u128, |sum, item| sum.saturating_add(literal(item)).saturating_add(2))
        }
        Value::Object(map) => map
            .iter()
            .fold(2_u128, |sum, (name, value)| sum.saturating_add(member(name)).saturating_add(literal(value))),
    }
}

/// Bytes that the name of a member takes, with its quotes, its colon and the comma after its value.
pub(super) fn member(name: &str) -> u128 {
    characters(name) + 6
}

fn characters(text: &str) -> u128 {
    text.chars().map(|c| u128::from(width(c as u32))).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extents() {
        let text = |max_length, pattern: Option<&str>, format: Option<&str>| {
            extent(&[&Schema {
                max_length,
                pattern: pattern.map(str::to_owned),
                format: format.map(str::to_owned),
                ..Schema::default()
            }])
        };
        assert_eq!(text(None, None, None), Extent { characters: None, each: 12 });
        assert_eq!(text(Some(5), None, None), Extent { characters: Some(5), each: 12 });
        assert_eq!(text(None, Some("^[A-Z]{3}$"), None), Extent { characters: Some(3), each: 1 });
        assert_eq!(text(None, Some("[A-Z]{3}"), None), Extent { characters: None, each: 12 });
        assert_eq!(text(None, None, Some("date")), Extent { characters: Some(10), each: 1 });
        assert_eq!(text(Some(4), Some("^[a-z]+$"), Some("uri")), Extent { characters: Some(4), each: 1 });
    }

    #[test]
    fn literals() {
        for (value, bytes) in [("null", 4), ("\"ab\"", 4), ("\"é\"", 8), ("[1,2]", 12), ("{\"a\":\"b\"}", 12)] {
            assert_eq!(literal(&serde_json::from_str(value).unwrap()), bytes, "{value}");
        }
    }
}
