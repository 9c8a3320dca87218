//! Findings that somebody looked at and accepted: `# plimsoll: ignore[rule, …] reason="…" until=YYYY-MM-DD` behind the line, or alone above it.
//!
//! A reason is required, a date is optional. An acceptance that has no reason, names an unknown rule, has expired or is not needed any more is said,
//! because it would hide the next finding without anybody knowing why.

use plimsoll_model::Finding;

use crate::project::Note;
use crate::project::scan::MARK;
use crate::python::{self, FileKind};
use crate::rules;
use crate::source::Lines;

/// An acceptance in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acceptance {
    /// The line that it stands on, from 1.
    pub line: u32,
    /// The line that it speaks of.
    pub about: u32,
    /// The rules.
    pub rules: Vec<String>,
    /// Why.
    pub reason: Option<String>,
    /// Until when, as `YYYY-MM-DD`.
    pub until: Option<String>,
    /// What is wrong with it, which makes it void.
    pub void: Option<String>,
}

/// The acceptances in a file.
pub fn read(text: &str, kind: FileKind, lines: &Lines) -> Vec<Acceptance> {
    let rows: Vec<&str> = (0..lines.count())
        .map(|row| {
            let span = lines.span(row, text);
            text.get(span.start as usize..span.end as usize).unwrap_or("")
        })
        .collect();
    let mut out = Vec::new();
    for span in python::comments(text, kind) {
        let comment = &text[span.start as usize..span.end as usize];
        let Some(rest) = comment.trim_start_matches('#').trim_start().strip_prefix(MARK) else { continue };
        let row = lines.row(span.start);
        let alone = rows[row].trim_start().starts_with('#');
        let is_code = |row: &str| !row.trim().is_empty() && !row.trim_start().starts_with('#');
        let next = rows[row..].iter().position(|row| is_code(row)).filter(|_| alone).map_or(row, |below| row + below);
        let shown = |row: usize| lines.line(lines.span(row, text).start);
        let mut acceptance = Acceptance {
            line: shown(row),
            about: shown(next),
            rules: Vec::new(),
            reason: None,
            until: None,
            void: None,
        };
        if let Err(why) = acceptance.fill(rest) {
            acceptance.void = Some(why);
        }
        out.push(acceptance);
    }
    out
}

impl Acceptance {
    fn fill(&mut self, rest: &str) -> Result<(), String> {
        let form = "write `# plimsoll: ignore[rule] reason=\"why\"`, with until=YYYY-MM-DD if it is for a time";
        let inside = rest.strip_prefix('[').and_then(|rest| rest.split_once(']'));
        let Some((names, mut rest)) = inside else { return Err(format!("names no rule; {form}")) };
        self.rules = names.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect();
        if self.rules.is_empty() {
            return Err(format!("names no rule; {form}"));
        }
        loop {
            rest = rest.trim_start_matches([' ', '\t', ',']);
            if let Some(value) = rest.strip_prefix("reason=") {
                let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''));
                let Some(quote) = quote else { return Err(format!("the reason stands in quotes; {form}")) };
                let Some((reason, after)) = value[1..].split_once(quote) else {
                    return Err(format!("the reason does not end; {form}"));
                };
                self.reason = Some(reason.trim().to_owned()).filter(|reason| !reason.is_empty());
                rest = after;
            } else if let Some(value) = rest.strip_prefix("until=") {
                let end = value.find([' ', '\t', ',']).unwrap_or(value.len());
                let (date, after) = value.split_at(end);
                let date = date.trim_matches(['"', '\'']);
                if !is_date(date) {
                    return Err(format!("until={date} is no date; {form}"));
                }
                self.until = Some(date.to_owned());
                rest = after;
            } else {
                break;
            }
        }
        // Another tool's comment may follow.
        if !rest.is_empty() && !rest.starts_with('#') {
            return Err(format!("{:?} is not understood; {form}", rest.trim_end()));
        }
        match self.reason {
            Some(_) => Ok(()),
            None => Err(format!("has no reason; {form}")),
        }
    }
}

/// Whether a text is a day of the calendar, as `YYYY-MM-DD`.
fn is_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return false;
    }
    let number = |range: std::ops::Range<usize>| text.get(range).and_then(|digits| digits.parse::<u32>().ok());
    let (Some(year), Some(month), Some(day)) = (number(0..4), number(5..7), number(8..10)) else { return false };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 => 28 + u32::from(leap),
        _ => return false,
    };
    (1..=days).contains(&day)
}

