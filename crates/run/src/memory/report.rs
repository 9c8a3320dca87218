//! The report of a measurement: the operations as explored, what was measured of each, its findings and issues.

use std::path::Path;

use plimsoll_memory::session::Outcome;
use plimsoll_memory::supervise::Ending;
use plimsoll_model::memory::{OperationMemory, Verdict};
use plimsoll_model::report::Skipped;
use plimsoll_model::score::{Grade, score};
use plimsoll_model::{Category, OperationKey, Report};

use super::{Wanted, findings};
use crate::assemble;
use crate::record::Record;

/// What stands under every report of memory.
pub(crate) const SEES: &str = "What was measured is memory under the requests that were sent: `plimsoll scan` asks what callers may do, `plimsoll code` which line does it.";

/// What a run brought, and how it ended.
pub(super) struct Measured {
    pub outcome: Option<Outcome>,
    /// How the target ended, if it ended before it was asked to.
    pub ending: Option<Ending>,
    /// The operation that was asked last.
    pub latest: Option<OperationKey>,
    /// Its last lines.
    pub said: Vec<String>,
    /// The ports at which it listened in the end.
    pub ports: Vec<u16>,
    pub was_interrupted: bool,
    pub was_late: bool,
    pub notes: Vec<String>,
    pub left_out: Vec<(OperationKey, String)>,
}

/// The report. What was measured before a run was cut short is in it.
pub(super) fn assemble(record: Record, mut measured: Measured, wanted: &Wanted, folder: &Path) -> Report {
    let outcome = measured.outcome.take();
    let (mut memory, run, cut, told) = match outcome {
        Some(outcome) => (outcome.memory, Some(outcome.run), outcome.incomplete, outcome.notes),
        None => (Vec::new(), None, Vec::new(), Vec::new()),
    };
    memory.sort_by_key(rank);
    for memory in &mut memory {
        name_files(memory, folder);
    }
    let mut findings: Vec<_> = findings::of_all(&memory);
    findings.sort_by(|a, b| (b.severity, &a.fingerprint).cmp(&(a.severity, &b.fingerprint)));
    let mut report = assemble::report_of(&record, findings, &[], SEES);
    let was_measured = !memory.is_empty() && run.is_some();
    let (categories, total) = score(&assemble::scored(&report.issues, &report.findings), |category| match category {
        Category::ResourceConsumption if was_measured => None,
        Category::ResourceConsumption => Some("no operation was measured".to_owned()),
        _ => Some("memory was measured, nothing else".to_owned()),
    });
    report.categories = categories;
    report.score = total;
    report.grade = total.map(Grade::of);
    let answered: Vec<_> =
        report.operations.iter().filter(|facts| facts.reached).map(|facts| facts.operation.clone()).collect();
    report.incomplete = incomplete(&measured, &cut, &memory, was_measured, &|key| answered.contains(key));
    report.complete = report.incomplete.is_empty();
    report.coverage.operations.judged =
        memory.iter().filter(|memory| memory.verdict != Verdict::Inconclusive).count() as u32;
    let skipped = measured.left_out.into_iter().map(|(key, why)| Skipped { what: key.to_string(), why, requests: 0 });
    report.coverage.skipped.extend(skipped);
    if let Some(run) = &run {
        report.cost.requests += run.requests;
        report.cost.seconds += run.seconds;
    }
    report.operations.retain(|facts| wanted.asks_for(&facts.operation));
    for facts in &mut report.operations {
        if let Some(memory) = memory.iter().find(|memory| memory.operation == facts.operation) {
            facts.requests = facts.requests.saturating_add(u32::try_from(memory.requests).unwrap_or(u32::MAX));
            // Requests that were written down reach what exploration had no value for.
            if !facts.reached && memory.statuses.range(200..300).next().is_some() {
                (facts.reached, facts.reason) = (true, None);
            }
            for (status, times) in &memory.statuses {
                *facts.statuses.entry(*status).or_default() += u32::try_from(*times).unwrap_or(u32::MAX);
            }
        }
    }
    let counts = &mut report.coverage.operations;
    counts.found = report.operations.len() as u32;
    counts.reached = report.operations.iter().filter(|facts| facts.reached).count() as u32;
    report.memory = memory;
    report.memory_run = run;
    report.notes = told.into_iter().chain(measured.notes).chain([SEES.to_owned()]).collect();
    report
}

