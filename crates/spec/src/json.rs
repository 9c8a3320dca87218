//! JSON (RFC 8259) as a tree with lines. Comments, trailing commas, `NaN` and raw control characters are read with a remark, because
//! people write them; everything else that is wrong stops the reading, because guessing would test an API that nobody described.

use serde_json::Number;

use crate::error::{Failure, Stop, one_line};
use crate::options::Limits;
use crate::text::newlines;
use crate::tree::{Kind, Map, Node, Remark, note};

/// Reads a document. `budget` is the number of values that may still be read; it is taken down.
pub(crate) fn parse(text: &str, limits: &Limits, budget: &mut usize, remarks: &mut Vec<Remark>) -> Result<Node, Stop> {
    let mut reader = Reader { text, bytes: text.as_bytes(), at: 0, line: 1, depth: 0, limits, budget, remarks };
    reader.space()?;
    let line = reader.line;
    let node = reader.value(line)?;
    reader.space()?;
    if reader.at < reader.bytes.len() {
        return Err(reader.stop("text after the end of the document", "keep one JSON document per file"));
    }
    Ok(node)
}

struct Reader<'a, 'r> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    line: u32,
    depth: usize,
    limits: &'a Limits,
    budget: &'r mut usize,
    remarks: &'r mut Vec<Remark>,
}

impl Reader<'_, '_> {
    fn value(&mut self, line: u32) -> Result<Node, Stop> {
        *self.budget = self.budget.checked_sub(1).ok_or_else(|| {
            let mut stop =
                self.stop("the document holds too many values", "raise the limit, or give a smaller document");
            stop.failure = Failure::TooLarge;
            stop
        })?;
        let kind = match self.peek() {
            Some(b'{') => self.nested(Self::map)?,
            Some(b'[') => self.nested(Self::list)?,
            Some(b'"') => Kind::Text(self.string()?),
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(b'a'..=b'z' | b'A'..=b'Z') => self.word()?,
            Some(_) => return Err(self.unexpected("a value")),
            None => return Err(self.ended()),
        };
        Ok(Node { kind, line })
    }

    fn nested(&mut self, read: fn(&mut Self) -> Result<Kind, Stop>) -> Result<Kind, Stop> {
        self.depth += 1;
        if self.depth > self.limits.depth {
            let mut stop = self.stop(&format!("nested deeper than {} levels", self.limits.depth), "");
            stop.failure = Failure::TooLarge;
            return Err(stop);
        }
        self.at += 1;
        let kind = read(self)?;
        self.depth -= 1;
        Ok(kind)
    }

