//! YAML 1.2 as a tree with lines: the core schema, aliases within a budget, merge keys. No tag ever makes anything but a plain value.

use std::borrow::Cow;
use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span, Tag};

use crate::error::{Failure, Stop, one_line};
use crate::json::{number, repeated};
use crate::options::Limits;
use crate::tree::{Kind, LINE, Map, Node, Remark, note};

/// Reads the first document. `budget` is the number of values that may still be read; it is taken down.
pub(crate) fn parse(text: &str, limits: &Limits, budget: &mut usize, remarks: &mut Vec<Remark>) -> Result<Node, Stop> {
    let mut builder = Builder {
        frames: Vec::new(),
        root: None,
        anchors: HashMap::new(),
        aliases: limits.aliases,
        limits,
        budget,
        remarks,
    };
    let mut documents = 0;
    for event in Parser::new_from_str(text) {
        let (event, span) = match event {
            Ok(event) => event,
            Err(error) if documents > 0 => {
                let line = error.marker().line() as u32;
                let message = format!("a second YAML document, which is broken: {}", error.info());
                note(builder.remarks, Remark { line, message });
                break;
            }
            Err(error) => {
                return Err(broken(text, &error));
            }
        };
        match event {
            Event::DocumentStart(_) if documents > 0 => {
                builder.remark(&span, "a second YAML document, which is left out".to_owned());
                break;
            }
            Event::DocumentEnd => documents += 1,
            event => builder.event(event, &span)?,
        }
    }
    let root = builder.root.take().unwrap_or(Node { kind: Kind::Null, line: 1 });
    tabs(text, remarks);
    Ok(root)
}

fn broken(text: &str, error: &ScanError) -> Stop {
    let line = error.marker().line().max(1);
    // The parser guards its own stack before the limit of this crate is reached.
    if error.info().contains("recursion limit") {
        return too_large(line as u32, "nested deeper than 256 levels".to_owned());
    }
    let tab = text.lines().skip(line - 1).take(2).any(|line| line.trim_start_matches(' ').starts_with('\t'));
    let hint = if tab { "indent with spaces; YAML forbids tabs" } else { "correct the YAML" };
    Stop {
        failure: Failure::Syntax,
        line: line as u32,
        column: Some(error.marker().col() as u32 + 1),
        what: error.info().to_owned(),
        hint: hint.to_owned(),
    }
}

/// The parser lets tabs pass in places where other readers stop.
fn tabs(text: &str, remarks: &mut Vec<Remark>) {
    let found = text.lines().position(|line| line.starts_with('\t') && !line.trim_start().is_empty());
    if let Some(line) = found {
        remarks.push(Remark {
            line: line as u32 + 1,
            message: "a line indented with a tab, which YAML forbids".to_owned(),
        });
    }
}

struct Builder<'t, 'r> {
    frames: Vec<Frame>,
    root: Option<Node>,
    /// Complete values by anchor.
    anchors: HashMap<usize, Node>,
    /// How many values may still be copied for anchors and aliases.
    aliases: usize,
    limits: &'t Limits,
    budget: &'r mut usize,
    remarks: &'r mut Vec<Remark>,
}

/// A list or map that is being read.
struct Frame {
    content: Content,
    line: u32,
    anchor: usize,
}

enum Content {
    List(Vec<Node>),
    Map { entries: Vec<(Box<str>, Node)>, key: Key },
}

/// What a map waits for.
enum Key {
    /// A key.
    Wanted,
    /// The value of this key.
    Known(Box<str>, u32),
    /// The value of a key that is no scalar; it is left out.
    Odd,
}

