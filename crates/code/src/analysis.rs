//! From paths to findings: the stages one after the other, one group of files at a time.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::PathBuf;

use plimsoll_model::{Finding, OperationKey, Severity};
use rayon::prelude::*;
use rustc_hash::FxHashMap;

use crate::entries;
use crate::lifetimes::Lifetimes;
use crate::program::{ModuleId, Program, Role};
use crate::project::walk::{self, WalkError, Walked};
use crate::project::{Entry, File, Note, Project};
use crate::reach::{Reach, Symbol};
use crate::rules::{self, Cx, Shared};
use crate::select::Select;
use crate::source::Lines;
use crate::suppress;
use crate::syntax::Span;
use crate::values::Values;

/// What is wanted of an analysis.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The folder that paths are shown relative to.
    pub base: PathBuf,
    /// Which rules, where.
    pub select: Select,
    /// Today, as `YYYY-MM-DD`, for acceptances with an end; without it none expires.
    pub today: Option<String>,
    /// Texts that stand in for files, by the path as it is shown: what an editor has not saved yet.
    pub overlay: BTreeMap<String, String>,
    /// Whether what the source accepts is told all the same.
    pub accepted: bool,
}

/// What an analysis says.
#[derive(Clone, Debug, Default)]
pub struct Analysis {
    /// The findings, in the order of files and lines.
    pub findings: Vec<Finding>,
    /// The route map, by template and method.
    pub routes: Vec<RouteFact>,
    /// Which functions run for which operation.
    pub reach: Reach,
    /// What the user should know about files: errors, odd encodings, acceptances that do not hold.
    pub notes: Vec<Note>,
    /// What was looked at.
    pub coverage: Coverage,
}

/// An operation, with what answers it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RouteFact {
    /// The path template.
    pub template: String,
    /// The method; `WEBSOCKET` for a web socket.
    pub method: String,
    /// The dotted name of what answers; none where a library's code does.
    pub handler: Option<String>,
    /// Where the function that answers begins: file and line, from 1; none where a library's code answers.
    pub answers: Option<(String, u32)>,
    /// The file in which it is declared.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// Whether nothing was seen that puts it into an application.
    pub detached: bool,
    /// The operation; none for a web socket.
    pub operation: Option<OperationKey>,
}

/// What was looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Files that were found and could be read.
    pub files: u32,
    /// Their lines.
    pub lines: u64,
    /// Files that hold tests, migrations, generated code or stubs: read where something imports them, never judged.
    pub unjudged: u32,
    /// Files that were parsed and analysed; in the others no rule can start.
    pub analysed: u32,
    /// Things that look like Python and were not read, with how many there were.
    pub left_out: BTreeMap<&'static str, u32>,
    /// Rules that ran.
    pub rules: u32,
    /// Findings that were accepted in the source.
    pub accepted: u32,
}

/// Stack of the threads that analyse: trees are 300 levels deep at most, and walks call each other.
const STACK: usize = 64 << 20;

/// Groups with more source than this are analysed one after the other, because memory is bounded by what is analysed at a time.
const LARGE: u64 = 1 << 20;

/// Analyses what lies below the paths.
///
/// # Errors
/// [`WalkError`] for a path that cannot be analysed at all.
pub fn analyse(paths: &[PathBuf], options: &Options) -> Result<Analysis, WalkError> {
    let walked = walk::walk(paths, &options.base)?;
    Ok(analyse_walked(walked, options))
}

/// Parses every file and throws the trees away; the number of errors.
///
/// # Errors
/// [`WalkError`] for a path that cannot be read at all.
pub fn parse_only(paths: &[PathBuf]) -> Result<usize, WalkError> {
    let walked = walk::walk(paths, std::path::Path::new(""))?;
    let parse = |entry: &Entry| entry.read().map_or(0, |source| crate::python::parse_only(&source.text, entry.kind));
    Ok(on_large_stacks(|| walked.entries.par_iter().map(parse).sum()))
}

/// Analyses files that were found.
pub fn analyse_walked(mut walked: Walked, options: &Options) -> Analysis {
    overlay(&mut walked, options);
    let left_out = std::mem::take(&mut walked.left_out);
    on_large_stacks(|| {
        let project = Project::of(walked);
        let mut analysis = analyse_project(&project, options);
        analysis.coverage.left_out = left_out;
        analysis
    })
}

