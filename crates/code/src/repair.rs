//! Repairs a project: makes fixes one after the other, and keeps each only when the rules say less afterwards. Nothing is written here.

use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;

use plimsoll_model::Finding;

use crate::analysis::{Analysis, Options};
use crate::fix::{self, Safety};
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
    let mut analysis = session.analysis();
    let mut files: BTreeMap<String, Repaired> = BTreeMap::new();
    let mut tried = HashSet::new();
    let mut to_review = 0;
    loop {
        let next = analysis.findings.iter().find(|finding| {
            fix::is_fixable(&finding.check) && wanted(finding) && !tried.contains(finding.fingerprint.as_str())
        });
        let Some(finding) = next.cloned() else { break };
        tried.insert(finding.fingerprint.as_str().to_owned());
        let Some(place) = &finding.source else { continue };
        let Some((path, text)) = session.editable(&place.file) else { continue };
        let Some(fix) = fix::for_finding(&text, &finding) else { continue };
        if fix.safety > daring {
            to_review += 1;
            continue;
        }
        let Some(after) = fix::apply(&text, &fix.edits) else { continue };
        session.edited(&path, after.clone())?;
        let found = session.analysis();
        if !is_better(&analysis.findings, &found.findings, &finding) {
            session.edited(&path, text)?;
            continue;
        }
        let fresh =
            || Repaired { file: place.file.clone(), path, before: text, after: String::new(), done: Vec::new() };
        let repaired = files.entry(place.file.clone()).or_insert_with(fresh);
        repaired.after = after;
        repaired.done.push(fix.title);
        analysis = found;
    }
    Ok(Repairs { files: files.into_values().collect(), left: analysis, to_review })
}

/// Whether the rule says less about the file than before, and nothing else that is as bad is said instead.
fn is_better(before: &[Finding], after: &[Finding], finding: &Finding) -> bool {
    let count = |findings: &[Finding], own: bool| {
        let same =
            |found: &&Finding| (found.check == finding.check) == own && (own || found.severity >= finding.severity);
        findings.iter().filter(same).count()
    };
    count(after, true) < count(before, true) && count(after, false) <= count(before, false)
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
