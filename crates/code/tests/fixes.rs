//! Fixes of what the pages of `checks/code` report: every fix that is offered parses, and the rule then says less than before.

use std::path::Path;

use plimsoll_code::{Options, analyse, fix};

/// The files of each example of a page.
fn examples(page: &str) -> Vec<Vec<(String, String)>> {
    let mut found: Vec<Vec<(String, String)>> = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if line.starts_with("## Example") {
            found.push(Vec::new());
        } else if let Some(info) = line.strip_prefix("```python") {
            let body: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            let file = info.trim().strip_prefix("[file=").and_then(|rest| rest.strip_suffix(']')).unwrap_or("app.py");
            if let Some(example) = found.last_mut() {
                example.push((file.to_owned(), format!("{}\n", body.join("\n"))));
            }
        }
    }
    found
}

#[test]
fn offered_fixes_settle_what_they_are_offered_for() {
    let pages = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../checks/code");
    let mut tried: Vec<String> = Vec::new();
    let mut wrong = Vec::new();
    for page in std::fs::read_dir(pages).unwrap() {
        let path = page.unwrap().path();
        let id = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if !fix::is_fixable(&id) {
            continue;
        }
        for files in examples(&std::fs::read_to_string(&path).unwrap()) {
            let folder = tempfile::tempdir().unwrap();
            for (file, text) in &files {
                let path = folder.path().join(file);
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(path, text).unwrap();
            }
            let paths = [folder.path().to_owned()];
            let options = Options { base: folder.path().to_owned(), ..Options::default() };
            let analysis = analyse(&paths, &options).unwrap();
            for finding in analysis.findings.iter().filter(|finding| finding.check == id) {
                let place = finding.source.as_ref().unwrap();
                let (_, text) = files.iter().find(|(file, _)| *file == place.file).unwrap();
                let Some(fix) = fix::for_finding(text, finding) else { continue };
                let fixed = fix::apply(text, &fix.edits).unwrap();
                tried.push(id.clone());
                if !fix::settles(&paths, &options, finding, fixed.clone()) {
                    wrong.push(format!("{id} {}:{} {}\n{fixed}", place.file, place.line, fix.title));
                }
            }
        }
    }
    tried.sort();
    tried.dedup();
    assert!(wrong.is_empty(), "{} do not settle:\n{}", wrong.len(), wrong.join("\n----\n"));
    assert!(tried.len() >= 15, "fixes were offered for {tried:?} only");
}
