//! Fixes: edits of one file's text that settle a finding, with how far they can be trusted.
//!
//! [`propose`] tries fixes on a project and gives those that help, or says why there is none. Some fixes are made from the text and the finding alone, so that an
//! editor can ask for them ([`for_finding`]); those whose result others could notice need the project. Nothing is written here.

mod across;
mod asks;
mod bounded;
mod bounds;
mod cache;
mod cursor;
mod door;
mod errors;
mod fold;
mod gathered;
mod hoist;
mod holder;
mod imports;
mod lifespan;
mod pages;
mod projection;
mod propose;
mod queues;
mod refusal;
mod remove;
mod reserved;
mod scratch;
mod sink;
mod site;
mod source;
mod stream;
mod tasks;
mod unused;
mod uses;
mod whole;
mod wrap;
mod written;

#[cfg(test)]
mod tests;

use std::path::PathBuf;

use plimsoll_model::Finding;

use crate::analysis::{Options, analyse};
use crate::syntax::Span;
pub(crate) use propose::Trial;
pub use propose::{Proposal, open, propose};
pub use refusal::Refusal;
use site::Site;
pub(crate) use site::between;
use source::Source;

/// How far a fix can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Safety {
    /// It changes nothing but what is wrong.
    Safe,
    /// It changes what the program does, or guesses a number: somebody should look.
    Review,
    /// It changes what callers send and get, by design: only for who asks for that.
    Contract,
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
    /// The edits of the finding's file, in the order of the text; they do not overlap.
    pub edits: Vec<Edit>,
    /// The edits of other files, by the path as it is shown.
    pub others: Vec<(String, Vec<Edit>)>,
    /// What it changes for who uses the application, or which number it guessed, one line each.
    pub mind: Vec<String>,
}

impl Fix {
    fn new(title: impl Into<String>, safety: Safety, edits: Vec<Edit>) -> Self {
        Self { title: title.into(), safety, edits, others: Vec::new(), mind: Vec::new() }
    }

    fn safe(title: impl Into<String>, edits: Vec<Edit>) -> Self {
        Self::new(title, Safety::Safe, edits)
    }

    fn review(title: impl Into<String>, edits: Vec<Edit>) -> Self {
        Self::new(title, Safety::Review, edits)
    }

    fn minding(mut self, line: impl Into<String>) -> Self {
        self.mind.push(line.into());
        self
    }
}

