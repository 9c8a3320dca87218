//! Changes on trial: written, verified by the evidence of their issues and by the answers of the application, and taken back where they did not help.
//!
//! All changes are tried together first. What does not help is left out and the rest is tried again; where it is not clear who is to blame, one after the other.
//! Nothing is kept that was not tried just as it is kept, and whatever ends the process, what is not kept is taken back.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use plimsoll_model::verification::{Answers, Outcome, Verification};
use plimsoll_model::{Fingerprint, Issue, OperationKey, Report};
use tokio::sync::watch;

use super::answers::{self, AnswersError, Known};
use super::write::{WriteError, Written};
use super::{Change, Proposals, Repaired, Why, merged};
use crate::code::{self, CodeError};
use crate::event::Event;
use crate::memory::Subject;
use crate::verify::{self, Looked, Means};
use plimsoll_code::fix::Safety;

/// How long the application's answers are gathered for, each time, at most.
const ANSWERING: Duration = Duration::from_secs(20);

/// Why changes were not tried. The files are as they were.
#[derive(Debug, thiserror::Error)]
pub enum TrialError {
    /// The code cannot be read.
    #[error(transparent)]
    Code(#[from] CodeError),
    /// A file cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The unchanged application cannot be asked.
    #[error("the unchanged application cannot be asked, and nothing was changed: {0}")]
    Unchanged(AnswersError),
    /// Stopped from outside.
    #[error("interrupted; the files are as they were")]
    Interrupted,
}

/// What is tried, and how.
pub struct Trial<'a> {
    /// The report that the issues are of.
    pub report: &'a Report,
    /// How the code is read.
    pub code: &'a code::Request,
    /// How the evidence is repeated, and the application asked.
    pub means: &'a Means,
    /// Where the earlier texts are kept meanwhile.
    pub journal: &'a Path,
    /// How much a fix may change at most.
    pub daring: Safety,
    /// Whether answers may differ.
    pub accept_changed_answers: bool,
    /// Becomes true when the user wants it to end.
    pub interrupted: watch::Receiver<bool>,
    /// Gets every event.
    pub watch: Arc<dyn Fn(Event) + Send + Sync>,
}

/// A change that stays.
#[derive(Clone, Debug)]
pub struct Kept {
    /// The issue that it is for.
    pub issue: Fingerprint,
    /// The change.
    pub change: Option<Change>,
    /// Why it has no change of its own, where it has none: another one settled it, or stands in its way.
    pub why: Option<Why>,
}

/// A change that was taken back.
#[derive(Clone, Debug)]
pub struct TakenBack {
    /// The issue that it was for.
    pub issue: Fingerprint,
    /// The change.
    pub change: Option<Change>,
    /// Why, one line.
    pub why: String,
    /// What verifying said, where it came to that.
    pub verification: Option<Verification>,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Tried {
    /// Changes that stay, with the verification of their issues in `looked`.
    pub kept: Vec<Kept>,
    /// Changes that were taken back.
    pub taken_back: Vec<TakenBack>,
    /// The files as they were and as they are.
    pub files: Vec<Repaired>,
    /// What looking again said of the issues whose changes stay.
    pub looked: Looked,
    /// Why answers were not compared, where they were not.
    pub unasked: Option<String>,
}

/// Issues with their changes, each on top of those before.
type Set = Vec<Kept>;

/// What an attempt came to.
enum Attempt {
    /// Every change helped.
    Good(Box<Looked>),
    /// These did not, each with the reason; the others may have.
    Bad(Vec<(Fingerprint, String, Option<Verification>)>),
    /// Together they did harm, and nobody knows which of them; why, and the answers where they differ.
    Harm(String, Option<Answers>),
}

impl Trial<'_> {
    /// Tries the changes for these issues.
    ///
    /// # Errors
    /// [`TrialError`]; the files are as they were.
    pub async fn run(&self, wanted: &[&Issue]) -> Result<Tried, TrialError> {
        let mut tried = Tried::default();
        let known = self.learn(wanted, &mut tried).await?;
        let mut left: Vec<&Issue> = wanted.to_vec();
        while !left.is_empty() {
            let set = self.set(&[], &left)?;
            let written = self.write(&set)?;
            match self.attempt(&set, &left, known.as_ref()).await? {
                Attempt::Good(looked) => {
                    written.keep()?;
                    tried.files = files(&set);
                    tried.kept = set;
                    tried.looked = *looked;
                    return Ok(tried);
                }
                Attempt::Bad(bad) => {
                    written.restore()?;
                    for (issue, why, verification) in bad {
                        let at = set.iter().find(|kept| kept.issue == issue);
                        let change = at.and_then(|kept| kept.change.clone());
                        left.retain(|other| other.fingerprint != issue);
                        tried.taken_back.push(TakenBack { issue, change, why, verification });
                    }
                }
                Attempt::Harm(why, answers) => {
                    written.restore()?;
                    if let [only] = left[..] {
                        let change = set.into_iter().next().and_then(|kept| kept.change);
                        let issue = only.fingerprint.clone();
                        tried.taken_back.push(TakenBack { issue, change, why, verification: answers.map(unseen) });
                        return Ok(tried);
                    }
                    return self.one_by_one(&left, known.as_ref(), tried).await;
                }
            }
        }
        Ok(tried)
    }