/// Names the application's files as the project does, from its folder; others keep their path.
fn name_files(memory: &mut OperationMemory, folder: &Path) {
    let stored = memory.retained_by.iter_mut().flat_map(|retainer| &mut retainer.stored_at).map(|at| &mut at.file);
    for file in memory.allocated_at.iter_mut().map(|line| &mut line.file).chain(stored) {
        if let Some(within) = Path::new(file).strip_prefix(folder).ok().filter(|_| !folder.as_os_str().is_empty()) {
            *file = within.to_string_lossy().into_owned();
        }
    }
}

/// The worst first: leaks by rate, then peaks, then what is open, then what is harmless.
fn rank(memory: &OperationMemory) -> (u8, u64, OperationKey) {
    let class = match memory.verdict {
        Verdict::Leak => 0,
        Verdict::Peak => 1,
        Verdict::Inconclusive => 2,
        Verdict::Plateau => 3,
        Verdict::None => 4,
    };
    let rate = match memory.verdict {
        Verdict::Leak => memory.bytes_per_request.map_or(0.0, |interval| interval.value),
        Verdict::Peak => memory.peak_bytes.map_or(0.0, |peak| peak.in_flight.value),
        _ => 0.0,
    };
    (class, u64::MAX - rate.max(0.0) as u64, memory.operation.clone())
}

/// Why the run is incomplete. The end of the target explains everything that went wrong with it.
fn incomplete(
    measured: &Measured,
    cut: &[String],
    memory: &[OperationMemory],
    was_measured: bool,
    reached: &dyn Fn(&OperationKey) -> bool,
) -> Vec<String> {
    if let Some(ending) = &measured.ending {
        let during = measured.latest.as_ref().map(|operation| format!(" while {operation} was driven"));
        let said = (!measured.said.is_empty()).then(|| format!("; it said: {}", measured.said.join(" | ")));
        return vec![format!("the target {ending}{}{}", during.unwrap_or_default(), said.unwrap_or_default())];
    }
    if measured.was_interrupted {
        return vec!["interrupted".to_owned()];
    }
    let silent = |memory: &&OperationMemory| memory.statuses.get(&0).is_some_and(|lost| lost * 2 > memory.requests);
    let silent: Vec<String> = memory.iter().filter(silent).map(|memory| memory.operation.to_string()).collect();
    let mut out = Vec::new();
    if !silent.is_empty() {
        out.push(format!("the target does not answer: {}", silent.join(", ")));
    }
    // An operation that answered when it was explored: what it stands on has gone, or it breaks under the load.
    let broken = |memory: &&OperationMemory| {
        let failed: u64 = memory.statuses.range(500..).map(|(_, times)| times).sum();
        failed * 2 > memory.requests && reached(&memory.operation)
    };
    let broken: Vec<String> = memory.iter().filter(broken).map(|memory| memory.operation.to_string()).collect();
    if !broken.is_empty() {
        out.push(format!("the target answered at first, and then with errors (5xx): {}", broken.join(", ")));
    }
    if measured.was_late {
        out.push(
            "the target answers so slowly that the time was up; give more --time, or fewer operations with --operation"
                .to_owned(),
        );
    } else {
        out.extend(cut.iter().cloned());
    }
    if !was_measured {
        let ports: Vec<String> = measured.ports.iter().map(ToString::to_string).collect();
        let several =
            (ports.len() > 1).then(|| format!(", or another of its ports ({}) with --port", ports.join(", ")));
        out.push(format!(
            "no operation was found that answers; give the contract with --spec{}",
            several.unwrap_or_default()
        ));
    }
    out
}
