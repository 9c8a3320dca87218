//! From findings in contracts to a report.

use std::collections::{BTreeMap, HashMap, HashSet};

use plimsoll_audit::size::{OperationSizes, Size, Sizes};
use plimsoll_model::report::{
    Coverage, OperationCounts, OperationFacts, OperationSize, SCHEMA, Target, Tool, WorstSize,
};
use plimsoll_model::score::{Grade, Scored, score, weight};
use plimsoll_model::{Category, Confidence, Finding, Fingerprint, Issue, OperationKey, Report, Severity, Stage};
use plimsoll_spec::Api;

use super::Request;

/// What a contract cannot show, under every report of it.
pub(crate) const BLIND: &str = "A contract says what a service promises and allows. Whether it keeps to it is seen by `plimsoll scan`; which line of code makes it so, \
                     by `plimsoll code`.";

/// What the audited documents come to, one after the other.
#[derive(Default)]
pub(super) struct Parts {
    documents: Vec<String>,
    titles: Vec<String>,
    findings: Vec<Finding>,
    operations: Vec<OperationFacts>,
    sizes: Vec<OperationSize>,
    remarks: Vec<String>,
}

impl Parts {
    pub(super) fn add(&mut self, api: &Api, findings: Vec<Finding>, sizes: Sizes) {
        self.documents.extend(api.document.clone());
        self.titles.extend(api.title.as_ref().map(|title| match &api.version {
            Some(version) => format!("{title} {version}"),
            None => title.clone(),
        }));
        self.remarks.extend(api.diagnostics.iter().map(|diagnostic| api.describe(diagnostic)));
        self.operations.extend(api.operations.iter().map(|operation| facts(&operation.key)));
        let worst = api.operations.iter().zip(sizes.iter()).map(|(operation, sizes)| size(&operation.key, sizes));
        self.sizes.extend(worst);
        self.findings.extend(findings);
    }

    pub(super) fn finish(self, request: &Request) -> Report {
        let Self { documents, titles, mut findings, operations, sizes, remarks } = self;
        if documents.len() > 1 {
            findings.sort_by_key(|finding| std::cmp::Reverse((finding.severity, finding.confidence)));
        }
        let issues = issues(&findings);
        let ran: HashSet<Category> = super::rules()
            .into_iter()
            .filter(|meta| request.select.wants(meta))
            .map(|meta| meta.weakness.facts().category)
            .collect();
        let untested = |category: Category| {
            if operations.is_empty() {
                return Some("the contract has no operations".to_owned());
            }
            (!ran.contains(&category)).then(|| "not visible in a contract".to_owned())
        };
        let scored: Vec<Scored> = issues
            .iter()
            .map(|(confidence, issue)| Scored {
                category: issue.weakness.facts().category,
                severity: issue.severity,
                confidence: *confidence,
            })
            .collect();
        let (categories, total) = score(&scored, untested);
        let incomplete =
            if operations.is_empty() { vec!["the contract has no operations".to_owned()] } else { Vec::new() };
        let count = operations.len() as u32;
        Report {
            schema: SCHEMA.to_owned(),
            tool: Tool { name: "plimsoll".to_owned(), version: request.version.clone() },
            target: Target {
                url: documents.join(" "),
                contract: (documents.len() == 1).then(|| documents[0].clone()),
                title: (titles.len() == 1).then(|| titles[0].clone()),
                ..Target::default()
            },
            complete: incomplete.is_empty(),
            incomplete,
            score: total,
            grade: total.map(Grade::of),
            categories,
            findings,
            issues: issues.into_iter().map(|(_, issue)| issue).collect(),
            coverage: Coverage {
                operations: OperationCounts { found: count, reached: 0, judged: count },
                skipped: Vec::new(),
                contract: remarks,
            },
            operations,
            sizes,
            notes: vec![BLIND.to_owned()],
            ..Report::default()
        }
    }
}

fn facts(key: &OperationKey) -> OperationFacts {
    OperationFacts {
        operation: key.clone(),
        origin: "contract".to_owned(),
        reached: false,
        reason: Some("an audit sends nothing".to_owned()),
        requests: 0,
        statuses: BTreeMap::new(),
        sizes: Vec::new(),
        latencies_ms: Vec::new(),
    }
}

fn size(key: &OperationKey, sizes: &OperationSizes) -> OperationSize {
    OperationSize { operation: key.clone(), input: worst(&sizes.input), answer: sizes.answer.as_ref().map(worst) }
}

fn worst(size: &Size) -> WorstSize {
    let bytes = size.bytes.map(|bytes| u64::try_from(bytes).unwrap_or(u64::MAX));
    WorstSize {
        bytes,
        unbounded: size.causes.iter().take(3).map(ToString::to_string).collect(),
        growth: if bytes.is_some() { String::new() } else { size.growth.to_string() },
    }
}

/// What decides the order of issues: severity, confidence, weight of the category, breadth.
type Rank = (Severity, Confidence, u32, usize);

/// The issues with their confidence: findings of one weakness at one operation, or one place, are one. The one to mend first comes first.
fn issues(findings: &[Finding]) -> Vec<(Confidence, Issue)> {
    let mut groups: Vec<Vec<&Finding>> = Vec::new();
    let mut known: HashMap<(&str, String), usize> = HashMap::new();
    for finding in findings {
        let root = match (finding.also.is_empty(), &finding.operation) {
            (true, Some(key)) => key.to_string(),
            // What many operations share is mended in one place of its own.
            _ => finding.fingerprint.as_str().to_owned(),
        };
        let group = *known.entry((finding.weakness.id(), root)).or_insert_with(|| {
            groups.push(Vec::new());
            groups.len() - 1
        });
        groups[group].push(finding);
    }
    let mut ranked: Vec<(Rank, Issue)> = groups.into_iter().map(|group| issue(&group)).collect();
    ranked.sort_by(|(a, left), (b, right)| b.cmp(a).then_with(|| left.fingerprint.cmp(&right.fingerprint)));
    ranked.into_iter().map(|(rank, issue)| (rank.1, issue)).collect()
}

/// The issue of findings that came worst first.
fn issue(findings: &[&Finding]) -> (Rank, Issue) {
    let lead = findings[0];
    let smallest = findings.iter().map(|finding| finding.fingerprint.as_str()).min().unwrap_or_default();
    let fingerprint = Fingerprint::of(["issue", lead.weakness.id(), "contract", smallest]);
    let confidence = findings.iter().map(|finding| finding.confidence).max().unwrap_or(lead.confidence);
    let issue = Issue::of(fingerprint, lead, &findings[1..]).titled_by_operations();
    let issue = Issue { stage: Stage::Located, ..issue };
    let rank = (lead.severity, confidence, weight(lead.weakness.facts().category), issue.operations.len());
    (rank, issue)
}
