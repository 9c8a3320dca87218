//! Proposals: what settles the findings of an issue, tried on the project in memory. A fix is kept only when its rule says less afterwards and no other
//! rule says more. Nothing is written here.

use std::collections::{BTreeMap, HashMap};

use plimsoll_model::{Finding, Fingerprint, Severity};

use super::site::{errors, line_ends};
use super::{Fix, Refusal, Safety, Site, apply, makers};
use crate::analysis::{Analysis, Options};
use crate::project::walk::WalkError;
use crate::repair::Repaired;
use crate::rules::is_leak;
use crate::session::Session;

/// What settles findings.
#[derive(Clone, Debug)]
pub struct Proposal {
    /// What is done, a short imperative phrase for each fix, in order.
    pub titles: Vec<String>,
    /// How far the least sure of the fixes can be trusted.
    pub safety: Safety,
    /// What the fixes change for who uses the application, or a number that was guessed: one line each. Empty for safe fixes.
    pub mind: Vec<String>,
    /// The files that change, in the order of their paths.
    pub files: Vec<Repaired>,
    /// The findings that are settled, also those that went away with another one.
    pub settled: Vec<Fingerprint>,
    /// The findings that are left, with the reason.
    pub left: Vec<(Fingerprint, Refusal)>,
}

impl Proposal {
    /// All changes as one unified diff.
    pub fn diff(&self) -> String {
        self.files.iter().map(Repaired::diff).collect()
    }
}

/// What settles the findings of an issue: the fixes that are at most as daring as `daring`, one after the other, those of the worst finding first. Findings of
/// other vantages are passed over. The session is left as it was.
///
/// # Errors
/// The [`Refusal`] that says most, when not a single finding can be settled.
pub fn propose(session: &mut Session, findings: &[&Finding], daring: Safety) -> Result<Proposal, Refusal> {
    let mut wanted: Vec<&Finding> = findings.iter().copied().filter(|finding| finding.source.is_some()).collect();
    wanted.sort_by_key(|finding| std::cmp::Reverse((is_leak(finding.kind), finding.severity)));
    let mut trial = Trial::new(session);
    let mut left: Vec<(Fingerprint, Refusal)> = Vec::new();
    let mut settled = Vec::new();
    for finding in wanted {
        // An earlier fix may have moved it, or settled it too.
        let now = trial.analysis.findings.iter().find(|now| now.fingerprint == finding.fingerprint).cloned();
        let Some(now) = now else {
            if trial.was_there(&finding.fingerprint) {
                settled.push(finding.fingerprint.clone());
            }
            continue;
        };
        match trial.settle(&now, daring) {
            Ok(()) => settled.push(finding.fingerprint.clone()),
            Err(refusal) => left.push((finding.fingerprint.clone(), refusal)),
        }
    }
    let after = trial.analysis.findings.iter().map(|finding| &finding.fingerprint);
    let after: std::collections::HashSet<&Fingerprint> = after.collect();
    left.retain(|(fingerprint, _)| after.contains(fingerprint) || !trial.was_there(fingerprint));
    let proposal = trial.finish(settled, left);
    if proposal.files.is_empty() {
        let most = proposal.left.into_iter().map(|(_, refusal)| refusal).max_by_key(Refusal::weight);
        return Err(most.unwrap_or(Refusal::NoPlace));
    }
    Ok(proposal)
}

/// Opens the project for proposals.
///
/// # Errors
/// [`WalkError`] for a path that cannot be analysed at all.
pub fn open(paths: Vec<std::path::PathBuf>, options: Options) -> Result<Session, WalkError> {
    Session::open(paths, options)
}

/// Fixes that are tried on a project in memory.
pub(crate) struct Trial<'s> {
    session: &'s mut Session,
    /// What is found with the fixes that were kept.
    pub(crate) analysis: Analysis,
    first: HashMap<Fingerprint, Severity>,
    files: BTreeMap<String, Repaired>,
    titles: Vec<String>,
    mind: Vec<String>,
    safety: Safety,
}

impl<'s> Trial<'s> {
    pub(crate) fn new(session: &'s mut Session) -> Self {
        let analysis = session.analysis();
        let first = analysis.findings.iter().map(|found| (found.fingerprint.clone(), found.severity)).collect();
        Self {
            session,
            analysis,
            first,
            files: BTreeMap::new(),
            titles: Vec::new(),
            mind: Vec::new(),
            safety: Safety::Safe,
        }
    }

    fn was_there(&self, fingerprint: &Fingerprint) -> bool {
        self.first.contains_key(fingerprint)
    }

