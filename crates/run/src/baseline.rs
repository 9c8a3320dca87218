//! The baseline: compares a report with what a project knows, and writes what it knows from now on.
//!
//! An issue is known by its own fingerprint or by that of one of its findings, so that another way of joining makes nothing new. What is in the baseline
//! and not in the report is gone only if every vantage that had seen it looked there again; what was not tested is never gone.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use plimsoll_model::baseline::{Accepted, Baseline, Compared, Entry, Point, SCHEMA, Since};
use plimsoll_model::memory::Verdict;
use plimsoll_model::{Fingerprint, Issue, OperationKey, Report, Severity, Stage, Vantage};

/// So many scores are kept.
const HISTORY: usize = 200;

/// Why a baseline cannot be used. One line: what, where, what to do.
#[derive(Debug, thiserror::Error)]
pub enum BaselineError {
    /// The file cannot be read.
    #[error("cannot read the baseline {file}: {source}")]
    Read {
        /// The file.
        file: String,
        /// Why.
        source: std::io::Error,
    },
    /// It is none.
    #[error("{file} is no baseline of plimsoll: {why}; write one with `plimsoll baseline write`")]
    Form {
        /// The file.
        file: String,
        /// What is wrong with it.
        why: String,
    },
}

/// Reads a baseline.
///
/// # Errors
/// [`BaselineError`] for a file that cannot be read or is none.
pub fn read(path: &Path) -> Result<Baseline, BaselineError> {
    let file = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|source| BaselineError::Read { file: file.clone(), source })?;
    let form = |why: String| BaselineError::Form { file: file.clone(), why };
    let baseline: Baseline = serde_json::from_str(&text).map_err(|error| form(error.to_string()))?;
    if baseline.schema == SCHEMA { Ok(baseline) } else { Err(form(format!("its form is {:?}", baseline.schema))) }
}

/// The baseline of everything that a report says. `now` is RFC 3339, UTC. The history of an earlier one goes on.
pub fn write(report: &Report, earlier: Option<&Baseline>, now: &str) -> Baseline {
    let issues = report.issues.iter().map(accepted).collect();
    finished(report, issues, earlier, now)
}

/// The baseline after a report: what is gone is marked as fixed, what is known is brought up to date, and what could not be tested stays. Nothing new is
/// taken in.
pub fn update(report: &Report, earlier: &Baseline, now: &str) -> Baseline {
    let known = Known::of(earlier, report);
    let mut seen: HashMap<usize, &Issue> = HashMap::new();
    for issue in report.issues.iter().chain(report.suppressed.iter().map(|suppressed| &suppressed.issue)) {
        if let Some(index) = known.find(issue) {
            seen.entry(index).or_insert(issue);
        }
    }
    let tested = Tested::by(report);
    let issues = earlier
        .issues
        .iter()
        .enumerate()
        .map(|(index, entry)| match seen.get(&index) {
            Some(issue) => accepted(issue),
            None if tested.gone(entry).is_ok() => Accepted { stage: Stage::Fixed, ..entry.clone() },
            None => entry.clone(),
        })
        .collect();
    finished(report, issues, Some(earlier), now)
}

/// Says of every issue how it stands to a baseline, and of the baseline what is gone. `file` is how it was named.
pub fn compare(report: &mut Report, baseline: &Baseline, file: &str) {
    let known = Known::of(baseline, report);
    let mut met = HashSet::new();
    for issue in &mut report.issues {
        let index = known.find(issue);
        met.extend(index);
        let since = match index.map(|index| &baseline.issues[index]) {
            None => Since::New,
            Some(entry) if entry.stage == Stage::Fixed => Since::Back,
            Some(entry) if issue.severity > entry.severity => Since::Worse,
            Some(_) => Since::Known,
        };
        if since == Since::Back {
            issue.stage = Stage::Regressed;
        }
        issue.since = Some(since);
    }
    // What the project accepts is there, and counts as neither gone nor new.
    met.extend(report.suppressed.iter().filter_map(|suppressed| known.find(&suppressed.issue)));
    let tested = Tested::by(report);
    let (mut gone, mut not_tested) = (Vec::new(), Vec::new());
    for (index, entry) in baseline.issues.iter().enumerate() {
        if met.contains(&index) || entry.stage == Stage::Fixed {
            continue;
        }
        let named = |why: String| Entry {
            fingerprint: entry.fingerprint.clone(),
            title: entry.title.clone(),
            stage: entry.stage,
            why,
        };
        match tested.gone(entry) {
            Ok(why) => gone.push(named(why)),
            Err(why) => not_tested.push(named(why)),
        }
    }
    let count = |wanted: &dyn Fn(Since) -> bool| {
        report.issues.iter().filter(|issue| issue.since.is_some_and(wanted)).count() as u32
    };
    let new = count(&|since| since != Since::Known && since != Since::Worse);
    let known = count(&|since| matches!(since, Since::Known | Since::Worse));
    report.baseline = Some(Compared {
        file: file.to_owned(),
        written: baseline.written.clone(),
        new,
        known,
        gone,
        not_tested,
        history: baseline.history.clone(),
    });
}