    /// Tries the changes one after the other, each on top of those that helped.
    async fn one_by_one(
        &self,
        wanted: &[&Issue],
        known: Option<&Known>,
        mut tried: Tried,
    ) -> Result<Tried, TrialError> {
        let mut kept: Vec<&Issue> = Vec::new();
        let mut standing: Option<Written> = None;
        for &issue in wanted {
            // What helped is written again together with what is tried.
            if let Some(written) = standing.take() {
                written.restore()?;
            }
            let set = self.set(&kept, &[issue])?;
            let written = self.write(&set)?;
            let attempt = self.attempt(&set, &[issue], known).await?;
            let (why, verification) = match attempt {
                Attempt::Good(looked) => {
                    tried.looked.verified.extend(looked.verified);
                    tried.looked.code = looked.code.or(tried.looked.code.take());
                    kept.push(issue);
                    standing = Some(written);
                    tried.files = files(&set);
                    tried.kept = set;
                    continue;
                }
                Attempt::Bad(mut bad) => bad.pop().map_or((String::new(), None), |(_, why, said)| (why, said)),
                Attempt::Harm(why, answers) => (why, answers.map(unseen)),
            };
            written.restore()?;
            let change = set.into_iter().next_back().and_then(|kept| kept.change);
            tried.taken_back.push(TakenBack { issue: issue.fingerprint.clone(), change, why, verification });
            if !kept.is_empty() {
                standing = Some(self.write(&self.set(&kept, &[])?)?);
            }
        }
        if let Some(written) = standing {
            written.keep()?;
        }
        Ok(tried)
    }

    /// What the unchanged application answers; none where it cannot be started.
    async fn learn(&self, wanted: &[&Issue], tried: &mut Tried) -> Result<Option<Known>, TrialError> {
        let request = self.means.memory.as_ref().filter(|memory| matches!(memory.subject, Subject::Command(_)));
        let Some(request) = request else {
            tried.unasked = Some(AnswersError::NoCommand.to_string());
            return Ok(None);
        };
        let mut concerned: Vec<OperationKey> = Vec::new();
        for key in wanted.iter().flat_map(|issue| &issue.operations) {
            if !concerned.contains(key) {
                concerned.push(key.clone());
            }
        }
        (self.watch)(Event::Note("asking the unchanged application what it answers".to_owned()));
        let patience = ANSWERING.min(request.options.time);
        match Box::pin(answers::learn(request, &concerned, patience, self.interrupted.clone())).await {
            Ok(known) => Ok(Some(known)),
            Err(AnswersError::Interrupted) => Err(TrialError::Interrupted),
            Err(error) => Err(TrialError::Unchanged(error)),
        }
    }

    /// The changes of some issues on top of those of others.
    fn set(&self, base: &[&Issue], more: &[&Issue]) -> Result<Set, TrialError> {
        let mut proposals = Proposals::open(self.code, self.daring)?;
        let mut set = Set::new();
        for issue in base.iter().chain(more) {
            let (change, why) = match proposals.of(self.report, issue) {
                Ok(change) => {
                    proposals.take(&change)?;
                    (Some(change), None)
                }
                // An earlier change settled it, or stands in its way; looking again tells.
                Err(why) => (None, Some(why)),
            };
            set.push(Kept { issue: issue.fingerprint.clone(), change, why });
        }
        Ok(set)
    }