/// Puts unsaved texts in the place of files.
pub(crate) fn overlay(walked: &mut Walked, options: &Options) {
    for (path, text) in &options.overlay {
        let origin = crate::project::Origin::Memory(text.as_str().into());
        if let Some(entry) = walked.entries.iter_mut().find(|entry| entry.path == *path) {
            entry.origin = origin;
        } else {
            let kind = crate::source::kind_of(std::path::Path::new(path)).unwrap_or(crate::python::FileKind::Source);
            walked.entries.push(Entry { path: path.clone(), origin, kind });
        }
    }
}

/// Runs on threads with stacks that hold the deepest tree.
pub fn on_large_stacks<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    match rayon::ThreadPoolBuilder::new().stack_size(STACK).build() {
        Ok(pool) => pool.install(work),
        // Without threads of our own the work is done here, on a stack of its own.
        Err(_) => stacker::grow(STACK, work),
    }
}

/// Analyses a project, group by group.
pub fn analyse_project(project: &Project, options: &Options) -> Analysis {
    assemble(project, parts(project, options), options)
}

/// What each group says, in the order of the groups.
pub(crate) fn parts(project: &Project, options: &Options) -> Vec<Part> {
    let size = |group: &[u32]| group.iter().map(|file| u64::from(project.files[*file as usize].bytes)).sum::<u64>();
    let mut parts: Vec<Option<Part>> =
        project.groups.par_iter().map(|group| (size(group) <= LARGE).then(|| part(project, group, options))).collect();
    for (group, part_of) in project.groups.iter().zip(&mut parts) {
        part_of.get_or_insert_with(|| part(project, group, options));
    }
    parts.into_iter().flatten().collect()
}

/// Puts together what the groups of a project say.
pub(crate) fn assemble(project: &Project, parts: Vec<Part>, options: &Options) -> Analysis {
    let mut analysis = Analysis { notes: project.notes.clone(), ..Analysis::default() };
    let mut reach = Vec::with_capacity(parts.len());
    for part in parts {
        analysis.findings.extend(part.findings);
        analysis.routes.extend(part.routes);
        reach.push(part.reach);
        analysis.notes.extend(part.notes);
    }
    analysis.reach = Reach::joined(reach);
    finish(&mut analysis, project, options);
    analysis
}

/// What a group of files says.
#[derive(Clone, Debug, Default)]
pub struct Part {
    findings: Vec<Finding>,
    routes: Vec<RouteFact>,
    reach: Reach,
    notes: Vec<Note>,
}

pub(crate) fn part(project: &Project, group: &[u32], options: &Options) -> Part {
    let loaded = project.load(group);
    let program = Program::build(loaded.names, loaded.modules);
    judge(&program, &project.members(group), &loaded.lines, loaded.notes, options)
}

/// Runs entries, lifetimes and rules over a program.
pub fn judge(program: &Program, files: &[&File], lines: &[Lines], notes: Vec<Note>, options: &Options) -> Part {
    let values = Values::new(program);
    let entries = entries::find(program, &values);
    let lifetimes = Lifetimes::new(program, &values, &entries);
    let shared = Shared::default();
    let cx = Cx::new(program, &values, &entries, &lifetimes, &shared);
    let texts = Texts { files, lines, read: RefCell::default() };
    let mut findings = rules::run(&cx, |meta| options.select.wants(meta), &texts);
    let judged = |finding: &Finding| {
        let file = finding.source.as_ref().and_then(|source| files.iter().find(|file| file.path == source.file));
        file.is_none_or(|file| is_judged(file.role))
    };
    findings.retain(judged);
    let routes = entries.routes.iter().map(|route| {
        let at = route.declared;
        RouteFact {
            template: route.template.clone(),
            method: route.verb.to_string(),
            handler: route.handler.map(|handler| program.qualified(handler)),
            answers: route.handler.map(|handler| {
                let module = handler.module.0 as usize;
                (files[module].path.clone(), lines[module].line(program.function(handler).name_span.start))
            }),
            file: files[at.module.0 as usize].path.clone(),
            line: lines[at.module.0 as usize].line(program.expr(at).span.start),
            detached: route.detached,
            operation: route.operation(),
        }
    });
    let reach = entries.reach(program, |function| {
        let module = function.module.0 as usize;
        let span = program.function(function).span;
        Symbol {
            file: files[module].path.clone(),
            name: program.qualified(function),
            first: lines[module].line(span.start),
            last: lines[module].line(span.end.saturating_sub(1).max(span.start)),
        }
    });
    Part { findings, routes: routes.collect(), reach, notes }
}

