//! Small programs that keep something, or look as if they did: every marked line must be reported by a rule about retained memory, and nothing else.
//!
//! The fixtures are in `tests/retention`: `=== title` begins a program, `--- path` a file of it (one alone is `app.py`), and a line that ends in `#!` must be
//! reported, give or take one line.

mod support;

use std::fmt::Write as _;
use std::path::Path;

use plimsoll_code::rules;
use plimsoll_model::Severity;

fn files(program: &str) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    for line in program.lines() {
        if let Some(path) = line.strip_prefix("--- ") {
            found.push((path.trim().to_owned(), String::new()));
        } else {
            if found.is_empty() {
                found.push(("app.py".to_owned(), String::new()));
            }
            if let Some((_, text)) = found.last_mut() {
                text.push_str(line);
                text.push('\n');
            }
        }
    }
    // What stands before the first file of several is the empty line after the title.
    if found.len() > 1 && found[0].1.trim().is_empty() && found[0].0 == "app.py" {
        found.remove(0);
    }
    found
}

fn fixture(path: &Path) -> datatest_stable::Result<()> {
    let text = std::fs::read_to_string(path)?;
    let mut wrong = String::new();
    for program in text.split("\n=== ").skip(1) {
        let (title, body) = program.split_once('\n').unwrap_or((program, ""));
        let mut wanted: Vec<(String, u32)> = Vec::new();
        let mut files = files(body);
        for (path, text) in &mut files {
            let lines = text.lines().enumerate().map(|(n, line)| match line.split_once("#!") {
                Some((code, _)) => {
                    wanted.push((path.clone(), n as u32 + 1));
                    code.trim_end()
                }
                None => line,
            });
            *text = lines.collect::<Vec<_>>().join("\n") + "\n";
        }
        let found = support::analyse(&files, |meta| rules::is_leak(meta.kind));
        let places: Vec<(String, u32)> = found
            .iter()
            .filter(|finding| finding.severity > Severity::Info)
            .filter_map(|finding| finding.source.as_ref().map(|source| (source.file.clone(), source.line)))
            .collect();
        let near = |a: &(String, u32), all: &[(String, u32)]| all.iter().any(|b| a.0 == b.0 && a.1.abs_diff(b.1) <= 1);
        for place in wanted.iter().filter(|place| !near(place, &places)) {
            writeln!(wrong, "{title}: missed {}:{}", place.0, place.1)?;
        }
        for place in places.iter().filter(|place| !near(place, &wanted)) {
            writeln!(wrong, "{title}: wrong {}:{}", place.0, place.1)?;
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(format!("\n{wrong}").into()) }
}

datatest_stable::harness! {
    { test = fixture, root = "tests/retention", pattern = r"^.*\.txt$" },
}
