//! The answers that this family reads: each different body once, JSON with a walk over its strings.

use std::collections::HashSet;

use plimsoll_http::{Exchange, Response};
use serde_json::Value;

use crate::fields;
use crate::view::Op;

/// How deep values are walked, and how many elements of a list: enough for every kind of row, bounded for every body.
const DEPTH: u32 = 8;
const ELEMENTS: usize = 400;

/// The exchanges of an operation with its own method whose answers differ, in order.
pub fn distinct<'a>(op: &Op<'a>) -> Vec<(&'a Exchange, &'a Response)> {
    let mut seen = HashSet::new();
    let method = op.key().method;
    op.exchanges()
        .filter(|exchange| exchange.request.method == method)
        .filter_map(|exchange| Some((exchange, exchange.response()?)))
        .filter(|(_, response)| !response.body.kept.is_empty() && seen.insert((response.status, response.body.digest)))
        .collect()
}

/// Calls `visit` with the dotted path (list elements add nothing) and the text of each string and number in a value.
pub fn walk(value: &Value, visit: &mut dyn FnMut(&str, &str)) {
    fn inner(path: &mut String, value: &Value, depth: u32, visit: &mut dyn FnMut(&str, &str)) {
        match value {
            Value::String(text) => visit(path, text),
            Value::Number(number) => visit(path, &number.to_string()),
            Value::Array(items) if depth < DEPTH => {
                for item in items.iter().take(ELEMENTS) {
                    inner(path, item, depth + 1, visit);
                }
            }
            Value::Object(map) if depth < DEPTH => {
                for (name, value) in map {
                    let length = path.len();
                    // A raw AttributeValue ({"S": "…"}) is the value of its field, not a field of its own.
                    let raw = map.len() == 1 && matches!(name.as_str(), "S" | "N");
                    if !raw {
                        if !path.is_empty() {
                            path.push('.');
                        }
                        path.push_str(name);
                    }
                    inner(path, value, depth + 1, visit);
                    path.truncate(length);
                }
            }
            _ => {}
        }
    }
    inner(&mut String::new(), value, 0, visit);
}

/// The last segment of a dotted path, in lower case, letters and digits only.
pub fn field(path: &str) -> String {
    fields::normal(path.rsplit('.').next().unwrap_or(path))
}

/// Whether a value was masked before it was sent: `a***@example.org`, `****1234`, `•••`.
pub fn is_masked(value: &str) -> bool {
    value.contains("**")
        || value.contains('•')
        || value.contains('…')
        || value.contains("xxxx")
        || value.contains("XXXX")
        || value.contains("[redacted")
}
