//! From a group of findings to an issue: its name, how far it is proven, how bad it is by the evidence, and where it stands among others.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap, HashSet};

use plimsoll_model::score::weight;
use plimsoll_model::{
    AnsweredBy, Confidence, Doubt, Finding, Fingerprint, Issue, Kind, OperationKey, Severity, Stage, Vantage, Weakness,
};

use super::known::Known;
use super::names::{Names, Op};
use super::roots::Root;
use super::units::Unit;
use super::{doubts, table};

/// Functions that are named of an issue without a root, at most: one that concerns more operations is not about one of them.
const ANSWERING: usize = 5;

/// What decides the order of issues, the first to be fixed first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rank {
    severity: Reverse<Severity>,
    proven: Reverse<bool>,
    open: Reverse<bool>,
    confidence: Reverse<Confidence>,
    weight: Reverse<u32>,
    breadth: Reverse<usize>,
    operations: Vec<OperationKey>,
    fingerprint: Fingerprint,
}

/// Sorts findings: the worst and surest first, equal ones by name.
pub fn strongest_first(group: &mut [usize], findings: &[&Finding]) {
    group.sort_by(|a, b| {
        let (a, b) = (findings[*a], findings[*b]);
        (b.severity, b.confidence).cmp(&(a.severity, a.confidence)).then_with(|| a.fingerprint.cmp(&b.fingerprint))
    });
}

/// The issue of a group, with its place in the order.
pub fn of(unit: &Unit, roots: &[Root], known: &Known<'_>) -> (Rank, Issue) {
    let (findings, names) = (known.findings.as_slice(), &known.names);
    let root = unit
        .roots
        .iter()
        .copied()
        .min_by_key(|root| prominence(&roots[*root], unit, findings))
        .map(|root| &roots[root]);
    let own = || unit.roots.iter().flat_map(|root| roots[*root].findings.iter().copied());
    let mut all: Vec<usize> = unit.members.iter().map(|(finding, _)| *finding).chain(own()).collect();
    strongest_first(&mut all, findings);
    let mut met = HashSet::new();
    all.retain(|at| met.insert(&findings[*at].fingerprint));
    let lead = findings[all[0]];
    let others: Vec<&Finding> = all[1..].iter().map(|at| findings[*at]).collect();
    let every = || all.iter().map(|at| findings[*at]);

    // The nearest vantage names it; among equals the strongest finding.
    let nearest =
        every().max_by_key(|finding| (table::nearness(finding.vantage), finding.fingerprint == lead.fingerprint));
    let weakness = root.map_or_else(|| nearest.map_or(lead.weakness, |finding| finding.weakness), |root| root.weakness);
    let operations = operations(unit, names, findings, &all);
    let fingerprint = match root {
        Some(root) => rooted(root, findings),
        None => rootless(weakness, unit, names, findings, &all),
    };
    let measured =
        every().any(|finding| finding.vantage == Vantage::Memory && finding.confidence == Confidence::Proven);
    let is_placed = |finding: &Finding| {
        finding.source.is_some() || (finding.vantage == Vantage::Contract && finding.spec.is_some())
    };
    let stage = match (measured, root.is_some() || every().any(is_placed)) {
        (true, _) => Stage::Proven,
        (false, true) => Stage::Located,
        (false, false) => Stage::Indicated,
    };
    let doubts = doubts::of(unit, root, &all, known);
    let severity = severity(&every().collect::<Vec<_>>(), measured, root, &doubts);
    let confidence = confidence(every(), severity, &doubts);
    let alone = unit.members.is_empty();
    let issue = Issue::of(fingerprint, lead, &others);
    let source = root.and_then(|root| findings[root.findings[0]].source.clone()).or(issue.source.clone());
    let until = all.iter().filter_map(|at| known.leak(findings[*at])?.requests_until_limit);
    let outside = every().any(|finding| matches!(finding.vantage, Vantage::Wire | Vantage::Memory));
    let answered_by = if source.is_none() && outside { answered_by(&operations, known) } else { Vec::new() };
    let issue = Issue {
        weakness,
        severity,
        stage,
        operations,
        source,
        answered_by,
        doubts,
        requests_until_limit: until.min_by_key(|until| until.requests),
        ..issue
    };
    // What code alone says is known by its function, everything else by what people call.
    let issue = if root.is_some() && alone { titled_by_symbol(issue) } else { issue.titled_by_operations() };
    let rank = Rank {
        severity: Reverse(issue.severity),
        proven: Reverse(measured),
        open: Reverse(is_open(unit, known)),
        confidence: Reverse(confidence),
        weight: Reverse(weight(issue.weakness.facts().category)),
        breadth: Reverse(issue.operations.len()),
        operations: issue.operations.clone(),
        fingerprint: issue.fingerprint.clone(),
    };
    (rank, issue)
}

/// The function that answers each operation, a few functions at most: what was seen from outside only may come from anywhere behind them.
fn answered_by(operations: &[OperationKey], known: &Known<'_>) -> Vec<AnsweredBy> {
    let mut met = HashSet::new();
    operations
        .iter()
        .filter_map(|operation| {
            let place = known.answering.get(&known.names.op(operation, Vantage::Wire)?)?;
            Some(AnsweredBy { operation: operation.clone(), place: place.clone() })
        })
        .filter(|by| {
            let place = (by.place.file.clone(), by.place.line);
            met.contains(&place) || met.len() < ANSWERING && met.insert(place)
        })
        .collect()
}

