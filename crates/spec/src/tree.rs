//! A document as a tree of values that know their line, whatever they were written in.

use serde_json::{Number, Value};

use crate::api::Place;

/// A value. The line is that of its key where it has one.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub kind: Kind,
    pub line: u32,
}

#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Null,
    Bool(bool),
    Number(Number),
    Text(Box<str>),
    List(Box<[Node]>),
    Map(Map),
}

/// Something that a parser tolerated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Remark {
    pub line: u32,
    pub message: String,
}

/// Keeps a remark, unless there are enough: a document may be wrong a million times.
pub(crate) fn note(remarks: &mut Vec<Remark>, remark: Remark) {
    if remarks.len() < 1000 {
        remarks.push(remark);
    }
}

/// Entries in document order; large maps carry an index, so that 10,000 references into 10,000 schemas stay linear.
#[derive(Clone, Debug, Default)]
pub(crate) struct Map {
    entries: Box<[(Box<str>, Node)]>,
    /// Positions of the entries sorted by key; empty for small maps.
    #[expect(clippy::box_collection, reason = "most maps are small: a thin pointer keeps a node at 40 bytes")]
    index: Option<Box<Vec<u32>>>,
}

/// How many bytes of text weigh as much as a value.
pub(crate) const LINE: usize = 32;
/// Pointers are not written out beyond this many bytes.
const POINTER: usize = 2000;
const MORE: &str = "/…";
/// Up to this many entries a walk is faster than an index.
const SMALL: usize = 12;

impl Map {
    /// The map of these entries. Of equal keys the last counts, as nearly every JSON reader does; the others go to `repeated`.
    pub(crate) fn new(mut entries: Vec<(Box<str>, Node)>, mut repeated: impl FnMut(&str, u32)) -> Self {
        if entries.len() <= SMALL {
            let mut at = 0;
            while at < entries.len() {
                let (key, _) = &entries[at];
                if let Some((_, later)) = entries[at + 1..].iter().find(|(other, _)| other == key) {
                    repeated(key, later.line);
                    entries.remove(at);
                } else {
                    at += 1;
                }
            }
            return Self { entries: entries.into_boxed_slice(), index: None };
        }
        let mut index = sorted(&entries);
        let mut doomed = Vec::new();
        for pair in index.windows(2) {
            let (key, next) = (&entries[pair[0] as usize].0, &entries[pair[1] as usize]);
            if *key == next.0 {
                repeated(key, next.1.line);
                doomed.push(pair[0]);
            }
        }
        if !doomed.is_empty() {
            doomed.sort_unstable();
            let mut position = 0;
            entries.retain(|_| {
                position += 1;
                doomed.binary_search(&(position - 1)).is_err()
            });
            index = sorted(&entries);
        }
        Self { entries: entries.into_boxed_slice(), index: Some(Box::new(index)) }
    }

    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        match &self.index {
            None => self.entries.iter().find(|(k, _)| **k == *key).map(|(_, node)| node),
            Some(index) => {
                let found = index.binary_search_by(|&i| (*self.entries[i as usize].0).cmp(key)).ok()?;
                Some(&self.entries[index[found] as usize].1)
            }
        }
    }

    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Node)> {
        self.entries.iter().map(|(key, node)| (&**key, node))
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn into_entries(self) -> Vec<(Box<str>, Node)> {
        self.entries.into_vec()
    }
}

fn sorted(entries: &[(Box<str>, Node)]) -> Vec<u32> {
    let mut index: Vec<u32> = (0..entries.len() as u32).collect();
    // Stable, so that equal keys stay in document order.
    index.sort_by(|&a, &b| entries[a as usize].0.cmp(&entries[b as usize].0));
    index
}

impl Node {
    pub(crate) fn map(&self) -> Option<&Map> {
        if let Kind::Map(map) = &self.kind { Some(map) } else { None }
    }

    pub(crate) fn list(&self) -> Option<&[Node]> {
        if let Kind::List(list) = &self.kind { Some(list) } else { None }
    }

    pub(crate) fn text(&self) -> Option<&str> {
        if let Kind::Text(text) = &self.kind { Some(text) } else { None }
    }

    pub(crate) fn boolean(&self) -> Option<bool> {
        if let Kind::Bool(value) = self.kind { Some(value) } else { None }
    }

    pub(crate) fn number(&self) -> Option<f64> {
        if let Kind::Number(number) = &self.kind { number.as_f64() } else { None }
    }

    pub(crate) fn child(&self, key: &str) -> Option<&Node> {
        self.map()?.get(key)
    }

