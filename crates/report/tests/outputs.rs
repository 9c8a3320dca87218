//! The outputs for CI of shared fixtures, as they were reviewed; what no fixture may do to any of them; and that equal reports give equal bytes.

#![expect(clippy::unwrap_used, reason = "a test ends where its setup fails")]

mod fixture;

use plimsoll_model::Report;
use plimsoll_report::{Root, csv, defectdojo, github, gitlab, har, json, junit, markdown, openvex, sarif, secrets};

fn root() -> Root {
    Root::new("/repository", "/repository/services/shop")
}

/// Every form by name.
fn all(report: &Report) -> Vec<(&'static str, String)> {
    let root = &root();
    vec![
        ("json", json::render(report).unwrap()),
        ("markdown", markdown::render(report)),
        ("sarif", pretty(&sarif::render(report, root).text)),
        ("junit", junit::render(report, root)),
        ("csv", csv::render(report, root)),
        ("har", har::render(report)),
        ("gitlab_dast", gitlab::dast::render(report, root)),
        ("gitlab_sast", gitlab::sast::render(report, root)),
        ("gitlab_code_quality", gitlab::code_quality::render(report, root)),
        ("github_annotations", github::annotations::render(report, root).text),
        ("github_summary", github::summary::render(report).text),
        ("github_comment", github::comment::render(report).text),
        ("defectdojo", defectdojo::render(report, root)),
        ("openvex", openvex::render(report)),
    ]
}

fn pretty(text: &str) -> String {
    let value: serde_json::Value = serde_json::from_str(text).unwrap();
    format!("{value:#}\n")
}

#[test]
fn a_report_that_joins_four_vantages() {
    for (name, text) in all(&fixture::joined()).into_iter().skip(1) {
        insta::assert_snapshot!(format!("joined_{name}"), without_remedies(&text));
    }
}

/// JSON without the texts of weaknesses, which are reviewed on their own pages.
fn without_remedies(text: &str) -> String {
    const TEXTS: &[&str] = &["help", "solution", "mitigation", "impact", "fullDescription", "action_statement"];
    fn walk(value: &mut serde_json::Value) {
        match value {
            serde_json::Value::Array(values) => values.iter_mut().for_each(walk),
            serde_json::Value::Object(fields) => {
                for (key, value) in fields {
                    if TEXTS.contains(&key.as_str()) { *value = "(of the weakness)".into() } else { walk(value) }
                }
            }
            _ => {}
        }
    }
    match serde_json::from_str(text) {
        Ok(mut value) => {
            walk(&mut value);
            format!("{value:#}\n")
        }
        Err(_) => text.to_owned(),
    }
}

#[test]
fn a_report_without_findings() {
    for (name, text) in all(&fixture::clean()).into_iter().skip(1) {
        insta::assert_snapshot!(format!("clean_{name}"), text);
    }
}

#[test]
fn equal_reports_give_equal_bytes() {
    for report in [fixture::shop as fn() -> Report, fixture::joined, fixture::memory] {
        assert_eq!(all(&report()), all(&report()));
    }
}

#[test]
fn every_json_is_json_and_nothing_is_null() {
    for report in [
        fixture::hostile(),
        fixture::hostile_joined(),
        fixture::hostile_memory(),
        fixture::incomplete(),
        fixture::partial(),
    ] {
        for (name, text) in all(&report).iter().skip(1) {
            if !text.starts_with(['{', '[']) {
                continue;
            }
            let value: serde_json::Value = serde_json::from_str(text).unwrap();
            assert!(!has_null(&value), "{name}");
        }
    }
}

fn has_null(value: &serde_json::Value) -> bool {
    match value {
        serde_json::Value::Null => true,
        serde_json::Value::Array(values) => values.iter().any(has_null),
        serde_json::Value::Object(fields) => fields.values().any(has_null),
        _ => false,
    }
}

#[test]
fn nothing_of_a_hostile_target_acts_on_whoever_reads_it() {
    for report in [fixture::hostile(), fixture::hostile_joined(), fixture::hostile_memory()] {
        for (name, text) in all(&report) {
            let raw = text.chars().filter(|c| c.is_control() && !matches!(c, '\n' | '\t' | '\r')).count();
            assert_eq!(raw, 0, "{name}: control characters");
            // The JSON report keeps texts as they were, its readers escape; all others are read by people.
            if name != "json" {
                assert!(!text.contains('\u{202e}') && !text.contains("\\u001b"), "{name}: formatting characters");
            }
            if matches!(name, "markdown" | "github_summary" | "github_comment") {
                let outside = without_code(&text);
                for bad in ["<script", "<img", "<a ", "](javascript", "<!-- -->"] {
                    let line = outside.lines().find(|line| line.contains(bad));
                    assert_eq!(line, None, "{name}: {bad}");
                }
            }
            if name == "github_annotations" {
                let commands = text.lines().all(|line| line.starts_with("::"));
                assert!(commands, "{text}");
            }
        }
    }
}

