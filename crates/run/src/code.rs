//! `code`: reads Python projects and reports which lines make the API take on water. A pure function of the files, the settings and the day.

pub mod changed;
pub mod settings;

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use plimsoll_code::Analysis;
use plimsoll_code::fix::Safety;
use plimsoll_code::project::walk::WalkError;
use plimsoll_code::python::FileKind;
use plimsoll_code::repair::{Repaired, Repairs};
use plimsoll_code::select::Unknown;
use plimsoll_model::report::{Coverage, OperationCounts, OperationFacts, SCHEMA, Skipped, Target, Tool};
use plimsoll_model::score::{Grade, score};
use plimsoll_model::{Category, Evidence, Finding, Report};

use crate::correlate;

pub use changed::{Changed, ChangedError, ChangedFile};
pub use plimsoll_code::fix;
pub use plimsoll_code::rules::Meta;
pub use plimsoll_code::select::Select;
pub use plimsoll_code::session::Session;
pub use plimsoll_code::{Options, Reach, RouteFact};
pub use settings::Code;

/// What reading code cannot see, under every report of it.
pub(crate) const BLIND: &str = "Reading code says which lines can do it. How many bytes they cost is measured by `plimsoll memory`; what the running API answers \
                     is seen by `plimsoll scan`.";

/// What is wanted.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// Folders and files.
    pub paths: Vec<PathBuf>,
    /// How they are analysed.
    pub options: Options,
    /// Only findings that touch these lines.
    pub changed: Option<Changed>,
    /// The version of the program.
    pub version: String,
    /// How the paths were written.
    pub shown: String,
}

/// Why nothing was analysed.
#[derive(Debug, thiserror::Error)]
pub enum CodeError {
    /// A path cannot be analysed.
    #[error(transparent)]
    Walk(#[from] WalkError),
    /// A rule is none.
    #[error(transparent)]
    Unknown(#[from] Unknown),
}

/// A report with what only this lane knows.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// The report.
    pub report: Report,
    /// The route map.
    pub routes: Vec<RouteFact>,
    /// Which functions run for which operation.
    pub reach: Reach,
}

/// Reads and judges.
///
/// # Errors
/// [`CodeError`] when nothing can be analysed.
pub fn code(request: &Request) -> Result<Outcome, CodeError> {
    request.options.select.check()?;
    let analysis = plimsoll_code::analyse(&request.paths, &request.options)?;
    Ok(outcome(analysis, request))
}

/// What an analysis comes to.
pub fn outcome(mut analysis: Analysis, request: &Request) -> Outcome {
    if let Some(changed) = &request.changed {
        analysis.findings.retain(|finding| changed.touches(finding));
    }
    let (routes, reach) = (analysis.routes.clone(), std::mem::take(&mut analysis.reach));
    Outcome { routes, reach, report: report(analysis, request) }
}

/// Whether there is any Python file below the paths.
///
/// # Errors
/// [`CodeError`] for a path that cannot be read.
pub fn has_python(paths: &[PathBuf], base: &Path) -> Result<bool, CodeError> {
    Ok(!plimsoll_code::project::walk::walk(paths, base)?.entries.is_empty())
}

/// Parses everything below the paths and does nothing else; the number of syntax errors. The measure that goals on speed are relative to.
///
/// # Errors
/// [`CodeError`] for a path that cannot be read.
pub fn parse_only(paths: &[PathBuf]) -> Result<usize, CodeError> {
    Ok(plimsoll_code::analysis::parse_only(paths)?)
}

/// Whether a path is called like a Python file.
pub fn is_python(path: &Path) -> bool {
    plimsoll_code::source::kind_of(path).is_some()
}

/// A path as findings show it.
pub fn shown(path: &Path, base: &Path) -> String {
    let whole = base.join(path);
    let top = whole.parent().unwrap_or(base);
    plimsoll_code::project::walk::relative(&whole, base, top)
}

/// The text of a file that findings name, for excerpts.
pub fn text(file: &str, paths: &[PathBuf], base: &Path) -> Option<String> {
    let tops = paths
        .iter()
        .map(|path| if path.is_dir() { path.clone() } else { path.parent().map(Path::to_owned).unwrap_or_default() });
    let path = std::iter::once(base.to_owned()).chain(tops).map(|top| top.join(file)).find(|path| path.is_file())?;
    let kind = plimsoll_code::source::kind_of(&path)?;
    // Lines of a notebook are lines of the document.
    let kind = if kind == FileKind::Notebook { FileKind::Source } else { kind };
    plimsoll_code::source::read(&path, kind).ok().map(|source| source.text)
}

/// The folder whose files tell what a single file means: the nearest one above that looks like the top of a project, or the file's own.
pub fn surroundings(file: &Path, base: &Path) -> Vec<PathBuf> {
    let whole = base.join(file);
    let above = whole.ancestors().skip(1).take(8);
    let top = above.into_iter().find(|folder| plimsoll_code::project::walk::is_workspace(folder));
    let own = whole.parent().filter(|folder| folder.is_dir());
    top.or(own).map(Path::to_owned).into_iter().collect()
}

/// The report of one file: its findings and what is said about it.
pub fn only(mut report: Report, file: &str) -> Report {
    report.findings.retain(|finding| finding.source.as_ref().is_some_and(|source| source.file == file));
    report.issues = correlate::issues(&report.findings);
    report.coverage.skipped.retain(|skipped| skipped.what.split(':').next() == Some(file));
    report
}

/// What fixing comes to.
#[derive(Clone, Debug)]
pub struct Fixed {
    /// The files that change.
    pub files: Vec<Repaired>,
    /// The report of what is left.
    pub outcome: Outcome,
    /// How many fixes have to be looked at and were not made.
    pub to_review: u32,
}

/// Makes fixes of what was asked for; with `review` also those that have to be looked at. Nothing is written.
///
/// # Errors
/// [`CodeError`] when nothing can be analysed.
pub fn fixes(request: &Request, review: bool) -> Result<Fixed, CodeError> {
    let daring = if review { Safety::Review } else { Safety::Safe };
    let wanted = |finding: &Finding| request.changed.as_ref().is_none_or(|changed| changed.touches(finding));
    let Repairs { files, left, to_review } =
        plimsoll_code::repair::repair(request.paths.clone(), request.options.clone(), daring, wanted)?;
    Ok(Fixed { files, outcome: outcome(left, request), to_review })
}

/// Every rule, in the order of the handbook.
pub fn rules() -> Vec<&'static Meta> {
    plimsoll_code::rules::all().map(plimsoll_code::rules::Rule::meta).collect()
}