    fn write(&self, set: &Set) -> Result<Written, TrialError> {
        Ok(Written::write(&files(set), Some(self.journal))?)
    }

    /// Asks the changed application the same, and looks again at these issues.
    async fn attempt(&self, set: &Set, wanted: &[&Issue], known: Option<&Known>) -> Result<Attempt, TrialError> {
        let answers = match self.answers(wanted, known).await? {
            Ok(answers) => answers,
            Err(attempt) => return Ok(attempt),
        };
        (self.watch)(Event::Note("repeating the evidence".to_owned()));
        let issues: Vec<Fingerprint> = wanted.iter().map(|issue| issue.fingerprint.clone()).collect();
        let (interrupted, watch) = (self.interrupted.clone(), Arc::clone(&self.watch));
        let looking = verify::verify(self.report, &issues, self.means, interrupted, watch);
        let mut looked = Box::pin(looking).await;
        if looked.interrupted {
            return Err(TrialError::Interrupted);
        }
        let mut bad = Vec::new();
        for (issue, verification) in &mut looked.verified {
            verification.answers.clone_from(&answers);
            // Where nothing was changed for an issue there is nothing to take back.
            let changed = set.iter().any(|kept| kept.issue == *issue && kept.change.is_some());
            if changed && !verify::helped(verification) {
                bad.push((issue.clone(), unhelped(verification), Some(verification.clone())));
            }
        }
        Ok(if bad.is_empty() { Attempt::Good(Box::new(looked)) } else { Attempt::Bad(bad) })
    }

    /// The answers of the changed application, where they are known to be the same or may differ.
    async fn answers(
        &self,
        wanted: &[&Issue],
        known: Option<&Known>,
    ) -> Result<Result<Option<Answers>, Attempt>, TrialError> {
        let Some((known, request)) = known.zip(self.means.memory.as_ref()) else { return Ok(Ok(None)) };
        (self.watch)(Event::Note("asking the changed application the same".to_owned()));
        let compared = Box::pin(answers::compare(request, known, self.interrupted.clone())).await;
        let (answers, operations) = match compared {
            Ok(compared) => compared,
            Err(AnswersError::Interrupted) => return Err(TrialError::Interrupted),
            Err(error) => {
                return Ok(Err(Attempt::Harm(format!("the changed application does not start: {error}"), None)));
            }
        };
        if answers.are_the_same() || self.accept_changed_answers {
            return Ok(Ok(Some(answers)));
        }
        let first = answers.different.first().cloned().unwrap_or_default();
        let why = format!("the application answers otherwise than before: {first}");
        let touches = |issue: &&&Issue| issue.operations.iter().any(|key| operations.contains(key));
        let suspects: Vec<&&Issue> = wanted.iter().filter(touches).collect();
        // Only where others are left is it worth while to leave out those that are concerned.
        if suspects.is_empty() || suspects.len() == wanted.len() {
            return Ok(Err(Attempt::Harm(why, Some(answers))));
        }
        let bad = suspects.iter().map(|issue| (issue.fingerprint.clone(), why.clone(), Some(unseen(answers.clone()))));
        Ok(Err(Attempt::Bad(bad.collect())))
    }
}

fn files(set: &Set) -> Vec<Repaired> {
    merged(set.iter().filter_map(|kept| kept.change.as_ref()))
}

/// What is known where answers differ and nobody looked further.
fn unseen(answers: Answers) -> Verification {
    Verification { outcome: Outcome::NotVerified, again: Vec::new(), answers: Some(answers) }
}

/// Why a change did not help, by the vantage that says so.
fn unhelped(verification: &Verification) -> String {
    let still = verification.again.iter().find(|again| again.ran && again.still);
    let blind = || verification.again.iter().find(|again| !again.ran);
    match still.or_else(blind) {
        Some(again) if again.ran => format!("it did not help: {} still sees it: {}", again.vantage, again.why),
        Some(again) => format!("it could not be verified: {}: {}", again.vantage, again.why),
        None => "it could not be verified".to_owned(),
    }
}
