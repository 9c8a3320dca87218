//! The verdicts of public OWASP rulesets and ours, side by side, on the documents of `rulesets.md`; and the handbook's table of them.

#![expect(clippy::unwrap_used, reason = "a document that cannot be read fails its test")]

use std::collections::BTreeSet;

use plimsoll_audit::{Document, Meta, Nobody, Written, audit, rules};
use plimsoll_spec::{Description, Options, Source};

const DOCUMENTS: &str = include_str!("rulesets.md");
const TABLE: &str = include_str!("../../../docs/src/contract-rules.md");

/// How many rules the two rulesets have.
const SPECTRAL: usize = 32;
const VACUUM: usize = 23;

/// Public rules that mean the same, with documents.
struct Section {
    rules: Vec<&'static str>,
    cases: Vec<Case>,
}

struct Case {
    title: &'static str,
    /// Whether the audit has to report it.
    fires: bool,
    /// Whether the public rules have another opinion.
    differs: bool,
    text: String,
}

fn sections() -> Vec<Section> {
    DOCUMENTS.split("\n## ").skip(1).map(section).collect()
}

fn section(text: &'static str) -> Section {
    let (head, rest) = text.split_once('\n').unwrap();
    let cases = rest.split("\n### ").skip(1).map(case).collect();
    Section { rules: head.split(", ").collect(), cases }
}

fn case(text: &'static str) -> Case {
    let (title, rest) = text.split_once('\n').unwrap();
    let (kind, _) = title.split_once(": ").unwrap();
    let (fires, differs) = match kind {
        "bad" => (true, false),
        "good" => (false, false),
        "differs, bad there" => (false, true),
        "differs, good there" => (true, true),
        other => panic!("{title}: unknown kind {other:?}"),
    };
    let text = rest.split("```openapi\n").nth(1).and_then(|rest| rest.split("\n```").next()).unwrap();
    let versioned = text.starts_with("openapi:") || text.starts_with("swagger:");
    let head = if versioned { "" } else { "openapi: 3.1.0\ninfo: {title: example, version: '1'}\n" };
    Case { title, fires, differs, text: format!("{head}{text}") }
}

/// The rules of ours that report something in a document, of those that cover one of these public rules.
fn reported(text: &str, public: &[&str]) -> BTreeSet<String> {
    let source = Source::Bytes { name: "example".to_owned(), bytes: text.as_bytes().to_vec() };
    let description = Description::read(&source, &Options::default()).unwrap_or_else(|error| panic!("{error}: {text}"));
    let api = description.api().unwrap();
    assert!(!api.operations.is_empty(), "without an operation nothing is audited: {text}");
    let document = Document { written: Written::of(&description, &api), ..Document::default() };
    let covers = |meta: &'static Meta| meta.owasp.iter().any(|id| public.contains(id));
    audit(&api, &document, &Nobody, covers).into_iter().map(|finding| finding.check).collect()
}

#[test]
fn verdicts_are_as_the_documents_say() {
    let mut wrong = Vec::new();
    for section in sections() {
        // Each public rule by itself: what covers another of the section must not stand in for it.
        for rule in &section.rules {
            for case in &section.cases {
                let found = reported(&case.text, &[rule]);
                if found.is_empty() == case.fires {
                    wrong.push(format!("{rule}: {}: {found:?}", case.title));
                }
            }
        }
        assert!(
            section.cases.iter().any(|case| case.fires && !case.differs),
            "{:?} has no bad document",
            section.rules
        );
        assert!(
            section.cases.iter().any(|case| !case.fires && !case.differs),
            "{:?} has no good document",
            section.rules
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_public_rule_is_covered_and_no_other_is_claimed() {
    let listed: BTreeSet<&str> = sections().iter().flat_map(|section| section.rules.clone()).collect();
    assert_eq!(listed.iter().filter(|rule| rule.starts_with("spectral:")).count(), SPECTRAL);
    assert_eq!(listed.iter().filter(|rule| rule.starts_with("vacuum:")).count(), VACUUM);
    let claimed: BTreeSet<&str> = rules::all().iter().flat_map(|rule| rule.meta().owasp.iter().copied()).collect();
    assert_eq!(claimed, listed);
}

#[test]
fn the_handbook_says_so() {
    for section in sections() {
        let differs = section.cases.iter().any(|case| case.differs);
        for rule in &section.rules {
            let row = TABLE
                .lines()
                .find(|line| line.starts_with(&format!("| `{rule}` |")))
                .unwrap_or_else(|| panic!("no row for {rule}"));
            let cells: Vec<&str> = row.split('|').map(str::trim).collect();
            let ours: BTreeSet<&str> = cells[2].split(", ").map(|name| name.trim_matches('`')).collect();
            let covering =
                rules::all().into_iter().map(plimsoll_audit::Rule::meta).filter(|meta| meta.owasp.contains(rule));
            assert_eq!(ours, covering.map(|meta| meta.id).collect(), "{rule}");
            assert_eq!(cells[3], if differs { "differs" } else { "same" }, "{rule}");
            assert_eq!(!cells[4].is_empty(), differs, "{rule}: why");
        }
    }
}