impl Builder<'_, '_> {
    fn event(&mut self, event: Event<'_>, span: &Span) -> Result<(), Stop> {
        let line = span.start.line() as u32;
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.spend(line)?;
                let kind = self.scalar(&text, style, tag.as_deref(), span);
                self.put(Node { kind, line }, Some(&text), anchor)
            }
            Event::SequenceStart(anchor, tag) => {
                self.collection_tag(tag, span);
                self.open(Content::List(Vec::new()), line, anchor)
            }
            Event::MappingStart(anchor, tag) => {
                self.collection_tag(tag, span);
                self.open(Content::Map { entries: Vec::new(), key: Key::Wanted }, line, anchor)
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(frame) = self.frames.pop() else { return Ok(()) };
                let kind = match frame.content {
                    Content::List(items) => Kind::List(items.into_boxed_slice()),
                    Content::Map { entries, .. } => Kind::Map(self.close(entries)?),
                };
                self.put(Node { kind, line: frame.line }, None, frame.anchor)
            }
            Event::Alias(anchor) => {
                self.spend(line)?;
                let Some(found) = self.anchors.get(&anchor) else {
                    self.remark(span, "an alias within the value that it names; read as null".to_owned());
                    return self.put(Node { kind: Kind::Null, line }, Some("null"), 0);
                };
                let size = found.weight();
                self.aliases = self.aliases.checked_sub(size).ok_or_else(|| too_many_aliases(line))?;
                let node = found.clone();
                let text = node.text().map(str::to_owned);
                self.put(Node { kind: node.kind, line }, text.as_deref(), 0)
            }
            _ => Ok(()),
        }
    }

    fn open(&mut self, content: Content, line: u32, anchor: usize) -> Result<(), Stop> {
        self.spend(line)?;
        self.frames.push(Frame { content, line, anchor });
        if self.frames.len() > self.limits.depth {
            let what = format!("nested deeper than {} levels", self.limits.depth);
            return Err(too_large(line, what));
        }
        Ok(())
    }

    /// A complete value goes where its surroundings want it. `text` is that of a scalar, which may become a key: `200:` is `"200"`.
    fn put(&mut self, node: Node, text: Option<&str>, anchor: usize) -> Result<(), Stop> {
        if anchor != 0 {
            self.aliases = self.aliases.checked_sub(node.weight()).ok_or_else(|| too_many_aliases(node.line))?;
            self.anchors.insert(anchor, node.clone());
        }
        match self.frames.last_mut().map(|frame| &mut frame.content) {
            None => self.root = self.root.take().or(Some(node)),
            Some(Content::List(items)) => items.push(node),
            Some(Content::Map { entries, key }) => match std::mem::replace(key, Key::Wanted) {
                Key::Wanted => {
                    *key = if let Some(text) = text {
                        Key::Known(text.into(), node.line)
                    } else {
                        let message = "a key that is no scalar is left out".to_owned();
                        note(self.remarks, Remark { line: node.line, message });
                        Key::Odd
                    }
                }
                Key::Known(key, line) => entries.push((key, Node { line, ..node })),
                Key::Odd => {}
            },
        }
        Ok(())
    }

    /// The map of these entries, with those of its merge keys (`<<`, YAML 1.1) that it does not have itself.
    fn close(&mut self, mut entries: Vec<(Box<str>, Node)>) -> Result<Map, Stop> {
        let is_merge =
            |(key, node): &(Box<str>, Node)| &**key == "<<" && matches!(node.kind, Kind::Map(_) | Kind::List(_));
        if let Some(position) = entries.iter().position(is_merge) {
            let (_, merged) = entries.remove(position);
            let sources = match merged.kind {
                Kind::Map(map) => vec![map],
                Kind::List(list) => list
                    .into_iter()
                    .filter_map(|n| if let Kind::Map(map) = n.kind { Some(map) } else { None })
                    .collect(),
                _ => Vec::new(),
            };
            for source in sources {
                let present: std::collections::HashSet<Box<str>> = entries.iter().map(|(key, _)| key.clone()).collect();
                let size = source.iter().map(|(key, node)| node.weight() + key.len() / LINE).sum();
                self.aliases = self.aliases.checked_sub(size).ok_or_else(|| too_many_aliases(merged.line))?;
                entries.extend(source.into_entries().into_iter().filter(|(key, _)| !present.contains(key)));
            }
        }
        let remarks = &mut *self.remarks;
        Ok(Map::new(entries, |key, line| note(remarks, repeated(key, line))))
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, tag: Option<&Tag>, span: &Span) -> Kind {
        if let Some(tag) = tag {
            let known = if tag.is_yaml_core_schema() { tag.suffix.as_str() } else { "" };
            match known {
                "str" | "binary" | "timestamp" => return Kind::Text(text.into()),
                "int" | "float" | "bool" | "null" => return self.plain(text, span),
                _ if tag.handle.is_empty() && tag.suffix == "!" => return Kind::Text(text.into()),
                _ => self.unknown_tag(tag, span),
            }
        }
        if style == ScalarStyle::Plain { self.plain(text, span) } else { Kind::Text(text.into()) }
    }

    /// A plain scalar by the core schema (YAML 1.2.2 §10.3.2).
    fn plain(&mut self, text: &str, span: &Span) -> Kind {
        match text {
            "" | "~" | "null" | "Null" | "NULL" => return Kind::Null,
            "true" | "True" | "TRUE" => return Kind::Bool(true),
            "false" | "False" | "FALSE" => return Kind::Bool(false),
            ".nan" | ".NaN" | ".NAN" | ".inf" | ".Inf" | ".INF" | "-.inf" | "-.Inf" | "-.INF" | "+.inf" => {
                self.remark(span, format!("{text} is no JSON value; read as null"));
                return Kind::Null;
            }
            _ => {}
        }
        for (prefix, radix) in [("0x", 16), ("0o", 8)] {
            if let Some(digits) = text.strip_prefix(prefix)
                && !digits.starts_with(['+', '-'])
                && let Ok(value) = u64::from_str_radix(digits, radix)
            {
                return Kind::Number(value.into());
            }
        }
        let Some(integer) = decimal(text) else { return Kind::Text(text.into()) };
        let (number, clamped) = number(text.strip_prefix('+').unwrap_or(text), integer);
        if clamped {
            self.remark(span, format!("the number {} does not fit 64 bits", one_line(text, 40)));
        }
        Kind::Number(number)
    }

    fn collection_tag(&mut self, tag: Option<Cow<'_, Tag>>, span: &Span) {
        if let Some(tag) = tag {
            let known =
                tag.is_yaml_core_schema() && matches!(tag.suffix.as_str(), "map" | "seq" | "omap" | "set" | "pairs");
            if !known {
                self.unknown_tag(&tag, span);
            }
        }
    }

    fn unknown_tag(&mut self, tag: &Tag, span: &Span) {
        self.remark(span, format!("the YAML tag {} is not followed", one_line(&tag.to_string(), 60)));
    }

    fn spend(&mut self, line: u32) -> Result<(), Stop> {
        *self.budget = self
            .budget
            .checked_sub(1)
            .ok_or_else(|| too_large(line, "the document holds too many values".to_owned()))?;
        Ok(())
    }

    fn remark(&mut self, span: &Span, message: String) {
        note(self.remarks, Remark { line: span.start.line() as u32, message });
    }
}

