//! `command-injection`: a value is read by a shell.

use plimsoll_http::{Exchange, Probe};
use plimsoll_spec::roles::words;

use super::delay;
use super::inputs::{Input, inputs};
use crate::check::{Check, Meta, check};
use crate::draft::Draft;
use crate::view::Op;

check! {
    /// A value that a shell reads.
    pub struct CommandInjection {
        id: "command-injection", weakness: CommandInjection, mode: Active, since: "0.1.0", page: "http/command-injection.md",
    }
}

/// Words of names whose values are often put on a command line.
const NAMES: &[&str] = &[
    "addr",
    "address",
    "archive",
    "arg",
    "args",
    "argument",
    "backup",
    "branch",
    "cmd",
    "command",
    "convert",
    "daemon",
    "dir",
    "directory",
    "dns",
    "domain",
    "exec",
    "execute",
    "file",
    "filename",
    "folder",
    "format",
    "host",
    "hostname",
    "interface",
    "ip",
    "job",
    "log",
    "path",
    "ping",
    "process",
    "program",
    "repo",
    "run",
    "script",
    "service",
    "shell",
    "target",
    "tool",
];
/// Inputs tried at one operation: each costs a wait where it is one.
const INPUTS: usize = 1;
/// An operation that is slower than this without being asked, in milliseconds, is not tried.
const SLOW_MS: f64 = 1_000.0;

fn tried(op: &Op<'_>) -> Vec<Input> {
    let is_slow = op.reply(&op.probe()).is_some_and(|base: &Exchange| base.timing.total_ms > SLOW_MS);
    let named = |input: &Input| words(&input.name).iter().any(|word| NAMES.contains(&word.as_str()));
    let path_named =
        op.key().path.split('/').any(|segment| {
            matches!(segment, "ping" | "exec" | "run" | "traceroute" | "nslookup" | "whois" | "convert")
        });
    if is_slow {
        return Vec::new();
    }
    inputs(op).into_iter().filter(|input| !input.is_number && (named(input) || path_named)).take(INPUTS).collect()
}

impl Check for CommandInjection {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn probes(&self, op: &Op<'_>) -> Vec<Probe> {
        tried(op).iter().flat_map(|input| delay::probes(op, input, delay::SHELL)).collect()
    }

    fn judge(&self, op: &Op<'_>) -> Vec<Draft> {
        let judged = |input: &Input| {
            let (what, relation) = delay::relation(op, input, delay::SHELL)?;
            Some(delay::draft(op, input, &relation, &format!("`{}` is read by {what}", input.name)))
        };
        tried(op).iter().filter_map(judged).collect()
    }
}
