use plimsoll_model::baseline::Since;
use plimsoll_model::{Report, Severity, Stage, Weakness, exit};
use plimsoll_run::Gate;

use super::{measured, memory, report, wire};

/// A high issue that is located and a low one.
fn shop() -> Report {
    report(&[
        vec![wire("limit-ignored", Weakness::UnboundedRead, "/a", Severity::High)],
        vec![wire("pii-exposed", Weakness::PiiExposed, "/b", Severity::Low)],
    ])
}

#[test]
fn issues_count_by_severity_stage_and_novelty() {
    let gate = Gate::default();
    let with = |change: &dyn Fn(&mut Report)| {
        let mut report = shop();
        change(&mut report);
        report
    };
    let proven = Gate { from_stage: Stage::Proven, ..gate.clone() };
    let new = Gate { new_only: true, ..gate.clone() };
    let since = |since: Since| move |report: &mut Report| report.issues[0].since = Some(since);
    for (gate, report, code) in [
        (&gate, shop(), exit::FINDINGS),
        (&Gate { fail_on: Some(Severity::Critical), ..gate.clone() }, shop(), exit::PASSED),
        (&Gate { fail_on: None, ..gate.clone() }, shop(), exit::PASSED),
        (&Gate { lenient: true, ..gate.clone() }, shop(), exit::PASSED),
        (&gate, with(&|report| report.issues[0].severity = Severity::Low), exit::PASSED),
        (&gate, with(&|report| report.issues[0].stage = Stage::Fixed), exit::PASSED),
        (&proven, shop(), exit::PASSED),
        (&proven, with(&|report| report.issues[0].stage = Stage::Proven), exit::FINDINGS),
        (&proven, with(&|report| report.issues[0].stage = Stage::Regressed), exit::FINDINGS),
        (&new, with(&since(Since::Known)), exit::PASSED),
        (&new, with(&since(Since::New)), exit::FINDINGS),
        (&new, with(&since(Since::Worse)), exit::FINDINGS),
        (&new, with(&since(Since::Back)), exit::FINDINGS),
    ] {
        assert_eq!(gate.exit_code(&report), code, "{gate:?}");
        assert_eq!(gate.judge(&report).passed, code == exit::PASSED, "{gate:?}");
    }
}

#[test]
fn an_incomplete_run_never_passes() {
    let incomplete = Report { complete: false, ..report(&[]) };
    for gate in [Gate::default(), Gate { fail_on: None, ..Gate::default() }, Gate { lenient: true, ..Gate::default() }]
    {
        assert_eq!(gate.exit_code(&incomplete), exit::INCOMPLETE);
        assert!(!gate.judge(&incomplete).passed);
    }
    assert_eq!(Gate::default().exit_code(&Report { complete: false, ..shop() }), exit::FINDINGS);
    assert_eq!(Gate::default().exit_code(&Report { score: None, ..report(&[]) }), exit::INCOMPLETE);
}

#[test]
fn a_score_may_be_asked() {
    let gate = |least| Gate { min_score: Some(least), ..Gate::default() };
    assert_eq!(gate(80).exit_code(&report(&[])), exit::PASSED);
    assert_eq!(gate(81).exit_code(&report(&[])), exit::FINDINGS);
    assert_eq!(gate(81).judge(&report(&[])).failed, ["the score is 80"]);
}

#[test]
fn bytes_are_compared_with_the_interval() {
    let gate = Gate { max_bytes_per_request: Some(1_000), ..Gate::default() };
    for (leak, smallest, code) in [
        (Some([1_100.0, 1_200.0, 1_300.0]), Some(200.0), exit::FINDINGS),
        (Some([400.0, 500.0, 600.0]), Some(200.0), exit::PASSED),
        // The interval holds the limit: nobody knows.
        (Some([900.0, 1_000.0, 1_100.0]), Some(200.0), exit::INCOMPLETE),
        (None, Some(200.0), exit::PASSED),
        // A leak of twice the limit would not have been seen.
        (None, Some(2_000.0), exit::INCOMPLETE),
        (None, None, exit::INCOMPLETE),
    ] {
        let report = measured(vec![memory("/a", leak, smallest)]);
        assert_eq!(gate.exit_code(&report), code, "{leak:?} {smallest:?}");
    }
    assert_eq!(gate.exit_code(&report(&[])), exit::INCOMPLETE);
}
