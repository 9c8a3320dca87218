//! Workflow commands, which become annotations. GitHub shows ten of a kind and step; what is more is counted in a last notice.

use std::fmt::Write;

use plimsoll_model::{Report, Severity, redact};

use crate::entry::{self, Entry};
use crate::page::Page;
use crate::place::Root;
use crate::text::count;

/// Annotations of one kind in one step, at most.
const MOST: usize = 10;

/// The findings as workflow commands, the worst first; what is accepted or fixed is none, and a fact is none.
pub fn render(report: &Report, root: &Root) -> Page {
    let entries = entry::entries(report, root);
    let shown = entries.iter().filter(|entry| entry.is_open() && entry.finding.severity > Severity::Info);
    let mut out = String::new();
    let (mut left, mut by_kind) = (0u64, [0usize; 3]);
    for entry in shown {
        let (slot, kind, most) = match entry.finding.severity {
            Severity::Critical | Severity::High => (0, "error", MOST),
            Severity::Medium => (1, "warning", MOST),
            // The last notice is the sum.
            Severity::Low | Severity::Info => (2, "notice", MOST - 1),
        };
        if by_kind[slot] < most {
            by_kind[slot] += 1;
            command(kind, entry, &mut out);
        } else {
            left += 1;
        }
    }
    let mut notices = Vec::new();
    if left > 0 {
        let _ = writeln!(
            out,
            "::notice title=Plimsoll::{} not shown here; the report has them all",
            count(left, "more finding")
        );
        notices.push(format!("GitHub shows {MOST} annotations of a kind; {} not shown", count(left, "finding")));
    }
    Page { text: out, notices }
}

fn command(kind: &str, entry: &Entry<'_>, out: &mut String) {
    let finding = entry.finding;
    let mut properties = Vec::new();
    if entry.place.is_file {
        properties.push(format!("file={}", property(&entry.place.path)));
        properties.push(format!("line={}", entry.place.line_or_first()));
        if let Some([start, end]) = entry.place.columns {
            properties.push(format!("col={start},endColumn={end}"));
        }
    }
    let title = format!("{} ({})", finding.weakness.facts().title, finding.severity);
    properties.push(format!("title={}", property(&title)));
    let said = redact::one_line(&finding.message, 1_000);
    let subject = entry.subject();
    let said = if said.contains(&subject) { said } else { format!("{subject}: {said}") };
    let said = format!("{said} [{}]", redact::one_line(&finding.check, 100));
    let _ = writeln!(out, "::{kind} {}::{}", properties.join(","), data(&said));
}

/// Text of a command. A percent sign and line breaks would begin another one.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property of a command: colon and comma separate properties.
fn property(text: &str) -> String {
    data(&redact::one_line(text, 300)).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_begins_another_command() {
        assert_eq!(data("100 %\n::error::x\r"), "100 %25%0A::error::x%0D");
        assert_eq!(property("a,b:c%"), "a%2Cb%3Ac%25");
    }
}
