//! `string-without-restriction`: texts of any form.

use plimsoll_spec::SchemaKind;

use super::census::Census;
use crate::draft::Drafts;
use crate::rule::{Meta, Rule, rule};
use crate::view::View;

rule! {
    /// Texts of inputs without a form, counted.
    pub struct StringWithoutRestriction {
        id: "string-without-restriction", weakness: UnconstrainedInput, severity: Info, since: "0.3.0",
        owasp: ["spectral:owasp:api4:2023-string-restricted", "vacuum:owasp-string-restricted"],
    }
}

impl Rule for StringWithoutRestriction {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, view: &View<'_>, out: &mut Drafts) {
        let census = Census::of_input(view, |schema| {
            let is_text = schema.kinds.contains(&SchemaKind::String);
            is_text.then(|| schema.format.is_none() && schema.pattern.is_none() && schema.values.is_empty())
        });
        out.extend(census.draft("forms", |lacking, of| {
            format!("{lacking} of {of} texts that callers send have no format, pattern or enum")
        }));
    }
}
