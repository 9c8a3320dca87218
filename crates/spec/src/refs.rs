//! References (`$ref`) within and between files: JSON pointers in fragments (RFC 6901 §6), anchors (JSON Schema 2020-12 §8.2.2).

use std::collections::HashMap;

use percent_encoding::percent_decode_str;

use crate::files::{Files, quoted};
use crate::tree::{At, Kind, Node, push_token};

/// Resolves references into trees that no longer change.
pub(crate) struct Refs<'a> {
    files: &'a Files,
    /// `$anchor` and `$dynamicAnchor` by file and name, collected when the first is asked for.
    anchors: Option<HashMap<(u32, &'a str), At<'a>>>,
}

/// How many references may follow on each other before the first value.
const HOPS: usize = 32;

impl<'a> Refs<'a> {
    pub(crate) fn new(files: &'a Files) -> Self {
        Self { files, anchors: None }
    }

    /// The root of a file.
    pub(crate) fn root(&self, file: u32) -> At<'a> {
        let entry = &self.files.files[file as usize];
        let pointer = if entry.name.is_empty() { String::new() } else { format!("{}#", entry.name) };
        At { file, node: &entry.root, pointer }
    }

    /// What a reference that stands in `file` leads to.
    pub(crate) fn resolve(&mut self, file: u32, reference: &str) -> Result<At<'a>, String> {
        let (uri, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        let target = self
            .files
            .linked(file, uri)
            .map_err(|reason| format!("the reference {} leads nowhere: {reason}", quoted(reference)))?;
        let mut at = self.root(target);
        let decoded = percent_decode_str(fragment).decode_utf8_lossy();
        let nothing = || format!("the reference {} leads nowhere", quoted(reference));
        if !decoded.is_empty() && !decoded.starts_with('/') {
            return self.anchor(target, &decoded).ok_or_else(nothing);
        }
        for token in decoded.split('/').skip(1) {
            let token = token.replace("~1", "/").replace("~0", "~");
            let node = step(at.node, &token).ok_or_else(nothing)?;
            at.node = node;
            push_token(&mut at.pointer, &token);
        }
        Ok(at)
    }

    /// Follows references until something else stands there.
    pub(crate) fn follow(&mut self, at: At<'a>) -> Result<At<'a>, String> {
        let mut at = at;
        for _ in 0..HOPS {
            let Some(reference) = reference(at.node) else { return Ok(at) };
            at = self.resolve(at.file, reference)?;
        }
        Err("a reference that leads only to itself".to_owned())
    }

    fn anchor(&mut self, file: u32, name: &str) -> Option<At<'a>> {
        if self.anchors.is_none() {
            let mut anchors = HashMap::new();
            for number in 0..self.files.files.len() {
                collect_anchors(&self.root(number as u32), &mut anchors);
            }
            self.anchors = Some(anchors);
        }
        self.anchors.as_ref()?.get(&(file, name)).cloned()
    }
}

/// The text of `$ref`, or of `$dynamicRef`, which is read as one.
pub(crate) fn reference(node: &Node) -> Option<&str> {
    let map = node.map()?;
    map.get("$ref").or_else(|| map.get("$dynamicRef"))?.text()
}

fn step<'a>(node: &'a Node, token: &str) -> Option<&'a Node> {
    match &node.kind {
        Kind::Map(map) => map.get(token),
        Kind::List(list) => list.get(token.parse::<usize>().ok()?),
        _ => None,
    }
}

fn collect_anchors<'a>(at: &At<'a>, out: &mut HashMap<(u32, &'a str), At<'a>>) {
    for key in ["$anchor", "$dynamicAnchor"] {
        if let Some(name) = at.node.child(key).and_then(Node::text) {
            out.entry((at.file, name)).or_insert_with(|| at.clone());
        }
    }
    for (_, child) in at.entries() {
        collect_anchors(&child, out);
    }
    for child in at.items() {
        collect_anchors(&child, out);
    }
}
