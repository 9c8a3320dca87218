//! A file that is not closed on every path.

use plimsoll_model::Severity;

use crate::program::{CallSite, ExprAt, Role, Symbol};
use crate::rules::look::{Body, Closing, Fate, call_name, calls, fate, kinds, reach};
use crate::rules::rule::{Rule, rule};
use crate::rules::{Cx, Draft, Drafts, Meta, Spot};
use crate::values::Kind;

rule! {
    /// A file that is not closed on every path.
    UnclosedFile { id: "unclosed-file", weakness: UnclosedResource, kind: Cost, severity: Low, since: "0.1.0" }
}

/// Calls that open something.
const OPENERS: &[&str] = &[
    "open",
    "fdopen",
    "ZipFile",
    "TarFile",
    "GzipFile",
    "NamedTemporaryFile",
    "TemporaryFile",
    "SpooledTemporaryFile",
    "socket",
    "mmap",
];

/// Paths that open something.
const PATHS: &[&str] = &[
    "builtins.open",
    "io.open",
    "os.fdopen",
    "gzip.open",
    "bz2.open",
    "lzma.open",
    "tarfile.open",
    "zipfile.ZipFile",
    "codecs.open",
    "gzip.GzipFile",
    "tempfile.NamedTemporaryFile",
    "tempfile.TemporaryFile",
    "tempfile.SpooledTemporaryFile",
    "tarfile.TarFile",
    "wave.open",
    "shelve.open",
];

/// What they are closed by.
pub const CLOSERS: &[&str] = &["close", "__exit__", "detach"];

impl Rule for UnclosedFile {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, cx: &Cx<'_>, out: &mut Drafts) {
        for name in OPENERS {
            for site in calls(cx, name) {
                let role = cx.program.module(site.at.module).role;
                if site.in_with
                    || matches!(role, Role::Test | Role::Migration | Role::Stub | Role::Generated)
                    || !opens(cx, site.at)
                {
                    continue;
                }
                check_one(cx, site, out);
            }
        }
    }
}

fn check_one(cx: &Cx<'_>, site: &CallSite, out: &mut Drafts) {
    let body = Body::of(cx.program, site.scope);
    let found = fate(cx.program, &body, site.scope, site.at, CLOSERS);
    let hot = reach(cx, site.scope).is_hot();
    let (message, severity) = match found {
        Fate::Local(Closing::Never) | Fate::Dropped | Fate::Iterated => ("the file is never closed", Severity::Low),
        Fate::Chained(call) if !ends(cx, call) => ("the file is never closed", Severity::Low),
        Fate::Given(call) if leaves_open(cx, call) => {
            ("the file is never closed: what it is given to does not do so", Severity::Low)
        }
        Fate::Local(Closing::LeftAt(_)) => ("the file is not closed on every way out", Severity::Low),
        Fate::Local(Closing::Unguarded) => ("the file is not closed when something between raises", Severity::Info),
        _ => return,
    };
    let severity = if hot { severity } else { Severity::Info };
    let mut draft =
        Draft::new(&UnclosedFile::META, Spot::expr(cx.program, site.at), site.scope, message).severity(severity);
    if let Fate::Local(Closing::LeftAt(stmt)) = found {
        draft = draft.step(Spot::stmt(cx.program, site.at.module.stmt(stmt)), "left here without closing");
    }
    out.push(draft);
}

/// Whether a call opens a file.
pub fn opens(cx: &Cx<'_>, call: ExprAt) -> bool {
    let program = cx.program;
    let path = program.call(call).and_then(|(callee, _)| program.external(callee));
    if let Some(path) = path {
        return PATHS.contains(&path);
    }
    kinds::made_here(cx, call).is_some_and(|object| object.kind == Kind::File) || is_path_open(cx, call)
}

/// `Path(…).open()`.
fn is_path_open(cx: &Cx<'_>, call: ExprAt) -> bool {
    let program = cx.program;
    let Some(receiver) = program.receiver(call) else { return false };
    call_name(program, call) == Some("open")
        && program
            .call(receiver)
            .and_then(|(callee, _)| program.external(callee))
            .is_some_and(|path| matches!(path, "pathlib.Path" | "pathlib.PurePath"))
}

/// `open(path).close()`.
fn ends(cx: &Cx<'_>, call: ExprAt) -> bool {
    call_name(cx.program, call)
        .is_some_and(|name| CLOSERS.contains(&name) || matches!(name, "__enter__" | "release_conn"))
}

/// Whether what a file is given to leaves it open: a function of a library. Classes may keep it, and functions of the project may close it.
fn leaves_open(cx: &Cx<'_>, call: ExprAt) -> bool {
    let program = cx.program;
    let Some((callee, _)) = program.call(call) else { return false };
    let Some(name) = call_name(program, call) else { return false };
    if name.starts_with(char::is_uppercase)
        || matches!(name, "fdopen" | "append" | "add" | "put" | "partial" | "send_file" | "cast" | "wrap_file")
    {
        return false;
    }
    match program.resolve(callee) {
        Some(Symbol::External(path)) => {
            let path = program.text(path);
            path.contains('.') && !path.starts_with("contextlib.")
        }
        Some(_) => false,
        None => {
            matches!(name, "upload_fileobj" | "put_object" | "load" | "loads" | "post" | "put" | "read_csv" | "run")
        }
    }
}
