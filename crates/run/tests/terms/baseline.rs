use plimsoll_model::baseline::{Baseline, Since};
use plimsoll_model::memory::Verdict;
use plimsoll_model::{Finding, Report, Severity, Stage, Vantage, Weakness};
use plimsoll_run::baseline;
use proptest::prelude::*;

use super::{finding, measured, memory, report, wire};

const THEN: &str = "2026-11-01T00:00:00Z";
const NOW: &str = "2026-11-22T00:00:00Z";

fn groups() -> Vec<Vec<Finding>> {
    vec![
        vec![
            wire("limit-ignored", Weakness::UnboundedRead, "/a", Severity::High),
            finding("scan-collected", Weakness::UnboundedRead, "/a", Severity::High, Vantage::Code),
        ],
        vec![wire("pii-exposed", Weakness::PiiExposed, "/b", Severity::Medium)],
    ]
}

fn compared(report: &Report, baseline: &Baseline) -> Report {
    let mut report = report.clone();
    baseline::compare(&mut report, baseline, "plimsoll.baseline.json");
    report
}

fn since(report: &Report) -> Vec<Since> {
    report.issues.iter().map(|issue| issue.since.unwrap()).collect()
}

#[test]
fn what_is_written_is_known_and_what_comes_is_new() {
    let known = baseline::write(&report(&groups()), None, THEN);
    let mut more = groups();
    more.push(vec![wire("pii-exposed", Weakness::PiiExposed, "/c", Severity::Medium)]);
    let after = compared(&report(&more), &known);
    assert_eq!(since(&after), [Since::Known, Since::Known, Since::New]);
    let standing = after.baseline.unwrap();
    assert_eq!((standing.new, standing.known, standing.gone.len(), standing.not_tested.len()), (1, 2, 0, 0));
    assert_eq!((standing.written.as_str(), standing.history.len()), (THEN, 1));
}

#[test]
fn another_way_of_joining_makes_nothing_new() {
    let known = baseline::write(&report(&groups()), None, THEN);
    // The wire did not see it this time, or code did not run: the issue has another name.
    for left in [0, 1] {
        let mut fewer = groups();
        fewer[0] = vec![fewer[0][left].clone()];
        assert_eq!(since(&compared(&report(&fewer), &known)), [Since::Known, Since::Known]);
    }
}

#[test]
fn a_graver_one_is_worse_and_a_fixed_one_is_back() {
    let known = baseline::write(&report(&groups()), None, THEN);
    let mut worse = report(&groups());
    worse.issues[1].severity = Severity::Critical;
    assert_eq!(since(&compared(&worse, &known)), [Since::Known, Since::Worse]);
    let gone = baseline::update(&report(&groups()[1..]), &known, NOW);
    let back = compared(&report(&groups()), &gone);
    assert_eq!(since(&back), [Since::Back, Since::Known]);
    assert_eq!(back.issues[0].stage, Stage::Regressed);
}

#[test]
fn gone_is_only_what_was_looked_for() {
    let known = baseline::write(&report(&groups()), None, THEN);
    let nothing = report(&[]);
    let standing = compared(&nothing, &known).baseline.unwrap();
    assert_eq!((standing.gone.len(), standing.not_tested.len()), (2, 0));
    type Change = fn(&mut Report);
    let cases: [(Change, usize, &str); 4] = [
        (|report| report.lanes.retain(|lane| lane.vantage != Vantage::Code), 1, "code did not run"),
        (|report| report.lanes[2].why.push("a file could not be read".to_owned()), 1, "code did not do everything"),
        (|report| report.operations[1].reached = false, 1, "GET /b was not reached"),
        (|report| report.operations.clear(), 2, "was not reached"),
    ];
    for (change, kept, why) in cases {
        let mut report = nothing.clone();
        change(&mut report);
        let standing = compared(&report, &known).baseline.unwrap();
        assert_eq!(standing.not_tested.len(), kept, "{why}");
        assert!(standing.not_tested.iter().all(|entry| entry.why.contains(why)), "{:?}", standing.not_tested);
        let updated = baseline::update(&report, &known, NOW);
        assert_eq!(updated.issues.iter().filter(|issue| issue.stage == Stage::Fixed).count(), 2 - kept, "{why}");
    }
}

#[test]
fn memory_that_is_inconclusive_is_not_gone() {
    let leak = finding("memory-leak", Weakness::UnboundedRead, "/a", Severity::High, Vantage::Memory);
    let known = baseline::write(&report(&[vec![leak]]), None, THEN);
    let run = |verdict: Verdict, path: &str| {
        let mut memory = memory(path, None, Some(100.0));
        memory.verdict = verdict;
        let mut report = measured(vec![memory]);
        report.lanes.clear();
        report.operations.clear();
        compared(&report, &known).baseline.unwrap()
    };
    assert_eq!(run(Verdict::None, "/a").gone.len(), 1);
    assert_eq!(run(Verdict::Plateau, "/a").gone.len(), 1);
    assert!(run(Verdict::Inconclusive, "/a").not_tested[0].why.contains("is inconclusive"));
    assert!(run(Verdict::None, "/b").not_tested[0].why.contains("was not measured"));
}

#[test]
fn updating_takes_nothing_in_and_goes_on_with_the_history() {
    let known = baseline::write(&report(&groups()[..1]), None, THEN);
    let after = baseline::update(&report(&groups()), &known, NOW);
    assert_eq!(after.issues.len(), 1);
    assert_eq!(after.history.iter().map(|point| point.at.as_str()).collect::<Vec<_>>(), [THEN, NOW]);
    assert_eq!(baseline::update(&report(&groups()), &after, NOW), after);
}

#[test]
fn a_file_that_is_none_is_refused_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("b.json");
    assert!(baseline::read(&path).unwrap_err().to_string().starts_with("cannot read the baseline "));
    for text in [
        "",
        "[]",
        "{\"schema\": \"plimsoll.report/1\"}",
        "{\"schema\": \"plimsoll.baseline/9\", \"tool\": \"\", \"written\": \"\", \"issues\": []}",
    ] {
        std::fs::write(&path, text).unwrap();
        let error = baseline::read(&path).unwrap_err().to_string();
        assert!(error.contains("is no baseline of plimsoll: ") && !error.contains('\n'), "{error}");
    }
    let known = baseline::write(&report(&groups()), None, THEN);
    std::fs::write(&path, serde_json::to_string(&known).unwrap()).unwrap();
    assert_eq!(baseline::read(&path).unwrap(), known);
}

proptest! {
    /// A report that is compared with its own baseline has nothing new and misses nothing, in whatever order its issues come.
    #[test]
    fn a_report_knows_itself(order in Just((0..6usize).collect::<Vec<_>>()).prop_shuffle(), taken in 1..6usize) {
        let paths = ["/a", "/b", "/c"];
        let all: Vec<Vec<Finding>> = (0..6).map(|n| {
            let weakness = if n % 2 == 0 { Weakness::UnboundedRead } else { Weakness::PiiExposed };
            vec![wire(&format!("check-{n}"), weakness, paths[n % 3], Severity::Medium)]
        }).collect();
        let known = baseline::write(&report(&all), None, THEN);
        let shuffled: Vec<_> = order.iter().map(|n| all[*n].clone()).collect();
        prop_assert_eq!(&baseline::write(&report(&shuffled), None, THEN), &known);
        let some = compared(&report(&shuffled[..taken]), &known);
        prop_assert!(since(&some).iter().all(|since| *since == Since::Known));
        let standing = some.baseline.unwrap();
        prop_assert_eq!(standing.gone.len() + taken, 6);
    }
}
