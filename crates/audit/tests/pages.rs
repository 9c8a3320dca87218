//! Runs every page of `checks/contract`: each example must give exactly the findings that it names.
//!
//! An example is a section `## Example: …` with a block `openapi` (YAML; `openapi` and `info` may be left out, `swagger` stands for version 2)
//! and a block `findings`: one line each, `severity operation[, operation …]|application [part] [confidence]`, or `none`.

#![expect(clippy::unwrap_used, reason = "a page that cannot be read fails its test")]

use std::path::Path;

use plimsoll_audit::{Document, Nobody, Written, audit, rules, validate};
use plimsoll_model::{Confidence, Finding};
use plimsoll_spec::{Api, Description, Options, Source};

datatest_stable::harness! {
    { test = run, root = "../../checks/contract", pattern = r"^[^/]*\.md$" },
}

struct Example {
    title: String,
    openapi: String,
    /// Sorted lines.
    expected: Vec<String>,
}

fn run(path: &Path) -> datatest_stable::Result<()> {
    let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
    let Some(rule) = rules::find(&name) else { panic!("no rule is called {name}") };
    let text = std::fs::read_to_string(path)?;
    assert!(text.starts_with(&format!("# {name}\n")), "the page's title is the rule's name");
    let examples = examples(&text);
    let firing = examples.iter().filter(|example| !example.expected.is_empty()).count();
    assert!(firing > 0, "at least one example must fire");
    assert!(firing < examples.len(), "at least one example must stay silent");
    for example in examples {
        let (api, document) = example.read(&name);
        let findings = audit(&api, &document, &Nobody, |meta| meta.id == rule.meta().id);
        let mut found: Vec<String> = findings.iter().map(line).collect();
        found.sort();
        assert_eq!(found, example.expected, "findings of {:?}", example.title);
    }
    Ok(())
}

impl Example {
    /// Only the rule about it wants the document validated.
    fn read(&self, rule: &str) -> (Api, Document) {
        let mut text = self.openapi.clone();
        if !text.contains("openapi:") && !text.contains("swagger:") {
            text = format!("openapi: 3.1.0\ninfo: {{title: example, version: '1'}}\n{text}");
        }
        let source = Source::Bytes { name: "example".to_owned(), bytes: text.into_bytes() };
        let description = Description::read(&source, &Options::default());
        let read = description.and_then(|description| Ok((description.api()?, description)));
        match read {
            Ok((api, description)) if rule == "invalid-document" => {
                let document = validate(&description, &api);
                (api, document)
            }
            Ok((api, description)) => {
                let written = Written::of(&description, &api);
                (api, Document { written, ..Document::default() })
            }
            Err(error) => panic!("{}: {error}", self.title),
        }
    }
}

fn examples(page: &str) -> Vec<Example> {
    let sections = page.split("\n## ").skip(1).filter(|section| section.starts_with("Example: "));
    sections.map(example).collect()
}

fn example(section: &str) -> Example {
    let (title, rest) = section.split_once('\n').unwrap();
    let title = title.trim_start_matches("Example: ").to_owned();
    let (mut openapi, mut expected) = (None, None);
    // Fences are at the beginning of a line; what is between two pairs is prose.
    for block in rest.split("\n```").skip(1).step_by(2) {
        let (kind, content) = block.split_once('\n').unwrap_or((block, ""));
        match kind.trim() {
            "openapi" => openapi = Some(content.to_owned()),
            "findings" => {
                let lines = content.lines().map(str::trim).filter(|line| !line.is_empty() && *line != "none");
                let mut lines: Vec<String> = lines.map(str::to_owned).collect();
                lines.sort();
                expected = Some(lines);
            }
            other => panic!("{title}: unknown block {other:?}; known are openapi, findings"),
        }
    }
    let Some(openapi) = openapi else { panic!("{title}: has no document") };
    let Some(expected) = expected else { panic!("{title}: says nothing about findings") };
    Example { title, openapi, expected }
}

/// A finding as the page writes it.
fn line(finding: &Finding) -> String {
    let operations: Vec<String> = finding.operations().map(ToString::to_string).collect();
    let operations = if operations.is_empty() { "application".to_owned() } else { operations.join(", ") };
    let mut out = format!("{} {operations}", finding.severity);
    if let Some(part) = &finding.part {
        out.push_str(&format!(" {}:{}", part.kind.as_str(), part.name));
    }
    if finding.confidence != Confidence::Observed {
        out.push_str(&format!(" {}", finding.confidence));
    }
    out
}