/// Whether the text is a decimal number, and if so, whether it is an integer.
fn decimal(text: &str) -> Option<bool> {
    let body = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match body.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))),
        None => (body, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    // Digits after a leading zero are a name (`007`) or an octal number of YAML 1.1, whose writers leave such names without quotes.
    if whole.len() > 1 && whole.starts_with('0') {
        return None;
    }
    let some = !whole.is_empty() || fraction.is_some_and(|f| !f.is_empty());
    let fine =
        some && digits(whole) && fraction.is_none_or(digits) && exponent.is_none_or(|e| !e.is_empty() && digits(e));
    fine.then_some(fraction.is_none() && exponent.is_none())
}

fn too_large(line: u32, what: String) -> Stop {
    Stop { failure: Failure::TooLarge, line, column: None, what, hint: String::new() }
}

fn too_many_aliases(line: u32) -> Stop {
    too_large(line, "the YAML aliases make the document grow beyond all bounds".to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(text: &str) -> (Value, Vec<Remark>) {
        let mut remarks = Vec::new();
        let node = parse(text, &Limits::default(), &mut 1_000_000, &mut remarks).unwrap();
        (node.to_value(), remarks)
    }

    #[test]
    fn scalars_follow_the_core_schema() {
        for (text, value) in [
            ("1", json!(1)),
            ("-7", json!(-7)),
            ("+7", json!(7)),
            ("0x1F", json!(31)),
            ("0o17", json!(15)),
            ("1.50", json!(1.5)),
            ("1e3", json!(1000.0)),
            (".5", json!(0.5)),
            ("007", json!("007")),
            ("0.5", json!(0.5)),
            ("1_000", json!("1_000")),
            ("1.2.3", json!("1.2.3")),
            ("2024-01-01", json!("2024-01-01")),
            ("12:30:45", json!("12:30:45")),
            ("yes", json!("yes")),
            ("on", json!("on")),
            ("True", json!(true)),
            ("~", json!(null)),
            ("", json!(null)),
            ("'1'", json!("1")),
            ("\"null\"", json!("null")),
            ("!!str 1", json!("1")),
            ("! 1", json!("1")),
            ("!!int '1'", json!(1)),
            ("'-'", json!("-")),
            ("0x+1", json!("0x+1")),
        ] {
            assert_eq!(read(&format!("a: {text}")).0["a"], value, "{text}");
        }
    }

    #[test]
    fn aliases_and_merge_keys_are_copies() {
        let (value, remarks) =
            read("base: &b {x: 1, y: 2}\nlist: [*b]\nmore:\n  <<: *b\n  y: 3\nboth:\n  <<: [{z: 4}, *b]\n");
        assert_eq!(remarks, []);
        assert_eq!(
            value,
            json!({"base": {"x": 1, "y": 2}, "list": [{"x": 1, "y": 2}], "more": {"x": 1, "y": 3}, "both": {"x": 1, "y": 2, "z": 4}})
        );
    }

    #[test]
    fn keys_keep_their_text() {
        let (value, _) = read("200: a\n0x1: b\ntrue: c\nnull: d\n1.0: e\n");
        let keys: Vec<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(keys, ["200", "0x1", "true", "null", "1.0"]);
    }

    #[test]
    fn lines_are_those_of_the_keys() {
        let text = "a:\n  - b: 1\n  - text\n  - more\nc:\n  d: {e: f,\n   g: h}\n";
        let node = parse(text, &Limits::default(), &mut 1_000, &mut Vec::new()).unwrap();
        let at = |path: &[&str]| path.iter().fold(&node, |node, key| node.child(key).unwrap()).line;
        assert_eq!(
            (at(&["a"]), at(&["c"]), at(&["c", "d"]), at(&["c", "d", "e"]), at(&["c", "d", "g"])),
            (1, 5, 6, 6, 7)
        );
        let items = node.child("a").unwrap().list().unwrap();
        assert_eq!((items[0].line, items[1].line), (2, 3));
    }
}
