//! The story of an issue: how far it has come, who sees it and who does not, and what each vantage showed, in the order in which a hint becomes a proof.

use std::collections::HashMap;

use plimsoll_model::memory::OperationMemory;
use plimsoll_model::{Finding, Fingerprint, Issue, Join, Lane, OperationKey, Report, Stage, Vantage, redact};

use super::evidence::{self, EvidenceView};
use super::memory::{LineView, RetainerView};
use super::{line, markdown};
use crate::memory;
use crate::text::count;

/// So many findings of a vantage are shown.
const FINDINGS: usize = 12;
/// So many pieces of evidence of a finding are shown.
const EVIDENCE: usize = 40;
/// So many reasons for joins are shown.
const JOINS: usize = 8;
/// So many lines that allocated are shown; all of them stand in the section on memory.
const LINES: usize = 3;

/// What is looked up for every issue.
pub struct Lookup<'r> {
    findings: HashMap<&'r Fingerprint, &'r Finding>,
    memory: HashMap<&'r OperationKey, (usize, &'r OperationMemory)>,
    joins: HashMap<&'r Fingerprint, Vec<&'r Join>>,
    lanes: &'r [Lane],
    limit: u64,
    /// Whether the report joins several vantages.
    pub joined: bool,
}

impl<'r> Lookup<'r> {
    pub fn of(report: &'r Report) -> Self {
        let mut joins: HashMap<&Fingerprint, Vec<&Join>> = HashMap::new();
        for join in &report.joins {
            joins.entry(&join.left).or_default().push(join);
        }
        let memory = report.memory.iter().enumerate();
        Self {
            findings: report.findings.iter().map(|finding| (&finding.fingerprint, finding)).collect(),
            memory: memory.map(|(index, memory)| (&memory.operation, (index, memory))).collect(),
            joins,
            lanes: &report.lanes,
            limit: report.memory_run.as_ref().map(|run| run.limit_bytes).unwrap_or_default(),
            joined: !report.lanes.is_empty(),
        }
    }

    /// The findings of an issue, the strongest first.
    pub fn findings(&self, issue: &Issue) -> Vec<&'r Finding> {
        issue.findings.iter().filter_map(|wanted| self.findings.get(wanted).copied()).collect()
    }

    /// The memory of the operations that findings from memory speak of.
    pub fn measured(&self, findings: &[&Finding]) -> Vec<&'r OperationMemory> {
        let from_memory = findings.iter().filter(|finding| finding.vantage == Vantage::Memory);
        from_memory
            .flat_map(|finding| finding.operations())
            .filter_map(|operation| self.memory.get(operation).map(|(_, memory)| *memory))
            .collect()
    }

    /// Why these findings are one issue.
    fn joins(&self, findings: &[&Finding]) -> Vec<String> {
        let mine = |name: &Fingerprint| findings.iter().any(|finding| finding.fingerprint == *name);
        let mut out: Vec<String> = Vec::new();
        for join in findings.iter().filter_map(|finding| self.joins.get(&finding.fingerprint)).flatten() {
            let why = markdown::sentence(&redact::one_line(&join.why, 300));
            if join.joined && mine(&join.right) && !out.contains(&why) && out.len() < JOINS {
                out.push(why);
            }
        }
        out
    }
}

