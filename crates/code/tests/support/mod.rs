//! What the tests of rules share: analysing a handful of files that exist in memory only.

use std::collections::BTreeMap;
use std::sync::Arc;

use plimsoll_code::program::{ModuleId, Program};
use plimsoll_code::project::{Entry, Origin, Project};
use plimsoll_code::python::FileKind;
use plimsoll_code::rules;
use plimsoll_code::source::Lines;
use plimsoll_code::syntax::Span;
use plimsoll_model::Finding;

struct Texts(Vec<(Lines, String)>);

impl rules::Excerpts for Texts {
    fn line(&self, module: ModuleId, offset: u32) -> (u32, String) {
        let (lines, text) = &self.0[module.0 as usize];
        let row = lines.row(offset);
        let span = lines.span(row, text);
        (lines.line(offset), text[span.start as usize..span.end as usize].trim_end().to_owned())
    }

    fn columns(&self, _: ModuleId, _: Span) -> Option<[u32; 2]> {
        None
    }
}

/// The findings in files, given by path and text, in the order of files and lines.
pub fn analyse(files: &[(String, String)], wanted: impl Fn(&rules::Meta) -> bool + Copy) -> Vec<Finding> {
    let entries = files.iter().map(|(path, text)| Entry {
        path: path.clone(),
        origin: Origin::Memory(Arc::from(text.as_str())),
        kind: FileKind::Source,
    });
    let texts: BTreeMap<&str, &str> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let project = Project::open(entries.collect(), Vec::new());
    let mut found = Vec::new();
    for group in &project.groups {
        let loaded = project.load(group);
        let program = Program::build(loaded.names, loaded.modules);
        let lines = program.modules.iter().zip(loaded.lines);
        let lines = Texts(lines.map(|(module, lines)| (lines, texts[module.path.as_str()].to_owned())).collect());
        found.extend(rules::check(&program, wanted, &lines));
    }
    found.sort_by_key(|finding| finding.source.as_ref().map(|source| (source.file.clone(), source.line)));
    found
}