    /// The identity of a value: trees do not move once they are read.
    pub(crate) fn address(&self) -> usize {
        std::ptr::from_ref(self) as usize
    }

    /// What it is, for messages.
    pub(crate) fn noun(&self) -> &'static str {
        match self.kind {
            Kind::Null => "null",
            Kind::Bool(_) => "a boolean",
            Kind::Number(_) => "a number",
            Kind::Text(_) => "a string",
            Kind::List(_) => "a list",
            Kind::Map(_) => "a map",
        }
    }

    /// What a copy of it costs: its values, itself included, with long texts counted by length.
    pub(crate) fn weight(&self) -> usize {
        match &self.kind {
            Kind::List(list) => 1 + list.iter().map(Self::weight).sum::<usize>(),
            Kind::Map(map) => map.iter().fold(1, |sum, (key, node)| sum + node.weight() + key.len() / LINE),
            Kind::Text(text) => 1 + text.len() / LINE,
            _ => 1,
        }
    }

    pub(crate) fn to_value(&self) -> Value {
        match &self.kind {
            Kind::Null => Value::Null,
            Kind::Bool(value) => Value::Bool(*value),
            Kind::Number(number) => Value::Number(number.clone()),
            Kind::Text(text) => Value::String(text.to_string()),
            Kind::List(list) => list.iter().map(Self::to_value).collect(),
            Kind::Map(map) => Value::Object(map.iter().map(|(key, node)| (key.to_owned(), node.to_value())).collect()),
        }
    }
}

/// A value and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct At<'a> {
    /// Number of the file among those that were read.
    pub file: u32,
    pub node: &'a Node,
    /// JSON pointer, preceded by `file#` where it is not the main document.
    pub pointer: String,
}

impl<'a> At<'a> {
    pub(crate) fn child(&self, key: &str) -> Option<At<'a>> {
        Some(At { file: self.file, node: self.node.child(key)?, pointer: self.below(key) })
    }

    /// Every value of a map with its key; nothing for what is no map.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&'a str, At<'a>)> + use<'a, '_> {
        self.node
            .map()
            .into_iter()
            .flat_map(Map::iter)
            .map(|(key, node)| (key, At { file: self.file, node, pointer: self.below(key) }))
    }

    /// Every value of a list; nothing for what is no list.
    pub(crate) fn items(&self) -> impl Iterator<Item = At<'a>> + use<'a, '_> {
        self.node.list().into_iter().flatten().enumerate().map(|(index, node)| At {
            file: self.file,
            node,
            pointer: self.below(&index.to_string()),
        })
    }

    pub(crate) fn place(&self) -> Place {
        Place { pointer: self.pointer.clone(), line: Some(self.node.line) }
    }

    fn below(&self, key: &str) -> String {
        let mut out = String::with_capacity(self.pointer.len() + key.len().min(POINTER) + MORE.len());
        out.push_str(&self.pointer);
        push_token(&mut out, key);
        out
    }
}

/// Appends a reference token (RFC 6901 §3). Beyond [`POINTER`] bytes only that there is more: every part of a document has its pointer,
/// and a single long key above a million values must not be written out a million times.
pub(crate) fn push_token(pointer: &mut String, token: &str) {
    if pointer.len() + token.len() > POINTER {
        if !pointer.ends_with(MORE) {
            pointer.push_str(MORE);
        }
        return;
    }
    pointer.push('/');
    for c in token.chars() {
        match c {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            c => pointer.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(key: &str, line: u32) -> (Box<str>, Node) {
        (key.into(), Node { kind: Kind::Null, line })
    }

    #[test]
    fn the_last_of_equal_keys_counts_in_small_and_large_maps() {
        for size in [2, SMALL, SMALL + 1, 100] {
            let mut entries: Vec<_> = (0..size).map(|n| entry(&format!("k{n}"), n as u32)).collect();
            entries.push(entry("k1", 1000));
            let mut repeated = Vec::new();
            let map = Map::new(entries, |key, line| repeated.push((key.to_owned(), line)));
            assert_eq!(repeated, [("k1".to_owned(), 1000)], "{size}");
            assert_eq!(map.get("k1").unwrap().line, 1000);
            assert_eq!(map.get("k0").unwrap().line, 0);
            assert_eq!(map.len(), size);
            assert!(map.get("absent").is_none());
        }
    }

    #[test]
    fn pointers_escape_slash_and_tilde() {
        let mut pointer = String::new();
        push_token(&mut pointer, "/users/~me");
        assert_eq!(pointer, "/~1users~1~0me");
    }
}
