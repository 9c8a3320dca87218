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

/// How many objects deep lists and scalars are looked for.
const OBJECTS: usize = 3;
/// How many lists and scalars are kept.
const LISTS: usize = 16;
const SCALARS: usize = 64;
/// How many bytes of a key and of a scalar are kept.
const KEY: usize = 128;
const SCALAR: usize = 512;

/// Counts while bytes are pushed. Needs constant memory, whatever the body.
#[derive(Debug, Default)]
pub struct Counter {
    tally: Tally,
    /// The containers from the top to the innermost one that is still looked into.
    frames: Vec<Frame>,
    /// How many containers deep the reader is within something that is not looked into.
    skipped: u32,
    token: Token,
    /// Raw bytes of the token being read, as far as they are kept.
    raw: Vec<u8>,
    /// The last key, until its value begins.
    key: Option<String>,
    offset: u64,
    line_has_text: bool,
    state: State,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum State {
    /// Before the first byte that is not white space.
    #[default]
    Start,
    /// Within JSON.
    Json,
    /// After the top-level value.
    Done,
    /// Not JSON, or one value a line: only lines are counted.
    Plain,
}

#[derive(Debug)]
struct Frame {
    list: bool,
    /// The index of the list in the tally, where it is kept.
    index: Option<usize>,
    start: u64,
    path: String,
    /// In an object: whether a key comes next.
    expects_key: bool,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum Token {
    #[default]
    None,
    String {
        escaped: bool,
        keep: bool,
    },
    Literal {
        keep: bool,
    },
}

impl Counter {
    /// Takes the next bytes of the body.
    pub fn push(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            if byte == b'\n' {
                self.tally.lines += u64::from(std::mem::take(&mut self.line_has_text));
            } else if !byte.is_ascii_whitespace() {
                self.line_has_text = true;
            }
            if self.state != State::Plain {
                self.byte(byte);
            }
            self.offset += 1;
        }
    }

    /// The tally of everything pushed.
    pub fn finish(mut self) -> Tally {
        self.tally.lines += u64::from(self.line_has_text);
        self.tally.closed = self.state == State::Done;
        // A body that broke off within a list still tells how long the list was so far.
        for frame in &self.frames {
            if let Some(index) = frame.index {
                self.tally.lists[index].bytes = self.offset - frame.start;
            }
        }
        self.tally
    }

    fn byte(&mut self, byte: u8) {
        match &mut self.token {
            Token::String { escaped, keep } => {
                if *keep && self.raw.len() <= SCALAR {
                    self.raw.push(byte);
                }
                match byte {
                    _ if *escaped => *escaped = false,
                    b'\\' => *escaped = true,
                    b'"' => self.end_string(),
                    _ => {}
                }
                return;
            }
            Token::Literal { keep } => {
                if !byte.is_ascii_whitespace() && !matches!(byte, b',' | b']' | b'}' | b':' | b'"' | b'{' | b'[') {
                    if *keep && self.raw.len() <= SCALAR {
                        self.raw.push(byte);
                    }
                    return;
                }
                self.end_literal();
            }
            Token::None => {}
        }
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' => {}
            b'{' | b'[' => self.open(byte == b'['),
            b'}' | b']' => self.close(),
            b',' if self.skipped == 0 => {
                if let Some(frame) = self.frames.last_mut() {
                    frame.expects_key = !frame.list;
                }
            }
            b',' | b':' => {}
            b'"' => {
                let keep = self.begins_value_or_key();
                self.raw.clear();
                self.raw.push(b'"');
                self.token = Token::String { escaped: false, keep };
            }
            _ => {
                let keep = self.begins_value_or_key();
                self.raw.clear();
                self.raw.push(byte);
                self.token = Token::Literal { keep };
            }
        }
    }

