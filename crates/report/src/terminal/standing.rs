//! How the report stands, on a terminal: what each vantage did, what is suppressed, what changed since the baseline, and what the gate says.

use std::fmt::Write;

use plimsoll_model::baseline::{Entry, Since};
use plimsoll_model::{Severity, redact};

use super::{Page, short};
use crate::paint::{Colour, Paint};
use crate::text::{count, wrap};

/// How many entries of a list are shown without `--all`.
const ENTRIES: usize = 5;
/// Columns of a word in the margin.
const LABEL: usize = 11;

impl Page<'_> {
    /// A line for each vantage, and what is missing.
    pub(super) fn lanes(&self, out: &mut String) {
        let _ = writeln!(out);
        for lane in &self.report.lanes {
            let (word, colour) = match (lane.ran, lane.is_complete()) {
                (false, _) => ("did not run", Colour::Yellow),
                (true, false) => ("in part", Colour::Yellow),
                (true, true) => ("ran", Colour::Green),
            };
            let word = self.paint(colour, &format!("{word:<11}"));
            let did = if lane.ran {
                format!(" {:>12} {:>7.1} s", count(u64::from(lane.findings), "finding"), lane.seconds)
            } else {
                String::new()
            };
            let _ = writeln!(out, "  {:<9} {word}{did}", lane.vantage.as_str());
            for why in &lane.why {
                self.line(out, 12, &redact::one_line(why, 300));
            }
        }
    }

    /// What the project has decided to live with, in a line; suppressions that suppress nothing one by one, because they are to be mended.
    pub(super) fn suppressed(&self, out: &mut String) {
        let (suppressed, stale) = (&self.report.suppressed, &self.report.stale);
        if suppressed.is_empty() && stale.is_empty() {
            return;
        }
        self.heading(out, "Suppressed");
        if !suppressed.is_empty() {
            let more = if self.options.info { "" } else { ": --all shows them" };
            let line = format!("{} counts for nothing{more}", count(suppressed.len() as u64, "issue"));
            let line = if suppressed.len() == 1 { line } else { line.replace("counts", "count") };
            let _ = writeln!(out, "  {}", self.paint(Colour::Dim, &line));
        }
        for entry in suppressed.iter().filter(|_| self.options.info) {
            let issue = &entry.issue;
            let severity = self.paint(Paint::of(issue.severity), &format!("{:<8}", issue.severity.as_str()));
            let _ = writeln!(out, "  {severity} {} {}", issue.weakness.id(), self.paint(Colour::Dim, &issue.id));
            let until = entry.until.as_deref().map_or("without end".to_owned(), |day| format!("until {day}"));
            let owner = entry.owner.as_deref().map(|owner| format!(", {owner}")).unwrap_or_default();
            let text = format!("{}: {} ({until}{owner})", entry.place, entry.reason);
            self.line(out, 11, &redact::one_line(&text, 300));
        }
        let shown = if self.options.info { stale.len() } else { stale.len().min(ENTRIES) };
        for entry in &stale[..shown] {
            let text = format!("{}, {}: {}", entry.place, entry.what, entry.why);
            self.entry(out, "stale", Colour::Yellow, &redact::one_line(&text, 300));
        }
        self.rest(out, stale.len() - shown, "stale suppression");
    }

    /// What is new, known and gone since the baseline.
    pub(super) fn baseline(&self, out: &mut String) {
        let Some(compared) = &self.report.baseline else { return };
        let day: String = redact::one_line(&compared.written, 64).chars().take(10).collect();
        self.heading(out, &format!("Since the baseline of {day}"));
        let of = |since| self.report.issues.iter().filter(|issue| issue.since == Some(since)).count();
        let counts = [
            (compared.new as usize, "new", Colour::Cyan),
            (of(Since::Worse), "worse", Colour::Red),
            (of(Since::Back), "back", Colour::Red),
            (compared.known as usize, "known", Colour::Dim),
            (compared.gone.len(), "gone", Colour::Green),
            (compared.not_tested.len(), "not tested", Colour::Yellow),
        ];
        let said: Vec<String> = counts
            .iter()
            .filter(|(number, word, _)| *number > 0 || *word == "new")
            .map(|(number, word, colour)| self.paint(*colour, &format!("{number} {word}")))
            .collect();
        self.line(out, 2, &said.join(", "));
        self.entries(out, "gone", Colour::Green, &compared.gone);
        self.entries(out, "not tested", Colour::Yellow, &compared.not_tested);
        let scores: Vec<String> =
            compared.history.iter().filter_map(|point| point.score).map(|score| score.to_string()).collect();
        if let (Some(now), false) = (self.report.score, scores.is_empty()) {
            let before = &scores[scores.len().saturating_sub(8)..];
            self.entry(out, "score", Colour::Dim, &format!("{} → {now}", before.join(" ")));
        }
    }

    fn entries(&self, out: &mut String, word: &str, colour: Colour, entries: &[Entry]) {
        let shown = if self.options.info { entries.len() } else { entries.len().min(ENTRIES) };
        for entry in &entries[..shown] {
            let why = if entry.why.is_empty() { String::new() } else { format!(": {}", entry.why) };
            let text = format!("{} {}{why}", entry.fingerprint.short(), entry.title);
            self.entry(out, word, colour, &redact::one_line(&text, 400));
        }
        self.rest(out, entries.len() - shown, "issue");
    }

    fn rest(&self, out: &mut String, more: usize, what: &str) {
        if more > 0 {
            let line = format!("and {} more: --all shows them", count(more as u64, what));
            let _ = writeln!(out, "  {}", self.paint(Colour::Dim, &line));
        }
    }

    /// The counts, and whether the gate let it pass.
    pub(super) fn gate(&self, out: &mut String) {
        let Some(gate) = &self.report.gate else { return };
        let of = |severity: Severity| self.report.issues.iter().filter(|issue| issue.severity == severity).count();
        let worst_first = Severity::ALL.iter().rev().filter(|severity| **severity > Severity::Info);
        let counts: Vec<String> = worst_first
            .filter(|severity| of(**severity) > 0)
            .map(|severity| self.paint(Paint::of(*severity), &format!("{} {severity}", of(*severity))))
            .collect();
        let counts = if counts.is_empty() { "no issue".to_owned() } else { counts.join(", ") };
        let (word, colour) = match (gate.passed, gate.failed.is_empty()) {
            (true, true) => ("passed", Colour::Green),
            (true, false) => ("passed, as everything does here", Colour::Yellow),
            (false, _) => ("stopped", Colour::Alarm),
        };
        let _ = writeln!(out, "\n{}{} · {counts}", self.paint(Colour::Bold, "Gate "), self.paint(colour, word));
        let all = self.options.info;
        let failed = if all { gate.failed.len() } else { gate.failed.len().min(ENTRIES) };
        for what in &gate.failed[..failed] {
            self.entry(out, "broken", Colour::Red, &redact::one_line(what, 300));
        }
        self.rest(out, gate.failed.len() - failed, "reason");
        let undecided = if all { gate.undecided.len() } else { gate.undecided.len().min(ENTRIES) };
        for what in &gate.undecided[..undecided] {
            self.entry(out, "undecided", Colour::Yellow, &redact::one_line(what, 300));
        }
        self.rest(out, gate.undecided.len() - undecided, "condition");
        if gate.passed && !gate.asked.is_empty() {
            let asked = gate.asked.iter().map(|what| redact::one_line(what, 200)).collect::<Vec<_>>().join("; ");
            self.entry(out, "asked", Colour::Dim, &asked);
        }
    }

    /// A word in the margin and what it says, wrapped beside it.
    fn entry(&self, out: &mut String, word: &str, colour: Colour, text: &str) {
        let room = self.options.width.saturating_sub(2 + LABEL);
        for (index, line) in wrap(text, room).into_iter().enumerate() {
            let word = if index == 0 { short(word, LABEL) } else { String::new() };
            let padding = LABEL.saturating_sub(word.chars().count());
            let _ = writeln!(out, "  {}{:padding$}{line}", self.paint(colour, &word), "");
        }
    }
}
