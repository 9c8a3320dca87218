//! `fix`: the change that would settle an issue, or why there is none; writing changes, and taking them back.
//!
//! Proposals come from the code lane's templates and are made at the issue's root line. Nothing is written that was not asked for, never over changes that
//! version control does not hold unless that was said, and several files are written together or not at all.

pub mod answers;
pub mod git;
pub mod trial;
pub mod write;

use std::collections::HashSet;
use std::time::{Duration, Instant};

use plimsoll_code::fix::{self, Refusal, Safety};
use plimsoll_code::session::Session;
use plimsoll_model::{Finding, Fingerprint, Issue, Proposal, Report, Vantage};

use crate::code::{self, CodeError};

pub use plimsoll_code::fix::Proposal as Change;
pub use plimsoll_code::repair::Repaired;

/// How long a check may look for proposals.
const PATIENCE: Duration = Duration::from_secs(20);

/// Why there is no proposal for an issue, in words for the person who asked for one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    /// No vantage named a line.
    #[error("no line of code is known for it")]
    NoLine,
    /// The root is not the project's own.
    #[error("its root line {0} lies outside of what the code lane reads")]
    Library(String),
    /// A line is known, but no rule of the code lane reports it.
    #[error("no rule of the code lane reports its root line {0}, so no template knows it")]
    NoRule(String),
    /// The findings are no longer made.
    #[error("the code lane does not find it any more; `plimsoll verify` says whether it is gone")]
    Gone,
    /// Templates were tried.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// There was no time to try.
    #[error("the time for proposals was up; `plimsoll fix {0}` tries it")]
    Late(String),
}

/// A project that is open for proposals.
#[derive(Debug)]
pub struct Proposals {
    session: Session,
    /// What the code lane finds now.
    known: HashSet<Fingerprint>,
    daring: Safety,
}

impl Proposals {
    /// Opens the project. `daring` is how much a fix may change at most.
    ///
    /// # Errors
    /// [`CodeError`] when nothing can be analysed.
    pub fn open(request: &code::Request, daring: Safety) -> Result<Self, CodeError> {
        request.options.select.check()?;
        let session = fix::open(request.paths.clone(), request.options.clone())?;
        let mut this = Self { session, known: HashSet::new(), daring };
        this.look();
        Ok(this)
    }

    /// What settles an issue in the code as it is now; nothing is kept.
    ///
    /// # Errors
    /// [`Why`] there is nothing.
    pub fn of(&mut self, report: &Report, issue: &Issue) -> Result<Change, Why> {
        let findings = report.findings.iter().filter(|finding| issue.findings.contains(&finding.fingerprint));
        let found: Vec<&Finding> = findings.filter(|finding| finding.vantage == Vantage::Code).collect();
        if found.is_empty() {
            return Err(self.without_rule(issue));
        }
        let there: Vec<&Finding> =
            found.into_iter().filter(|finding| self.known.contains(&finding.fingerprint)).collect();
        if there.is_empty() {
            return Err(Why::Gone);
        }
        Ok(fix::propose(&mut self.session, &there, self.daring)?)
    }

    /// Takes a change for made, so that the next proposal stands on it.
    ///
    /// # Errors
    /// [`CodeError`] when the project cannot be read any more.
    pub fn take(&mut self, change: &Change) -> Result<(), CodeError> {
        for file in &change.files {
            self.session.edited(&file.path, file.after.clone())?;
        }
        self.look();
        Ok(())
    }

    fn look(&mut self) {
        self.known = self.session.analysis().findings.into_iter().map(|finding| finding.fingerprint).collect();
    }

    /// Why nothing can be offered for an issue that no rule of the code lane reports.
    fn without_rule(&self, issue: &Issue) -> Why {
        let Some(source) = &issue.source else { return Why::NoLine };
        let place = format!("{}:{}", source.file, source.line);
        match self.session.editable(&source.file) {
            Some(_) => Why::NoRule(place),
            None => Why::Library(place),
        }
    }
}

/// Files that several changes touch, each with its first and its last text, in the order of paths.
pub fn merged<'a>(changes: impl IntoIterator<Item = &'a Change>) -> Vec<Repaired> {
    let mut files: Vec<Repaired> = Vec::new();
    for file in changes.into_iter().flat_map(|change| &change.files) {
        if let Some(known) = files.iter_mut().find(|known| known.path == file.path) {
            known.after.clone_from(&file.after);
            known.done.extend(file.done.iter().cloned());
        } else {
            files.push(file.clone());
        }
    }
    files.sort_by(|a, b| a.file.cmp(&b.file));
    files
}

/// Fills in what is proposed for each issue of a report, the best first, as far as the time goes.
///
/// # Errors
/// [`CodeError`] when the code cannot be read.
pub fn propose_all(report: &mut Report, request: &code::Request) -> Result<(), CodeError> {
    let began = Instant::now();
    let mut proposals = Proposals::open(request, Safety::Review)?;
    let issues = std::mem::take(&mut report.issues);
    let with = |proposals: &mut Proposals, issue: Issue, report: &Report| {
        let late = began.elapsed() > PATIENCE;
        let proposed = if late { Err(Why::Late(issue.id.clone())) } else { proposals.of(report, &issue) };
        // Where no code is concerned there is nothing to be refused.
        let proposal = match proposed {
            Err(Why::NoLine) => None,
            other => Some(proposal(&other)),
        };
        Issue { proposal, ..issue }
    };
    let issues = issues.into_iter().map(|issue| with(&mut proposals, issue, report)).collect();
    report.issues = issues;
    Ok(())
}

/// A proposal as reports have it.
pub fn proposal(proposed: &Result<Change, Why>) -> Proposal {
    match proposed {
        Ok(change) => Proposal::Offered {
            title: title(change),
            review: change.safety >= Safety::Review,
            mind: change.mind.clone(),
            diff: change.diff(),
        },
        Err(why) => Proposal::Refused { why: why.to_string() },
    }
}

/// What a change does, one phrase.
pub fn title(change: &Change) -> String {
    let mut titles: Vec<&str> = Vec::new();
    for title in &change.titles {
        if !titles.contains(&title.as_str()) {
            titles.push(title);
        }
    }
    titles.join("; ")
}
