//! Issues for which the page has no room: a line each, below their severity and weakness; and how many there are for which it has not even that.

use plimsoll_model::{Issue, Severity, Weakness};

use super::{issue, line};

/// So many bytes of lines the page holds.
const LINES: usize = 700_000;

/// The issues without a card.
pub struct Rest {
    pub issues: usize,
    pub groups: Vec<Group>,
    /// Issues without a line.
    pub more: usize,
}

/// Issues of one severity and weakness.
pub struct Group {
    pub severity: &'static str,
    pub title: &'static str,
    pub issues: usize,
    /// Place and id.
    pub lines: Vec<(String, String)>,
}

impl Rest {
    /// None where every issue has its card.
    pub fn of(issues: &[&Issue]) -> Option<Self> {
        if issues.is_empty() {
            return None;
        }
        let mut out = Self { issues: issues.len(), groups: Vec::new(), more: 0 };
        let mut keys: Vec<(Severity, Weakness)> = Vec::new();
        let mut room = LINES;
        for issue in issues {
            let key = (issue.severity, issue.weakness);
            let at = keys.iter().position(|known| *known == key).unwrap_or_else(|| {
                keys.push(key);
                out.groups.push(Group {
                    severity: issue.severity.as_str(),
                    title: issue.weakness.facts().title,
                    issues: 0,
                    lines: Vec::new(),
                });
                keys.len() - 1
            });
            let group = &mut out.groups[at];
            group.issues += 1;
            let (place, id) = (issue::place(issue), line(&issue.id));
            // The markup of a line, and what escaping may add.
            let needed = 40 + place.len() + id.len();
            if needed > room {
                out.more += 1;
                continue;
            }
            room -= needed;
            group.lines.push((place, id));
        }
        Some(out)
    }
}