/// Which of several roots in one function stands for them: the least is the one. What others call by the same name first, then the worst, then the first line.
fn prominence(
    root: &Root,
    unit: &Unit,
    findings: &[&Finding],
) -> (Reverse<bool>, Reverse<Severity>, Reverse<Confidence>, u32) {
    let named = unit.members.iter().any(|(finding, _)| findings[*finding].weakness == root.weakness);
    (Reverse(named), Reverse(root.severity), Reverse(root.confidence), root.line)
}

/// The name of an issue with a root: that of the finding in code, which does not know lines. It is the same whether other vantages looked or not.
fn rooted(root: &Root, findings: &[&Finding]) -> Fingerprint {
    let smallest = root.findings.iter().map(|at| findings[*at].fingerprint.as_str()).min().unwrap_or_default();
    Fingerprint::of(["issue", root.weakness.id(), "root", smallest])
}

/// The name of an issue without a root: weakness and operation, or what its cause is called.
fn rootless(weakness: Weakness, unit: &Unit, names: &Names, findings: &[&Finding], all: &[usize]) -> Fingerprint {
    let smallest = all.iter().map(|at| findings[*at].fingerprint.as_str()).min().unwrap_or_default();
    if all.iter().all(|at| findings[*at].vantage == Vantage::Contract) {
        return Fingerprint::of(["issue", weakness.id(), "contract", smallest]);
    }
    let ops: BTreeSet<Op> = unit.members.iter().flat_map(|(_, ops)| ops.iter().copied()).collect();
    let mut ops = ops.into_iter();
    match (ops.next(), ops.next()) {
        (None, _) => Fingerprint::of(["issue", weakness.id(), "application"]),
        (Some(only), None) => {
            let key = names.key(only);
            Fingerprint::of(["issue", weakness.id(), key.method.as_str(), &key.path])
        }
        // Many operations share a cause that has a name of its own, within the fingerprint of its finding.
        (Some(_), Some(_)) => Fingerprint::of(["issue", weakness.id(), "cause", smallest]),
    }
}

/// The operations concerned: those that a vantage saw first, in the order of its findings, then those that code says get there.
fn operations(unit: &Unit, names: &Names, findings: &[&Finding], all: &[usize]) -> Vec<OperationKey> {
    let mut met: HashSet<Op> = HashSet::new();
    let mut seen: HashMap<&Fingerprint, Vec<Op>> = HashMap::new();
    for (finding, ops) in &unit.members {
        seen.entry(&findings[*finding].fingerprint).or_default().extend(ops);
    }
    let claimed = all.iter().flat_map(|at| seen.get(&findings[*at].fingerprint).cloned().unwrap_or_default());
    let own: Vec<&Finding> =
        all.iter().map(|at| findings[*at]).filter(|finding| finding.vantage == Vantage::Code).collect();
    let coded = own.into_iter().flat_map(|finding| names.ops(finding));
    let ops: Vec<Op> = claimed.chain(coded).filter(|op| met.insert(*op)).collect();
    ops.into_iter().map(|op| names.key(op).clone()).collect()
}

/// How bad it is. Where memory was measured, what code would have guessed of its cost does not count; what was refuted counts a step less.
fn severity(findings: &[&Finding], measured: bool, root: Option<&Root>, doubts: &[Doubt]) -> Severity {
    let is_cost = root.is_some_and(|root| matches!(root.kind, Kind::Leak | Kind::Peak));
    let counts = |finding: &&&Finding| !(measured && is_cost && finding.vantage == Vantage::Code);
    let worst = findings.iter().filter(counts).map(|finding| finding.severity).max();
    let worst = worst.or_else(|| findings.iter().map(|finding| finding.severity).max()).unwrap_or(Severity::Info);
    if doubts.is_empty() {
        return worst;
    }
    match worst {
        Severity::Critical => Severity::High,
        Severity::High => Severity::Medium,
        Severity::Medium => Severity::Low,
        Severity::Low | Severity::Info => Severity::Info,
    }
}

/// How sure it is: as sure as the surest of the findings that make it so bad, and suspected only where a vantage looked and saw nothing.
pub fn confidence<'f>(
    findings: impl Iterator<Item = &'f Finding> + Clone,
    severity: Severity,
    doubts: &[Doubt],
) -> Confidence {
    if !doubts.is_empty() {
        return Confidence::Suspected;
    }
    let carrying = findings.clone().filter(|finding| finding.severity >= severity);
    let surest = carrying.map(|finding| finding.confidence).max();
    surest.or_else(|| findings.map(|finding| finding.confidence).max()).unwrap_or(Confidence::Suspected)
}

/// Whether somebody without credentials gets there, as far as that was seen.
fn is_open(unit: &Unit, known: &Known<'_>) -> bool {
    unit.members.iter().flat_map(|(_, ops)| ops).any(|op| known.open.contains(op))
}

/// What is wrong, and in which function.
fn titled_by_symbol(issue: Issue) -> Issue {
    let what = issue.weakness.facts().title;
    let title = match &issue.source {
        Some(source) => match &source.symbol {
            Some(symbol) => format!("{what}: {symbol}"),
            None => format!("{what}: {}", source.file),
        },
        None => what.to_owned(),
    };
    Issue { title, ..issue }
}
