//! Why a document could not be read at all: one line that says what, where and what to do.

use std::fmt;

/// The kind of failure, for callers that decide by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The file does not exist, may not be read, or is no regular file.
    Unreadable,
    /// The document is larger, deeper or wider than [`crate::Limits`] allow.
    TooLarge,
    /// The bytes are no text.
    Encoding,
    /// The text is neither JSON nor YAML.
    Syntax,
    /// The text is something else than an OpenAPI document.
    NotOpenApi,
    /// It is an OpenAPI document of a version that is not known.
    Version,
}

/// Nothing could be read. Displays as `file:line:column: what; what to do` on one line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.line_of_text())]
pub struct LoadError {
    /// Which kind of failure.
    pub failure: Failure,
    /// The document, as it was named by the caller.
    pub file: String,
    /// 1-based line, where known.
    pub line: Option<u32>,
    /// 1-based column in characters, where known.
    pub column: Option<u32>,
    /// What is wrong, as a lower-case fragment.
    pub what: String,
    /// What to do about it; empty where nothing helps.
    pub hint: String,
}

impl LoadError {
    pub(crate) fn new(failure: Failure, file: &str, what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { failure, file: file.to_owned(), line: None, column: None, what: what.into(), hint: hint.into() }
    }

    pub(crate) fn at(mut self, line: u32, column: Option<u32>) -> Self {
        self.line = Some(line);
        self.column = column;
        self
    }

    fn line_of_text(&self) -> String {
        let mut out = one_line(&self.file, 200);
        for number in [self.line, self.column].into_iter().flatten() {
            out.push(':');
            out.push_str(&number.to_string());
        }
        out.push_str(": ");
        out.push_str(&one_line(&self.what, 300));
        if !self.hint.is_empty() {
            out.push_str("; ");
            out.push_str(&one_line(&self.hint, 300));
        }
        out
    }
}

/// The text on one line, without control and direction characters, cut after `limit` characters: documents are not trusted.
pub(crate) fn one_line(text: &str, limit: usize) -> String {
    let mut out = String::with_capacity(text.len().min(limit));
    for (count, c) in text.chars().enumerate() {
        if count == limit {
            out.push('…');
            break;
        }
        let hidden = c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
        out.push(if hidden { ' ' } else { c });
    }
    out
}

/// What stopped a parser, before the name of the file is known.
#[derive(Debug)]
pub(crate) struct Stop {
    pub failure: Failure,
    pub line: u32,
    pub column: Option<u32>,
    pub what: String,
    pub hint: String,
}

impl Stop {
    pub(crate) fn into_error(self, file: &str) -> LoadError {
        LoadError::new(self.failure, file, self.what, self.hint).at(self.line, self.column)
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, one_line(&self.what, 200))
    }
}
