//! What holds for whatever is joined.

use plimsoll_model::{Finding, Issue, Kind, Severity, Vantage, Weakness};
use proptest::prelude::*;
use serde_json::json;

use super::super::issues;
use super::{World, about, code, contract, leak, memory, severe, stored, wire};

/// Findings of all vantages over a few operations, lines and weaknesses.
fn any_finding() -> impl Strategy<Value = Finding> {
    let weaknesses = [
        Weakness::UnboundedRead,
        Weakness::WholeTableRead,
        Weakness::UnboundedPageSize,
        Weakness::UnhandledInput,
        Weakness::StoreErrorExposed,
        Weakness::UnboundedCache,
        Weakness::RetainedRequest,
        Weakness::GrowingAnswer,
    ];
    let paths = prop::sample::subsequence(vec!["/a", "/b", "/items/{id}", "/quiet"], 0..3);
    let lines = [("a", 17), ("a", 18), ("b", 22), ("shared", 11), ("own", 14), ("keep", 7), ("item", 26)];
    (
        0..4usize,
        prop::sample::select(weaknesses.to_vec()),
        paths,
        prop::sample::select(lines.to_vec()),
        0..3usize,
        0..4usize,
    )
        .prop_map(|(vantage, weakness, paths, (symbol, line), input, severity)| {
            let found = match vantage {
                0 => contract(weakness, &paths),
                1 => wire(weakness, &paths),
                2 => code(weakness, symbol, line),
                _ => Finding { kind: Kind::Leak, ..leak(if paths.is_empty() { &["/a"] } else { &paths }) },
            };
            let found = if input == 0 || vantage == 3 { found } else { about(found, ["limit", "from"][input - 1]) };
            severe(found, Severity::ALL[severity])
        })
}

fn any_world() -> impl Strategy<Value = World> {
    let frames = prop::sample::select(vec![(7, "keep"), (17, "a"), (14, "own"), (99, "elsewhere")]);
    (prop::collection::vec(any_finding(), 0..14), frames, any::<bool>(), any::<bool>()).prop_map(
        |(mut findings, (line, function), has_frames, everywhere)| {
            // One fingerprint is one finding.
            let mut seen = std::collections::HashSet::new();
            findings.retain(|finding| seen.insert(finding.fingerprint.clone()));
            let retained = if has_frames { vec![stored("app.SEEN", line, function, true)] } else { Vec::new() };
            let measured = memory("/a", "leak", json!({"retained_by": retained, "everywhere": everywhere}));
            World { findings, memory: vec![measured], operations: Vec::new() }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn order_changes_nothing(world in any_world(), turn in 0..14usize) {
        let mut other = world.clone();
        other.findings.reverse();
        let turn = turn % other.findings.len().max(1);
        other.findings.rotate_left(turn);
        prop_assert_eq!(world.join(), other.join());
    }

    #[test]
    fn every_finding_is_in_an_issue_and_in_several_only_for_several_roots(world in any_world()) {
        let issues = world.join().issues;
        for finding in &world.findings {
            let mine: Vec<&Issue> = issues.iter().filter(|issue| issue.findings.contains(&finding.fingerprint)).collect();
            prop_assert!(!mine.is_empty(), "{finding:?}");
            if mine.len() > 1 {
                prop_assert!(finding.also.len() + 1 >= mine.len() || finding.vantage == Vantage::Memory, "{finding:?}");
                prop_assert!(finding.vantage != Vantage::Code);
                prop_assert!(mine.iter().filter(|issue| issue.source.is_none()).count() <= 1);
            }
        }
        for issue in &issues {
            let mut once = issue.findings.clone();
            once.sort();
            once.dedup();
            prop_assert_eq!(once.len(), issue.findings.len());
        }
        let mut names: Vec<_> = issues.iter().map(|issue| issue.fingerprint.clone()).collect();
        names.sort();
        names.dedup();
        prop_assert_eq!(names.len(), issues.len());
    }

    #[test]
    fn joining_what_was_joined_says_the_same(world in any_world()) {
        let joined = world.join();
        let mut again = world.clone();
        // The findings as the issues list them, strongest first.
        let mut seen = std::collections::HashSet::new();
        let listed: Vec<_> = joined.issues.iter().flat_map(|issue| &issue.findings).filter(|name| seen.insert(*name)).collect();
        again.findings = listed.into_iter().map(|name| world.findings.iter().find(|finding| finding.fingerprint == *name).unwrap().clone()).collect();
        prop_assert_eq!(again.join(), joined);
    }

    #[test]
    fn one_vantage_alone_is_joined_as_it_always_was(world in any_world()) {
        for vantage in Vantage::ALL {
            let findings: Vec<Finding> = world.findings.iter().filter(|finding| finding.vantage == *vantage).cloned().collect();
            let alone = issues(&findings);
            let mut names = Vec::new();
            for issue in &alone {
                prop_assert_eq!(&issue.vantages, &[*vantage]);
                names.extend(issue.findings.clone());
            }
            names.sort();
            let mut all: Vec<_> = findings.iter().map(|finding| finding.fingerprint.clone()).collect();
            all.sort();
            prop_assert_eq!(names, all);
        }
    }
}
