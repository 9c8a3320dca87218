//! The gate: what a report means for the exit code.

use plimsoll_model::{Report, Severity, Verdict, exit};

/// When a run fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gate {
    /// Findings of this severity or worse fail the run; none never fails for findings.
    pub fail_on: Option<Severity>,
}

impl Default for Gate {
    fn default() -> Self {
        Self { fail_on: Some(Severity::Medium) }
    }
}

impl Gate {
    /// The exit code for a report. Findings outrank an incomplete run; an incomplete run never passes.
    pub fn exit_code(&self, report: &Report) -> u8 {
        let gated = |severity: Severity| self.fail_on.is_some_and(|least| severity >= least);
        let worse = report.contract_changes.iter().filter(|change| change.verdict == Verdict::Worse);
        if report.findings.iter().any(|finding| gated(finding.severity))
            || worse.into_iter().any(|change| gated(change.severity))
        {
            exit::FINDINGS
        } else if !report.complete || report.score.is_none() {
            exit::INCOMPLETE
        } else {
            exit::PASSED
        }
    }
}