fn accepted(issue: &Issue) -> Accepted {
    Accepted {
        fingerprint: issue.fingerprint.clone(),
        weakness: issue.weakness,
        title: issue.title.clone(),
        severity: issue.severity,
        stage: issue.stage,
        vantages: issue.vantages.clone(),
        operations: issue.operations.clone(),
        findings: issue.findings.clone(),
    }
}

fn finished(report: &Report, mut issues: Vec<Accepted>, earlier: Option<&Baseline>, now: &str) -> Baseline {
    issues.sort_by(|a, b| a.fingerprint.cmp(&b.fingerprint));
    let mut history = earlier.map(|baseline| baseline.history.clone()).unwrap_or_default();
    let above = report.issues.iter().filter(|issue| issue.severity > Severity::Info).count() as u32;
    let at = report.time.as_ref().map_or(now, |time| &time.ended).to_owned();
    let point = Point { at, score: report.score, grade: report.grade, issues: above };
    // The same run written twice is one point.
    history.retain(|known| known.at != point.at);
    history.push(point);
    history.drain(..history.len().saturating_sub(HISTORY));
    Baseline { schema: SCHEMA.to_owned(), tool: report.tool.version.clone(), written: now.to_owned(), issues, history }
}

/// The issues of a baseline by every name that they may be known by.
struct Known<'a> {
    names: HashMap<&'a str, usize>,
    /// Findings of the report that are in several issues, and tell none from another.
    shared: HashSet<Fingerprint>,
}

impl<'a> Known<'a> {
    fn of(baseline: &'a Baseline, report: &Report) -> Self {
        let issues = report.issues.iter().chain(report.suppressed.iter().map(|suppressed| &suppressed.issue));
        let mut names = HashMap::new();
        let mut twice = HashSet::new();
        for (index, entry) in baseline.issues.iter().enumerate() {
            for finding in &entry.findings {
                if names.insert(finding.as_str(), index).is_some_and(|other| other != index) {
                    twice.insert(finding.as_str());
                }
            }
        }
        names.retain(|name, _| !twice.contains(name));
        // An issue's own name wins over those of its findings.
        for (index, entry) in baseline.issues.iter().enumerate() {
            names.insert(entry.fingerprint.as_str(), index);
        }
        Self { names, shared: Issue::shared(issues) }
    }

    fn find(&self, issue: &Issue) -> Option<usize> {
        let own = issue.findings.iter().filter(|name| !self.shared.contains(*name));
        let mut all = std::iter::once(&issue.fingerprint).chain(own);
        all.find_map(|name| self.names.get(name.as_str())).copied()
    }
}

/// Where a run looked.
struct Tested<'a> {
    report: &'a Report,
    /// What each vantage did: none where it did not run, else whether it did everything.
    vantages: HashMap<Vantage, bool>,
    wire: HashSet<&'a OperationKey>,
}

impl<'a> Tested<'a> {
    fn by(report: &'a Report) -> Self {
        let mut vantages: HashMap<Vantage, bool> =
            report.lanes.iter().filter(|lane| lane.ran).map(|lane| (lane.vantage, lane.is_complete())).collect();
        // The report of one vantage has no lanes; what it holds tells which one it was.
        if report.lanes.is_empty() {
            let alone = if report.memory_run.is_some() {
                Vantage::Memory
            } else if report.cost.requests > 0 {
                Vantage::Wire
            } else if report.operations.iter().any(|facts| facts.origin == "code")
                || report.findings.iter().any(|finding| finding.vantage == Vantage::Code)
            {
                Vantage::Code
            } else {
                Vantage::Contract
            };
            vantages.insert(alone, report.complete);
        }
        let asked = report.operations.iter().filter(|facts| facts.requests > 0 && facts.reached);
        Self { report, vantages, wire: asked.map(|facts| &facts.operation).collect() }
    }

    /// Why an issue of the baseline that the run did not find is gone; or why that cannot be said.
    fn gone(&self, entry: &Accepted) -> Result<String, String> {
        for vantage in &entry.vantages {
            match self.vantages.get(vantage) {
                None => return Err(format!("{vantage} did not run")),
                Some(false) => return Err(format!("{vantage} did not do everything")),
                Some(true) => {}
            }
            for operation in &entry.operations {
                match vantage {
                    Vantage::Wire if !self.wire.contains(operation) => {
                        return Err(format!("{operation} was not reached"));
                    }
                    Vantage::Memory => self.measured(operation)?,
                    _ => {}
                }
            }
        }
        let all: Vec<&str> = entry.vantages.iter().map(|vantage| vantage.as_str()).collect();
        Ok(format!("looked for by {} and not found", all.join(", ")))
    }

    fn measured(&self, operation: &OperationKey) -> Result<(), String> {
        let memory = self.report.memory.iter().find(|memory| memory.operation == *operation);
        match memory.map(|memory| memory.verdict) {
            None => Err(format!("the memory of {operation} was not measured")),
            Some(Verdict::Inconclusive) => Err(format!("the memory of {operation} is inconclusive")),
            Some(_) => Ok(()),
        }
    }
}