/// What makes the fix of a rule.
enum Maker {
    /// From the text and the line alone.
    Plain(fn(&Source<'_>, u32) -> Option<Fix>),
    /// With a reason where there is none, and with a look at the rest of the project.
    Told(fn(&Site<'_>) -> Result<Fix, Refusal>),
    /// The same of a read, after which the uses of its rows may be seen.
    Read(fn(&Site<'_>) -> Result<Fix, Refusal>),
}

use Maker::{Plain, Read, Told};

/// The rules that have a fix, by name; of several for one rule the first that helps is taken.
const MAKERS: &[(&str, Maker)] = &[
    ("useless-del", Plain(remove::statement)),
    ("page-iterator-context", Plain(wrap::unwrapped_iterator)),
    ("missing-async-with", Plain(wrap::async_with)),
    ("unclosed-executor", Plain(wrap::in_with)),
    ("unclosed-http-client", Plain(wrap::in_with)),
    ("unclosed-file", Plain(wrap::file)),
    ("unclosed-aio-client", Told(lifespan::in_lifespan)),
    ("unclosed-aio-client", Told(lifespan::when_asked)),
    ("unclosed-aio-client", Plain(wrap::entered)),
    ("logging-handler-per-request", Plain(wrap::handler_removed)),
    ("reserved-word", Plain(reserved::aliased)),
    ("sdk-error-answered", Told(errors::fixed_text)),
    ("error-detail", Told(errors::fixed_text)),
    ("unbounded-lru-cache", Plain(bounds::lru_cache)),
    ("lru-cache-on-method", Plain(bounds::lru_cache)),
    ("unbounded-queue", Told(queues::bounded)),
    ("unbounded-queue", Plain(bounds::deque)),
    ("growing-container", Told(queues::batch)),
    ("growing-container", Told(bounded::history)),
    ("growing-container", Told(cache::bounded)),
    ("app-state-accumulation", Told(bounded::history)),
    ("app-state-accumulation", Told(cache::bounded)),
    ("unbounded-dict-cache", Told(cache::bounded)),
    ("exceptions-kept", Told(bounded::history)),
    ("exceptions-kept", Told(cache::bounded)),
    ("request-kept", Told(bounded::history)),
    ("request-kept", Told(cache::bounded)),
    ("stream-records-accumulate", Told(bounded::history)),
    ("generators-kept", Told(cache::waiting)),
    ("generators-kept", Told(bounded::history)),
    ("signal-connected-per-request", Plain(remove::strong_reference)),
    ("signal-connected-per-request", Plain(wrap::disconnected)),
    ("event-handler-per-request", Plain(bounds::unique_id)),
    ("event-handler-per-request", Plain(wrap::unregistered)),
    ("thread-local-accumulation", Told(scratch::emptied)),
    ("thread-local-accumulation", Told(scratch::renewed)),
    ("mutable-default-argument", Plain(bounds::default_argument)),
    ("tasks-never-discarded", Plain(tasks::discarded)),
    ("tasks-never-discarded", Told(tasks::popped)),
    ("dangling-task", Plain(tasks::kept)),
    ("full-result", Read(written::after_each_page)),
    ("full-result", Read(stream::full_result)),
    ("full-result", Told(cursor::page)),
    ("export-in-request", Read(written::after_each_page)),
    ("export-in-request", Read(stream::full_result)),
    ("collected-pages", Read(fold::page_by_page)),
    ("collected-pages", Read(stream::answer)),
    ("collected-pages", Read(stream::listed)),
    ("collected-pages", Told(cursor::page)),
    ("export-in-request", Read(fold::page_by_page)),
    ("export-in-request", Read(stream::answer)),
    ("export-in-request", Read(stream::listed)),
    ("export-in-request", Told(cursor::page)),
    ("whole-table-answer", Read(fold::page_by_page)),
    ("whole-table-answer", Read(stream::answer)),
    ("whole-table-answer", Read(stream::listed)),
    ("whole-table-answer", Told(cursor::page)),
    ("clients-kept", Plain(hoist::with_registration)),
    ("client-per-request", Told(lifespan::in_lifespan)),
    ("client-per-request", Told(lifespan::when_asked)),
    ("client-per-request", Plain(hoist::to_module)),
    ("http-client-per-request", Plain(hoist::to_module)),
    ("executor-per-request", Plain(hoist::to_module)),
    ("resource-per-request", Plain(hoist::tables)),
    ("resource-per-request", Plain(hoist::to_module)),
    ("resource-per-request", Plain(hoist::cached_whole)),
    ("session-per-request", Plain(hoist::to_module)),
    ("session-per-request", Plain(hoist::cached_whole)),
    ("connection-per-request", Plain(hoist::to_module)),
    ("model-per-request", Plain(hoist::cached_class)),
    ("botocore-session-rewrapped", Plain(hoist::to_module)),
    ("building-dependency", Plain(hoist::cached)),
    ("building-dependency", Plain(hoist::cached_whole)),
];

/// Whether the rule has a fix at all.
pub fn is_fixable(check: &str) -> bool {
    MAKERS.iter().any(|(id, _)| *id == check)
}

/// What makes fixes for a rule, the best first.
fn makers(check: &str) -> impl Iterator<Item = &'static Maker> {
    MAKERS.iter().filter(move |(id, _)| *id == check).map(|(_, make)| make)
}

/// The fix of a finding in the text of its file, where there is one that needs no look at the project and whose result parses at least as well as the text did.
pub fn for_finding(text: &str, finding: &Finding) -> Option<Fix> {
    let site = Site::alone(text, finding)?;
    let fixes = makers(&finding.check).filter_map(|make| site.fix(make).ok());
    fixes.filter(|fix| fix.safety < Safety::Contract).find(|fix| fix.others.is_empty())
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
    let here = |findings: &[Finding]| -> Vec<Finding> {
        let same = |found: &&Finding| found.source.as_ref().is_some_and(|source| source.file == place.file);
        findings.iter().filter(same).cloned().collect()
    };
    let (before, after) = (here(&before.findings), here(&after.findings));
    let others = |findings: &[Finding]| {
        let worse = |found: &&Finding| found.check != finding.check && found.severity >= finding.severity;
        findings.iter().filter(worse).count()
    };
    propose::own(&after, finding) < propose::own(&before, finding) && others(&after) <= others(&before)
}
