//! Every page of `checks/code` is a test: its examples are analysed, and what is found must be what the page says.
//!
//! An example may hold several files. A page of a rule that speaks of retained memory is run together with all rules that do, so that one place is
//! reported by one rule; other pages run alone.

mod support;

use std::fmt::Write as _;
use std::path::Path;

use plimsoll_code::rules;
use plimsoll_model::{Confidence, Finding};
use support::analyse;

/// An example of a page.
struct Example {
    title: String,
    files: Vec<(String, String)>,
    expected: Option<Vec<String>>,
}

fn read(page: &str) -> Vec<Example> {
    let mut found: Vec<Example> = Vec::new();
    let mut lines = page.lines();
    let mut inside = false;
    while let Some(line) = lines.next() {
        if let Some(title) = line.strip_prefix("## ") {
            inside = title.starts_with("Example");
            if inside {
                found.push(Example { title: title.to_owned(), files: Vec::new(), expected: None });
            }
        } else if let Some(info) = line.strip_prefix("```") {
            let body: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            let Some(example) = found.last_mut().filter(|_| inside) else { continue };
            if let Some(rest) = info.strip_prefix("python") {
                let file =
                    rest.trim().strip_prefix("[file=").and_then(|rest| rest.strip_suffix(']')).unwrap_or("app.py");
                example.files.push((file.to_owned(), format!("{}\n", body.join("\n"))));
            } else if info == "findings" {
                example.expected = Some(body.into_iter().filter(|line| *line != "none").map(str::to_owned).collect());
            }
        }
    }
    found
}

/// Whether a finding is what a line of a page says: `severity file:line [symbol] [METHOD /path, …] [confidence]`.
fn agrees(finding: &Finding, line: &str) -> Result<(), String> {
    let source = finding.source.as_ref().ok_or("no source")?;
    let mut words: Vec<&str> = line.split(' ').collect();
    let confidence = match words.last() {
        Some(&"suspected") => {
            words.pop();
            Confidence::Suspected
        }
        _ => Confidence::Observed,
    };
    if finding.confidence != confidence {
        return Err(format!("{} instead of {confidence}", finding.confidence));
    }
    let mut words = words.into_iter().peekable();
    let severity = words.next().unwrap_or_default();
    if finding.severity.to_string() != severity {
        return Err(format!("{} instead of {severity}", finding.severity));
    }
    let place = words.next().unwrap_or_default();
    if format!("{}:{}", source.file, source.line) != place {
        return Err(format!("{}:{} instead of {place}", source.file, source.line));
    }
    let is_method = |word: &str| !word.is_empty() && word.chars().all(|letter| letter.is_ascii_uppercase());
    if let Some(symbol) = words.next_if(|word| !is_method(word))
        && source.symbol.as_deref() != Some(symbol)
    {
        return Err(format!("symbol {:?} instead of {symbol}", source.symbol));
    }
    let rest: Vec<&str> = words.collect();
    if !rest.is_empty() {
        let wanted: Vec<String> = rest.join(" ").split(", ").map(braces).collect();
        let mut operations: Vec<String> = finding.operations().map(ToString::to_string).collect();
        operations.sort();
        let mut sorted = wanted.clone();
        sorted.sort();
        if operations != sorted {
            return Err(format!("operations {operations:?} instead of {wanted:?}"));
        }
    }
    Ok(())
}

/// Pages may write Flask's `<name>` for `{name}`.
fn braces(operation: &str) -> String {
    operation.replace('<', "{").replace('>', "}")
}

fn shown(finding: &Finding) -> String {
    let place = finding.source.as_ref().map(|source| format!("{}:{} {:?}", source.file, source.line, source.symbol));
    let operations: Vec<String> = finding.operations().map(ToString::to_string).collect();
    let place = place.unwrap_or_default();
    format!("{} {place} {} {} {}", finding.severity, operations.join(", "), finding.confidence, finding.check)
}

fn page(path: &Path) -> datatest_stable::Result<()> {
    let text = std::fs::read_to_string(path)?;
    let id = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
    // A page may be there before its rule is.
    let Some(rule) = rules::find(&id) else { return Err(format!("no rule is called {id}").into()) };
    let leak = rules::is_leak(rule.meta().kind);
    let wanted = |meta: &rules::Meta| meta.id == id || leak && rules::is_leak(meta.kind);
    let mut wrong = String::new();
    let mut firing = 0;
    let mut silent = 0;
    for example in read(&text) {
        let Some(expected) = &example.expected else {
            writeln!(wrong, "{}: no findings block", example.title)?;
            continue;
        };
        if expected.is_empty() {
            silent += 1;
        } else {
            firing += 1;
        }
        let found = analyse(&example.files, wanted);
        let mut left: Vec<&String> = expected.iter().collect();
        let mut lines = String::new();
        for finding in &found {
            let at = left.iter().position(|line| finding.check == id && agrees(finding, line).is_ok());
            match at {
                Some(at) => {
                    left.remove(at);
                }
                None => writeln!(lines, "  found     {}", shown(finding))?,
            }
        }
        for line in left {
            let why =
                found.iter().filter(|finding| finding.check == id).find_map(|finding| agrees(finding, line).err());
            writeln!(lines, "  expected  {line} ({})", why.unwrap_or_else(|| "nothing like it".to_owned()))?;
        }
        if !lines.is_empty() {
            write!(wrong, "{}\n{lines}", example.title)?;
        }
    }
    if firing < 2 || silent < 2 {
        writeln!(wrong, "a page needs two examples that fire and two that do not; here {firing} and {silent}")?;
    }
    if wrong.is_empty() { Ok(()) } else { Err(format!("\n{wrong}").into()) }
}

datatest_stable::harness! {
    { test = page, root = "../../checks/code", pattern = r"^.*\.md$" },
}
