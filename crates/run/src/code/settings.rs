//! `[code]` of `plimsoll.toml`: what is analysed, and which rules are wanted where.

use std::collections::BTreeMap;

use plimsoll_code::select::{PathPattern, PerPath, Select};
use serde::Deserialize;

use crate::config::closest;

/// The section.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Code {
    /// What is analysed where no path is given.
    pub paths: Vec<String>,
    /// Only these rules, weaknesses or kinds.
    pub select: Vec<String>,
    /// Not these.
    pub ignore: Vec<String>,
    /// Nothing is reported in these paths.
    pub exclude: Vec<String>,
    /// Not these rules in these paths.
    pub per_path_ignore: BTreeMap<String, Vec<String>>,
}

impl Code {
    /// The rules that are wanted; what the command line says is added to what is ignored, and replaces what is selected.
    ///
    /// # Errors
    /// One line that says which word is no rule or which pattern cannot be read, and what was probably meant.
    pub fn select(&self, select: &[String], ignore: &[String], exclude: &[String]) -> Result<Select, String> {
        let pattern = |text: &String| {
            PathPattern::parse(text).map_err(|why| format!("the pattern {text:?} cannot be read: {why}"))
        };
        let per_path = self
            .per_path_ignore
            .iter()
            .map(|(text, ignore)| Ok(PerPath { pattern: pattern(text)?, ignore: ignore.clone() }));
        let chosen = Select {
            select: if select.is_empty() { self.select.clone() } else { select.to_vec() },
            ignore: self.ignore.iter().chain(ignore).cloned().collect(),
            per_path: per_path.collect::<Result<_, String>>()?,
            exclude: self.exclude.iter().chain(exclude).map(pattern).collect::<Result<_, String>>()?,
        };
        chosen.check().map_err(|unknown| match closest(&unknown.0, plimsoll_code::select::words()) {
            Some(meant) => format!("{unknown}; did you mean `{meant}`?"),
            None => format!("{unknown}; `plimsoll checks` lists them"),
        })?;
        Ok(chosen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_rule_is_told_with_what_was_meant() {
        let rule = crate::code::rules()[0].id;
        let misspelt = rule.replacen(|c: char| c.is_ascii_alphabetic(), "x", 1);
        let said = Code::default().select(std::slice::from_ref(&misspelt), &[], &[]).unwrap_err();
        assert_eq!(said, format!("there is no rule {misspelt:?}; did you mean `{rule}`?"));
        let code = Code { per_path_ignore: [("a[".to_owned(), vec![rule.to_owned()])].into(), ..Code::default() };
        assert!(code.select(&[], &[], &[]).unwrap_err().starts_with("the pattern \"a[\" cannot be read"));
    }
}
