//! Suppressions: what a project has decided to live with counts no more, and what it need not decide any more is said.
//!
//! An issue is taken out when every one of its findings is accepted. One that is accepted in part stays whole: what is new in it must not hide behind what
//! is known. An acceptance that has expired, or that fits nothing, is stale and suppresses nothing.

use globset::{GlobBuilder, GlobMatcher};
use jiff::ToSpan;
use jiff::civil::Date;
use plimsoll_model::score::{Grade, score};
use plimsoll_model::suppression::{Stale, Suppressed};
use plimsoll_model::{Finding, Issue, OperationKey, Report, Weakness};

use crate::assemble::scored;
use crate::config::ignore::Ignore;

/// Why acceptances cannot be used. One line: what, where, what to do.
#[derive(Debug, thiserror::Error)]
pub enum SuppressError {
    /// An operation or a path is no pattern.
    #[error("{place}: {text:?} is no pattern: {why}")]
    Pattern {
        /// Where it is written down.
        place: String,
        /// The pattern.
        text: String,
        /// What is wrong with it.
        why: String,
    },
    /// The longest time is none.
    #[error("gate.max_expiry {0:?} is no number of days; write 90d")]
    Expiry(String),
}

/// The acceptances of a project, ready to be used.
#[derive(Clone, Debug, Default)]
pub struct Suppressions {
    rules: Vec<Rule>,
    max_days: Option<i64>,
}

#[derive(Clone, Debug)]
struct Rule {
    ignore: Ignore,
    operation: Option<Pattern>,
    path: Option<GlobMatcher>,
}

/// A pattern for operations: a method, where one is written, and a path.
#[derive(Clone, Debug)]
struct Pattern {
    method: Option<String>,
    path: GlobMatcher,
}

impl Suppressions {
    /// Reads acceptances; `max_expiry` is the longest time for which one may hold, as in `90d`.
    ///
    /// # Errors
    /// [`SuppressError`] for what cannot be used.
    pub fn read<'a>(
        ignores: impl IntoIterator<Item = &'a Ignore>,
        max_expiry: Option<&str>,
    ) -> Result<Self, SuppressError> {
        let days = |text: &str| {
            let days = text.trim().strip_suffix('d').and_then(|days| days.parse().ok());
            days.filter(|days| (1..=3_660).contains(days)).ok_or_else(|| SuppressError::Expiry(text.to_owned()))
        };
        let max_days = max_expiry.map(days).transpose()?;
        let rules = ignores.into_iter().map(Rule::read).collect::<Result<_, _>>()?;
        Ok(Self { rules, max_days })
    }

    /// Whether nothing is accepted.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// Takes what is accepted out of the issues and the score of a report. `today` is `YYYY-MM-DD`; `known` says whether a name is that of a check.
    /// Applied twice, it changes nothing more.
    pub fn apply(&self, report: &mut Report, today: &str, known: &dyn Fn(&str) -> bool) {
        if self.rules.is_empty() {
            return;
        }
        let today: Option<Date> = today.parse().ok();
        let void: Vec<Option<String>> = self.rules.iter().map(|rule| self.void(rule, today, known)).collect();
        let mut fits = vec![0usize; self.rules.len()];
        let mut expired: Vec<Vec<plimsoll_model::Fingerprint>> = vec![Vec::new(); self.rules.len()];
        let issues = std::mem::take(&mut report.issues);
        for issue in issues {
            let mine: Vec<&Finding> =
                report.findings.iter().filter(|finding| issue.findings.contains(&finding.fingerprint)).collect();
            let mut by = None;
            let mut whole = !mine.is_empty();
            for finding in mine {
                let mut accepted = false;
                for (index, _) in self.rules.iter().enumerate().filter(|(_, rule)| rule.fits(&issue, finding)) {
                    if void[index].is_some() {
                        if !expired[index].contains(&issue.fingerprint) {
                            expired[index].push(issue.fingerprint.clone());
                        }
                        continue;
                    }
                    fits[index] += 1;
                    accepted = true;
                    by = by.or(Some(index));
                }
                whole &= accepted;
            }
            match by.filter(|_| whole) {
                Some(index) => report.suppressed.push(self.rules[index].suppressed(issue)),
                None => report.issues.push(issue),
            }
        }
        // What an earlier application took out is still fitted.
        for suppressed in &report.suppressed {
            for (index, rule) in self.rules.iter().enumerate() {
                fits[index] += usize::from(rule.ignore.place == suppressed.place);
            }
        }
        let rules = self.rules.iter().zip(void).zip(fits).zip(expired);
        report.stale = rules
            .filter_map(|(((rule, void), fits), issues)| {
                let idle = || "it fits nothing that this run found; remove it if what it accepts is gone".to_owned();
                let why = void.or_else(|| (fits == 0).then(idle))?;
                Some(Stale { place: rule.ignore.place.clone(), what: rule.ignore.what(), why, issues })
            })
            .collect();
        score_again(report);
    }

    /// Why an acceptance holds no more, or never did.
    fn void(&self, rule: &Rule, today: Option<Date>, known: &dyn Fn(&str) -> bool) -> Option<String> {
        let ignore = &rule.ignore;
        if let Some(check) = ignore.check.as_ref().filter(|check| !known(check)) {
            return Some(format!("there is no check `{check}`; `plimsoll checks` lists them"));
        }
        if let Some(weakness) =
            ignore.weakness.as_ref().filter(|id| !Weakness::ALL.iter().any(|weakness| weakness.id() == *id))
        {
            return Some(format!("there is no weakness `{weakness}`"));
        }
        let until: Option<Date> = ignore.until.as_ref().and_then(|day| day.parse().ok());
        match (until, today, self.max_days) {
            (Some(until), Some(today), _) if until < today => {
                Some(format!("it expired on {until}; mend what it accepts, or give it another day"))
            }
            (None, _, Some(days)) => Some(format!("gate.max_expiry asks for an until within {days} days")),
            (Some(until), Some(today), Some(days)) if today.checked_add(days.days()).is_ok_and(|last| until > last) => {
                Some(format!("until = {until} is more than the {days} days of gate.max_expiry away"))
            }
            _ => None,
        }
    }
}