/// The story.
pub struct Story {
    /// Empty where only one vantage looked.
    pub ladder: Vec<Rung>,
    /// The vantages and what they make of it; empty where only one looked.
    pub eyes: Vec<Eye>,
    pub chapters: Vec<Chapter>,
    /// Vantage and what it looked at.
    pub doubts: Vec<(&'static str, String)>,
    /// Why the findings are one issue.
    pub joins: Vec<String>,
}

/// A step from a hint to a verified fix.
pub struct Rung {
    pub name: &'static str,
    pub class: &'static str,
    pub now: bool,
}

/// A vantage.
pub struct Eye {
    pub vantage: &'static str,
    /// `sees`, `saw`, `doubts`, `silent` or `out`.
    pub class: &'static str,
    pub says: &'static str,
}

/// What one vantage showed.
pub struct Chapter {
    /// Empty where there is one chapter only.
    pub heading: &'static str,
    pub findings: Vec<FindingView>,
    pub more: usize,
    pub memory: Vec<MemoryPart>,
}

/// What one check saw.
pub struct FindingView {
    /// As HTML; empty where it stands at the top of the card.
    pub message: String,
    pub check: String,
    /// Vantage, confidence and place in one line.
    pub facts: String,
    pub evidence: Vec<EvidenceView>,
    /// Steps in the source that lead to it.
    pub trail: Vec<Step>,
    pub more: usize,
}

/// A step in the source.
pub struct Step {
    pub place: String,
    pub excerpt: String,
    /// As HTML; may be empty.
    pub note: String,
}

/// The memory of an operation, as far as an issue needs it.
pub struct MemoryPart {
    /// Empty where the issue has this operation only.
    pub operation: String,
    pub anchor: String,
    pub retainers: Vec<RetainerView>,
    pub lines: Vec<LineView>,
    pub chart: Option<(String, String)>,
    /// Other operations that were measured for the same issue: name and amount.
    pub others: Vec<(String, String)>,
}

impl Story {
    pub fn of(issue: &Issue, findings: &[&Finding], lookup: &Lookup<'_>) -> Self {
        let several =
            Vantage::ALL.iter().filter(|vantage| findings.iter().any(|finding| finding.vantage == **vantage)).count()
                > 1;
        let headed = several || lookup.joined;
        // With chapters the strongest finding's sentence stands at the top of the card.
        let lead = findings.first().map(|finding| &finding.fingerprint).filter(|_| headed);
        let chapters = Vantage::ALL.iter().filter_map(|vantage| {
            let mine: Vec<&Finding> = findings.iter().copied().filter(|finding| finding.vantage == *vantage).collect();
            (!mine.is_empty()).then(|| Chapter {
                heading: if headed { heading(*vantage) } else { "" },
                findings: mine
                    .iter()
                    .take(FINDINGS)
                    .map(|finding| {
                        let mut view = view(finding, headed, lead == Some(&finding.fingerprint));
                        if *vantage == Vantage::Memory && !lookup.measured(&[*finding]).is_empty() {
                            // The same numbers and points stand below, with their band and what holds the bytes.
                            view.evidence.retain(|piece| {
                                !matches!(piece, EvidenceView::Measurement(_) | EvidenceView::Chart(..))
                            });
                        }
                        view
                    })
                    .collect(),
                more: mine.len().saturating_sub(FINDINGS),
                memory: if *vantage == Vantage::Memory { parts(&mine, lookup) } else { Vec::new() },
            })
        });
        Self {
            chapters: chapters.collect(),
            ladder: if lookup.joined { ladder(issue, findings) } else { Vec::new() },
            eyes: if lookup.joined { eyes(issue, lookup) } else { Vec::new() },
            doubts: issue
                .doubts
                .iter()
                .map(|doubt| (doubt.vantage.as_str(), markdown::sentence(&redact::one_line(&doubt.why, 600))))
                .collect(),
            joins: lookup.joins(findings),
        }
    }
}

const fn heading(vantage: Vantage) -> &'static str {
    match vantage {
        Vantage::Contract => "In the contract",
        Vantage::Wire => "On the wire",
        Vantage::Code => "In the code",
        Vantage::Memory => "In memory",
    }
}

fn ladder(issue: &Issue, findings: &[&Finding]) -> Vec<Rung> {
    let located = issue.source.is_some() || findings.iter().any(|finding| finding.spec.is_some());
    let last = if issue.stage == Stage::Regressed { Stage::Regressed } else { Stage::Fixed };
    [Stage::Indicated, Stage::Located, Stage::Proven, last]
        .into_iter()
        .map(|stage| {
            let reached = stage <= issue.stage && (stage != Stage::Located || located);
            let class = match (reached, stage) {
                (true, Stage::Regressed) => "done back",
                (true, Stage::Fixed) => "done good",
                (true, _) => "done",
                (false, _) => "",
            };
            Rung { name: stage.as_str(), class, now: stage == issue.stage }
        })
        .collect()
}

