//! `path-traversal`: a value leads out of the folder that it names a file in.
//!
//! Two files are asked for, which every system has and which say nothing about it: `/dev/null` and the time zone UTC. Nothing else is tried to be
//! read.

use plimsoll_http::{Exchange, Probe};
use plimsoll_model::{Confidence, PartKind, Severity};
use plimsoll_spec::roles::words;

use super::inputs::{Input, Said, inputs, said};
use crate::check::{Check, Meta, check};
use crate::draft::Draft;
use crate::view::Op;

check! {
    /// A value that leads out of its folder.
    pub struct PathTraversal {
        id: "path-traversal", weakness: PathTraversal, mode: Active, since: "0.1.0", page: "http/path-traversal.md",
    }
}

/// Words of names that files are called by.
const NAMES: &[&str] = &[
    "attachment",
    "asset",
    "doc",
    "document",
    "download",
    "export",
    "file",
    "filename",
    "filepath",
    "folder",
    "image",
    "img",
    "include",
    "invoice",
    "log",
    "manual",
    "page",
    "path",
    "pdf",
    "photo",
    "picture",
    "report",
    "static",
    "template",
    "upload",
    "view",
];
/// Folders of which files are all that there is.
const SERVES: &[&str] = &["attachment", "asset", "download", "file", "static", "upload"];
/// Out of every folder that is likely.
const UP: &str = "../../../../../../../../../..";
/// The zone UTC (RFC 9636 §3): the same on every system.
const ZONE: &str = "usr/share/zoneinfo/UTC";
/// A file that is always there and always empty, and one beside it that is not.
const EMPTY: &str = "dev/null";
const MISSING: &str = "dev/plimsoll-none";

fn up(file: &str) -> String {
    format!("{UP}/{file}")
}

fn tried(op: &Op<'_>) -> Vec<Input> {
    let is_file = |name: &str| words(name).iter().any(|word| NAMES.contains(&word.trim_end_matches('s')));
    let looks = |value: &str| {
        value.rsplit_once('.').is_some_and(|(_, ending)| {
            (1..=5).contains(&ending.len()) && ending.bytes().all(|b| b.is_ascii_alphanumeric())
        })
    };
    let before = |input: &Input| {
        let template = format!("/{{{}}}", input.name);
        let folder = op.key().path.split(&template).next().and_then(|before| before.rsplit('/').next()).unwrap_or("");
        input.part == PartKind::Path
            && is_file(folder)
            && (SERVES.contains(&folder.trim_end_matches('s')) || input.value.as_deref().is_some_and(looks))
    };
    let wanted = |input: &Input| !input.is_number && (is_file(&input.name) || before(input));
    inputs(op).into_iter().filter(wanted).take(1).collect()
}

/// Whether the answer is the zone UTC: nothing else begins so.
fn is_zone(answer: &Exchange) -> bool {
    answer.is_success() && answer.text().contains("TZif")
}

/// Whether an empty file is there, and the one beside it is not.
fn is_empty_file(op: &Op<'_>, input: &Input) -> bool {
    let empty = |answer: &Exchange| {
        answer.status() == Some(200)
            && (answer.text().is_empty()
                || answer
                    .json()
                    .is_some_and(|value| value.as_object().is_some_and(|map| map.values().any(|v| v == ""))))
    };
    input.reply(op, &up(EMPTY)).is_some_and(empty)
        && input.reply(op, &up(MISSING)).is_some_and(|answer| answer.response().is_some() && !answer.is_success())
}

/// Whether a detour within the folder leads to the same file, and a folder that is not there does not.
fn takes_detours(op: &Op<'_>, input: &Input) -> Option<bool> {
    let value = input.value.as_deref()?;
    let plain = said(op.baseline()?)?;
    let [here, around, below] = detours(value).map(|value| input.reply(op, &value).and_then(said));
    Some(here? == plain && around? == plain && below? != plain && plain != Said::Nothing)
}

/// The same file by way of its own folder, by way of another one, and a file in another folder.
fn detours(value: &str) -> [String; 3] {
    [format!("./{value}"), format!("plimsoll/../{value}"), format!("plimsoll/{value}")]
}

impl Check for PathTraversal {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn probes(&self, op: &Op<'_>) -> Vec<Probe> {
        let mut probes = Vec::new();
        for input in tried(op) {
            let known = input.value.as_deref().filter(|_| op.baseline().is_some());
            let [here, around, below] = detours(known.unwrap_or("plimsoll"));
            probes.extend(input.probe(op, &up(ZONE)));
            // Not on every system is the zone where it should be.
            let zone = input.reply(op, &up(ZONE));
            if zone.is_none_or(is_zone) {
                continue;
            }
            probes.extend([up(EMPTY), up(MISSING)].iter().filter_map(|value| input.probe(op, value)));
            if known.is_some() {
                probes.extend([here, around, below].iter().filter_map(|value| input.probe(op, value)));
            }
        }
        probes
    }

    fn judge(&self, op: &Op<'_>) -> Vec<Draft> {
        tried(op).iter().filter_map(|input| judge_input(op, input)).collect()
    }
}

fn judge_input(op: &Op<'_>, input: &Input) -> Option<Draft> {
    let read = |file: &str, what: &str| {
        let answer = input.reply(op, &up(file))?;
        let draft = op
            .finding(format!("`{}` leads out of its folder: with `../` in it, {what} is answered.", input.name))
            .part(input.part, &input.name)
            .exchange_excerpt(answer, "a file outside of the folder", "");
        Some(draft)
    };
    if input.reply(op, &up(ZONE)).is_some_and(is_zone) {
        return read(ZONE, "the system's file of the time zone UTC");
    }
    if is_empty_file(op, input) {
        let missing = input.reply(op, &up(MISSING))?;
        return Some(read(EMPTY, "the system's empty file")?.exchange_excerpt(missing, "one that is not there", ""));
    }
    // A service that resolves a path and looks where it ends up answers detours within its folder as well: a hint, no more.
    (takes_detours(op, input) == Some(true)).then(|| {
        let value = input.value.as_deref().unwrap_or_default();
        let [_, around, below] = detours(value);
        let draft = op
            .finding(format!(
                "`{}` is taken for a path: `{around}` is answered as `{value}` is, `{below}` is not. Whether it can lead out of its folder was not seen.",
                input.name,
            ))
            .part(input.part, &input.name)
            .severity(Severity::Info)
            .confidence(Confidence::Suspected);
        let shown = [around, below].into_iter().filter_map(|value| input.reply(op, &value));
        shown.zip(["a detour", "another folder"]).fold(draft, |draft, (answer, role)| draft.outline(answer, role))
    })
}
