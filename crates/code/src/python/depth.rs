//! How deep a file can nest, estimated from its bytes before it is parsed: a parser's recursion and the freeing of its tree need stack and memory for
//! every level.
//!
//! The estimate never lies below the true depth of ordinary code, and small files are not looked at: they cannot nest deeper than they are long.

use crate::syntax::Span;

/// The deepest nesting that is parsed.
pub const LIMIT: u32 = 20_000;

/// A file shorter than this cannot nest deeper than [`LIMIT`] levels by much.
const SMALL: usize = 3 * LIMIT as usize;

/// Where a file may nest deeper than [`LIMIT`].
pub fn too_deep(text: &str) -> Option<Span> {
    let bytes = text.as_bytes();
    if bytes.len() < SMALL {
        return None;
    }
    let mut scan = Scan { levels: vec![0], sum: 0 };
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        at = match bytes[at] {
            b'#' => memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |end| at + end),
            quote @ (b'"' | b'\'') => {
                scan.step();
                after_string(bytes, at, quote)
            }
            b'(' | b'[' | b'{' => {
                scan.step();
                scan.levels.push(0);
                at + 1
            }
            b')' | b']' | b'}' => {
                scan.close();
                at + 1
            }
            b',' => {
                scan.element();
                at + 1
            }
            b'\n' if scan.levels.len() == 1 => {
                scan.element();
                // Indentation nests, one level for each blank at most.
                let blanks = bytes[at + 1..].iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
                if blanks as u32 > LIMIT {
                    return Some(Span { start: at as u32, end: (at + blanks) as u32 });
                }
                at + 1 + blanks
            }
            byte if byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80 => {
                let word = bytes[at..]
                    .iter()
                    .take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_' || **byte >= 0x80)
                    .count();
                scan.step();
                // A lambda's parameters have commas, but it goes on after them.
                if &bytes[at..at + word] == b"lambda" {
                    scan.levels.push(0);
                }
                at + word
            }
            byte if byte.is_ascii_whitespace() || byte == b'\\' => at + 1,
            _ => {
                scan.step();
                at + 1
            }
        };
        if scan.sum > LIMIT {
            return Some(Span { start: start as u32, end: at as u32 });
        }
    }
    None
}

/// Tokens since the last comma, of every open bracket.
struct Scan {
    levels: Vec<u32>,
    sum: u32,
}

impl Scan {
    fn step(&mut self) {
        if let Some(level) = self.levels.last_mut() {
            *level += 1;
            self.sum += 1;
        }
    }

    fn element(&mut self) {
        if let Some(level) = self.levels.last_mut() {
            self.sum -= *level;
            *level = 0;
        }
    }

    fn close(&mut self) {
        if self.levels.len() > 1 {
            self.element();
            self.levels.pop();
        }
    }
}

/// One past a string that begins here; at the end of the line if it is not closed.
fn after_string(bytes: &[u8], start: usize, quote: u8) -> usize {
    let triple = bytes[start..].starts_with(&[quote; 3]);
    let mut at = if triple { start + 3 } else { start + 1 };
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 1,
            b'\n' if !triple => return at,
            byte if byte == quote && !triple => return at + 1,
            byte if byte == quote && bytes[at..].starts_with(&[quote; 3]) => return at + 3,
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}
