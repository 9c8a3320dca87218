//! The lines that were changed since a revision, as git tells them (`git diff -U0`).

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::ops::RangeInclusive;
use std::path::Path;
use std::process::Command;

use plimsoll_model::{Finding, redact};

use super::lines;

/// Changed lines by file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changed {
    /// Lines that are new or different, as they stand now.
    lines: BTreeMap<String, Vec<RangeInclusive<u32>>>,
    /// Lines behind which something was taken out; 0 for the beginning of a file, and nothing for a file that is gone.
    cut: BTreeMap<String, Vec<u32>>,
}

/// What was changed in a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ChangedFile<'a> {
    /// Lines that are new or different, as they stand now.
    pub lines: &'a [RangeInclusive<u32>],
    /// Lines behind which something was taken out.
    pub cut: &'a [u32],
}

/// Why it is not known what was changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangedError {
    /// There is no git.
    #[error("cannot run git: {0}")]
    NoGit(std::io::Error),
    /// git refuses.
    #[error("git cannot compare with {base:?}: {said}")]
    Refused {
        /// The revision.
        base: String,
        /// What git says.
        said: String,
    },
}

impl Changed {
    /// What was changed in a folder since a revision, files that git does not know yet included.
    ///
    /// # Errors
    /// [`ChangedError`] when git is not there or does not know the revision.
    pub fn since(base: &str, folder: &Path) -> Result<Self, ChangedError> {
        let refused =
            |said: String| ChangedError::Refused { base: base.to_owned(), said: redact::one_line(said.trim(), 200) };
        // What begins with a dash would be an option.
        if base.is_empty() || base.starts_with('-') {
            return Err(refused("that is no revision".to_owned()));
        }
        let options = [
            "diff",
            "--no-color",
            "--no-ext-diff",
            "--no-renames",
            "-U0",
            "--relative",
            "--end-of-options",
            base,
            "--",
            ".",
        ];
        let diff = git(folder, options, base)?;
        let mut changed = Self::parse(&diff);
        let unknown = git(folder, ["ls-files", "--others", "--exclude-standard", "-z", "--", "."], base)?;
        for file in unknown.split('\0').filter(|file| !file.is_empty()) {
            changed.lines.entry(file.to_owned()).or_default().push(1..=u32::MAX);
        }
        Ok(changed)
    }

    /// Reads a diff without context.
    pub fn parse(diff: &str) -> Self {
        let mut changed = Self::default();
        let mut file = None;
        let mut before = None;
        // What was removed and added stands behind the head of its hunk; it may look like a head itself.
        let mut inside = 0;
        for line in diff.lines() {
            if inside > 0 && line.starts_with(['+', '-']) {
                inside -= 1;
            } else if let Some(name) = line.strip_prefix("--- ") {
                before = name_of(name, "a/");
            } else if let Some(name) = line.strip_prefix("+++ ") {
                file = name_of(name, "b/");
                if let Some(gone) = before.take().filter(|_| file.is_none()) {
                    changed.cut.entry(gone).or_default();
                }
            } else if let Some((old, new)) = line.strip_prefix("@@ ").and_then(hunk) {
                inside = u64::from(old.1) + u64::from(new.1);
                match (&file, new.1) {
                    (Some(file), 0) => changed.cut.entry(file.clone()).or_default().push(new.0),
                    (Some(file), count) => {
                        let lines = new.0..=new.0.saturating_add(count - 1);
                        changed.lines.entry(file.clone()).or_default().push(lines);
                    }
                    (None, _) => {}
                }
            }
        }
        changed
    }

    /// The files that were changed, with where.
    pub fn files(&self) -> BTreeMap<&str, ChangedFile<'_>> {
        let mut out: BTreeMap<&str, ChangedFile<'_>> = BTreeMap::new();
        for (file, lines) in &self.lines {
            out.entry(file).or_default().lines = lines;
        }
        for (file, cut) in &self.cut {
            out.entry(file).or_default().cut = cut;
        }
        out
    }

    /// Whether a finding, or a line of the chain that leads to it, was changed.
    pub fn touches(&self, finding: &Finding) -> bool {
        lines(finding).any(|(file, line)| {
            self.lines.get(file).is_some_and(|ranges| ranges.iter().any(|range| range.contains(&line)))
        })
    }
}

fn git<'a>(folder: &Path, arguments: impl IntoIterator<Item = &'a str>, base: &str) -> Result<String, ChangedError> {
    let arguments = arguments.into_iter().map(OsStr::new);
    let output =
        Command::new("git").arg("-C").arg(folder).args(["-c", "core.quotePath=false"]).args(arguments).output();
    let output = output.map_err(ChangedError::NoGit)?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let said = said.lines().next().unwrap_or("").trim_start_matches("fatal: ");
    Err(ChangedError::Refused { base: base.to_owned(), said: redact::one_line(said, 200) })
}

/// `b/shop/app.py`, in quotes where it holds odd characters; `/dev/null` for a file that is not there.
fn name_of(text: &str, side: &str) -> Option<String> {
    let text = text.trim_end_matches('\t');
    let text = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
    text.strip_prefix(side).map(str::to_owned)
}

/// First line and number of lines, old and new, of `-12,3 +15,2 @@`.
fn hunk(text: &str) -> Option<((u32, u32), (u32, u32))> {
    let side = |sign: char| {
        let part = text.split(' ').find_map(|part| part.strip_prefix(sign))?;
        let (start, count) = part.split_once(',').unwrap_or((part, "1"));
        Some((start.parse().ok()?, count.parse().ok()?))
    };
    Some((side('-')?, side('+')?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_lines_of_a_diff() {
        let diff = "diff --git a/a.py b/a.py\n--- a/a.py\n+++ b/a.py\n@@ -1,0 +2,3 @@ def f():\n+x\n+++ y\n@@ -9 +12 @@\n+z\n@@ -20 +22,0 @@\n-q\n\
                    --- a/gone.py\n+++ /dev/null\n@@ -1,2 +0,0 @@\n";
        let changed = Changed::parse(diff);
        let files = changed.files();
        assert_eq!(files.keys().copied().collect::<Vec<_>>(), ["a.py", "gone.py"]);
        assert_eq!(files["a.py"], ChangedFile { lines: &[2..=4, 12..=12], cut: &[22] });
        assert_eq!(files["gone.py"], ChangedFile::default());
    }

    #[test]
    fn options_are_no_revisions() {
        let folder = std::env::temp_dir();
        for base in ["", "--output=x", "-p"] {
            assert!(matches!(Changed::since(base, &folder), Err(ChangedError::Refused { .. })));
        }
    }
}