    fn map(&mut self) -> Result<Kind, Stop> {
        let mut entries = Vec::new();
        loop {
            self.space()?;
            match self.peek() {
                Some(b'}') => {
                    self.trailing_comma(!entries.is_empty());
                    self.at += 1;
                    break;
                }
                Some(b'"') => {}
                Some(_) => return Err(self.unexpected("a key in double quotes")),
                None => return Err(self.ended()),
            }
            let line = self.line;
            let key = self.string()?;
            self.space()?;
            match self.peek() {
                Some(b':') => self.at += 1,
                Some(_) => return Err(self.unexpected("a colon after the key")),
                None => return Err(self.ended()),
            }
            self.space()?;
            entries.push((key, self.value(line)?));
            self.space()?;
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    break;
                }
                Some(_) => return Err(self.unexpected("a comma or }")),
                None => return Err(self.ended()),
            }
        }
        let remarks = &mut *self.remarks;
        Ok(Kind::Map(Map::new(entries, |key, line| note(remarks, repeated(key, line)))))
    }

    fn list(&mut self) -> Result<Kind, Stop> {
        let mut items = Vec::new();
        loop {
            self.space()?;
            match self.peek() {
                Some(b']') => {
                    self.trailing_comma(!items.is_empty());
                    self.at += 1;
                    break;
                }
                Some(_) => {}
                None => return Err(self.ended()),
            }
            let line = self.line;
            items.push(self.value(line)?);
            self.space()?;
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    break;
                }
                Some(_) => return Err(self.unexpected("a comma or ]")),
                None => return Err(self.ended()),
            }
        }
        Ok(Kind::List(items.into_boxed_slice()))
    }

    /// A string, from its opening quote.
    fn string(&mut self) -> Result<Box<str>, Stop> {
        self.at += 1;
        let mut start = self.at;
        let mut out = String::new();
        loop {
            match self.peek() {
                Some(b'"') => {
                    let rest = &self.text[start..self.at];
                    self.at += 1;
                    if out.is_empty() {
                        return Ok(rest.into());
                    }
                    out.push_str(rest);
                    return Ok(out.into());
                }
                Some(b'\\') => {
                    out.push_str(&self.text[start..self.at]);
                    out.push(self.escape()?);
                    start = self.at;
                }
                Some(c) => {
                    if c < 0x20 {
                        self.remark("a raw control character in a string");
                        self.line += u32::from(c == b'\n');
                    }
                    self.at += 1;
                }
                None => return Err(self.ended()),
            }
        }
    }

    fn escape(&mut self) -> Result<char, Stop> {
        let c = match self.bytes.get(self.at + 1) {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode(),
            Some(_) => return Err(self.stop("an unknown escape in a string", "write a backslash as \\\\")),
            None => return Err(self.ended()),
        };
        self.at += 2;
        Ok(c)
    }

    /// `\uXXXX`, or two of them for a character beyond the basic plane. Half of such a pair becomes U+FFFD: Python's and
    /// JavaScript's writers let it through, for instance in patterns.
    fn unicode(&mut self) -> Result<char, Stop> {
        let first = self.hex(self.at + 2)?;
        self.at += 6;
        if let Some(c) = char::from_u32(first) {
            return Ok(c);
        }
        if first < 0xdc00 && self.bytes[self.at..].starts_with(b"\\u") {
            let second = self.hex(self.at + 2)?;
            if (0xdc00..0xe000).contains(&second) {
                self.at += 6;
                let both = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                return Ok(char::from_u32(both).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
        }
        self.remark("half of a surrogate pair in a string");
        Ok(char::REPLACEMENT_CHARACTER)
    }

    fn hex(&self, from: usize) -> Result<u32, Stop> {
        let digits = self.bytes.get(from..from + 4).filter(|digits| digits.iter().all(u8::is_ascii_hexdigit));
        let Some(digits) = digits else {
            return Err(self.stop("\\u without four hexadecimal digits", ""));
        };
        Ok(digits.iter().fold(0, |sum, &d| sum * 16 + char::from(d).to_digit(16).unwrap_or(0)))
    }

    fn number(&mut self) -> Result<Kind, Stop> {
        let start = self.at;
        self.at += usize::from(self.peek() == Some(b'-'));
        if self.bytes[self.at..].starts_with(b"Infinity") {
            self.at += "Infinity".len();
            self.remark("Infinity is no JSON value; read as null");
            return Ok(Kind::Null);
        }
        let whole = self.digits();
        if whole == 0 || whole > 1 && self.bytes[self.at - whole] == b'0' {
            return Err(self.stop("a number that JSON does not know", "write it without leading zeros, or as a string"));
        }
        let mut integer = true;
        if self.peek() == Some(b'.') {
            integer = false;
            self.at += 1;
            if self.digits() == 0 {
                return Err(self.stop("a number that ends in a point", ""));
            }
        }
        if let Some(b'e' | b'E') = self.peek() {
            integer = false;
            self.at += 1;
            self.at += usize::from(matches!(self.peek(), Some(b'+' | b'-')));
            if self.digits() == 0 {
                return Err(self.stop("a number without digits in its exponent", ""));
            }
        }
        let text = &self.text[start..self.at];
        let (number, clamped) = number(text, integer);
        if clamped {
            let message = format!("the number {} does not fit 64 bits", one_line(text, 40));
            self.remark(&message);
        }
        Ok(Kind::Number(number))
    }

    fn digits(&mut self) -> usize {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        self.at - start
    }

    fn word(&mut self) -> Result<Kind, Stop> {
        let start = self.at;
        while self.peek().is_some_and(|b| b.is_ascii_alphanumeric()) {
            self.at += 1;
        }
        match &self.text[start..self.at] {
            "null" => Ok(Kind::Null),
            "true" => Ok(Kind::Bool(true)),
            "false" => Ok(Kind::Bool(false)),
            word @ ("NaN" | "Infinity" | "undefined" | "None") => {
                let message = format!("{word} is no JSON value; read as null");
                self.remark(&message);
                Ok(Kind::Null)
            }
            word => {
                let what = format!("the word {} is no JSON value", one_line(word, 40));
                self.at = start;
                Err(self.stop(&what, "put strings in double quotes"))
            }
        }
    }

    /// Skips white space, and comments with a remark.
    fn space(&mut self) -> Result<(), Stop> {
        loop {
            match self.peek() {
                Some(b'\n') => {
                    self.line += 1;
                    self.at += 1;
                }
                Some(b' ' | b'\t' | b'\r') => self.at += 1,
                Some(b'/') => match self.bytes.get(self.at + 1) {
                    Some(b'/') => {
                        self.remark("a comment, which JSON does not know");
                        let rest = &self.bytes[self.at..];
                        self.at += rest.iter().position(|&b| b == b'\n').unwrap_or(rest.len());
                    }
                    Some(b'*') => {
                        self.remark("a comment, which JSON does not know");
                        let Some(length) = self.text[self.at..].find("*/") else {
                            return Err(self.ended());
                        };
                        let inside = &self.bytes[self.at..self.at + length];
                        self.line += newlines(inside);
                        self.at += length + 2;
                    }
                    _ => return Ok(()),
                },
                _ => return Ok(()),
            }
        }
    }

    fn trailing_comma(&mut self, after_an_entry: bool) {
        if after_an_entry {
            self.remark("a trailing comma, which JSON does not know");
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn remark(&mut self, message: &str) {
        note(self.remarks, Remark { line: self.line, message: message.to_owned() });
    }

    fn unexpected(&self, wanted: &str) -> Stop {
        let found = self.text[self.at..].chars().next().unwrap_or(' ');
        self.stop(&format!("expected {wanted}, found {}", one_line(&found.to_string(), 1)), "correct the JSON")
    }

    fn ended(&self) -> Stop {
        let mut stop = self.stop("the document ends in the middle", "is it complete?");
        stop.column = None;
        stop
    }

    fn stop(&self, what: &str, hint: &str) -> Stop {
        let line_start = self.bytes[..self.at].iter().rposition(|&b| b == b'\n').map_or(0, |newline| newline + 1);
        let column = 1 + self.bytes[line_start..self.at].iter().filter(|&&b| b & 0xc0 != 0x80).count() as u32;
        Stop {
            failure: Failure::Syntax,
            line: self.line,
            column: Some(column),
            what: what.to_owned(),
            hint: hint.to_owned(),
        }
    }
}

pub(crate) fn repeated(key: &str, line: u32) -> Remark {
    Remark { line, message: format!("the key {} stands here again; the last one counts", one_line(key, 60)) }
}

/// A number from its text, and whether it had to be brought into the range of an `f64`.
pub(crate) fn number(text: &str, integer: bool) -> (Number, bool) {
    if integer && text != "-0" {
        if let Ok(value) = text.parse::<u64>() {
            return (value.into(), false);
        }
        if let Ok(value) = text.parse::<i64>() {
            return (value.into(), false);
        }
    }
    let value: f64 = text.parse().unwrap_or(0.0);
    let clamped = value.clamp(f64::MIN, f64::MAX);
    (Number::from_f64(clamped).unwrap_or_else(|| 0.into()), !value.is_finite())
}

#[cfg(test)]
mod tests;
