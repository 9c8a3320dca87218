//! From findings in contracts to a report.

use std::collections::{BTreeMap, HashSet};

use plimsoll_audit::size::{OperationSizes, Size, Sizes};
use plimsoll_model::report::{
    Coverage, OperationCounts, OperationFacts, OperationSize, SCHEMA, Target, Tool, WorstSize,
};
use plimsoll_model::score::{Grade, score};
use plimsoll_model::{Category, Finding, OperationKey, Report};
use plimsoll_spec::Api;

use super::Request;
use crate::correlate;

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
        let issues = correlate::issues(&findings);
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
        let (categories, total) = score(&correlate::scored(&issues, &findings), untested);
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
            issues,
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
