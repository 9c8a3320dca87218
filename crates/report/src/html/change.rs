//! The change that would settle an issue, as a diff, and what became of the issue after one.

use plimsoll_model::memory::Interval;
use plimsoll_model::verification::{Again, Answers, Outcome, Verification};
use plimsoll_model::{Issue, Proposal, redact};

use super::{line, markdown};
use crate::memory;
use crate::svg;
use crate::text::count;

/// So much of a diff is shown; a longer one is cut and cannot be copied.
const DIFF: usize = 65_536;
/// So many differing answers are named.
const ANSWERS: usize = 10;

/// What is proposed.
pub struct FixView {
    /// The imperative phrase, or why nothing is offered.
    pub says: String,
    pub offered: bool,
    pub review: bool,
    /// What to have in mind.
    pub mind: Vec<String>,
    /// The lines of the diff with their class: `add`, `del`, `hunk`, `file` or nothing.
    pub diff: Vec<(&'static str, String)>,
    /// Whether the diff is longer than what is shown.
    pub cut: bool,
    pub command: String,
}

impl FixView {
    /// The proposal of an issue, where it has one.
    pub fn of(issue: &Issue) -> Option<Self> {
        let command = format!("plimsoll fix {}", line(&issue.id));
        Some(match issue.proposal.as_ref()? {
            Proposal::Offered { title, review, mind, diff } => Self {
                says: markdown::opening(&redact::one_line(title, 300)),
                offered: true,
                review: *review,
                mind: mind.iter().map(|what| markdown::sentence(&redact::one_line(what, 400))).collect(),
                cut: diff.len() > DIFF,
                diff: lines(diff),
                command,
            },
            Proposal::Refused { why } => Self {
                says: markdown::sentence(&redact::one_line(why, 400)),
                offered: false,
                review: false,
                mind: Vec::new(),
                diff: Vec::new(),
                cut: false,
                command,
            },
        })
    }
}

/// The lines of a unified diff. A removed line may look like the head of a file, so the lines of a hunk are counted as its head says.
fn lines(diff: &str) -> Vec<(&'static str, String)> {
    let mut out = Vec::new();
    let (mut length, mut old, mut new) = (0, 0u32, 0u32);
    for text in diff.lines() {
        length += text.len() + 1;
        if length > DIFF {
            break;
        }
        let class = match text.bytes().next() {
            _ if (old, new) == (0, 0) && text.starts_with("@@") => {
                (old, new) = extent(text);
                "hunk"
            }
            _ if (old, new) == (0, 0) => "file",
            Some(b'+') => {
                new = new.saturating_sub(1);
                "add"
            }
            Some(b'-') => {
                old = old.saturating_sub(1);
                "del"
            }
            // `\ No newline at end of file` is a remark on the line before.
            Some(b'\\') => "",
            _ => {
                (old, new) = (old.saturating_sub(1), new.saturating_sub(1));
                ""
            }
        };
        out.push((class, redact::printable(text).into_owned()));
    }
    out
}

/// How many old and new lines follow the head of a hunk, `@@ -start,lines +start,lines @@`; one where the number is left out.
fn extent(head: &str) -> (u32, u32) {
    let mut ranges = head.split_whitespace().skip(1);
    let mut lines = |sign: char| {
        let range = ranges.next()?.strip_prefix(sign)?;
        let (start, lines) = range.split_once(',').unwrap_or((range, "1"));
        start.parse::<u32>().ok()?;
        lines.parse().ok()
    };
    let old = lines('-').unwrap_or(0);
    (old, lines('+').unwrap_or(0))
}

/// What became of an issue.
pub struct VerificationView {
    /// `fixed`, `not-verified` or `still-there`.
    pub outcome: &'static str,
    pub says: &'static str,
    pub again: Vec<AgainView>,
    /// What the comparison of answers says.
    pub answers: Option<String>,
    pub different: Vec<String>,
}

/// A vantage that looked again.
pub struct AgainView {
    pub vantage: &'static str,
    /// `gone`, `still there` or `did not look`.
    pub word: &'static str,
    pub class: &'static str,
    pub why: String,
    pub memory: Vec<Measured>,
}

/// An operation's memory before and after.
pub struct Measured {
    pub operation: String,
    pub before: String,
    pub after: String,
    pub chart: String,
}

impl VerificationView {
    pub fn of(verification: &Verification) -> Self {
        Self {
            outcome: verification.outcome.as_str(),
            says: match verification.outcome {
                Outcome::Fixed => "Fixed: every vantage that had seen it looked again and sees it no more.",
                Outcome::NotVerified => "Not verified: not every vantage that had seen it could look again.",
                Outcome::StillThere => "Still there.",
            },
            again: verification.again.iter().map(again).collect(),
            answers: verification.answers.as_ref().map(answers),
            different: verification
                .answers
                .iter()
                .flat_map(|answers| &answers.different)
                .take(ANSWERS)
                .map(|what| redact::one_line(what, 300))
                .collect(),
        }
    }
}

fn answers(answers: &Answers) -> String {
    let compared = count(answers.compared, "request");
    if answers.are_the_same() {
        format!("The application answers as before ({compared} compared).")
    } else {
        format!("The application answers differently ({compared} compared):")
    }
}

fn again(again: &Again) -> AgainView {
    let (word, class) = match (again.ran, again.still) {
        (false, _) => ("did not look", "out"),
        (true, true) => ("sees it still", "still"),
        (true, false) => ("sees it no more", "gone"),
    };
    let memory = again.memory.iter().map(|change| {
        let text = |interval: Option<&Interval>| interval.map(memory::estimate).unwrap_or_default();
        let (before, after) = (text(change.before.as_ref()), text(change.after.as_ref()));
        let operation = line(&change.operation.to_string());
        let chart = match (&change.before, &change.after) {
            (Some(earlier), Some(later)) => svg::before_after(
                earlier,
                later,
                &format!("{operation}: {before} before, {after} after, with zero marked"),
            ),
            _ => String::new(),
        };
        Measured { operation, before, after, chart }
    });
    AgainView {
        vantage: again.vantage.as_str(),
        word,
        class,
        why: markdown::sentence(&redact::one_line(&again.why, 400)),
        memory: memory.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_a_diff_have_their_class() {
        let diff = "--- a/x.sql\n+++ b/x.sql\n@@ -1,3 +1,2 @@ top\n a\n--- a/b\n+++ c\n-d\n--- a/y\n+++ b/y\n@@ -1 +1 @@\n-a\n+b\n";
        let classes: Vec<&str> = lines(diff).into_iter().map(|(class, _)| class).collect();
        assert_eq!(classes, ["file", "file", "hunk", "", "del", "add", "del", "file", "file", "hunk", "del", "add"]);
        assert_eq!(lines("@@ nonsense\n+x").last().unwrap().0, "file", "what cannot be read is not coloured");
    }

    #[test]
    fn a_long_diff_is_cut() {
        let diff = format!("@@ -0,0 +1,{DIFF} @@\n{}", "+x\n".repeat(DIFF));
        assert!(lines(&diff).len() < DIFF / 2);
    }
}
