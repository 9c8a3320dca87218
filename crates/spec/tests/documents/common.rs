//! What several test files need: loading text and looking at an `Api` without its places.

use std::path::Path;

use plimsoll_spec::{Api, LoadError, Options, Source, load};
use serde_json::Value;

/// The document of this text.
pub fn read(text: &str) -> Result<Api, LoadError> {
    load(&Source::Bytes { name: "test".to_owned(), bytes: text.as_bytes().to_vec() }, &Options::default())
}

/// A file of `tests/data`.
pub fn sample(name: &str) -> Api {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name);
    load(&Source::File(path), &Options::default()).unwrap()
}

/// An `Api` as a value, without lines, pointers, names of files and versions of formats.
pub fn bare(api: &Api) -> Value {
    let mut value = serde_json::to_value(api).unwrap();
    strip(&mut value);
    for key in ["format", "document"] {
        value["api"].as_object_mut().unwrap().remove(key);
    }
    value
}

/// Where two values differ, as pointers with both sides.
pub fn differences(left: &Value, right: &Value) -> Vec<String> {
    let mut out = Vec::new();
    compare("", left, right, &mut out);
    out
}

fn compare(pointer: &str, left: &Value, right: &Value, out: &mut Vec<String>) {
    match (left, right) {
        (Value::Object(a), Value::Object(b)) if a.keys().eq(b.keys()) => {
            a.iter().for_each(|(key, value)| compare(&format!("{pointer}/{key}"), value, &b[key], out));
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            a.iter().zip(b).enumerate().for_each(|(n, (a, b))| compare(&format!("{pointer}/{n}"), a, b, out));
        }
        _ if left != right => out.push(format!("{pointer}: {left} / {right}")),
        _ => {}
    }
}

fn strip(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.remove("place");
            map.values_mut().for_each(strip);
        }
        Value::Array(list) => list.iter_mut().for_each(strip),
        _ => {}
    }
}