fn report(analysis: Analysis, request: &Request) -> Report {
    let issues = correlate::issues(&analysis.findings);
    let ran: HashSet<Category> = rules()
        .into_iter()
        .filter(|meta| request.options.select.wants(meta))
        .map(|meta| meta.weakness.facts().category)
        .collect();
    let judged = analysis.coverage.files - analysis.coverage.unjudged;
    let untested = |category: Category| {
        if judged == 0 {
            return Some("no file was judged".to_owned());
        }
        (!ran.contains(&category)).then(|| "not visible in code".to_owned())
    };
    let (categories, total) = score(&correlate::scored(&issues, &analysis.findings), untested);
    let incomplete = incomplete(&analysis, judged);
    let operations: Vec<OperationFacts> = operations(&analysis.routes);
    let counts = OperationCounts { found: operations.len() as u32, reached: 0, judged: operations.len() as u32 };
    Report {
        schema: SCHEMA.to_owned(),
        tool: Tool { name: "plimsoll".to_owned(), version: request.version.clone() },
        target: Target { url: request.shown.clone(), ..Target::default() },
        complete: incomplete.is_empty(),
        incomplete,
        score: total,
        grade: total.map(Grade::of),
        categories,
        coverage: Coverage { operations: counts, skipped: skipped(&analysis), contract: Vec::new() },
        notes: vec![looked_at(&analysis), BLIND.to_owned()],
        findings: analysis.findings,
        issues,
        operations,
        ..Report::default()
    }
}

fn incomplete(analysis: &Analysis, judged: u32) -> Vec<String> {
    match (analysis.coverage.files, judged) {
        (0, _) => vec!["no Python file was found".to_owned()],
        (_, 0) => vec!["only tests, migrations, stubs or generated files were found; they are not judged".to_owned()],
        _ => Vec::new(),
    }
}

fn looked_at(analysis: &Analysis) -> String {
    let coverage = &analysis.coverage;
    let s = |n: u64| if n == 1 { "" } else { "s" };
    let mut text = format!(
        "{} file{} with {} line{} looked at, {} rule{} run",
        coverage.files,
        s(coverage.files.into()),
        coverage.lines,
        s(coverage.lines),
        coverage.rules,
        s(coverage.rules.into())
    );
    if !analysis.routes.is_empty() {
        let routes = analysis.routes.len();
        text.push_str(&format!(", {routes} operation{} found", s(routes as u64)));
    }
    if coverage.unjudged > 0 {
        let unjudged = coverage.unjudged;
        text.push_str(&format!(
            "; {unjudged} of the files hold tests, migrations, stubs or generated code and were not judged"
        ));
    }
    if coverage.accepted > 0 {
        let accepted = coverage.accepted;
        text.push_str(&format!("; {accepted} finding{} accepted in the source", s(accepted.into())));
    }
    text.push('.');
    text
}

fn skipped(analysis: &Analysis) -> Vec<Skipped> {
    let place = |note: &plimsoll_code::project::Note| match note.line {
        Some(line) => format!("{}:{line}", note.path),
        None => note.path.clone(),
    };
    let notes = analysis.notes.iter().map(|note| Skipped { what: place(note), why: note.message.clone(), requests: 0 });
    let left_out = analysis.coverage.left_out.iter().map(|(what, count)| Skipped {
        what: format!("{count} {what}"),
        why: "not read".to_owned(),
        requests: 0,
    });
    notes.chain(left_out).collect()
}

fn operations(routes: &[RouteFact]) -> Vec<OperationFacts> {
    let mut seen = HashSet::new();
    let keys = routes.iter().filter_map(|route| Some((route.operation.clone()?, route)));
    keys.filter(|(key, _)| seen.insert(key.clone()))
        .map(|(operation, route)| OperationFacts {
            operation,
            origin: "code".to_owned(),
            reached: false,
            reason: route.detached.then(|| "nothing was seen that puts it into an application".to_owned()),
            requests: 0,
            statuses: BTreeMap::new(),
            sizes: Vec::new(),
            latencies_ms: Vec::new(),
        })
        .collect()
}

/// The lines that a finding speaks of, by file.
fn lines(finding: &Finding) -> impl Iterator<Item = (&str, u32)> {
    let own = finding.source.iter().map(|source| (source.file.as_str(), source.line));
    let chain = finding.evidence.iter().filter_map(|evidence| match evidence {
        Evidence::Source { file, line, .. } => Some((file.as_str(), *line)),
        _ => None,
    });
    own.chain(chain)
}
