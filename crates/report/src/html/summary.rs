//! What stands at the top of the page: the grade, what the run was and what it cost, and how the categories did.

use plimsoll_model::score::{CategoryScore, Grade};
use plimsoll_model::{Report, Severity, redact};

use super::line;
use crate::svg;
use crate::text::{bytes, count, grouped};

/// What stands at the top.
pub struct Summary {
    pub url: String,
    pub title: Option<String>,
    pub grade: &'static str,
    pub score: Option<u8>,
    pub incomplete: Vec<String>,
    pub issues: String,
    pub found: String,
    pub reached: u32,
    pub judged: u32,
    /// Label and value of what the run was and what it cost.
    pub run: Vec<(&'static str, String)>,
}

impl Summary {
    pub fn of(report: &Report) -> Self {
        let target = &report.target;
        let above = report.issues.iter().filter(|issue| issue.severity > Severity::Info).count() as u64;
        let cost = report.cost;
        let mut run = vec![("Contract", target.contract.as_deref().map_or_else(|| "none found".to_owned(), line))];
        run.push(("Identities", target.identities.iter().map(|name| line(name)).collect::<Vec<_>>().join(", ")));
        if !target.transport.is_empty() {
            run.push(("Transport", target.transport.iter().map(|fact| line(fact)).collect::<Vec<_>>().join(", ")));
        }
        let most = if cost.max_requests > 0 { format!(" of {}", grouped(cost.max_requests)) } else { String::new() };
        run.push(("Requests", format!("{}{most}", grouped(cost.requests))));
        run.push(("Received", bytes(cost.bytes)));
        run.push(("Time", format!("{:.1} s of {} s", cost.seconds, svg::number(cost.max_seconds))));
        Self {
            url: line(&target.url),
            title: target.title.as_deref().map(line),
            grade: report.grade.map_or("–", Grade::as_str),
            score: report.score,
            incomplete: report.incomplete.iter().map(|why| redact::one_line(why, 600)).collect(),
            issues: count(above, "issue"),
            found: count(u64::from(report.coverage.operations.found), "operation"),
            reached: report.coverage.operations.reached,
            judged: report.coverage.operations.judged,
            run,
        }
    }
}

/// How many issues there are of each severity above info, the worst first; severities without issues are left out.
pub fn counts(report: &Report) -> Vec<(&'static str, usize)> {
    let of = |severity: Severity| report.issues.iter().filter(|issue| issue.severity == severity).count();
    let worst_first = Severity::ALL.iter().rev().filter(|severity| **severity > Severity::Info);
    worst_first.map(|severity| (severity.as_str(), of(*severity))).filter(|(_, count)| *count > 0).collect()
}

pub struct CategoryView {
    pub name: &'static str,
    pub score: u8,
    pub bar: String,
    pub issues: String,
}

impl CategoryView {
    /// None for a category without a score.
    pub fn of(category: &CategoryScore) -> Option<Self> {
        let (name, score) = (category.category.as_str(), category.score?);
        Some(Self {
            name,
            score,
            bar: svg::bar(score, &format!("{name}: {score} of 100")),
            issues: if category.issues == 0 { String::new() } else { count(u64::from(category.issues), "issue") },
        })
    }
}

/// The categories without a score, by the reason.
pub fn unscored(report: &Report) -> Vec<(String, String)> {
    let mut out: Vec<(String, String)> = Vec::new();
    for category in report.categories.iter().filter(|category| category.score.is_none()) {
        let why = category.untested.as_deref().map(line).unwrap_or_default();
        let name = category.category.as_str();
        match out.iter_mut().find(|(_, known)| *known == why) {
            Some((names, _)) => {
                names.push_str(", ");
                names.push_str(name);
            }
            None => out.push((name.to_owned(), why)),
        }
    }
    out
}