    /// Notes that a scalar (or a key) begins; says whether its text is wanted.
    fn begins_value_or_key(&mut self) -> bool {
        if self.state == State::Start || self.state == State::Done {
            // A scalar at the top: not what a tally is for. After a closed value, it is another line.
            self.tally.shape = if self.state == State::Done { Shape::Lines } else { Shape::Other };
            self.state = State::Plain;
            return false;
        }
        if self.skipped > 0 {
            return false;
        }
        match self.frames.last() {
            Some(frame) if frame.list => {
                self.count_element();
                false
            }
            Some(_) => true,
            None => false,
        }
    }

    fn count_element(&mut self) {
        if let Some(index) = self.frames.last().and_then(|frame| frame.index) {
            self.tally.lists[index].len += 1;
        }
    }

    fn end_string(&mut self) {
        let keep = matches!(self.token, Token::String { keep: true, .. });
        self.token = Token::None;
        if !keep {
            return;
        }
        let text = string_of(&self.raw);
        match self.frames.last_mut() {
            Some(frame) if frame.expects_key => {
                frame.expects_key = false;
                self.key = Some(text.chars().take(KEY).collect());
            }
            _ => self.scalar(Value::String(text)),
        }
    }

    fn end_literal(&mut self) {
        let keep = matches!(self.token, Token::Literal { keep: true });
        self.token = Token::None;
        if keep && let Ok(value) = serde_json::from_slice(&self.raw) {
            self.scalar(value);
        }
    }

    fn scalar(&mut self, value: Value) {
        let path = self.path();
        if self.tally.scalars.len() < SCALARS {
            self.tally.scalars.push((path, value));
        }
    }

    /// The path of the value that begins now.
    fn path(&mut self) -> String {
        let parent = self.frames.last().map_or("", |frame| frame.path.as_str());
        match self.key.take() {
            Some(key) if parent.is_empty() => key,
            Some(key) => format!("{parent}.{key}"),
            None => parent.to_owned(),
        }
    }

    fn open(&mut self, list: bool) {
        match self.state {
            State::Start => {
                self.tally.shape = if list { Shape::Array } else { Shape::Object };
                self.state = State::Json;
            }
            State::Done => {
                self.tally.shape = Shape::Lines;
                self.tally.lists.clear();
                self.tally.scalars.clear();
                self.state = State::Plain;
                return;
            }
            State::Json | State::Plain => {}
        }
        let in_list = self.frames.last().is_some_and(|frame| frame.list);
        if self.skipped > 0 || in_list || (!list && self.frames.len() >= OBJECTS) {
            if self.skipped == 0 {
                if in_list {
                    self.count_element();
                }
                self.key = None;
            }
            self.skipped += 1;
        } else {
            let path = self.path();
            let index = (list && self.tally.lists.len() < LISTS).then(|| {
                self.tally.lists.push(ListTally { path: path.clone(), len: 0, bytes: 0 });
                self.tally.lists.len() - 1
            });
            self.frames.push(Frame { list, index, start: self.offset, path, expects_key: !list });
        }
        self.tally.depth = self.tally.depth.max(self.frames.len() as u32 + self.skipped);
    }

    fn close(&mut self) {
        if self.skipped > 0 {
            self.skipped -= 1;
            return;
        }
        if let Some(frame) = self.frames.pop() {
            if let Some(index) = frame.index {
                self.tally.lists[index].bytes = self.offset + 1 - frame.start;
            }
            if self.frames.is_empty() {
                self.state = State::Done;
            }
        }
    }
}

/// The text of a raw JSON string, which may have been cut.
fn string_of(raw: &[u8]) -> String {
    serde_json::from_slice(raw).unwrap_or_else(|_| {
        let inner = raw.strip_prefix(b"\"").unwrap_or(raw);
        String::from_utf8_lossy(inner).into_owned()
    })
}

