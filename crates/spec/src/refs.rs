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
                let root = self.root(number as u32);
                collect_anchors(&root, root.node, &mut Vec::new(), &mut anchors);
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

/// Walks with the way down at hand, so that only what has an anchor gets a pointer.
fn collect_anchors<'a>(
    root: &At<'a>,
    node: &'a Node,
    way: &mut Vec<Step<'a>>,
    out: &mut HashMap<(u32, &'a str), At<'a>>,
) {
    match &node.kind {
        Kind::Map(map) => {
            for key in ["$anchor", "$dynamicAnchor"] {
                if let Some(name) = map.get(key).and_then(Node::text) {
                    let mut pointer = root.pointer.clone();
                    for step in way.iter() {
                        match step {
                            Step::Key(key) => push_token(&mut pointer, key),
                            Step::Index(index) => push_token(&mut pointer, &index.to_string()),
                        }
                    }
                    out.entry((root.file, name)).or_insert(At { file: root.file, node, pointer });
                }
            }
            for (key, child) in map.iter() {
                way.push(Step::Key(key));
                collect_anchors(root, child, way, out);
                way.pop();
            }
        }
        Kind::List(list) => {
            for (index, child) in list.iter().enumerate() {
                way.push(Step::Index(index));
                collect_anchors(root, child, way, out);
                way.pop();
            }
        }
        _ => {}
    }
}

enum Step<'a> {
    Key(&'a str),
    Index(usize),
}
