//! Correlation: findings of one cause become one issue.
//!
//! The key of an issue is weakness and root once a root is known, else weakness and operation. A root is a line of code; which one a finding of another
//! vantage comes from is picked by what reaches what, by what a measurement saw, and by a small table of weaknesses that can be one
//! ([`table`]); texts are never compared. One helper that many operations call is one issue with many operations. A finding that speaks of several
//! operations with different roots, or of several holders of memory, is in the issue of each root; every other finding is in exactly one. Everything
//! that was joined, and what nearly was, is kept with its reason.
//!
//! Nothing is judged here: what is no finding of a vantage is no issue.

mod doubts;
mod frames;
mod issue;
mod known;
mod names;
mod pick;
mod roots;
pub mod table;
#[cfg(test)]
mod tests;
mod units;

use std::collections::{BTreeMap, HashMap};

use plimsoll_code::{Reach, RouteFact};
use plimsoll_model::access::AccessTable;
use plimsoll_model::memory::OperationMemory;
use plimsoll_model::report::OperationFacts;
use plimsoll_model::score::Scored;
use plimsoll_model::{Finding, Fingerprint, Issue, Join, Lane};

use known::Known;
use pick::Picked;
use roots::Root;
use units::{Beside, Unit};

/// What is joined.
#[derive(Clone, Copy, Debug)]
pub struct Lanes<'a> {
    /// The findings of every vantage, in the order of the report.
    pub findings: &'a [Finding],
    /// The route map, where code was read.
    pub routes: &'a [RouteFact],
    /// Which functions run for which operation, where code was read.
    pub reach: &'a Reach,
    /// What was measured of operations.
    pub memory: &'a [OperationMemory],
    /// The operations, as the contract names them where it names them, and how they answered.
    pub operations: &'a [OperationFacts],
    /// Who reaches what, where several identities asked.
    pub access: Option<&'a AccessTable>,
    /// Which vantage ran, and how completely.
    pub lanes: &'a [Lane],
}

/// What findings come to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Joined {
    /// The issues, the one to fix first first. Every finding is in one; in several only if it speaks of several operations, or several holders of memory,
    /// whose roots are different lines.
    pub issues: Vec<Issue>,
    /// Which findings of different vantages were joined, and which nearly, with the reasons.
    pub joins: Vec<Join>,
}

/// Joins what vantages say into issues. A pure function: the order of findings changes nothing.
pub fn join(lanes: &Lanes<'_>) -> Joined {
    let known = Known::of(lanes);
    let roots = roots::of(lanes, &known);
    let picked = pick::pick(&known, &roots);
    let (units, beside) = units::of(&picked, roots.len(), &known.findings);
    let mut ranked: Vec<_> = units.iter().map(|unit| issue::of(unit, &roots, &known)).collect();
    ranked.sort_by(|(a, _), (b, _)| a.cmp(b));
    let issues = ranked.into_iter().map(|(_, issue)| issue).collect();
    Joined { issues, joins: joins(&units, &picked, &beside, &roots, &known.findings) }
}

/// The issues of findings alone, without what code knows of operations.
pub fn issues(findings: &[Finding]) -> Vec<Issue> {
    let reach = Reach::default();
    join(&Lanes { findings, routes: &[], reach: &reach, memory: &[], operations: &[], access: None, lanes: &[] }).issues
}

/// The issues as the score sees them.
pub fn scored(issues: &[Issue], findings: &[Finding]) -> Vec<Scored> {
    let known: HashMap<&Fingerprint, &Finding> =
        findings.iter().map(|finding| (&finding.fingerprint, finding)).collect();
    let scored = |issue: &Issue| {
        let mine = issue.findings.iter().filter_map(|fingerprint| known.get(fingerprint).copied());
        Scored {
            category: issue.weakness.facts().category,
            severity: issue.severity,
            confidence: issue::confidence(mine, issue.severity, &issue.doubts),
        }
    };
    issues.iter().map(scored).collect()
}

/// What was joined and what was not, in the order of fingerprints, each pair once.
fn joins(units: &[Unit], picked: &Picked, beside: &[Beside], roots: &[Root], findings: &[&Finding]) -> Vec<Join> {
    let lead = |root: usize| roots[root].findings[0];
    let mut said: BTreeMap<(&Fingerprint, &Fingerprint), Join> = BTreeMap::new();
    let mut say = |left: usize, right: usize, joined: bool, why: &str| {
        let (left, right) = (&findings[left].fingerprint, &findings[right].fingerprint);
        if left != right {
            let join = || Join { left: left.clone(), right: right.clone(), joined, why: why.to_owned() };
            said.entry((left.min(right), left.max(right))).or_insert_with(join);
        }
    };
    // What was joined is said before what was refused, of one pair.
    for claim in &picked.claims {
        say(lead(claim.root), claim.finding, true, &claim.why);
    }
    for (one, other) in &picked.twins {
        say(lead(*one), lead(*other), true, "one weakness in one function: from outside they cannot be told apart");
    }
    for pair in beside.iter().filter(|pair| pair.joined) {
        say(pair.left, pair.right, true, &pair.why);
    }
    for unit in units.iter().filter(|unit| unit.roots.is_empty()) {
        let Some(first) = unit.members.iter().map(|(at, _)| *at).max_by_key(|at| nearness(findings[*at])) else {
            continue;
        };
        for (other, _) in unit.members.iter().filter(|(at, _)| findings[*at].vantage != findings[first].vantage) {
            say(first, *other, true, "the same weakness at the same operation");
        }
    }
    for near in &picked.near {
        say(lead(near.root), near.finding, false, &near.why);
    }
    for pair in beside.iter().filter(|pair| !pair.joined) {
        say(pair.left, pair.right, false, &pair.why);
    }
    let mut joins: Vec<Join> = said.into_values().collect();
    joins.sort_by(|a, b| (!a.joined, &a.left, &a.right).cmp(&(!b.joined, &b.left, &b.right)));
    joins
}

/// What goes first among findings of a group without a root.
fn nearness(finding: &Finding) -> (u8, std::cmp::Reverse<&Fingerprint>) {
    (table::nearness(finding.vantage), std::cmp::Reverse(&finding.fingerprint))
}
