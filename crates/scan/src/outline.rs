//! The outline of an answer: its names and its shape without its values, for evidence that is about size and not about content.

use std::fmt::Write as _;

use plimsoll_http::Exchange;
use plimsoll_model::redact;
use serde_json::Value;

use crate::list::is_paging_word;

/// How many characters an outline has at most, and how many fields of an object and levels it shows.
const MAX: usize = 400;
const FIELDS: usize = 12;
const LEVELS: usize = 4;

/// The outline of an answer: `{"items": [{"id": …, "email": …}, …], "count": 300}`. Values are left out, except numbers and flags about paging.
/// Of CSV, the header row; of anything else, nothing.
pub fn outline(exchange: &Exchange) -> String {
    let Some(response) = exchange.response() else { return String::new() };
    if let Some(value) = exchange.json() {
        let mut out = String::new();
        write_value(value, "", LEVELS, &mut out);
        return redact::one_line(&out, MAX);
    }
    let text = response.body.text();
    match response.media_type().as_str() {
        "text/csv" | "application/csv" | "text/tab-separated-values" => {
            redact::one_line(text.lines().next().unwrap_or(""), MAX)
        }
        _ => text.lines().next().and_then(|line| serde_json::from_str(line).ok()).map_or_else(
            String::new,
            |value: Value| {
                let mut out = String::new();
                write_value(&value, "", LEVELS, &mut out);
                redact::one_line(&out, MAX)
            },
        ),
    }
}

fn write_value(value: &Value, name: &str, levels: usize, out: &mut String) {
    match value {
        Value::Object(map) if levels > 0 => {
            out.push('{');
            for (index, (key, inner)) in map.iter().take(FIELDS).enumerate() {
                let comma = if index > 0 { ", " } else { "" };
                // Writing to a string does not fail.
                let _ = write!(out, "{comma}\"{key}\": ");
                write_value(inner, key, levels - 1, out);
            }
            out.push_str(if map.len() > FIELDS { ", …}" } else { "}" });
        }
        Value::Array(items) if levels > 0 => {
            out.push('[');
            if let Some(first) = items.first() {
                write_value(first, "", levels - 1, out);
            }
            out.push_str(if items.len() > 1 { ", …]" } else { "]" });
        }
        Value::Null => out.push_str("null"),
        Value::Number(_) | Value::Bool(_) if is_paging_word(name) => out.push_str(&value.to_string()),
        _ => out.push('…'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_without_values() {
        let mut out = String::new();
        let value =
            serde_json::json!({"items": [{"id": 7, "email": "a@b.example"}, {"id": 8}], "count": 2, "next": null});
        write_value(&value, "", LEVELS, &mut out);
        assert_eq!(out, r#"{"items": [{"id": …, "email": …}, …], "count": 2, "next": null}"#);
    }
}
