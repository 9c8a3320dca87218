//! From Python text to a syntax tree: the only place that knows the parser.
//!
//! Reading never fails: what the parser could not understand becomes an error with its place, and the tree holds the rest. Trees are at most
//! `lower::DEPTH` levels deep, so that everything behind this may recurse over them; what lies deeper is left out and said.

mod depth;
mod lower;

use ruff_python_ast::Mod;
use ruff_python_ast::token::TokenKind;
use ruff_python_parser::{Mode, ParseOptions, parse_unchecked};
use ruff_text_size::{Ranged, TextRange};

use crate::names::{Interner, Names};
use crate::syntax::{Span, Tree};

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A module or script.
    Source,
    /// Declarations only (`.pyi`).
    Stub,
    /// The code cells of a notebook, joined by line ends; `IPython` commands are skipped.
    Notebook,
}

/// A file that was read.
#[derive(Debug)]
pub struct Parsed {
    /// What could be read.
    pub tree: Tree,
    /// What could not, in the order of the file; the first few.
    pub errors: Vec<SyntaxError>,
}

/// A place that the parser could not understand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// Where.
    pub span: Span,
    /// Why, as a lower-case fragment.
    pub message: String,
}

/// After so many, a file's further errors say nothing new.
const ERRORS: usize = 3;

/// Left on the stack before a file is read; otherwise a new one of twice the size is taken. Freeing the parser's tree recurses, and [`depth::LIMIT`]
/// levels fit.
const STACK: usize = 24 << 20;

/// Reads a file.
pub fn read(names: &Names, text: &str, kind: FileKind) -> Parsed {
    read_with(&mut Interner::new(names), text, kind)
}

/// Reads a file with the names that this thread knows.
pub fn read_with(interner: &mut Interner<'_>, text: &str, kind: FileKind) -> Parsed {
    if let Some(at) = depth::too_deep(text) {
        let message = "nested too deeply; the file was not read".to_owned();
        return Parsed { tree: Tree::default(), errors: vec![SyntaxError { span: at, message }] };
    }
    stacker::maybe_grow(STACK, 2 * STACK, || {
        let (module, mut errors) = parse(text, kind);
        let Mod::Module(module) = module else {
            return Parsed { tree: Tree::default(), errors };
        };
        let (tree, cut) = lower::lower(interner, text, &module);
        if let Some(span) = cut {
            errors.push(SyntaxError { span, message: "nested too deeply; what lies deeper was not read".to_owned() });
        }
        Parsed { tree, errors }
    })
}

/// Parses a file and throws the result away: what reading costs before anything else is done. The measure for goals on speed.
pub fn parse_only(text: &str, kind: FileKind) -> usize {
    if depth::too_deep(text).is_some() {
        return 1;
    }
    stacker::maybe_grow(STACK, 2 * STACK, || parse(text, kind).1.len())
}

/// Where the comments stand.
pub fn comments(text: &str, kind: FileKind) -> Vec<Span> {
    if depth::too_deep(text).is_some() {
        return Vec::new();
    }
    stacker::maybe_grow(STACK, 2 * STACK, || {
        let parsed = parse_unchecked(text, ParseOptions::from(mode(kind)));
        let comments = parsed.tokens().iter().filter(|token| token.kind() == TokenKind::Comment);
        comments.map(|token| span(token.range())).collect()
    })
}

fn mode(kind: FileKind) -> Mode {
    if kind == FileKind::Notebook { Mode::Ipython } else { Mode::Module }
}

fn parse(text: &str, kind: FileKind) -> (Mod, Vec<SyntaxError>) {
    let parsed = parse_unchecked(text, ParseOptions::from(mode(kind)));
    let errors = parsed.errors().iter().take(ERRORS).map(|error| {
        let message = error.error.to_string();
        let mut chars = message.chars();
        let message = chars.next().map(|first| first.to_lowercase().chain(chars).collect()).unwrap_or_default();
        SyntaxError { span: span(error.location), message }
    });
    let errors = errors.collect();
    (parsed.into_syntax(), errors)
}

fn span(range: TextRange) -> Span {
    Span { start: range.start().to_u32(), end: range.end().to_u32() }
}

#[cfg(test)]
mod tests;
