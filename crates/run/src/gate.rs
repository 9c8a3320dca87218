//! The gate: what a report means for the exit code.
//!
//! What was not tested passes no condition: a measurement that was asked for and is missing leaves the gate undecided, and an undecided or incomplete run
//! never passes.

use plimsoll_model::baseline::Since;
use plimsoll_model::memory::{OperationMemory, Verdict as MemoryVerdict};
use plimsoll_model::report::GateResult;
use plimsoll_model::{Issue, Report, Severity, Stage, Verdict, exit};

/// When a run fails.
#[derive(Clone, Debug, PartialEq)]
pub struct Gate {
    /// Issues of this severity or worse fail the run; none never fails for issues.
    pub fail_on: Option<Severity>,
    /// Issues count only from this stage on.
    pub from_stage: Stage,
    /// Whether only issues count that the baseline does not know, or knows as less severe.
    pub new_only: bool,
    /// The least score that passes, 0 to 100.
    pub min_score: Option<u8>,
    /// The most bytes that a request may leave behind.
    pub max_bytes_per_request: Option<u64>,
    /// The most bytes that a request may take while it is served.
    pub max_peak: Option<u64>,
    /// Whether nothing that is found fails the run. What is incomplete still does.
    pub lenient: bool,
}

impl Default for Gate {
    fn default() -> Self {
        Self {
            fail_on: Some(Severity::Medium),
            from_stage: Stage::Indicated,
            new_only: false,
            min_score: None,
            max_bytes_per_request: None,
            max_peak: None,
            lenient: false,
        }
    }
}

impl Gate {
    /// The exit code for a report. Findings outrank an incomplete run; an incomplete run never passes.
    pub fn exit_code(&self, report: &Report) -> u8 {
        let result = self.judge(report);
        if !result.failed.is_empty() && !self.lenient {
            exit::FINDINGS
        } else if !report.complete || report.score.is_none() || !result.undecided.is_empty() {
            exit::INCOMPLETE
        } else {
            exit::PASSED
        }
    }

    /// What was asked, and what a report answers.
    pub fn judge(&self, report: &Report) -> GateResult {
        let mut result = GateResult { passed: false, asked: Vec::new(), failed: Vec::new(), undecided: Vec::new() };
        self.issues(report, &mut result);
        self.score(report, &mut result);
        let bytes = (self.max_bytes_per_request, "leaves", "behind");
        limit(report, bytes, &mut result, &|memory| memory.bytes_per_request.map(|rate| rate.low), &|memory| {
            match memory.verdict {
                MemoryVerdict::Inconclusive => None,
                MemoryVerdict::Leak => memory.bytes_per_request.map(|rate| rate.high),
                _ => memory.smallest_detectable,
            }
        });
        let peak = (self.max_peak, "takes", "while it is served");
        limit(report, peak, &mut result, &|memory| memory.peak_bytes.map(|peak| peak.in_flight.low), &|memory| {
            memory.peak_bytes.map(|peak| peak.in_flight.high)
        });
        result.passed = (result.failed.is_empty() || self.lenient) && result.undecided.is_empty() && report.complete;
        result
    }

    fn issues(&self, report: &Report, result: &mut GateResult) {
        let Some(least) = self.fail_on else { return };
        let mut asked = format!("no {}issue of {least} or worse", if self.new_only { "new " } else { "" });
        if self.from_stage > Stage::Indicated {
            asked.push_str(&format!(" that is {}", self.from_stage));
        }
        result.asked.push(asked);
        let counts = |issue: &&Issue| {
            // What is back was proven once.
            let stage = if issue.stage == Stage::Regressed { Stage::Proven } else { issue.stage };
            let fresh = !self.new_only || issue.since.is_none_or(|since| since != Since::Known);
            issue.severity >= least && stage >= self.from_stage && issue.stage != Stage::Fixed && fresh
        };
        for issue in report.issues.iter().filter(counts) {
            let since = match issue.since {
                Some(Since::New) => "new, ",
                Some(Since::Back) => "back, ",
                Some(Since::Worse) => "worse, ",
                Some(Since::Known) | None => "",
            };
            result.failed.push(format!("{} ({since}{}, {}): {}", issue.id, issue.severity, issue.stage, issue.title));
        }
        let worse = report.contract_changes.iter().filter(|change| change.verdict == Verdict::Worse);
        for change in worse.filter(|change| change.severity >= least) {
            result.failed.push(format!("the contract became worse ({}): {}", change.severity, change.message));
        }
    }

    fn score(&self, report: &Report, result: &mut GateResult) {
        let Some(least) = self.min_score else { return };
        result.asked.push(format!("a score of {least} or better"));
        match report.score {
            Some(score) if score < least => result.failed.push(format!("the score is {score}")),
            Some(_) => {}
            None => result.undecided.push("there is no score: nothing was tested".to_owned()),
        }
    }
}

/// A limit in bytes for every operation whose memory was measured. `surely` is what an operation takes at least, `at_most` what it may take as far as the
/// measurement shows.
fn limit(
    report: &Report,
    (limit, verb, rest): (Option<u64>, &str, &str),
    result: &mut GateResult,
    surely: &dyn Fn(&OperationMemory) -> Option<f64>,
    at_most: &dyn Fn(&OperationMemory) -> Option<f64>,
) {
    let Some(limit) = limit else { return };
    let limit = limit as f64;
    result.asked.push(format!("no request {verb} more than {limit:.0} B {rest}"));
    if report.memory.is_empty() {
        result.undecided.push(format!("memory was not measured, so nobody knows what a request {verb} {rest}"));
    }
    let mut open = Vec::new();
    for memory in &report.memory {
        if let Some(low) = surely(memory).filter(|low| *low > limit) {
            result.failed.push(format!("{} {verb} at least {low:.0} B {rest}", memory.operation));
        } else if at_most(memory).is_none_or(|high| high > limit) {
            open.push(memory.operation.to_string());
        }
    }
    if !open.is_empty() {
        result.undecided.push(format!("not measured closely enough for {limit:.0} B: {}", open.join(", ")));
    }
}