    /// Settles a finding as it is now, by the first of its fixes that does.
    pub(crate) fn settle(&mut self, finding: &Finding, daring: Safety) -> Result<(), Refusal> {
        let place = finding.source.as_ref().ok_or(Refusal::NoPlace)?;
        let not_editable = || Refusal::NotEditable { file: place.file.clone() };
        let (_, text) = self.session.editable(&place.file).ok_or_else(not_editable)?;
        let mut why: Option<Refusal> = None;
        for make in makers(&finding.check) {
            let found = {
                let site = Site::in_project(&text, finding, self.session).ok_or_else(not_editable)?;
                site.fix(make)
            };
            let result = found.and_then(|fix| self.keep(finding, fix, daring));
            match result {
                Ok(()) => return Ok(()),
                // The template is for something else.
                Err(refusal) if refusal.weight() == 0 => {}
                Err(refusal) if why.as_ref().is_none_or(|old| old.weight() < refusal.weight()) => why = Some(refusal),
                Err(_) => {}
            }
        }
        Err(why.unwrap_or_else(|| Refusal::NoTemplate { check: format!("`{}`", finding.check) }))
    }

    /// Makes a fix, and takes it back where it does not help.
    fn keep(&mut self, finding: &Finding, fix: Fix, daring: Safety) -> Result<(), Refusal> {
        if fix.safety > daring {
            if fix.safety == Safety::Contract {
                return Err(Refusal::OnRequest { title: fix.title });
            }
            return Err(Refusal::NeedsReview { title: fix.title });
        }
        let own = finding.source.as_ref().ok_or(Refusal::NoPlace)?.file.clone();
        let edits = std::iter::once((&own, &fix.edits)).chain(fix.others.iter().map(|(file, edits)| (file, edits)));
        let mut made = Vec::new();
        for (file, edits) in edits {
            let not_editable = || Refusal::NotEditable { file: file.clone() };
            let (path, before) = self.session.editable(file).ok_or_else(not_editable)?;
            let after = apply(&before, &line_ends(&before, edits)).ok_or(Refusal::NotParsed)?;
            if errors(&after) > errors(&before) {
                return Err(Refusal::NotParsed);
            }
            made.push(Repaired { file: file.clone(), path, before, after, done: Vec::new() });
        }
        for change in &made {
            self.put(change, true);
        }
        let found = self.session.analysis();
        if let Err(refusal) = is_better(&self.analysis.findings, &found.findings, finding, &fix.title) {
            for change in &made {
                self.put(change, false);
            }
            return Err(refusal);
        }
        for change in made {
            let entry = self.files.entry(change.file.clone());
            let entry = entry.or_insert_with(|| Repaired { after: String::new(), ..change.clone() });
            entry.after = change.after;
            if entry.file == own {
                entry.done.push(fix.title.clone());
            }
        }
        self.analysis = found;
        self.titles.push(fix.title);
        for line in fix.mind {
            if !self.mind.contains(&line) {
                self.mind.push(line);
            }
        }
        self.safety = self.safety.max(fix.safety);
        Ok(())
    }

    fn put(&mut self, change: &Repaired, after: bool) {
        let text = if after { &change.after } else { &change.before };
        // The paths were walked before, and texts of known files do not make them unwalkable.
        let _ = self.session.edited(&change.path, text.clone());
    }

    /// What came of it; the session is as it was.
    fn finish(mut self, settled: Vec<Fingerprint>, left: Vec<(Fingerprint, Refusal)>) -> Proposal {
        let files: Vec<Repaired> = std::mem::take(&mut self.files).into_values().collect();
        for file in &files {
            self.put(file, false);
        }
        let (titles, mind, safety) = (self.titles, self.mind, self.safety);
        Proposal { titles, safety, mind, files, settled, left }
    }

    /// The files that changed; the session keeps the changes.
    pub(crate) fn into_files(self) -> (Vec<Repaired>, Analysis) {
        (self.files.into_values().collect(), self.analysis)
    }
}

/// How often a finding's rule says something; what it still says as an information counts only where the finding is no more than that.
pub(super) fn own(findings: &[Finding], finding: &Finding) -> usize {
    let counts = |found: &&Finding| found.severity > Severity::Info || finding.severity == Severity::Info;
    findings.iter().filter(|found| found.check == finding.check).filter(counts).count()
}

/// Whether the rule says less than before, and no other one says more that is worth a look.
fn is_better(before: &[Finding], after: &[Finding], finding: &Finding, title: &str) -> Result<(), Refusal> {
    if own(after, finding) >= own(before, finding) {
        return Err(Refusal::StillFires { title: title.to_owned() });
    }
    let counts = |found: &&Finding| found.severity > Severity::Info || is_leak(found.kind);
    let telling =
        |findings: &[Finding], check: &str| findings.iter().filter(|found| found.check == check).filter(counts).count();
    let worse = after
        .iter()
        .filter(|found| found.check != finding.check)
        .filter(counts)
        .find(|found| telling(after, &found.check) > telling(before, &found.check));
    let told = |findings: &[Finding]| findings.iter().filter(counts).count();
    match worse {
        // What was hidden behind it comes to light, and is less.
        Some(other)
            if other.severity < finding.severity
                && other.weakness == finding.weakness
                && told(after) <= told(before) =>
        {
            Ok(())
        }
        Some(other) => Err(Refusal::OtherFires { check: other.check.clone(), title: title.to_owned() }),
        None => Ok(()),
    }
}
