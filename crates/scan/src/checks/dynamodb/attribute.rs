//! The attribute values of DynamoDB's wire format: recognising them in any JSON.

use serde_json::{Map, Value};

use crate::fields::normal;

/// The value's type descriptor, where it is an attribute value: an object with one key that names a type, and a value of that type
/// (Amazon DynamoDB API Reference, AttributeValue).
pub fn descriptor(value: &Value) -> Option<&'static str> {
    let map = value.as_object().filter(|map| map.len() == 1)?;
    let (key, inner) = map.iter().next()?;
    let is_number = |value: &Value| value.as_str().is_some_and(|text| text.parse::<f64>().is_ok());
    let all = |value: &Value, test: &dyn Fn(&Value) -> bool| {
        value.as_array().is_some_and(|items| !items.is_empty() && items.iter().all(test))
    };
    match key.as_str() {
        "S" if inner.is_string() => Some("S"),
        "N" if is_number(inner) => Some("N"),
        "B" if inner.is_string() => Some("B"),
        "BOOL" if inner.is_boolean() => Some("BOOL"),
        "NULL" if *inner == Value::Bool(true) => Some("NULL"),
        "M" if inner.as_object().is_some_and(|map| map.values().all(|value| descriptor(value).is_some())) => Some("M"),
        "L" if inner.as_array().is_some_and(|items| items.iter().all(|value| descriptor(value).is_some())) => Some("L"),
        "SS" if all(inner, &Value::is_string) => Some("SS"),
        "BS" if all(inner, &Value::is_string) => Some("BS"),
        "NS" if all(inner, &is_number) => Some("NS"),
        _ => None,
    }
}

/// Whether an object is an item, or a key, in DynamoDB's wire format: all of its values are attribute values.
pub fn is_item(map: &Map<String, Value>) -> bool {
    !map.is_empty() && map.values().all(|value| descriptor(value).is_some())
}

/// Where items lie in a value, as dotted paths with `[]` for the elements of a list, with the item. The first of each path.
pub fn items(value: &Value) -> Vec<(String, &Map<String, Value>)> {
    let mut found = Vec::new();
    collect(value, &mut String::new(), &mut found);
    found
}

fn collect<'a>(value: &'a Value, path: &mut String, found: &mut Vec<(String, &'a Map<String, Value>)>) {
    let length = path.len();
    match value {
        // Of the elements of a list, the first one stands for all.
        Value::Object(_) if found.iter().any(|(other, _)| other == path) => {}
        Value::Object(map) if is_item(map) => found.push((path.clone(), map)),
        Value::Object(map) => {
            for (key, inner) in map.iter().filter(|(_, inner)| inner.is_object() || inner.is_array()) {
                if !path.is_empty() {
                    path.push('.');
                }
                path.push_str(key);
                collect(inner, path, found);
                path.truncate(length);
            }
        }
        Value::Array(values) => {
            path.push_str("[]");
            for inner in values {
                collect(inner, path, found);
            }
            path.truncate(length);
        }
        _ => {}
    }
}

/// An item without its values: `{"id": {"S": …}, "price": {"N": …}}`.
pub fn masked(item: &Map<String, Value>) -> String {
    let fields: Vec<String> = item
        .iter()
        .take(12)
        .map(|(name, value)| format!("\"{name}\": {{\"{}\": …}}", descriptor(value).unwrap_or("?")))
        .collect();
    format!("{{{}{}}}", fields.join(", "), if item.len() > 12 { ", …" } else { "" })
}

/// Whether a field is a cursor by its name.
pub fn is_cursor_name(name: &str) -> bool {
    matches!(
        normal(name).as_str(),
        "lastevaluatedkey"
            | "exclusivestartkey"
            | "lastkey"
            | "nextkey"
            | "startkey"
            | "next"
            | "nextcursor"
            | "cursor"
            | "nexttoken"
            | "nextpage"
            | "pagetoken"
            | "nextpagetoken"
            | "continuationtoken"
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn attribute_values_and_what_only_looks_like_them() {
        for value in [
            json!({"S": "a"}),
            json!({"N": "1.5"}),
            json!({"BOOL": false}),
            json!({"L": [{"S": "a"}]}),
            json!({"M": {"a": {"N": "1"}}}),
            json!({"NS": ["1"]}),
        ] {
            assert!(descriptor(&value).is_some(), "{value}");
        }
        for value in [
            json!({"S": 3}),
            json!({"N": "many"}),
            json!({"N": 4}),
            json!({"S": "a", "M": "b"}),
            json!({"L": 40}),
            json!({"NULL": false}),
            json!("S"),
        ] {
            assert!(descriptor(&value).is_none(), "{value}");
        }
    }

    #[test]
    fn items_are_found_once_for_each_path() {
        let value =
            json!({"Items": [{"id": {"S": "1"}}, {"id": {"S": "2"}}], "Count": 2, "a": {"b": {"k": {"N": "1"}}}});
        let paths: Vec<String> = items(&value).into_iter().map(|(path, _)| path).collect();
        assert_eq!(paths, ["Items[]", "a.b"]);
    }
}
