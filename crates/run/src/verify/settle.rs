//! What verifying leaves in a report: outcome and stage of the issues, a score without what is fixed, and lines that moved.

use plimsoll_model::score::{Grade, score};
use plimsoll_model::verification::Outcome;
use plimsoll_model::{Fingerprint, Issue, Report, Stage, Vantage};

use super::Looked;
use crate::assemble::scored;

/// Writes what came of looking again into the report that it was about.
pub fn settle(report: &mut Report, looked: &Looked) {
    for (fingerprint, verification) in &looked.verified {
        let Some(issue) = report.issues.iter_mut().find(|issue| issue.fingerprint == *fingerprint) else { continue };
        issue.stage = match (verification.outcome, issue.stage) {
            (Outcome::Fixed, _) => Stage::Fixed,
            (Outcome::StillThere, Stage::Fixed) => Stage::Regressed,
            (Outcome::StillThere | Outcome::NotVerified, stage) => stage,
        };
        issue.verification = Some(verification.clone());
    }
    if let Some(code) = &looked.code {
        follow(report, code);
    }
    rate(report);
}

/// Tells which issues of a new report were fixed in an earlier one: they are back.
pub fn carry_over(report: &mut Report, earlier: &Report) {
    // What is in several issues tells none from another.
    let mut shared = Issue::shared(&report.issues);
    shared.extend(Issue::shared(&earlier.issues));
    for issue in &mut report.issues {
        let own = |name: &Fingerprint| !shared.contains(name) && issue.findings.contains(name);
        let known = |other: &&Issue| other.fingerprint == issue.fingerprint || other.findings.iter().any(own);
        let was = earlier.issues.iter().find(known).map(|other| other.stage);
        if matches!(was, Some(Stage::Fixed | Stage::Regressed)) {
            issue.stage = Stage::Regressed;
        }
    }
}

/// Names the lines at which findings of the code lane are now.
fn follow(report: &mut Report, now: &Report) {
    for finding in report.findings.iter_mut().filter(|finding| finding.vantage == Vantage::Code) {
        let Some(found) = now.findings.iter().find(|found| found.fingerprint == finding.fingerprint) else { continue };
        if finding.source == found.source {
            continue;
        }
        let was = std::mem::replace(&mut finding.source, found.source.clone());
        finding.evidence.clone_from(&found.evidence);
        for issue in &mut report.issues {
            if issue.source == was && issue.findings.contains(&finding.fingerprint) {
                issue.source.clone_from(&found.source);
            }
        }
    }
}

/// The score without what is fixed; categories that were not tested stay so.
fn rate(report: &mut Report) {
    let open: Vec<Issue> = report.issues.iter().filter(|issue| issue.stage != Stage::Fixed).cloned().collect();
    let before = std::mem::take(&mut report.categories);
    let untested = |category| before.iter().find(|known| known.category == category)?.untested.clone();
    let (categories, total) = score(&scored(&open, &report.findings), untested);
    report.categories = categories;
    if report.score.is_some() {
        report.score = total;
        report.grade = total.map(Grade::of);
    }
}

#[cfg(test)]
mod tests {
    use plimsoll_model::verification::Verification;
    use plimsoll_model::{Confidence, Finding, Fingerprint, Severity, Weakness};

    use super::*;

    fn report() -> Report {
        let weakness = Weakness::UnboundedCache;
        let finding = Finding {
            fingerprint: Fingerprint::of(["a"]),
            check: "a".to_owned(),
            weakness,
            kind: weakness.facts().kind,
            vantage: Vantage::Code,
            severity: Severity::High,
            confidence: Confidence::Observed,
            operation: None,
            also: Vec::new(),
            part: None,
            source: None,
            spec: None,
            message: String::new(),
            evidence: Vec::new(),
        };
        let issue = Issue::of(Fingerprint::of(["issue", "a"]), &finding, &[]);
        let mut report = Report { findings: vec![finding], issues: vec![issue], score: Some(0), ..Report::default() };
        rate(&mut report);
        report
    }

    fn looked(report: &Report, outcome: Outcome) -> Looked {
        let verification = Verification { outcome, again: Vec::new(), answers: None };
        Looked { verified: vec![(report.issues[0].fingerprint.clone(), verification)], ..Looked::default() }
    }

    #[test]
    fn what_is_fixed_costs_no_points_and_what_comes_back_is_said() {
        let mut report = report();
        let whole = report.score;
        let outcome = |report: &mut Report, outcome| {
            let looked = looked(report, outcome);
            settle(report, &looked);
            report.issues[0].stage
        };
        assert_eq!(outcome(&mut report, Outcome::NotVerified), Stage::Indicated);
        assert_eq!(report.score, whole);
        assert_eq!(outcome(&mut report, Outcome::Fixed), Stage::Fixed);
        assert!(report.score > whole, "{:?} {whole:?}", report.score);
        // Nobody looked again: what was fixed stays so.
        assert_eq!(outcome(&mut report, Outcome::NotVerified), Stage::Fixed);
        let earlier = report.clone();
        assert_eq!(outcome(&mut report, Outcome::StillThere), Stage::Regressed);
        assert_eq!(report.score, whole);
        let mut fresh = self::report();
        carry_over(&mut fresh, &earlier);
        assert_eq!(fresh.issues[0].stage, Stage::Regressed);
        assert_eq!(outcome(&mut report, Outcome::Fixed), Stage::Fixed);
    }
}