/// Markdown without what stands in code spans and blocks, and without escaped characters.
fn without_code(text: &str) -> String {
    let mut out = String::new();
    // A fence ends with at least as many backticks as it began with (GFM 4.5).
    let mut fence = 0;
    for line in text.lines() {
        let ticks = line.bytes().take_while(|byte| *byte == b'`').count();
        if ticks >= 3 && fence == 0 {
            fence = ticks;
        } else if fence > 0 && ticks >= fence && line.len() == ticks {
            fence = 0;
        } else if fence == 0 {
            out.extend(line.replace("\\`", "").split('`').step_by(2));
            out.push('\n');
        }
    }
    out.replace("\\<", "").replace("\\]", "").replace("\\[", "")
}

#[test]
fn accepted_findings_are_marked_or_left_out() {
    let report = fixture::joined();
    let accepted: Vec<String> = report
        .suppressed
        .iter()
        .flat_map(|suppressed| &suppressed.issue.findings)
        .filter(|name| report.findings.iter().any(|finding| finding.fingerprint == **name))
        .map(ToString::to_string)
        .collect();
    assert!(!accepted.is_empty(), "the fixture has one");
    let text: std::collections::HashMap<&str, String> = all(&report).into_iter().collect();
    let log: serde_json::Value = serde_json::from_str(&text["sarif"]).unwrap();
    let results: Vec<&serde_json::Value> =
        log["runs"].as_array().unwrap().iter().flat_map(|run| run["results"].as_array().unwrap()).collect();
    for result in &results {
        let name = result["partialFingerprints"]["plimsoll/v1"].as_str().unwrap();
        let suppressions = result["suppressions"].as_array().unwrap();
        assert_eq!(suppressions.len(), usize::from(accepted.iter().any(|accepted| accepted == name)), "{name}");
    }
    let fixed: Vec<&str> = (report.issues.iter())
        .filter(|issue| issue.stage == plimsoll_model::Stage::Fixed)
        .flat_map(|issue| issue.findings.iter().map(plimsoll_model::Fingerprint::as_str))
        .collect();
    assert!(!fixed.is_empty(), "the fixture has one");
    assert_eq!(results.len() + fixed.len(), report.findings.len());
    for name in &fixed {
        let digits = name.trim_start_matches("v1:");
        assert!(
            ["sarif", "gitlab_code_quality", "gitlab_dast", "gitlab_sast"]
                .iter()
                .all(|form| !text[form].contains(digits))
        );
    }
    for name in &accepted {
        let digits = name.trim_start_matches("v1:");
        assert!(!text["gitlab_code_quality"].contains(digits));
        assert!(text["junit"].contains("<skipped message=\"accepted: "));
        assert!(text["csv"].lines().any(|line| line.contains(digits) && line.contains("plimsoll.toml")));
    }
    assert!(text["openvex"].contains("\"not_affected\""));
    let findings: serde_json::Value = serde_json::from_str(&text["defectdojo"]).unwrap();
    let risk =
        findings["findings"].as_array().unwrap().iter().filter(|finding| finding["risk_accepted"] == true).count();
    assert_eq!(risk, accepted.len());
}

#[test]
fn what_does_not_fit_is_counted() {
    let many = fixture::large(6_000, 6_000);
    let comment = github::comment::render(&many);
    assert!(
        comment.text.len() <= 65_536 && comment.text.contains("more issues not shown here"),
        "{}",
        comment.text.len()
    );
    assert!(comment.text.contains("<details>") && comment.text.contains("</details>"));
    assert_eq!(comment.notices.len(), 1);
    let summary = github::summary::render(&many);
    assert!(summary.text.len() <= 1 << 20 && summary.text.contains("not told here"), "{}", summary.text.len());
    let annotations = github::annotations::render(&many, &root()).text;
    for kind in ["::error ", "::warning ", "::notice "] {
        assert!(annotations.matches(kind).count() <= 10, "{kind}");
    }
    assert!(annotations.ends_with("more findings not shown here; the report has them all\n"), "{annotations}");
    let few = github::comment::render(&fixture::shop());
    assert!(few.notices.is_empty() && !few.text.contains("not shown here"));
}

#[test]
fn a_comment_is_found_again() {
    let marker = github::comment::marker(&fixture::shop());
    for report in [fixture::shop(), fixture::joined(), fixture::clean(), fixture::incomplete(), fixture::hostile()] {
        let text = github::comment::render(&report).text;
        let first = text.lines().next().unwrap();
        assert!(
            first.starts_with("<!-- plimsoll:") && first.ends_with(" -->") && first.matches("--").count() == 2,
            "{first}"
        );
        assert_eq!(first, github::comment::marker(&report));
    }
    let mut elsewhere = fixture::shop();
    elsewhere.target.url = "http://127.0.0.1:39211".to_owned();
    assert_eq!(github::comment::marker(&elsewhere), marker, "a port is another one in every run");
}

#[test]
fn a_report_without_secrets_stays_as_it_is() {
    for report in [fixture::shop(), fixture::joined(), fixture::memory(), fixture::clean()] {
        assert!(matches!(secrets::masked(&report).unwrap(), std::borrow::Cow::Borrowed(_)));
    }
}
