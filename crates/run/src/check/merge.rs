//! One report of what the vantages say: their findings joined, their operations side by side, what none of them could see, and why.

use std::collections::{BTreeSet, HashSet};

use plimsoll_model::memory::Verdict;
use plimsoll_model::report::{Coverage, OperationCounts, OperationFacts, RunCost, SCHEMA, Skipped, Target, Tool};
use plimsoll_model::score::{Grade, score};
use plimsoll_model::{Category, Finding, Lane, OperationKey, Report, Vantage};

use super::{All, Request, Since, Touched, lane};
use crate::correlate::{self, Lanes};
use crate::only::shape;
use crate::{assemble, audit, code, memory};

/// What stands under the report of one vantage alone, and is no longer true beside the others.
const ALONE: [&str; 4] = [assemble::BLIND, code::BLIND, audit::report::BLIND, memory::report::SEES];

/// The report of everything that ran.
pub(super) fn report(mut all: All, request: &Request, seconds: f64, was_interrupted: bool) -> Report {
    let outcome = all.code.as_mut().map(|(_, outcome)| std::mem::take(outcome)).unwrap_or_default();
    let lanes = lanes(&all, request);
    let incomplete = incomplete(&lanes, request, was_interrupted);
    let (notes, skipped, touched) = (all.notes, all.skipped, all.touched);
    let given = |ran: Option<super::Ran>| ran.and_then(|ran| ran.report);
    let mut wire = given(all.wire);
    let mut contract = given(all.contract);
    let mut read = given(all.code.map(|(ran, _)| ran));
    let mut measured = given(all.memory);
    let reports = || [&wire, &contract, &measured, &read].into_iter().flatten();
    let tested: Vec<Category> = reports()
        .flat_map(|report| &report.categories)
        .filter(|category| category.score.is_some())
        .map(|category| category.category)
        .collect();
    let untested = |category: Category| {
        (!tested.contains(&category)).then(|| "no vantage that was looked from shows it".to_owned())
    };
    let mut report = Report {
        schema: SCHEMA.to_owned(),
        tool: Tool { name: "plimsoll".to_owned(), version: request.version.clone() },
        target: target([&wire, &measured, &contract, &read]),
        complete: incomplete.is_empty(),
        incomplete,
        operations: operations(reports()),
        coverage: coverage(reports(), skipped),
        cost: cost(reports(), seconds),
        notes: notes_of(notes, reports()),
        lanes,
        ..Report::default()
    };
    report.findings = findings([&mut wire, &mut contract, &mut measured, &mut read]);
    if let Some(measured) = &mut measured {
        report.memory = std::mem::take(&mut measured.memory);
        report.memory_run = measured.memory_run.take();
    }
    report.sizes = contract.map(|contract| contract.sizes).unwrap_or_default();
    report.access = wire.and_then(|wire| wire.access);
    if let (Some(since), Some(touched)) = (&request.since, &touched) {
        keep(&mut report, since, touched);
    }
    count(&mut report);
    let joined = correlate::join(&Lanes {
        findings: &report.findings,
        routes: &outcome.routes,
        reach: &outcome.reach,
        memory: &report.memory,
        operations: &report.operations,
        access: report.access.as_ref(),
        lanes: &report.lanes,
    });
    (report.issues, report.joins) = (joined.issues, joined.joins);
    if let Some(since) = &request.since {
        only_changed(&mut report, since);
    }
    let (categories, total) = score(&assemble::scored(&report.issues, &report.findings), untested);
    (report.categories, report.score, report.grade) = (categories, total, total.map(Grade::of));
    report
}

/// What each vantage did, in the order of their names in the handbook.
fn lanes(all: &All, request: &Request) -> Vec<Lane> {
    let ran = |vantage: Vantage| match vantage {
        Vantage::Contract => all.contract.as_ref(),
        Vantage::Wire => all.wire.as_ref(),
        Vantage::Code => all.code.as_ref().map(|(ran, _)| ran),
        Vantage::Memory => all.memory.as_ref(),
    };
    let all_of = || Vantage::ALL.iter().filter_map(|vantage| Some((*vantage, ran(*vantage)?.report.as_ref()?)));
    let count = |vantage: Vantage| {
        let own = all_of().flat_map(|(_, report)| &report.findings).filter(|finding| finding.vantage == vantage);
        own.map(|finding| &finding.fingerprint).collect::<BTreeSet<_>>().len()
    };
    let made = Vantage::ALL.iter().map(|&vantage| {
        if let Some(ran) = ran(vantage) {
            return lane(vantage, ran, count(vantage));
        }
        let why = request.left_out.iter().find(|(left_out, _)| *left_out == vantage);
        let why = why.map_or_else(|| not_there(vantage), |(_, why)| why.clone());
        Lane { vantage, ran: false, why: vec![why], seconds: 0.0, findings: count(vantage) as u32 }
    });
    made.collect()
}

