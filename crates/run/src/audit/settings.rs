//! `[audit]` of `plimsoll.toml`: which documents are audited, and which rules are wanted.

use plimsoll_audit::Meta;
use serde::Deserialize;

use crate::config::closest;

/// The section.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Audit {
    /// What is audited where no document is given.
    pub documents: Vec<String>,
    /// Only these rules, weaknesses or kinds.
    pub select: Vec<String>,
    /// Not these.
    pub ignore: Vec<String>,
}

/// Which rules are wanted. Words are names of rules, weaknesses or kinds (`cost`, `access`, …); `all` means every rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Select {
    /// Only these; empty for all.
    select: Vec<String>,
    /// Not these; wins.
    ignore: Vec<String>,
}

impl Audit {
    /// The rules that are wanted; what the command line says is added to what is ignored, and replaces what is selected.
    ///
    /// # Errors
    /// One line that says which word is no rule, and what was probably meant.
    pub fn select(&self, select: &[String], ignore: &[String]) -> Result<Select, String> {
        let chosen = Select {
            select: if select.is_empty() { self.select.clone() } else { select.to_vec() },
            ignore: self.ignore.iter().chain(ignore).cloned().collect(),
        };
        let known: Vec<&str> = words();
        match chosen.select.iter().chain(&chosen.ignore).find(|word| !known.contains(&word.as_str())) {
            None => Ok(chosen),
            Some(unknown) => Err(match closest(unknown, known) {
                Some(meant) => format!("there is no rule {unknown:?}; did you mean `{meant}`?"),
                None => format!("there is no rule {unknown:?}; `plimsoll checks` lists them"),
            }),
        }
    }
}

impl Select {
    /// Whether a rule is wanted.
    pub fn wants(&self, meta: &Meta) -> bool {
        let named = |words: &[String]| {
            words.iter().any(|word| {
                word == "all" || word == meta.id || word == meta.weakness.id() || word == meta.kind().as_str()
            })
        };
        (self.select.is_empty() || named(&self.select)) && !named(&self.ignore)
    }
}

fn words() -> Vec<&'static str> {
    let named = |meta: &'static Meta| [meta.id, meta.weakness.id(), meta.kind().as_str()];
    super::rules().into_iter().flat_map(named).chain(["all"]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_rule_is_told_with_what_was_meant() {
        let error = Audit::default().select(&["limit-without-maximun".to_owned()], &[]).unwrap_err();
        assert!(error.ends_with("did you mean `limit-without-maximum`?"), "{error}");
    }

    #[test]
    fn what_is_ignored_wins() {
        let select = Audit::default().select(&[], &["unbounded-page-size".to_owned()]).unwrap();
        let wanted = |id: &str| {
            super::super::rules().into_iter().find(|meta| meta.id == id).is_some_and(|meta| select.wants(meta))
        };
        assert!(!wanted("limit-without-maximum") && wanted("batch-without-maximum"));
    }
}