/// Whether findings in files of this role are told.
pub fn is_judged(role: Role) -> bool {
    matches!(role, Role::Source | Role::Script | Role::Notebook)
}

/// Applies settings and acceptances, sorts and counts.
fn finish(analysis: &mut Analysis, project: &Project, options: &Options) {
    analysis.findings.retain(|finding| options.select.keeps(finding));
    let ran = |rule: &str| rules::find(rule).is_some_and(|rule| options.select.wants(rule.meta()));
    for file in project.files.iter().filter(|file| file.accepts && !options.accepted) {
        let Ok(source) = file.entry().read() else { continue };
        let acceptances = suppress::read(&source.text, file.kind, &source.lines);
        let (notes, accepted) =
            suppress::apply(&file.path, &acceptances, options.today.as_deref(), ran, &mut analysis.findings);
        analysis.notes.extend(notes);
        analysis.coverage.accepted += accepted;
    }
    let patterns = options.select.per_path.iter().map(|per_path| &per_path.pattern).chain(&options.select.exclude);
    for pattern in patterns {
        if !project.files.iter().any(|file| pattern.matches(&file.path)) {
            let message = "this pattern matches no file".to_owned();
            analysis.notes.push(Note { path: pattern.as_str().to_owned(), line: None, message });
        }
    }
    let key = |finding: &Finding| {
        let place = finding.source.as_ref().map(|source| (source.file.clone(), source.line, source.columns));
        (place, finding.check.clone(), std::cmp::Reverse(finding.severity))
    };
    analysis.findings.sort_by_cached_key(key);
    analysis.routes.sort();
    analysis.routes.dedup();
    analysis.notes.sort();
    analysis.notes.dedup();
    let grouped: usize = project.groups.iter().map(Vec::len).sum();
    analysis.coverage.files = project.files.len() as u32;
    analysis.coverage.lines = project.files.iter().map(|file| u64::from(file.lines)).sum();
    analysis.coverage.unjudged = project.files.iter().filter(|file| !is_judged(file.role)).count() as u32;
    analysis.coverage.analysed = grouped as u32;
    analysis.coverage.rules = rules::all().filter(|rule| options.select.wants(rule.meta())).count() as u32;
}

/// The worst severity of an analysis.
pub fn worst(analysis: &Analysis) -> Option<Severity> {
    analysis.findings.iter().map(|finding| finding.severity).max()
}

/// Lines of files, read again where something is shown.
struct Texts<'a> {
    files: &'a [&'a File],
    lines: &'a [Lines],
    read: RefCell<FxHashMap<u32, Option<String>>>,
}

impl Texts<'_> {
    fn row<T>(&self, module: ModuleId, offset: u32, with: impl FnOnce(&str, u32) -> T) -> Option<T> {
        let mut read = self.read.borrow_mut();
        let text = read.entry(module.0).or_insert_with(|| {
            let file = self.files.get(module.0 as usize)?;
            file.entry().read().ok().map(|source| source.text)
        });
        let text = text.as_deref()?;
        let lines = self.lines.get(module.0 as usize)?;
        let span = lines.span(lines.row(offset), text);
        Some(with(text.get(span.start as usize..span.end as usize)?, span.start))
    }
}

impl rules::Excerpts for Texts<'_> {
    fn line(&self, module: ModuleId, offset: u32) -> (u32, String) {
        let line = self.lines.get(module.0 as usize).map_or(1, |lines| lines.line(offset));
        (line, self.row(module, offset, |row, _| row.trim_end().to_owned()).unwrap_or_default())
    }

    fn columns(&self, module: ModuleId, span: Span) -> Option<[u32; 2]> {
        // Cells are shown by the lines of the document, in which they are quoted.
        if self.files.get(module.0 as usize).is_none_or(|file| file.kind == crate::python::FileKind::Notebook) {
            return None;
        }
        self.row(module, span.start, |row, start| {
            let row = row.trim_end();
            let from = (span.start - start) as usize;
            let to = (span.end.saturating_sub(start) as usize).min(row.len());
            let column = |at: usize| row.get(..at).map(|before| before.chars().count() as u32 + 1);
            Some([column(from)?, column(to.max(from))?])
        })?
    }
}
