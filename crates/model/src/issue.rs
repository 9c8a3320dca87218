//! Issues: findings of one cause, and how far they are proven.

use std::collections::HashSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::baseline::Since;
use crate::level::scale;
use crate::memory::Until;
use crate::{
    Doubt, Finding, Fingerprint, OperationKey, Proposal, Severity, SourcePlace, Vantage, Verification, Weakness,
};

scale! {
    /// How far an issue has come on the ladder from a hint to a verified fix.
    Stage {
        /// One vantage points to it.
        Indicated => "indicated",
        /// The line of code or the place in the contract is known.
        Located => "located",
        /// Measured.
        Proven => "proven",
        /// Measured again after a change, and gone.
        Fixed => "fixed",
        /// Was fixed and is back.
        Regressed => "regressed",
    }
}

/// The function that answers an operation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AnsweredBy {
    /// The operation.
    pub operation: OperationKey,
    /// The function's first line.
    pub place: SourcePlace,
}

/// A weakness at an operation, with everything that the vantages know about it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Issue {
    /// Short name, the first eight digits of `fingerprint`.
    pub id: String,
    /// Hash over weakness and root (or operation, until a root is known).
    pub fingerprint: Fingerprint,
    /// How far it is proven.
    pub stage: Stage,
    /// What is wrong.
    pub weakness: Weakness,
    /// The worst severity among its findings.
    pub severity: Severity,
    /// One sentence.
    pub title: String,
    /// The operations concerned.
    pub operations: Vec<OperationKey>,
    /// The root line, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<SourcePlace>,
    /// Where to look as long as no root line is known: the functions that answer its operations. They are where the way into the code begins, and proof
    /// of nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answered_by: Vec<AnsweredBy>,
    /// Its findings, the strongest first.
    pub findings: Vec<Fingerprint>,
    /// The vantages that see it, in the order contract, wire, code, memory.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vantages: Vec<Vantage>,
    /// Vantages that looked and do not see it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub doubts: Vec<Doubt>,
    /// Requests until the limit is reached, where memory was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requests_until_limit: Option<Until>,
    /// How it stands to the baseline, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Since>,
    /// The change that would settle it, where the code was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proposal: Option<Proposal>,
    /// What became of it after a change, where that was verified.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verification: Option<Verification>,
}

impl Issue {
    /// The issue of these findings, the strongest first: it is as severe as the first, concerns every operation that one of them names, and has the
    /// first root line. Its title is that of the weakness and its stage *indicated*, until somebody knows more.
    pub fn of(fingerprint: Fingerprint, lead: &Finding, others: &[&Finding]) -> Self {
        let all = || std::iter::once(lead).chain(others.iter().copied());
        let mut met = HashSet::new();
        let operations = all().flat_map(Finding::operations).filter(|key| met.insert(*key)).cloned().collect();
        let mut vantages: Vec<Vantage> = all().map(|finding| finding.vantage).collect();
        vantages.sort_unstable();
        vantages.dedup();
        Self {
            id: fingerprint.short().to_owned(),
            fingerprint,
            stage: Stage::Indicated,
            weakness: lead.weakness,
            severity: lead.severity,
            title: lead.weakness.facts().title.to_owned(),
            operations,
            source: all().find_map(|finding| finding.source.clone()),
            answered_by: Vec::new(),
            findings: all().map(|finding| finding.fingerprint.clone()).collect(),
            vantages,
            doubts: Vec::new(),
            requests_until_limit: None,
            since: None,
            proposal: None,
            verification: None,
        }
    }

    /// Where to look for what a finding of it saw: the function that answers its operation, where no root line is known.
    pub fn place_to_look(&self, finding: &Finding) -> Option<&SourcePlace> {
        // Another operation's function says nothing of this one.
        let speaks = |by: &&AnsweredBy| {
            let mut operations = finding.operations().peekable();
            operations.peek().is_none() || operations.any(|operation| *operation == by.operation)
        };
        self.answered_by.iter().find(speaks).filter(|_| self.source.is_none()).map(|by| &by.place)
    }

    /// The functions that answer its operations, each once.
    pub fn places_to_look(&self) -> impl Iterator<Item = &SourcePlace> {
        let mut met = HashSet::new();
        let places = self.answered_by.iter().map(|by| &by.place);
        places.filter(move |place| met.insert((&place.file, place.line)))
    }

    /// The findings that are in several of these issues: they speak of several operations whose roots differ, and tell no issue from another.
    pub fn shared<'i>(issues: impl IntoIterator<Item = &'i Self>) -> HashSet<Fingerprint> {
        let (mut met, mut twice) = (HashSet::new(), HashSet::new());
        for name in issues.into_iter().flat_map(|issue| &issue.findings) {
            if !met.insert(name) {
                twice.insert(name.clone());
            }
        }
        twice
    }

    /// What is wrong and where: the weakness with its first operation, and how many more there are.
    pub fn titled_by_operations(self) -> Self {
        let what = self.weakness.facts().title;
        let title = match self.operations.as_slice() {
            [] => what.to_owned(),
            [only] => format!("{what}: {only}"),
            [first, rest @ ..] => format!("{what}: {first} and {} more", rest.len()),
        };
        Self { title, ..self }
    }
}