fn eyes(issue: &Issue, lookup: &Lookup<'_>) -> Vec<Eye> {
    Vantage::ALL
        .iter()
        .map(|vantage| {
            let ran = lookup.lanes.iter().any(|lane| lane.vantage == *vantage && lane.ran);
            let doubts = issue.doubts.iter().any(|doubt| doubt.vantage == *vantage);
            let (class, says) = match (issue.vantages.contains(vantage), doubts, ran) {
                (true, ..) if issue.stage == Stage::Fixed => ("saw", "saw it"),
                (true, ..) => ("sees", "sees it"),
                (_, true, _) => ("doubts", "doubts it"),
                (.., true) => ("silent", "is silent"),
                (.., false) => ("out", "did not run"),
            };
            Eye { vantage: vantage.as_str(), class, says }
        })
        .collect()
}

fn view(finding: &Finding, headed: bool, is_lead: bool) -> FindingView {
    let mut facts = vec![finding.confidence.as_str().to_owned()];
    if !headed {
        facts.push(match finding.vantage.as_str() {
            "wire" => "on the wire".to_owned(),
            vantage => format!("in the {vantage}"),
        });
    }
    if let Some(part) = &finding.part {
        let kind = part.kind.as_str().replace('-', " ");
        facts.push(if part.name.is_empty() { kind } else { format!("{kind} {}", line(&part.name)) });
    }
    if let Some(source) = &finding.source {
        facts.push(line(&source.to_string()));
    }
    // With evidence from the contract the place is there.
    if let (Some(spec), false) = (&finding.spec, finding.evidence.iter().any(is_contract)) {
        let place =
            spec.line.map_or_else(|| spec.pointer.clone(), |number| format!("{} (line {number})", spec.pointer));
        facts.push(line(&place));
    }
    let operations = finding.operations().count() as u64;
    if operations > 1 {
        facts.push(count(operations, "operation"));
    }
    let shown = &finding.evidence[..finding.evidence.len().min(EVIDENCE)];
    let trail: Vec<Step> = shown.iter().filter_map(step).collect();
    FindingView {
        message: if is_lead { String::new() } else { super::issue::message(finding) },
        check: line(&finding.check),
        facts: facts.join(" · "),
        evidence: shown.iter().filter_map(evidence::view).collect(),
        trail,
        more: finding.evidence.len().saturating_sub(EVIDENCE),
    }
}

fn is_contract(evidence: &plimsoll_model::Evidence) -> bool {
    matches!(evidence, plimsoll_model::Evidence::Contract { .. })
}

fn step(evidence: &plimsoll_model::Evidence) -> Option<Step> {
    let plimsoll_model::Evidence::Source { file, line: number, excerpt, note, .. } = evidence else { return None };
    // `here` says no more than the place does.
    let note = if note == "here" { String::new() } else { markdown::sentence(&redact::one_line(note, 600)) };
    Some(Step {
        place: redact::one_line(&format!("{file}:{number}"), 400),
        excerpt: redact::one_line(excerpt, 600),
        note,
    })
}

/// The operations that were measured for an issue: the first with what holds and where it came from, the others in a line.
fn parts(findings: &[&Finding], lookup: &Lookup<'_>) -> Vec<MemoryPart> {
    let mut keys: Vec<&OperationKey> = Vec::new();
    for operation in findings.iter().flat_map(|finding| finding.operations()) {
        if !keys.contains(&operation) && lookup.memory.contains_key(operation) && keys.len() < FINDINGS {
            keys.push(operation);
        }
    }
    let Some((first, others)) = keys.split_first() else { return Vec::new() };
    let Some((index, measured)) = lookup.memory.get(first) else { return Vec::new() };
    let name = line(&first.to_string());
    let mut charts = super::memory::charts(measured, lookup.limit, &name);
    vec![MemoryPart {
        operation: if others.is_empty() { String::new() } else { name },
        anchor: super::memory::anchor(*index),
        retainers: measured.retained_by.iter().take(LINES).map(super::memory::retainer).collect(),
        lines: measured.allocated_at.iter().take(LINES).map(super::memory::allocation).collect(),
        chart: if charts.is_empty() { None } else { Some(charts.swap_remove(chosen(measured, charts.len()))) },
        others: others
            .iter()
            .filter_map(|key| {
                lookup.memory.get(*key).map(|(_, other)| (line(&key.to_string()), memory::per_request(other)))
            })
            .collect(),
    }]
}

/// The chart that shows the verdict: the plot of the peak, which comes last, for a peak; otherwise the first curve.
fn chosen(measured: &OperationMemory, charts: usize) -> usize {
    if measured.verdict == plimsoll_model::memory::Verdict::Peak { charts - 1 } else { 0 }
}
