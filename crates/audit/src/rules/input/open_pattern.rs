//! `open-pattern`: a pattern that was meant for the whole text binds only a part of it.

use super::census::Census;
use crate::draft::Drafts;
use crate::pattern::is_open_by_mistake;
use crate::rule::{Meta, Rule, rule};
use crate::view::View;

rule! {
    /// Patterns without anchors, counted.
    pub struct OpenPattern {
        id: "open-pattern", weakness: UnconstrainedInput, severity: Low, since: "0.3.0", owasp: [],
    }
}

impl Rule for OpenPattern {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, view: &View<'_>, out: &mut Drafts) {
        let census = Census::of_input(view, |schema| Some(is_open_by_mistake(schema.pattern.as_deref()?)));
        out.extend(census.draft("patterns", |open, of| {
            format!("{open} of {of} patterns of inputs lack `^` or `$`, so any text that contains a match is accepted")
        }));
    }
}
