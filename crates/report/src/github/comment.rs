//! The body of the one comment on a pull request that is written again with every run. A hidden line marks it, so that whoever posts it finds the
//! earlier one; it depends on the target only, so that two targets have two comments.

use std::fmt::Write;

use plimsoll_model::{Issue, Report, Severity};

use super::summary::table;
use crate::markdown::{head, tables, tail};
use crate::page::Page;
use crate::place;
use crate::text::count;

/// Bytes of a comment, at most: GitHub takes 65,536 characters.
const MOST: usize = 65_000;
/// Issues that are seen at once; the others are folded.
const OPEN: usize = 10;

/// The first line of the comment of a target.
pub fn marker(report: &Report) -> String {
    format!("<!-- plimsoll:{} -->", place::uri(&place::host(report)).replace("--", "-%2D"))
}

/// The comment.
pub fn render(report: &Report) -> Page {
    let shown: Vec<&Issue> = report.issues.iter().filter(|issue| issue.severity > Severity::Info).collect();
    let mut room = MOST;
    let mut out = format!("{}\n{}", marker(report), head(report));
    let mut rest = String::new();
    tables(report, &mut rest);
    let mut end = String::new();
    tail(report, &mut end);
    // What is said of the whole is short; the list takes what is left, and what does not fit is counted.
    for part in [&rest, &end] {
        room = room.saturating_sub(part.len());
    }
    if rest.len() + end.len() + out.len() > MOST / 2 {
        rest.clear();
        room = MOST - end.len().min(MOST / 2);
        let _ = writeln!(out, "The tables are too long for a comment; the report has them.\n");
    }
    out.push_str(&rest);
    room = room.saturating_sub(out.len().min(room));
    let listed = table(&shown, OPEN, room.saturating_sub(200));
    out.push_str(&listed.text);
    let mut notices = Vec::new();
    let left = (shown.len() - listed.rows) as u64;
    if left > 0 {
        let _ = writeln!(out, "\n{} not shown here; the report has them all.", count(left, "more issue"));
        notices.push(format!("a comment holds {MOST} bytes: {} left out", count(left, "issue")));
    }
    if out.len() + end.len() <= MOST {
        out.push_str(&end);
    }
    Page { text: out, notices }
}