/// Takes out the findings of a file that are accepted; says what is wrong with acceptances. `today` is a date as `YYYY-MM-DD`; `ran` says whether a rule was
/// run.
pub fn apply(
    path: &str,
    acceptances: &[Acceptance],
    today: Option<&str>,
    ran: impl Fn(&str) -> bool,
    findings: &mut Vec<Finding>,
) -> (Vec<Note>, u32) {
    let mut notes = Vec::new();
    let mut accepted = 0;
    for acceptance in acceptances {
        let mut say =
            |message: String| notes.push(Note { path: path.to_owned(), line: Some(acceptance.line), message });
        if let Some(void) = &acceptance.void {
            say(format!("this ignore {void}"));
            continue;
        }
        if let (Some(until), Some(today)) = (acceptance.until.as_deref(), today)
            && until < today
        {
            say(format!("this ignore expired on {until}; look at it again"));
            continue;
        }
        for rule in &acceptance.rules {
            if rules::find(rule).is_none() {
                say(format!("this ignore names {rule:?}, which is no rule"));
                continue;
            }
            let before = findings.len();
            findings.retain(|finding| {
                let here = finding
                    .source
                    .as_ref()
                    .is_some_and(|source| source.file == path && source.line == acceptance.about);
                !(here && finding.check == *rule)
            });
            accepted += (before - findings.len()) as u32;
            if before == findings.len() && ran(rule) {
                say(format!("this ignore of {rule} is not needed: nothing is found there"));
            }
        }
    }
    (notes, accepted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn acceptances(text: &str) -> Vec<Acceptance> {
        read(text, FileKind::Source, &Lines::of(text))
    }

    #[test]
    fn behind_a_line_and_above_it() {
        let text = "x = f()  # plimsoll: ignore[a-b, c] reason=\"bounded by the number of shops\" until=2028-02-29\n\
                    # plimsoll: ignore[d] reason='known'  # noqa: X1\n\n# another comment\ny = (\n  1)\ns = '# plimsoll: ignore[e]'\n";
        let found = acceptances(text);
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].line, found[0].about, found[0].until.as_deref()), (1, 1, Some("2028-02-29")));
        assert_eq!(found[0].rules, ["a-b", "c"]);
        assert_eq!((found[1].line, found[1].about), (2, 5));
        assert!(found.iter().all(|acceptance| acceptance.void.is_none()), "{found:?}");
    }

    #[test]
    fn what_is_not_understood_is_void() {
        let void = [
            ("# plimsoll: ignore", "names no rule"),
            ("# plimsoll: ignore[]", "names no rule"),
            ("# plimsoll: ignore[a]", "has no reason"),
            ("# plimsoll: ignore[a] reason=\" \"", "has no reason"),
            ("# plimsoll: ignore[a] reason=later", "stands in quotes"),
            ("# plimsoll: ignore[a] reason=\"x", "does not end"),
            ("# plimsoll: ignore[a] reason=\"x\" until=2027-02-29", "is no date"),
            ("# plimsoll: ignore[a] reason=\"x\" until=tomorrow", "is no date"),
            ("# plimsoll: ignore[a] reason=\"x\" unitl=2027-01-01", "is not understood"),
        ];
        for (text, why) in void {
            let found = acceptances(text);
            assert!(found[0].void.as_deref().is_some_and(|void| void.contains(why)), "{text}: {found:?}");
        }
    }

    #[test]
    fn unknown_expired_and_needless_ones_are_said() {
        let rule = rules::all().next().unwrap().meta().id;
        let text = format!(
            "a # plimsoll: ignore[{rule}] reason=\"x\"\nb # plimsoll: ignore[no-such] reason=\"x\"\nc # plimsoll: ignore[{rule}] reason=\"x\" until=2026-01-01\n"
        );
        let (notes, accepted) = apply("a.py", &acceptances(&text), Some("2026-01-02"), |_| true, &mut Vec::new());
        let said: Vec<_> = notes.iter().map(ToString::to_string).collect();
        assert_eq!(accepted, 0);
        assert!(said[0].starts_with("a.py:1: this ignore of ") && said[0].contains("not needed"), "{said:?}");
        assert!(said[1].contains("\"no-such\", which is no rule"), "{said:?}");
        assert!(said[2].contains("expired on 2026-01-01"), "{said:?}");
        // A rule that was not run cannot tell whether the acceptance is needed; on its last day it still holds.
        let (notes, _) = apply("a.py", &acceptances(&text), Some("2026-01-01"), |_| false, &mut Vec::new());
        assert_eq!(notes.len(), 1);
    }
}
