//! Where a fix is made: the file of a finding, and what the rest of its project says about a name.

use plimsoll_model::Finding;

use super::source::Source;
use super::{Edit, Fix, Maker, Refusal, apply, projection, unused};
use crate::names::Names;
use crate::python::{FileKind, read};
use crate::session::Session;
use crate::syntax::Span;

/// A finding's file, and the rest of its project.
pub(super) struct Site<'a> {
    /// The file as it is shown.
    pub(super) file: &'a str,
    /// Its text.
    pub(super) source: Source<'a>,
    /// The line of the finding, from 1.
    pub(super) line: u32,
    session: Option<&'a Session>,
}

impl<'a> Site<'a> {
    /// A file whose project is not known: an editor asks.
    pub(super) fn alone(text: &'a str, finding: &'a Finding) -> Option<Self> {
        Self::of(text, finding, None)
    }

    /// A file of a project.
    pub(super) fn in_project(text: &'a str, finding: &'a Finding, session: &'a Session) -> Option<Self> {
        Self::of(text, finding, Some(session))
    }

    fn of(text: &'a str, finding: &'a Finding, session: Option<&'a Session>) -> Option<Self> {
        let place = finding.source.as_ref()?;
        if place.file.rsplit_once('.').is_none_or(|(_, end)| end != "py") {
            return None;
        }
        let source = Source::read(text, FileKind::Source);
        Some(Self { file: &place.file, source, line: place.line, session })
    }

    /// The other files of the project that mention a word, with their texts; none where the project is not known.
    pub(super) fn others(&self, word: &str) -> Option<Vec<(String, String)>> {
        let mut found = self.session?.mentioning(word);
        found.retain(|(file, _)| file != self.file);
        Some(found)
    }

    /// Whether nothing is known but this one file.
    pub(super) fn is_alone(&self) -> bool {
        self.session.is_none()
    }

    /// Makes a fix whose result parses at least as well as the text did, with the line ends of its file.
    pub(super) fn fix(&self, make: &Maker) -> Result<Fix, Refusal> {
        let mut fix = match make {
            Maker::Plain(make) => make(&self.source, self.line)
                .ok_or_else(|| Refusal::shape("the statement is another one than the rule's template knows"))?,
            Maker::Told(make) => make(self)?,
            Maker::Read(make) => projection::with(self, make(self)?),
        };
        let text = self.source.text;
        fix.edits = line_ends(text, &fix.edits);
        fix.edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
        let after = apply(text, &fix.edits).ok_or(Refusal::NotParsed)?;
        let used = unused::without(self, after.clone());
        if used != after {
            fix.edits = between(text, &used);
        }
        if errors(&after) > errors(text) || after == text && fix.others.is_empty() {
            return Err(Refusal::NotParsed);
        }
        Ok(fix)
    }
}

/// What makes one text of another, line by line.
pub(crate) fn between(before: &str, after: &str) -> Vec<Edit> {
    let diff = similar::TextDiff::from_lines(before, after);
    let old = |lines: std::ops::Range<usize>| lines.filter_map(|line| diff.old_slice(line));
    let place = |line: usize| old(0..line).map(|line: &str| line.len() as u32).sum::<u32>();
    let new = |lines: std::ops::Range<usize>| lines.filter_map(|line| diff.new_slice(line)).collect::<String>();
    let changed = diff.ops().iter().filter(|op| op.tag() != similar::DiffTag::Equal);
    let edit = |op: &similar::DiffOp| {
        let (from, until) = (op.old_range().start, op.old_range().end);
        Edit { span: Span { start: place(from), end: place(until) }, text: new(op.new_range()) }
    };
    changed.map(edit).collect()
}

/// Edits with the line ends of a text.
pub(super) fn line_ends(text: &str, edits: &[Edit]) -> Vec<Edit> {
    let ends = |text: &str| text.replace("\r\n", "\n").replace('\n', "\r\n");
    let returns = text.contains("\r\n");
    let edit = |edit: &Edit| Edit { text: if returns { ends(&edit.text) } else { edit.text.clone() }, ..edit.clone() };
    edits.iter().map(edit).collect()
}

/// How many errors of syntax a text has.
pub(super) fn errors(text: &str) -> usize {
    read(&Names::default(), text, FileKind::Source).errors.len()
}

/// The last part of the module's name that a file has.
pub(super) fn module_name(file: &str) -> &str {
    let stem = file.strip_suffix(".py").unwrap_or(file);
    let stem = stem.strip_suffix("/__init__").unwrap_or(stem);
    stem.rsplit('/').next().unwrap_or(stem)
}