/// Why a vantage did not run that nobody left out.
fn not_there(vantage: Vantage) -> String {
    match vantage {
        Vantage::Contract => "no contract is named, and the scan found none".to_owned(),
        _ => "not looked from".to_owned(),
    }
}

/// Why the run is incomplete: what the vantages that were to run did not do.
fn incomplete(lanes: &[Lane], request: &Request, was_interrupted: bool) -> Vec<String> {
    let is_left_out = |lane: &Lane| {
        let nothing_found = lane.vantage == Vantage::Contract && !lane.ran && lane.why == [not_there(lane.vantage)];
        nothing_found || !lane.ran && request.left_out.iter().any(|(vantage, _)| *vantage == lane.vantage)
    };
    let mut out: Vec<String> = Vec::new();
    for lane in lanes.iter().filter(|lane| !is_left_out(lane)) {
        out.extend(lane.why.iter().map(|why| format!("{}: {why}", lane.vantage)));
    }
    if was_interrupted && !out.iter().any(|why| why.contains("interrupted")) {
        out.push("interrupted".to_owned());
    }
    out
}

/// What was looked at, as the vantage says that is nearest to it.
fn target(mut reports: [&Option<Report>; 4]) -> Target {
    let nearest = reports.iter_mut().find_map(|report| report.as_ref());
    let mut target = nearest.map(|report| report.target.clone()).unwrap_or_default();
    for report in reports.into_iter().flatten() {
        target.contract = target.contract.or_else(|| report.target.contract.clone());
        target.title = target.title.or_else(|| report.target.title.clone());
    }
    target
}

/// The findings of all, the worst first. What a scan and an audit both read in the contract is there once, with what the scan saw.
fn findings(reports: [&mut Option<Report>; 4]) -> Vec<Finding> {
    let mut names = HashSet::new();
    let mut places = HashSet::new();
    let mut out = Vec::new();
    for report in reports.into_iter().flatten() {
        let before = places.clone();
        for finding in std::mem::take(&mut report.findings) {
            let place = (finding.check.clone(), finding.operation.clone(), finding.part.clone());
            let is_contract = finding.vantage == Vantage::Contract;
            if !names.insert(finding.fingerprint.clone()) || is_contract && before.contains(&place) {
                continue;
            }
            if is_contract {
                places.insert(place);
            }
            out.push(finding);
        }
    }
    assemble::joined(out, Vec::new())
}

/// Every operation once, with what all know of it, named as the first vantage does.
fn operations<'a>(reports: impl Iterator<Item = &'a Report>) -> Vec<OperationFacts> {
    let mut out: Vec<OperationFacts> = Vec::new();
    for facts in reports.flat_map(|report| &report.operations) {
        let known = out.iter_mut().find(|known| shape(&known.operation) == shape(&facts.operation));
        let Some(known) = known else {
            out.push(facts.clone());
            continue;
        };
        known.reached |= facts.reached;
        if known.reached {
            known.reason = None;
        }
        known.requests = known.requests.saturating_add(facts.requests);
        for (status, times) in &facts.statuses {
            *known.statuses.entry(*status).or_default() += times;
        }
        if known.sizes.is_empty() {
            known.sizes.clone_from(&facts.sizes);
            known.latencies_ms.clone_from(&facts.latencies_ms);
        }
    }
    out
}

fn coverage<'a>(reports: impl Iterator<Item = &'a Report>, more: Vec<Skipped>) -> Coverage {
    let mut coverage = Coverage { skipped: more, ..Coverage::default() };
    for report in reports {
        for skipped in &report.coverage.skipped {
            if !coverage.skipped.contains(skipped) {
                coverage.skipped.push(skipped.clone());
            }
        }
        for remark in &report.coverage.contract {
            if !coverage.contract.contains(remark) {
                coverage.contract.push(remark.clone());
            }
        }
    }
    coverage
}

/// Counts the operations: judged are those that a running application answered, or all where nothing ran.
fn count(report: &mut Report) {
    let asked = report.operations.iter().filter(|facts| facts.requests > 0).count();
    let measured = report.memory.iter().filter(|memory| memory.verdict != Verdict::Inconclusive).count();
    let ran = report.lanes.iter().any(|lane| lane.ran && matches!(lane.vantage, Vantage::Wire | Vantage::Memory));
    report.coverage.operations = OperationCounts {
        found: report.operations.len() as u32,
        reached: report.operations.iter().filter(|facts| facts.reached).count() as u32,
        judged: if ran { asked.max(measured) } else { report.operations.len() } as u32,
    };
}