/// Parses JSON; where `whole` is false, cuts the text after its last complete element, at most four containers deep, and closes it.
pub(crate) fn parse_lenient(bytes: &[u8], whole: bool) -> Option<Value> {
    if whole {
        return serde_json::from_slice(bytes).ok();
    }
    let (mut open, mut in_string, mut escaped) = (Vec::new(), false, false);
    let mut cut: Option<(usize, Vec<u8>)> = None;
    for (at, &byte) in bytes.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'{' => open.push(b'}'),
            b'[' => open.push(b']'),
            b'}' | b']' => {
                open.pop();
            }
            b',' if !open.is_empty() && open.len() <= 4 => cut = Some((at, open.clone())),
            _ => {}
        }
    }
    let (at, open) = cut?;
    let mut closed = bytes[..at].to_vec();
    closed.extend(open.iter().rev());
    serde_json::from_slice(&closed).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn counts_an_envelope() {
        let body = br#"{"items":[{"a":[1,2]},{"b":{"c":1}}],"next":"x\"y","n":3,"meta":{"page":{"total":9,"t":[1]}}}"#;
        let tally = Tally::of(body);
        assert_eq!(tally.shape, Shape::Object);
        assert!(tally.closed);
        let lists: Vec<_> = tally.lists.iter().map(|l| (l.path.as_str(), l.len, l.bytes)).collect();
        assert_eq!(lists, [("items", 2, 27), ("meta.page.t", 1, 3)]);
        assert_eq!(tally.scalar("next"), Some(&Value::from("x\"y")));
        assert_eq!(tally.scalar("meta.page.total"), Some(&Value::from(9)));
        assert_eq!(tally.depth, 4);
    }

    #[test]
    fn counts_an_array_of_scalars_and_an_empty_one() {
        assert_eq!(Tally::of(b"[1, \"a\" ,null,[],{}]").longest().map(|l| l.len), Some(5));
        assert_eq!(Tally::of(b" [ ] ").longest().map(|l| l.len), Some(0));
    }

    #[test]
    fn counts_lines() {
        let tally = Tally::of(b"{\"a\":1}\n{\"a\":2}\n\n{\"a\":3}");
        assert_eq!((tally.shape, tally.lines), (Shape::Lines, 3));
        let csv = Tally::of(b"id,name\n1,a\n2,b\n");
        assert_eq!((csv.shape, csv.lines), (Shape::Other, 3));
    }

    #[test]
    fn an_unfinished_list_is_counted_so_far() {
        let tally = Tally::of(b"{\"items\":[1,2,3,");
        assert!(!tally.closed);
        assert_eq!(tally.lists[0].len, 3);
    }

    #[test]
    fn a_cut_body_is_closed_after_its_last_element() {
        let value = parse_lenient(br#"{"items":[{"id":1,"t":"a,b"},{"id":2,"t":"c"#, false);
        assert_eq!(value, Some(serde_json::json!({"items": [{"id": 1, "t": "a,b"}, {"id": 2}]})));
        assert_eq!(parse_lenient(b"<html>, ", false), None);
    }

    proptest! {
        #[test]
        fn any_bytes_in_any_pieces(bytes in proptest::collection::vec(any::<u8>(), 0..300), at in 0usize..300) {
            let at = at.min(bytes.len());
            let mut counter = Counter::default();
            counter.push(&bytes[..at]);
            counter.push(&bytes[at..]);
            prop_assert_eq!(counter.finish(), Tally::of(&bytes));
            let _ = parse_lenient(&bytes, false);
        }

        #[test]
        fn agrees_with_a_parser(items in proptest::collection::vec("[a-z\"\\\\\\]\\[{},:]{0,6}", 0..20)) {
            let value = serde_json::json!({"next": items.first(), "items": items});
            let tally = Tally::of(value.to_string().as_bytes());
            prop_assert_eq!(tally.lists[0].len, items.len() as u64);
            if let Some(first) = items.first() {
                prop_assert_eq!(tally.scalar("next"), Some(&Value::from(first.clone())));
            }
        }
    }
}
