//! `internal-operation`: the contract lists what is not for its readers.

use plimsoll_model::Severity;

use crate::draft::{Draft, Drafts};
use crate::rule::{Meta, Rule, rule};
use crate::rules::tally;
use crate::view::{OpView, View};

rule! {
    /// Internal and debugging operations in a contract.
    pub struct InternalOperation {
        id: "internal-operation", weakness: InternalOperationListed, severity: Low, since: "0.3.0", owasp: [],
    }
}

/// Segments that show the inside of a process to whoever asks.
const DEBUG: &[&str] = &[
    "debug",
    "_debug",
    "__debug__",
    "actuator",
    "pprof",
    "heapdump",
    "threaddump",
    "phpinfo",
    "phpinfo.php",
    "server-status",
    "server-info",
    "env",
    "_profiler",
    "profiler",
    "elmah.axd",
    "trace.axd",
    "h2-console",
    "console",
];
/// Segments of what is called by other parts of the system.
const INTERNAL: &[&str] = &["internal", "_internal", "__internal__", "private-api", "internal-api", "backdoor"];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sort {
    Debug,
    Internal,
    Marked,
}

impl Rule for InternalOperation {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, view: &View<'_>, out: &mut Drafts) {
        let total = view.operations().len();
        let of = |sort: Sort| -> Vec<OpView<'_>> { view.operations().filter(|op| sort_of(op) == Some(sort)).collect() };
        let debug = of(Sort::Debug);
        let one = |op: &OpView<'_>| {
            let open = if op.is_open() { ", without credentials" } else { "" };
            let message = format!("`{}` is there for debugging{open}, and stands in the contract.", op.key());
            Draft::about(op, message).severity(weight(op)).suspected()
        };
        let all = |ops: &[OpView<'_>]| {
            let names = tally::names(ops.iter().map(OpView::key));
            let message =
                format!("{} for debugging stand in the contract: {names}.", tally::count(ops.len(), "operation"));
            let worst = ops.iter().map(weight).max().unwrap_or(Severity::Low);
            Draft::at(&ops[0].spec.place, message).severity(worst).suspected()
        };
        out.extend(tally::each(&debug, "debug", one, all));
        for (cause, ops, what) in [
            ("internal", of(Sort::Internal), "are internal by their path"),
            ("marked", of(Sort::Marked), "are marked as internal (`x-internal`)"),
        ] {
            // A contract that is internal as a whole has no other readers.
            if ops.is_empty() || ops.len() * 2 > total {
                continue;
            }
            let names = tally::names(ops.iter().map(OpView::key));
            let message = format!(
                "{} {what}, and stand in the contract beside the others: {names}.",
                tally::count(ops.len(), "operation")
            );
            let severity = if ops.iter().any(OpView::is_open) { Severity::Low } else { Severity::Info };
            out.add(tally::habit(cause, message, tally::shown(&ops)).severity(severity));
        }
    }
}

fn weight(op: &OpView<'_>) -> Severity {
    if op.is_open() { Severity::Medium } else { Severity::Low }
}

fn sort_of(op: &OpView<'_>) -> Option<Sort> {
    let path = op.key().path.to_ascii_lowercase();
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    let has = |list: &[&str]| segments.iter().any(|segment| list.contains(segment));
    // `env` and `console` are also things that a user has; only at the root they are the process.
    let only_first = |word: &str| segments.first() == Some(&word) && segments.len() == 1;
    let debug = DEBUG.iter().any(|word| match *word {
        "env" | "console" | "profiler" | "debug" | "trace.axd" => {
            only_first(word) || segments.first() == Some(&"debug")
        }
        word => segments.contains(&word),
    });
    if debug {
        Some(Sort::Debug)
    } else if has(INTERNAL) {
        Some(Sort::Internal)
    } else if op.spec.internal == Some(true) {
        Some(Sort::Marked)
    } else {
        None
    }
}
