//! On what terms a run passes: what is accepted, what is known, and what the gate makes of it.

#![expect(clippy::unwrap_used, reason = "a test ends where its setup fails")]

mod baseline;
mod gate;
mod suppress;

use plimsoll_model::join::Lane;
use plimsoll_model::memory::{Interval, MemoryRun, OperationMemory, Signal, Verdict};
use plimsoll_model::report::{OperationFacts, SCHEMA};
use plimsoll_model::{
    Confidence, Finding, Fingerprint, Issue, Method, OperationKey, Report, Severity, SourcePlace, Stage, Vantage,
    Weakness,
};

fn operation(path: &str) -> OperationKey {
    OperationKey::new(Method::Get, path)
}

/// A finding of this check at `GET path`, in `file` where it is from code.
fn finding(check: &str, weakness: Weakness, path: &str, severity: Severity, vantage: Vantage) -> Finding {
    let source = (vantage == Vantage::Code).then(|| SourcePlace {
        file: format!("shop{path}.py"),
        line: 7,
        symbol: None,
        columns: None,
    });
    Finding {
        fingerprint: Fingerprint::of([check, path, vantage.as_str()]),
        check: check.to_owned(),
        weakness,
        kind: weakness.facts().kind,
        vantage,
        severity,
        confidence: Confidence::Observed,
        operation: Some(operation(path)),
        also: Vec::new(),
        part: None,
        source,
        spec: None,
        message: String::new(),
        evidence: Vec::new(),
    }
}

/// A report of a wire that asked every operation, with an issue for each group of findings.
fn report(groups: &[Vec<Finding>]) -> Report {
    let mut report = Report { schema: SCHEMA.to_owned(), complete: true, score: Some(80), ..Report::default() };
    for group in groups {
        let others: Vec<&Finding> = group[1..].iter().collect();
        let fingerprint = Fingerprint::of(["issue", group[0].fingerprint.as_str()]);
        report.issues.push(Issue { stage: Stage::Located, ..Issue::of(fingerprint, &group[0], &others) });
        report.findings.extend(group.iter().cloned());
    }
    let lane = |vantage| Lane { vantage, ran: true, why: Vec::new(), seconds: 1.0, findings: 1 };
    report.lanes = [Vantage::Contract, Vantage::Wire, Vantage::Code].map(lane).into();
    report.operations = ["/a", "/b", "/c"].map(asked).into();
    report
}

fn asked(path: &str) -> OperationFacts {
    OperationFacts {
        operation: operation(path),
        origin: "contract".to_owned(),
        reached: true,
        reason: None,
        requests: 3,
        statuses: [(200, 3)].into(),
        sizes: vec![10],
        latencies_ms: vec![1.0],
    }
}

/// An operation that leaves so much behind, or nothing above what could be seen.
fn memory(path: &str, leak: Option<[f64; 3]>, smallest: Option<f64>) -> OperationMemory {
    let verdict = if leak.is_some() { Verdict::Leak } else { Verdict::None };
    let known = serde_json::json!({"operation": operation(path), "verdict": verdict, "why": "", "requests": 100});
    let mut memory: OperationMemory = serde_json::from_value(known).unwrap();
    memory.bytes_per_request = leak.map(|[low, value, high]| Interval { value, low, high, level: 0.95 });
    memory.smallest_detectable = smallest;
    memory
}

fn wire(check: &str, weakness: Weakness, path: &str, severity: Severity) -> Finding {
    finding(check, weakness, path, severity, Vantage::Wire)
}

/// A report of the memory lane alone.
fn measured(memory: Vec<OperationMemory>) -> Report {
    let run = MemoryRun {
        signal: Signal::Live,
        control: None,
        base_bytes: 1 << 20,
        limit_bytes: 1 << 29,
        requests: 100,
        screen_seconds: 1.0,
        seconds: 2.0,
        restarts: 0,
    };
    Report { memory, memory_run: Some(run), ..report(&[]) }
}