fn cost<'a>(reports: impl Iterator<Item = &'a Report>, seconds: f64) -> RunCost {
    let mut cost = RunCost::default();
    let mut is_limited = true;
    for report in reports {
        cost.requests += report.cost.requests;
        cost.bytes += report.cost.bytes;
        cost.max_requests += report.cost.max_requests;
        cost.max_seconds += report.cost.max_seconds;
        // How many requests a measurement needs is decided on the way.
        is_limited &= report.cost.requests == 0 || report.cost.max_requests > 0;
    }
    let max_requests = if is_limited { cost.max_requests } else { 0 };
    RunCost { max_requests, seconds: (seconds * 10.0).round() / 10.0, ..cost }
}

fn notes_of<'a>(mut notes: Vec<String>, reports: impl Iterator<Item = &'a Report>) -> Vec<String> {
    for note in reports.flat_map(|report| &report.notes) {
        if !ALONE.contains(&note.as_str()) && !notes.contains(note) {
            notes.push(note.clone());
        }
    }
    notes
}

/// Keeps what the last report said of operations that the change cannot have changed.
fn keep(report: &mut Report, since: &Since, touched: &Touched) {
    let Some(before) = since.before.as_ref().filter(|_| !matches!(touched, Touched::Everything { .. })) else { return };
    let ran = |vantage: Vantage| report.lanes.iter().any(|lane| lane.vantage == vantage && lane.ran);
    let spared = |key: &OperationKey| touched.spares(key);
    let mut kept = 0;
    for old in before.findings.iter().filter(|finding| finding.vantage != Vantage::Code) {
        let holds: Vec<OperationKey> = old.operations().filter(|key| spared(key)).cloned().collect();
        // A contract that was audited again is known as a whole.
        let is_settled = old.vantage == Vantage::Contract && ran(Vantage::Contract);
        if is_settled || old.operation.is_some() && holds.is_empty() {
            continue;
        }
        if let Some(new) = report.findings.iter_mut().find(|new| new.fingerprint == old.fingerprint) {
            let more: Vec<_> = holds.into_iter().filter(|key| new.operations().all(|known| known != key)).collect();
            new.also.extend(more);
            continue;
        }
        let mut holds = holds.into_iter();
        report.findings.push(Finding { operation: holds.next(), also: holds.collect(), ..old.clone() });
        kept += 1;
    }
    report.findings = assemble::joined(std::mem::take(&mut report.findings), Vec::new());
    for old in before.memory.iter().filter(|memory| spared(&memory.operation)) {
        if report.memory.iter().all(|memory| shape(&memory.operation) != shape(&old.operation)) {
            report.memory.push(old.clone());
        }
    }
    if report.memory_run.is_none() {
        report.memory_run.clone_from(&before.memory_run);
    }
    let mut names = Vec::new();
    for old in before.operations.iter().filter(|facts| spared(&facts.operation)) {
        names.push(old.operation.to_string());
        match report.operations.iter_mut().find(|facts| shape(&facts.operation) == shape(&old.operation)) {
            Some(facts) => *facts = old.clone(),
            None => report.operations.push(old.clone()),
        }
    }
    if report.sizes.is_empty() {
        report.sizes.clone_from(&before.sizes);
    }
    report.access = report.access.take().or_else(|| before.access.clone());
    if !names.is_empty() {
        let when = before.time.as_ref().map(|time| format!(" of {}", time.ended)).unwrap_or_default();
        let why = format!(
            "not looked at again: nothing that they run was changed since {}; the {kept} findings there are those of the report{when}",
            since.revision
        );
        // The scan says the same of those that it left out.
        let told = |skipped: &Skipped| skipped.why.contains("kept from the last report");
        report.coverage.skipped.retain(|skipped| !told(skipped));
        report.coverage.skipped.push(Skipped { what: names.join(", "), why, requests: 0 });
    }
}

/// Leaves out what reading code found where nothing was changed.
fn only_changed(report: &mut Report, since: &Since) {
    let counts = |finding: &Finding| finding.vantage != Vantage::Code || since.touches(finding);
    let shown: HashSet<_> = report.findings.iter().filter(|f| counts(f)).map(|f| f.fingerprint.clone()).collect();
    report.issues.retain(|issue| issue.findings.iter().any(|finding| shown.contains(finding)));
    let left: HashSet<_> = report.issues.iter().flat_map(|issue| &issue.findings).collect();
    report.findings.retain(|finding| left.contains(&finding.fingerprint));
    let left = |name| report.findings.iter().any(|finding| finding.fingerprint == name);
    report.joins.retain(|join| left(join.left.clone()) && left(join.right.clone()));
}
