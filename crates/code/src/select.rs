//! Which rules are wanted where: `--select`, `--ignore` and the settings for single paths.

use globset::{Glob, GlobMatcher};

use plimsoll_model::{Finding, Kind};

use crate::rules::{self, Meta};

/// Which rules are wanted. Words are names of rules, weaknesses or kinds (`leak`, `cost`, …); `all` means every rule.
#[derive(Clone, Debug, Default)]
pub struct Select {
    /// Only these; empty for all.
    pub select: Vec<String>,
    /// Not these; wins.
    pub ignore: Vec<String>,
    /// Not these below some paths.
    pub per_path: Vec<PerPath>,
    /// Paths in which nothing is reported.
    pub exclude: Vec<PathPattern>,
}

/// Rules that are not wanted below a path.
#[derive(Clone, Debug)]
pub struct PerPath {
    /// The paths.
    pub pattern: PathPattern,
    /// The rules.
    pub ignore: Vec<String>,
}

/// A glob over paths as they are shown; a folder stands for everything in it.
#[derive(Clone, Debug)]
pub struct PathPattern {
    text: String,
    whole: GlobMatcher,
    inside: GlobMatcher,
}

impl PathPattern {
    /// Reads a glob.
    ///
    /// # Errors
    /// What is wrong with it, on one line.
    pub fn parse(text: &str) -> Result<Self, String> {
        let trimmed = text.trim_start_matches("./").trim_end_matches('/');
        let glob = |text: &str| Glob::new(text).map(|glob| glob.compile_matcher()).map_err(|error| error.to_string());
        Ok(Self { text: text.to_owned(), whole: glob(trimmed)?, inside: glob(&format!("{trimmed}/**"))? })
    }

    /// The glob as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether a path is meant.
    pub fn matches(&self, path: &str) -> bool {
        self.whole.is_match(path) || self.inside.is_match(path)
    }
}

/// A word that is no rule, weakness or kind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no rule {0:?}")]
pub struct Unknown(pub String);

impl Select {
    /// Checks every word.
    ///
    /// # Errors
    /// The first [`Unknown`] word.
    pub fn check(&self) -> Result<(), Unknown> {
        let words =
            self.select.iter().chain(&self.ignore).chain(self.per_path.iter().flat_map(|per_path| &per_path.ignore));
        match words.into_iter().find(|word| !is_known(word)) {
            Some(word) => Err(Unknown(word.clone())),
            None => Ok(()),
        }
    }

    /// Whether a rule has to run at all.
    pub fn wants(&self, meta: &Meta) -> bool {
        let named = |words: &[String]| words.iter().any(|word| means(word, meta.id, meta.weakness.id(), meta.kind));
        (self.select.is_empty() || named(&self.select)) && !named(&self.ignore)
    }

    /// Whether a finding is wanted where it is.
    pub fn keeps(&self, finding: &Finding) -> bool {
        let path = finding.source.as_ref().map_or("", |source| source.file.as_str());
        if self.exclude.iter().any(|pattern| pattern.matches(path)) {
            return false;
        }
        let here = self.per_path.iter().filter(|per_path| per_path.pattern.matches(path));
        let mut ignored = here.flat_map(|per_path| &per_path.ignore).chain(&self.ignore);
        !ignored.any(|word| means(word, &finding.check, finding.weakness.id(), finding.kind))
    }
}

/// Every word that may be selected or ignored.
pub fn words() -> Vec<&'static str> {
    let mut words: Vec<&str> =
        rules::all().flat_map(|rule| [rule.meta().id, rule.meta().weakness.id(), rule.meta().kind.as_str()]).collect();
    words.push("all");
    words.sort_unstable();
    words.dedup();
    words
}

fn is_known(word: &str) -> bool {
    words().binary_search(&word).is_ok()
}

fn means(word: &str, rule: &str, weakness: &str, kind: Kind) -> bool {
    word == "all" || word == rule || word == weakness || word == kind.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_stands_for_what_is_in_it() {
        let pattern = PathPattern::parse("./scripts/").unwrap();
        assert!(pattern.matches("scripts/a/b.py") && !pattern.matches("src/scripts.py"));
        let pattern = PathPattern::parse("**/legacy_*.py").unwrap();
        assert!(pattern.matches("a/legacy_x.py") && pattern.matches("legacy_x.py") && !pattern.matches("a/x.py"));
        assert!(PathPattern::parse("a[").is_err());
    }

    #[test]
    fn words_are_rules_weaknesses_and_kinds() {
        let rule = rules::all().next().unwrap().meta();
        for word in [rule.id, rule.weakness.id(), rule.kind.as_str(), "all"] {
            let select = Select { select: vec![word.to_owned()], ..Select::default() };
            assert_eq!(select.check(), Ok(()));
            assert!(select.wants(rule));
            let ignore = Select { ignore: vec![word.to_owned()], ..Select::default() };
            assert!(!ignore.wants(rule));
        }
        let unknown = Select { ignore: vec!["growing-contaner".to_owned()], ..Select::default() };
        assert_eq!(unknown.check(), Err(Unknown("growing-contaner".to_owned())));
    }
}
