//! How the report stands: to the gate, to the baseline, to what the project has decided to live with; and what each vantage did.

use plimsoll_model::baseline::{Compared, Entry, Since};
use plimsoll_model::report::GateResult;
use plimsoll_model::suppression::{Stale, Suppressed};
use plimsoll_model::{Lane, Report, redact};

use super::{issue, line, markdown};
use crate::svg;
use crate::text::{count, grouped};

/// So many entries of a list are named.
const ENTRIES: usize = 200;
/// So many reasons of the gate are named at once.
const REASONS: usize = 5;

/// The gate.
pub struct GateView {
    pub passed: bool,
    pub says: &'static str,
    pub asked: Vec<String>,
    /// The word and what broke the gate or could not be decided; the first ones.
    pub first: Vec<(&'static str, String)>,
    /// The others, and how many more there are.
    pub rest: Vec<(&'static str, String)>,
    pub more: usize,
}

impl GateView {
    pub fn of(gate: &GateResult) -> Self {
        let line = |text: &String| redact::one_line(text, 400);
        let failed = gate.failed.iter().map(|text| ("broken", line(text)));
        let undecided = gate.undecided.iter().map(|text| ("undecided", line(text)));
        // What could not be decided is short, and a reader should see it.
        let mut first: Vec<_> = undecided.chain(failed).take(ENTRIES).collect();
        let rest = first.split_off(first.len().min(REASONS));
        Self {
            passed: gate.passed,
            says: match (gate.passed, gate.failed.is_empty()) {
                (true, true) => "The gate let it pass.",
                (true, false) => "The gate let it pass, as it was told to let everything pass.",
                (false, _) => "The gate stopped it.",
            },
            asked: gate.asked.iter().take(ENTRIES).map(line).collect(),
            first,
            rest,
            more: (gate.failed.len() + gate.undecided.len()).saturating_sub(ENTRIES),
        }
    }
}

/// What one vantage did.
pub struct LaneView {
    pub vantage: &'static str,
    /// `ran`, `partly` or `did not run`.
    pub word: &'static str,
    pub class: &'static str,
    pub findings: String,
    pub time: String,
    pub why: Vec<String>,
}

impl LaneView {
    pub fn of(lane: &Lane) -> Self {
        let (word, class) = match (lane.ran, lane.why.is_empty()) {
            (false, _) => ("did not run", "out"),
            (true, true) => ("ran", "ran"),
            (true, false) => ("in part", "partly"),
        };
        Self {
            vantage: lane.vantage.as_str(),
            word,
            class,
            findings: if lane.ran { grouped(u64::from(lane.findings)) } else { String::new() },
            time: if lane.ran { format!("{:.1} s", lane.seconds) } else { String::new() },
            why: lane.why.iter().map(|why| redact::one_line(why, 400)).collect(),
        }
    }
}

/// The comparison with the baseline.
pub struct BaselineView {
    pub file: String,
    pub written: String,
    /// The counts in one line.
    pub counts: String,
    pub gone: Vec<EntryView>,
    pub more_gone: usize,
    pub not_tested: Vec<EntryView>,
    pub more_not_tested: usize,
    /// The score from run to run; may be empty.
    pub history: String,
}

/// An issue of the baseline.
pub struct EntryView {
    pub id: String,
    pub title: String,
    pub stage: &'static str,
    pub why: String,
}

impl BaselineView {
    /// The comparison of a report, where there is a baseline.
    pub fn of(report: &Report) -> Option<Self> {
        let compared = report.baseline.as_ref()?;
        Some(Self {
            file: line(&compared.file),
            written: day(&compared.written),
            counts: counts(report, compared),
            gone: entries(&compared.gone),
            more_gone: compared.gone.len().saturating_sub(ENTRIES),
            not_tested: entries(&compared.not_tested),
            more_not_tested: compared.not_tested.len().saturating_sub(ENTRIES),
            history: history(report, compared),
        })
    }
}

/// `2 new, 1 worse, 3 known, 1 gone, 1 not tested`; what is zero is left out, but for what is new.
fn counts(report: &Report, compared: &Compared) -> String {
    let of = |since: Since| report.issues.iter().filter(|issue| issue.since == Some(since)).count() as u64;
    let mut out = vec![format!("{} new", grouped(u64::from(compared.new)))];
    let mut say = |number: u64, word: &str| {
        if number > 0 {
            out.push(format!("{} {word}", grouped(number)));
        }
    };
    say(of(Since::Worse), "worse");
    say(of(Since::Back), "back");
    say(u64::from(compared.known), "known");
    say(compared.gone.len() as u64, "gone");
    say(compared.not_tested.len() as u64, "not tested");
    out.join(", ")
}

fn entries(entries: &[Entry]) -> Vec<EntryView> {
    let view = |entry: &Entry| EntryView {
        id: entry.fingerprint.short().to_owned(),
        title: line(&entry.title),
        stage: entry.stage.as_str(),
        why: markdown::sentence(&redact::one_line(&entry.why, 400)),
    };
    entries.iter().take(ENTRIES).map(view).collect()
}

/// The day of a time (RFC 3339).
fn day(at: &str) -> String {
    redact::one_line(at, 64).chars().take(10).collect()
}

/// The scores of earlier runs and of this one.
fn history(report: &Report, compared: &Compared) -> String {
    let mut points: Vec<(String, Option<u8>)> =
        compared.history.iter().map(|point| (day(&point.at), point.score)).collect();
    let now = report.time.as_ref().map_or_else(|| "now".to_owned(), |time| day(&time.ended));
    points.push((now, report.score));
    let said: Vec<String> = points
        .iter()
        .map(|(at, score)| format!("{at}: {}", score.map_or_else(|| "none".to_owned(), |score| score.to_string())))
        .collect();
    svg::history(&points, &format!("Score of {}; {}", count(points.len() as u64, "run"), said.join(", ")))
}

/// An issue that does not count.
pub struct SuppressedView {
    pub severity: &'static str,
    pub title: &'static str,
    pub id: String,
    pub at: String,
    pub reason: String,
    pub owner: String,
    pub until: String,
    pub place: String,
}

/// What the project has decided to live with.
pub struct Suppressions {
    pub suppressed: Vec<SuppressedView>,
    pub more: usize,
    pub stale: Vec<StaleView>,
    pub more_stale: usize,
}

/// A suppression that suppresses nothing.
pub struct StaleView {
    pub place: String,
    pub what: String,
    pub why: String,
    /// Anchor and name of the issues that count again.
    pub issues: Vec<(String, String)>,
}

impl Suppressions {
    /// The suppressions of a report, where there are any.
    pub fn of(report: &Report) -> Option<Self> {
        if report.suppressed.is_empty() && report.stale.is_empty() {
            return None;
        }
        Some(Self {
            suppressed: report.suppressed.iter().take(ENTRIES).map(suppressed).collect(),
            more: report.suppressed.len().saturating_sub(ENTRIES),
            stale: report.stale.iter().take(ENTRIES).map(|stale| stale_view(report, stale)).collect(),
            more_stale: report.stale.len().saturating_sub(ENTRIES),
        })
    }
}

fn suppressed(entry: &Suppressed) -> SuppressedView {
    let issue = &entry.issue;
    SuppressedView {
        severity: issue.severity.as_str(),
        title: issue.weakness.facts().title,
        id: line(&issue.id),
        at: issue::place(issue),
        reason: redact::one_line(&entry.reason, 400),
        owner: entry.owner.as_deref().map_or_else(|| "nobody named".to_owned(), line),
        until: entry.until.as_deref().map_or_else(|| "without end".to_owned(), line),
        place: line(&entry.place),
    }
}

fn stale_view(report: &Report, stale: &Stale) -> StaleView {
    let counted = report.issues.iter().filter(|issue| stale.issues.contains(&issue.fingerprint));
    StaleView {
        place: line(&stale.place),
        what: line(&stale.what),
        why: redact::one_line(&stale.why, 400),
        issues: counted.take(ENTRIES).map(|issue| (issue::anchor(&issue.id), line(&issue.id))).collect(),
    }
}
