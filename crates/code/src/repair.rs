//! Repairs a project: makes fixes one after the other, and keeps each only when the rules say less afterwards. Nothing is written here.

use std::collections::HashSet;
use std::path::PathBuf;

use plimsoll_model::Finding;

use crate::analysis::{Analysis, Options};
use crate::fix::{self, Refusal, Safety, Trial};
use crate::project::walk::WalkError;
use crate::session::Session;

/// A file that fixes changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repaired {
    /// Its path as it is shown.
    pub file: String,
    /// Where it is.
    pub path: PathBuf,
    /// Its text before, without a byte-order mark.
    pub before: String,
    /// Its text after.
    pub after: String,
    /// What was done, in order.
    pub done: Vec<String>,
}

/// What repairing came to.
#[derive(Clone, Debug, Default)]
pub struct Repairs {
    /// The files that changed, in order.
    pub files: Vec<Repaired>,
    /// What is found afterwards.
    pub left: Analysis,
    /// How many findings have a fix that has to be looked at and was not made.
    pub to_review: u32,
}

impl Repaired {
    /// The change as a unified diff.
    pub fn diff(&self) -> String {
        let diff = similar::TextDiff::from_lines(&self.before, &self.after);
        diff.unified_diff()
            .context_radius(3)
            .header(&format!("a/{}", self.file), &format!("b/{}", self.file))
            .to_string()
    }
}

impl Repaired {
    /// The change as edits of lines.
    pub fn edits(&self) -> Vec<fix::Edit> {
        fix::between(&self.before, &self.after)
    }
}

/// Makes the fixes that are at most as daring as `daring`. `wanted` says which findings may be fixed.
///
/// # Errors
/// [`WalkError`] for a path that cannot be analysed at all.
pub fn repair(
    paths: Vec<PathBuf>,
    options: Options,
    daring: Safety,
    wanted: impl Fn(&Finding) -> bool,
) -> Result<Repairs, WalkError> {
    let mut session = Session::open(paths, options)?;
    let mut trial = Trial::new(&mut session);
    let mut tried = HashSet::new();
    let mut to_review = 0;
    loop {
        let next = trial.analysis.findings.iter().find(|finding| {
            fix::is_fixable(&finding.check) && wanted(finding) && !tried.contains(finding.fingerprint.as_str())
        });
        let Some(finding) = next.cloned() else { break };
        tried.insert(finding.fingerprint.as_str().to_owned());
        if let Err(Refusal::NeedsReview { .. }) = trial.settle(&finding, daring) {
            to_review += 1;
        }
    }
    let (files, left) = trial.into_files();
    Ok(Repairs { files, left, to_review })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fix_is_kept_when_the_rule_is_silent_afterwards() {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path().canonicalize().unwrap();
        let text = "import boto3\n\ntable = boto3.resource(\"dynamodb\").Table(\"t\")\n\n\ndef handler(event, context):\n    \
                    return table.scan(ProjectionExpression=\"id, status\", Limit=5)[\"Items\"]\n";
        std::fs::write(top.join("app.py"), text).unwrap();
        let options = Options { base: top.clone(), ..Options::default() };
        let repairs =
            repair(vec![top.clone()], options, Safety::Safe, |finding| finding.check == "reserved-word").unwrap();
        let [repaired] = &repairs.files[..] else { panic!("one file: {repairs:?}") };
        assert!(repaired.after.contains("#status"), "{}", repaired.after);
        assert!(repairs.left.findings.iter().all(|finding| finding.check != "reserved-word"));
        let diff = repaired.diff();
        assert!(diff.starts_with("--- a/app.py\n+++ b/app.py\n@@ "), "{diff}");
        assert_eq!(std::fs::read_to_string(top.join("app.py")).unwrap(), text, "nothing is written");
    }
}