/// The score without what is accepted; categories that were not tested stay so.
fn score_again(report: &mut Report) {
    if report.suppressed.is_empty() {
        return;
    }
    let before = std::mem::take(&mut report.categories);
    let untested = |category| before.iter().find(|known| known.category == category)?.untested.clone();
    let (categories, total) = score(&scored(&report.issues, &report.findings), untested);
    report.categories = categories;
    report.score = total;
    report.grade = total.map(Grade::of);
}

impl Rule {
    fn read(ignore: &Ignore) -> Result<Self, SuppressError> {
        let glob = |text: &str, pattern: &str| {
            let glob = GlobBuilder::new(pattern).literal_separator(true).build();
            glob.map(|glob| glob.compile_matcher()).map_err(|error| SuppressError::Pattern {
                place: ignore.place.clone(),
                text: text.to_owned(),
                why: error.kind().to_string(),
            })
        };
        let operation = |text: &String| {
            let (method, path) = match text.split_once(' ') {
                Some((method, path)) => (Some(method.to_ascii_uppercase()), path.trim()),
                None => (None, text.as_str()),
            };
            // The braces of a template are letters here.
            let literal = path.replace('{', "[{]").replace('}', "[}]");
            Ok(Pattern { method: method.filter(|method| method != "*"), path: glob(text, &literal)? })
        };
        let path = |text: &String| glob(text, text.trim_start_matches("./"));
        Ok(Self {
            operation: ignore.operation.as_ref().map(operation).transpose()?,
            path: ignore.path.as_ref().map(path).transpose()?,
            ignore: ignore.clone(),
        })
    }

    /// Whether it accepts this finding of this issue.
    fn fits(&self, issue: &Issue, finding: &Finding) -> bool {
        let ignore = &self.ignore;
        let named = |name: &String| {
            let name = name.strip_prefix("v1:").unwrap_or(name);
            name.len() >= 8 && issue.fingerprint.as_str().get(3..).is_some_and(|digits| digits.starts_with(name))
        };
        let on = |pattern: &Pattern| {
            let mut operations = finding.operations().peekable();
            operations.peek().is_some() && operations.all(|key| pattern.fits(key))
        };
        let within = |glob: &GlobMatcher| finding.source.as_ref().is_some_and(|source| glob.is_match(&source.file));
        ignore.issue.as_ref().is_none_or(named)
            && ignore.weakness.as_ref().is_none_or(|id| finding.weakness.id() == id || issue.weakness.id() == id)
            && ignore.check.as_ref().is_none_or(|check| finding.check == *check)
            && self.operation.as_ref().is_none_or(on)
            && self.path.as_ref().is_none_or(within)
    }

    fn suppressed(&self, issue: Issue) -> Suppressed {
        let ignore = &self.ignore;
        Suppressed {
            issue,
            reason: ignore.reason.clone(),
            owner: ignore.owner.clone(),
            until: ignore.until.clone(),
            place: ignore.place.clone(),
        }
    }
}

impl Pattern {
    fn fits(&self, key: &OperationKey) -> bool {
        self.method.as_ref().is_none_or(|method| key.method.as_str() == method) && self.path.is_match(&key.path)
    }
}
