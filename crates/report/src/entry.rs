//! The findings as every CI format lists them: each once, with its issue, its place, and whether the project lives with it.

use std::collections::{HashMap, HashSet};

use plimsoll_model::baseline::Since;
use plimsoll_model::suppression::Suppressed;
use plimsoll_model::{Finding, Fingerprint, Issue, Report, Stage, Vantage};

use crate::place::{Place, Root};

/// A finding with what the report says around it.
#[derive(Debug)]
pub(crate) struct Entry<'r> {
    pub finding: &'r Finding,
    /// The issue that it belongs to.
    pub issue: Option<&'r Issue>,
    /// The suppression that accepts it.
    pub accepted: Option<&'r Suppressed>,
    pub place: Place,
}

impl Entry<'_> {
    /// What it is about, in words: an operation, several, or the application.
    pub fn subject(&self) -> String {
        subject(self.finding)
    }

    /// Whether its place is the function that answers, for want of a better one.
    pub fn is_at_handler(&self) -> bool {
        let placed = self.finding.source.is_some() || self.finding.spec.is_some();
        !placed && self.place.is_file && self.issue.is_some_and(|issue| issue.source.is_none())
    }

    /// Whether its issue was verified as fixed.
    pub fn is_fixed(&self) -> bool {
        self.issue.is_some_and(|issue| issue.stage == Stage::Fixed)
    }

    /// Whether it is neither accepted nor fixed.
    pub fn is_open(&self) -> bool {
        self.accepted.is_none() && !self.is_fixed()
    }

    /// How its issue stands to the baseline.
    pub fn since(&self) -> Option<Since> {
        self.issue.and_then(|issue| issue.since)
    }

    /// Why it is accepted, by whom and until when, as one sentence.
    pub fn justification(&self) -> Option<String> {
        let accepted = self.accepted?;
        let owner = accepted.owner.as_ref().map(|owner| format!(", {owner}")).unwrap_or_default();
        let until = accepted.until.as_ref().map(|day| format!(", until {day}")).unwrap_or_default();
        Some(format!("{} ({}{owner}{until})", accepted.reason, accepted.place))
    }
}

/// What a finding is about, in words.
pub(crate) fn subject(finding: &Finding) -> String {
    match (&finding.operation, finding.also.len()) {
        (None, _) => "the application".to_owned(),
        (Some(operation), 0) => operation.to_string(),
        (Some(operation), more) => format!("{operation} and {more} more"),
    }
}

/// The findings in the order of the report, each fingerprint once.
pub(crate) fn entries<'r>(report: &'r Report, root: &Root) -> Vec<Entry<'r>> {
    let mut issues: HashMap<&Fingerprint, &Issue> = HashMap::new();
    let mut accepted: HashMap<&Fingerprint, &Suppressed> = HashMap::new();
    for issue in report.issues.iter().rev() {
        issues.extend(issue.findings.iter().map(|fingerprint| (fingerprint, issue)));
    }
    for suppressed in &report.suppressed {
        for fingerprint in &suppressed.issue.findings {
            // A finding that is also part of an issue that counts is not accepted.
            if !issues.contains_key(fingerprint) {
                accepted.insert(fingerprint, suppressed);
            }
        }
    }
    let mut met = HashSet::new();
    let once = report.findings.iter().filter(|finding| met.insert(&finding.fingerprint));
    once.map(|finding| {
        let accepted = accepted.get(&finding.fingerprint).copied();
        let issue = issues.get(&finding.fingerprint).copied().or_else(|| accepted.map(|accepted| &accepted.issue));
        Entry { finding, issue, accepted, place: Place::of(report, finding, issue, root) }
    })
    .collect()
}

/// The vantages that looked, in their order: what ran and found nothing is said too, so that a reader can close what it had open.
pub(crate) fn vantages(report: &Report) -> Vec<Vantage> {
    let found = |vantage| report.findings.iter().any(|finding| finding.vantage == vantage);
    let ran = |vantage| match report.lanes.as_slice() {
        [] => match vantage {
            Vantage::Memory => report.memory_run.is_some(),
            Vantage::Contract => !report.sizes.is_empty(),
            Vantage::Wire => report.cost.requests > 0 && report.memory_run.is_none(),
            // A run of one vantage that is none of the others.
            Vantage::Code => report.cost.requests == 0 && report.sizes.is_empty() && report.memory_run.is_none(),
        },
        lanes => lanes.iter().any(|lane| lane.vantage == vantage && lane.ran),
    };
    Vantage::ALL.iter().copied().filter(|vantage| found(*vantage) || ran(*vantage)).collect()
}
