//! Why findings of different vantages are one issue, and why others are not: what `--explain` prints.
//!
//! Says what the report holds and decides nothing. Texts come from targets and sources: what a terminal would act on is replaced, and secrets are
//! the report's to have masked.

use std::collections::HashMap;
use std::fmt::Write;

use plimsoll_model::{Finding, Fingerprint, Issue, Join, Report, Vantage, redact};

use crate::paint::{Colour, Paint};
use crate::text::wrap;

/// So many characters of a reason are shown.
const LONG: usize = 400;

/// Every join of a report by issue, then what was nearly joined. Empty where nothing was joined.
pub fn render(report: &Report, paint: Paint, width: usize) -> String {
    let findings: HashMap<&Fingerprint, &Finding> =
        report.findings.iter().map(|finding| (&finding.fingerprint, finding)).collect();
    let page = Page { findings, paint, width };
    let mut out = String::new();
    let joined: Vec<&Join> = report.joins.iter().filter(|join| join.joined).collect();
    for issue in &report.issues {
        let inside = |name: &Fingerprint| issue.findings.contains(name);
        let mine: Vec<&Join> =
            joined.iter().copied().filter(|join| inside(&join.left) && inside(&join.right)).collect();
        if !mine.is_empty() || !issue.doubts.is_empty() {
            page.issue(issue, &mine, &mut out);
        }
    }
    let refused: Vec<&Join> = report.joins.iter().filter(|join| !join.joined).collect();
    if !refused.is_empty() {
        let heading = format!("Not joined, although they nearly were ({})", refused.len());
        _ = writeln!(out, "{}", paint.paint(Colour::Bold, &heading));
        for join in refused {
            page.pair(join, "and", &mut out);
        }
    }
    out
}

struct Page<'r> {
    findings: HashMap<&'r Fingerprint, &'r Finding>,
    paint: Paint,
    width: usize,
}

impl Page<'_> {
    fn issue(&self, issue: &Issue, joins: &[&Join], out: &mut String) {
        let heading = format!("{} {} ({})", issue.id, redact::one_line(&issue.title, 200), issue.stage);
        for line in wrap(&heading, self.width) {
            _ = writeln!(out, "{}", self.paint.paint(Colour::Bold, &line));
        }
        for join in joins {
            self.pair(join, "with", out);
        }
        for doubt in &issue.doubts {
            self.lines(&format!("doubted: {}", redact::one_line(&doubt.why, LONG)), 2, Colour::Yellow, out);
        }
        out.push('\n');
    }

    fn pair(&self, join: &Join, word: &str, out: &mut String) {
        self.lines(&self.name(&join.left), 2, Colour::Cyan, out);
        self.lines(&format!("{word} {}", self.name(&join.right)), 2, Colour::Cyan, out);
        self.lines(&redact::one_line(&join.why, LONG), 6, Colour::Dim, out);
    }

    fn lines(&self, text: &str, indent: usize, colour: Colour, out: &mut String) {
        for line in wrap(text, self.width.saturating_sub(indent)) {
            _ = writeln!(out, "{:indent$}{}", "", self.paint.paint(colour, &line));
        }
    }

    /// Who says what, and where.
    fn name(&self, name: &Fingerprint) -> String {
        let Some(finding) = self.findings.get(name) else { return name.short().to_owned() };
        let place = match (finding.vantage, &finding.source, &finding.operation) {
            (Vantage::Code, Some(source), _) => format!(" at {}:{}", redact::one_line(&source.file, 200), source.line),
            (_, _, Some(operation)) => {
                let more =
                    if finding.also.is_empty() { String::new() } else { format!(" and {} more", finding.also.len()) };
                format!(" at {operation}{more}")
            }
            _ => String::new(),
        };
        format!("{} {}{place}", finding.vantage, finding.check)
    }
}

#[cfg(test)]
mod tests {
    use plimsoll_model::{Confidence, Doubt, Method, OperationKey, Severity, SourcePlace, Weakness};

    use super::*;

    fn finding(vantage: Vantage, check: &str) -> Finding {
        let weakness = Weakness::UnboundedRead;
        let at = SourcePlace { file: "shop/list.py".to_owned(), line: 12, symbol: None, columns: None };
        Finding {
            fingerprint: Fingerprint::of([vantage.as_str(), check]),
            check: check.to_owned(),
            weakness,
            kind: weakness.facts().kind,
            vantage,
            severity: Severity::Medium,
            confidence: Confidence::Observed,
            operation: Some(OperationKey::new(Method::Get, "/list")),
            also: Vec::new(),
            part: None,
            source: (vantage == Vantage::Code).then_some(at),
            spec: None,
            message: String::new(),
            evidence: Vec::new(),
        }
    }

    fn report() -> Report {
        let findings = vec![
            finding(Vantage::Code, "whole-table-answer"),
            finding(Vantage::Wire, "unpaginated-list"),
            finding(Vantage::Contract, "list-without-page-control"),
        ];
        let join = |right: usize, joined, why: &str| Join {
            left: findings[0].fingerprint.clone(),
            right: findings[right].fingerprint.clone(),
            joined,
            why: why.to_owned(),
        };
        let joins = vec![
            join(1, true, "the same weakness; shop/list.py:12 answers GET /list"),
            join(2, false, "it speaks of `limit`, not of\u{1b}[2J `page`"),
        ];
        let name = Fingerprint::of(["issue"]);
        let mut issue = Issue::of(name, &findings[0], &[&findings[1]]).titled_by_operations();
        issue.doubts.push(Doubt { vantage: Vantage::Memory, why: "memory measured nothing".to_owned() });
        Report { issues: vec![issue], joins, findings, ..Report::default() }
    }

    #[test]
    fn says_what_was_joined_and_what_was_not() {
        let text = render(&report(), Paint(false), 80);
        assert!(
            text.contains("  code whole-table-answer at shop/list.py:12\n  with wire unpaginated-list at GET /list\n"),
            "{text}"
        );
        assert!(text.contains("      the same weakness; shop/list.py:12 answers GET /list\n"), "{text}");
        assert!(text.contains("  doubted: memory measured nothing\n"), "{text}");
        assert!(text.contains("Not joined, although they nearly were (1)\n"), "{text}");
        assert!(!text.contains('\u{1b}'), "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    }

    #[test]
    fn one_vantage_alone_has_nothing_to_explain() {
        let mut report = report();
        report.joins.clear();
        report.issues[0].doubts.clear();
        assert_eq!(render(&report, Paint(false), 80), "");
    }
}
