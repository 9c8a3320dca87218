//! Fixes: edits of one file's text that settle a finding, with how far they can be trusted.
//!
//! A fix is made from the text and the finding alone, so that an editor can ask for it without a project. It is only offered where its result parses; whether
//! the rule is silent afterwards is what [`settles`] finds out, with the project. Nothing is written here.

mod bounds;
mod hoist;
mod remove;
mod reserved;
mod source;
mod tasks;
mod wrap;

#[cfg(test)]
mod tests;

use std::path::PathBuf;

use plimsoll_model::Finding;

use crate::analysis::{Options, analyse};
use crate::names::Names;
use crate::python::{FileKind, read};
use crate::syntax::Span;
use source::Source;

/// How far a fix can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Safety {
    /// It changes nothing but what is wrong.
    Safe,
    /// It changes what the program does, or guesses a number: somebody should look.
    Review,
}

/// A replacement of a part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced; empty for an insertion.
    pub span: Span,
    /// What takes its place.
    pub text: String,
}

/// Edits that settle a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What it does, a short imperative phrase.
    pub title: String,
    /// How far it can be trusted.
    pub safety: Safety,
    /// The edits, in the order of the text; they do not overlap.
    pub edits: Vec<Edit>,
}

/// What makes the fix of a rule.
type Maker = fn(&Source<'_>, u32) -> Option<Fix>;

/// The rules that have a fix, by name.
const MAKERS: &[(&str, Maker)] = &[
    ("useless-del", remove::statement),
    ("page-iterator-context", wrap::unwrapped_iterator),
    ("missing-async-with", wrap::async_with),
    ("unclosed-executor", wrap::in_with),
    ("unclosed-http-client", wrap::in_with),
    ("unclosed-file", wrap::file),
    ("unclosed-aio-client", wrap::entered),
    ("logging-handler-per-request", wrap::handler_removed),
    ("reserved-word", reserved::aliased),
    ("unbounded-lru-cache", bounds::lru_cache),
    ("lru-cache-on-method", bounds::lru_cache),
    ("unbounded-queue", bounds::queue),
    ("signal-connected-per-request", remove::strong_reference),
    ("event-handler-per-request", bounds::unique_id),
    ("mutable-default-argument", bounds::default_argument),
    ("tasks-never-discarded", tasks::discarded),
    ("dangling-task", tasks::kept),
    ("client-per-request", hoist::to_module),
    ("http-client-per-request", hoist::to_module),
    ("executor-per-request", hoist::to_module),
    ("building-dependency", hoist::cached),
];

/// Whether the rule has a fix at all.
pub fn is_fixable(check: &str) -> bool {
    MAKERS.iter().any(|(id, _)| *id == check)
}

/// The fix of a finding in the text of its file, where there is one whose result parses at least as well as the text did.
pub fn for_finding(text: &str, finding: &Finding) -> Option<Fix> {
    let place = finding.source.as_ref()?;
    let kind = match place.file.rsplit_once('.') {
        Some((_, "py")) => FileKind::Source,
        _ => return None,
    };
    let (_, make) = MAKERS.iter().find(|(id, _)| *id == finding.check)?;
    let source = Source::read(text, kind);
    let mut fix = make(&source, place.line)?;
    fix.edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
    let after = apply(text, &fix.edits)?;
    (errors(&after, kind) <= errors(text, kind) && after != text).then_some(fix)
}

/// The text after the edits; none where they overlap or do not fit the text.
pub fn apply(text: &str, edits: &[Edit]) -> Option<String> {
    let mut edits: Vec<&Edit> = edits.iter().collect();
    edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
    let mut out = String::with_capacity(text.len() + 64);
    let mut at = 0;
    for edit in edits {
        let (start, end) = (edit.span.start as usize, edit.span.end as usize);
        if start < at {
            return None;
        }
        out.push_str(text.get(at..start)?);
        out.push_str(&edit.text);
        at = end;
    }
    out.push_str(text.get(at..)?);
    Some(out)
}

/// Whether a fixed text settles a finding in its project: the rule says less about the file than before, and no other rule says more that is as bad.
pub fn settles(paths: &[PathBuf], options: &Options, finding: &Finding, fixed: String) -> bool {
    let Some(place) = &finding.source else { return false };
    let mut with = options.clone();
    with.overlay.insert(place.file.clone(), fixed);
    let (Ok(before), Ok(after)) = (analyse(paths, options), analyse(paths, &with)) else { return false };
    let about = |findings: &[Finding], own: bool| {
        let same = |found: &&Finding| {
            let here = found.source.as_ref().is_some_and(|source| source.file == place.file);
            here && (found.check == finding.check) == own && (own || found.severity >= finding.severity)
        };
        findings.iter().filter(same).count()
    };
    about(&after.findings, true) < about(&before.findings, true)
        && about(&after.findings, false) <= about(&before.findings, false)
}

fn errors(text: &str, kind: FileKind) -> usize {
    read(&Names::default(), text, kind).errors.len()
}
