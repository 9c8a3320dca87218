//! Correlation: findings of one cause become one issue.
//!
//! The key of an issue is weakness and root once a root is known, else weakness and operation. From the wire alone no root is known, so several
//! checks that see the same weakness at the same operation give one issue, and a finding that speaks of many operations is one issue with many
//! operations.

use plimsoll_model::score::weight;
use plimsoll_code::{Reach, RouteFact};
use plimsoll_model::access::AccessTable;
use plimsoll_model::memory::OperationMemory;
use plimsoll_model::report::OperationFacts;
use plimsoll_model::{Confidence, Finding, Fingerprint, Issue, Join, Lane, Stage, Vantage};

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

/// Joins what vantages say into issues.
pub fn join(lanes: &Lanes<'_>) -> Joined {
    let (code, others): (Vec<Finding>, Vec<Finding>) =
        lanes.findings.iter().cloned().partition(|finding| finding.vantage == Vantage::Code);
    let mut issues = issues(&others);
    issues.extend(crate::code::issues(&code));
    Joined { issues, joins: Vec::new() }
}

/// The issues of these findings, the one to fix first first.
pub fn issues(findings: &[Finding]) -> Vec<Issue> {
    let mut groups: Vec<Vec<&Finding>> = Vec::new();
    for finding in findings {
        let joined = groups.iter_mut().find(|group| group.iter().any(|other| same_cause(other, finding)));
        match joined {
            Some(group) => group.push(finding),
            None => groups.push(vec![finding]),
        }
    }
    let mut ranked: Vec<(Rank, Issue)> = groups.iter().map(|group| issue(group)).collect();
    ranked.sort_by(|(a, left), (b, right)| {
        b.cmp(a)
            .then_with(|| left.operations.cmp(&right.operations))
            .then_with(|| left.fingerprint.cmp(&right.fingerprint))
    });
    ranked.into_iter().map(|(_, issue)| issue).collect()
}

/// What decides the order: severity, confidence, weight of the category, breadth.
type Rank = (plimsoll_model::Severity, Confidence, u32, usize);

/// Whether two findings speak of one cause: the same weakness at an operation that both name, or of the application as a whole.
fn same_cause(a: &Finding, b: &Finding) -> bool {
    if a.weakness != b.weakness {
        return false;
    }
    match (&a.operation, &b.operation) {
        (None, None) => true,
        (Some(_), Some(_)) => a.operations().any(|operation| b.operations().any(|other| other == operation)),
        _ => false,
    }
}

fn issue(group: &[&Finding]) -> (Rank, Issue) {
    let mut findings = group.to_vec();
    findings.sort_by(|a, b| {
        (b.severity, b.confidence).cmp(&(a.severity, a.confidence)).then_with(|| a.fingerprint.cmp(&b.fingerprint))
    });
    let lead = findings[0];
    let alone = group.iter().flat_map(|finding| finding.operations()).all(|key| Some(key) == lead.operation.as_ref());
    let fingerprint = match (&lead.operation, alone) {
        (Some(key), true) => Fingerprint::of(["issue", lead.weakness.id(), key.method.as_str(), &key.path]),
        (None, _) => Fingerprint::of(["issue", lead.weakness.id(), "application"]),
        // Many operations share a cause that has a name of its own, within the fingerprint of its finding.
        (Some(_), _) => {
            let smallest = group.iter().map(|finding| finding.fingerprint.as_str()).min().unwrap_or_default();
            Fingerprint::of(["issue", lead.weakness.id(), "cause", smallest])
        }
    };
    let located = findings
        .iter()
        .any(|finding| finding.source.is_some() || (finding.vantage == Vantage::Contract && finding.spec.is_some()));
    let measured = |finding: &&Finding| finding.vantage == Vantage::Memory && finding.confidence == Confidence::Proven;
    let stage = match (findings.iter().any(measured), located) {
        (true, _) => Stage::Proven,
        (false, true) => Stage::Located,
        (false, false) => Stage::Indicated,
    };
    let confidence = findings.iter().map(|finding| finding.confidence).max().unwrap_or(lead.confidence);
    let issue = Issue { stage, ..Issue::of(fingerprint, lead, &findings[1..]).titled_by_operations() };
    let rank = (lead.severity, confidence, weight(lead.weakness.facts().category), issue.operations.len());
    (rank, issue)
}

#[cfg(test)]
mod tests {
    use plimsoll_model::{Method, OperationKey, Severity, Weakness};

    use super::*;

    fn finding(check: &str, weakness: Weakness, path: Option<&str>, severity: Severity) -> Finding {
        Finding {
            fingerprint: Fingerprint::of([check, path.unwrap_or("")]),
            check: check.to_owned(),
            weakness,
            kind: weakness.facts().kind,
            vantage: Vantage::Wire,
            severity,
            confidence: Confidence::Observed,
            operation: path.map(|path| OperationKey::new(Method::Get, path)),
            also: Vec::new(),
            part: None,
            source: None,
            spec: None,
            message: String::new(),
            evidence: Vec::new(),
        }
    }

    #[test]
    fn two_checks_of_one_weakness_at_one_operation_are_one_issue() {
        let findings = [
            finding("unpaginated-list", Weakness::UnboundedRead, Some("/a"), Severity::Medium),
            finding("limit-ignored", Weakness::UnboundedRead, Some("/a"), Severity::High),
            finding("limit-ignored", Weakness::UnboundedRead, Some("/b"), Severity::High),
            finding("pii-exposed", Weakness::PiiExposed, Some("/a"), Severity::Medium),
        ];
        let issues = issues(&findings);
        assert_eq!(issues.len(), 3);
        assert_eq!(issues[0].findings.len(), 2);
        assert_eq!(issues[0].severity, Severity::High);
    }

    #[test]
    fn the_name_of_an_issue_does_not_depend_on_order() {
        let mut findings = vec![
            finding("unpaginated-list", Weakness::UnboundedRead, Some("/a"), Severity::High),
            finding("limit-ignored", Weakness::UnboundedRead, Some("/a"), Severity::High),
            finding("no-rate-limit", Weakness::NoRateLimit, None, Severity::Medium),
        ];
        let forward: Vec<_> = issues(&findings).into_iter().map(|issue| issue.fingerprint).collect();
        findings.reverse();
        let backward: Vec<_> = issues(&findings).into_iter().map(|issue| issue.fingerprint).collect();
        assert_eq!(forward, backward);
    }
}
