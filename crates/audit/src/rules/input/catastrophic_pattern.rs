//! `catastrophic-pattern`: a pattern that keeps a backtracking engine busy for a time that doubles with every character.

use std::collections::HashMap;

use plimsoll_model::Severity;

use super::census::name;
use crate::draft::{Draft, Drafts};
use crate::pattern::is_exponential;
use crate::rule::{Meta, Rule, rule};
use crate::view::View;

rule! {
    /// An exponentially ambiguous pattern of an input.
    pub struct CatastrophicPattern {
        id: "catastrophic-pattern", weakness: CatastrophicPattern, severity: Medium, since: "0.3.0", owasp: [],
    }
}

/// A length within which even doubling comes to an end soon.
const HARMLESS: u64 = 12;

impl Rule for CatastrophicPattern {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, view: &View<'_>, out: &mut Drafts) {
        let mut known: HashMap<&str, bool> = HashMap::new();
        for used in view.schemas().iter().filter(|used| used.direction.is_input()) {
            let schema = &**used.schema;
            let Some(pattern) = &schema.pattern else { continue };
            let is_short = schema.max_length.is_some_and(|most| most <= HARMLESS);
            if is_short || !*known.entry(pattern).or_insert_with(|| is_exponential(pattern)) {
                continue;
            }
            let name = name(used);
            // Engines check the length first, or after; with a bound the harm is bounded for the former.
            let severity = if schema.max_length.is_some() { Severity::Low } else { Severity::Medium };
            out.add(
                Draft::at(&schema.place, format!("The pattern of `{name}` can match one text in exponentially many ways, which holds a backtracking engine for minutes on a text of some thirty characters that does not match."))
                    .operations(used.inputs.iter())
                    .cause(format!("pattern {pattern}"))
                    .severity(severity)
                    .contract(&schema.place, format!("pattern: {pattern}")),
            );
        }
    }
}
