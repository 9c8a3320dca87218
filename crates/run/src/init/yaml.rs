//! Just enough YAML to read a compose file: scalars as texts, lists, and maps, each with its line. What is broken or refers to itself is not read.

use saphyr_parser::{Event, Parser};

/// Values that one file may hold, copies by aliases included.
const MOST: usize = 50_000;

/// A value.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) line: u32,
    pub(super) kind: Kind,
}

#[derive(Clone, Debug)]
pub(super) enum Kind {
    Text(String),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
}

impl Node {
    /// The value under a key of a map, merged ones after its own.
    pub(super) fn get(&self, key: &str) -> Option<&Node> {
        let entries = self.entries();
        entries.iter().find(|(name, _)| name == key).map(|(_, node)| node).or_else(|| {
            let merged = entries.iter().filter(|(name, _)| name == "<<");
            merged.flat_map(|(_, node)| node.items().iter().chain([node])).find_map(|node| node.own(key))
        })
    }

    fn own(&self, key: &str) -> Option<&Node> {
        self.entries().iter().find(|(name, _)| name == key).map(|(_, node)| node)
    }

    /// The entries of a map; none for anything else.
    pub(super) fn entries(&self) -> &[(String, Node)] {
        if let Kind::Map(entries) = &self.kind { entries } else { &[] }
    }

    /// The items of a list; none for anything else.
    pub(super) fn items(&self) -> &[Node] {
        if let Kind::List(items) = &self.kind { items } else { &[] }
    }

    /// The text of a scalar.
    pub(super) fn text(&self) -> Option<&str> {
        if let Kind::Text(text) = &self.kind { Some(text) } else { None }
    }
}

enum Open {
    List(Vec<Node>),
    Map { entries: Vec<(String, Node)>, key: Option<String> },
}

/// The first document; none where it cannot be read.
pub(super) fn read(text: &str) -> Option<Node> {
    let mut open: Vec<(Open, u32, usize)> = Vec::new();
    let mut anchors: Vec<(usize, Node)> = Vec::new();
    let mut left = MOST;
    for event in Parser::new_from_str(text) {
        let (event, span) = event.ok()?;
        let line = span.start.line() as u32;
        let (node, anchor) = match event {
            Event::Scalar(text, _, anchor, _) => (Node { line, kind: Kind::Text(text.into_owned()) }, anchor),
            Event::Alias(anchor) => {
                let (_, node) = anchors.iter().rev().find(|(known, _)| *known == anchor)?;
                (Node { line, kind: node.kind.clone() }, 0)
            }
            Event::SequenceStart(anchor, _) => {
                open.push((Open::List(Vec::new()), line, anchor));
                continue;
            }
            Event::MappingStart(anchor, _) => {
                open.push((Open::Map { entries: Vec::new(), key: None }, line, anchor));
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let (content, line, anchor) = open.pop()?;
                let kind = match content {
                    Open::List(items) => Kind::List(items),
                    Open::Map { entries, .. } => Kind::Map(entries),
                };
                (Node { line, kind }, anchor)
            }
            Event::DocumentEnd => return None,
            _ => continue,
        };
        left = left.checked_sub(weight(&node))?;
        if anchor != 0 {
            anchors.push((anchor, node.clone()));
        }
        match open.last_mut() {
            None => return Some(node),
            Some((Open::List(items), ..)) => items.push(node),
            Some((Open::Map { entries, key }, ..)) => match key.take() {
                // The line of a value is that of its key.
                Some(name) => entries.push((name, node)),
                None => *key = Some(node.text().unwrap_or_default().to_owned()),
            },
        }
    }
    None
}

fn weight(node: &Node) -> usize {
    match &node.kind {
        Kind::Text(_) => 1,
        Kind::List(items) => 1 + items.iter().map(weight).sum::<usize>(),
        Kind::Map(entries) => 1 + entries.iter().map(|(_, node)| weight(node)).sum::<usize>(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_compose_file_has_lines_merges_and_no_bombs() {
        let text = "x-app: &app\n  image: shop\nservices:\n  web:\n    <<: *app\n    command: [\"uvicorn\", \"shop:app\"]\n  db:\n    image: 'amazon/dynamodb-local:latest'\n";
        let root = read(text).unwrap();
        let services = root.get("services").unwrap();
        let web = services.get("web").unwrap();
        assert_eq!(web.get("image").and_then(Node::text), Some("shop"));
        assert_eq!(web.get("command").map(|command| (command.line, command.items().len())), Some((6, 2)));
        assert_eq!(services.get("db").unwrap().get("image").map(|image| image.line), Some(8));
        assert!(read("a: [1, 2").is_none() && read("").is_none());
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x]\n".to_owned();
        for n in 1..12 {
            let list = vec![format!("*a{}", n - 1); 8].join(", ");
            bomb.push_str(&format!("a{n}: &a{n} [{list}]\n"));
        }
        assert!(read(&bomb).is_none());
    }
}
