//! `number-without-bounds`: numbers of any size.

use plimsoll_spec::SchemaKind;

use super::census::Census;
use crate::draft::Drafts;
use crate::rule::{Meta, Rule, rule};
use crate::view::View;

rule! {
    /// Numbers of inputs without minimum or maximum, counted.
    pub struct NumberWithoutBounds {
        id: "number-without-bounds", weakness: UnconstrainedInput, severity: Info, since: "0.3.0",
        owasp: [
            "spectral:owasp:api4:2023-integer-limit", "spectral:owasp:api4:2023-integer-limit-legacy", "vacuum:owasp-integer-limit",
        ],
    }
}

impl Rule for NumberWithoutBounds {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, view: &View<'_>, out: &mut Drafts) {
        let census = Census::of_input(view, |schema| {
            let counts = schema.kinds.contains(&SchemaKind::Integer) || schema.kinds.contains(&SchemaKind::Number);
            let has_ends = schema.minimum.is_some() && schema.maximum.is_some() || !schema.values.is_empty();
            counts.then_some(!has_ends)
        });
        out.extend(census.draft("numbers", |lacking, of| {
            format!("{lacking} of {of} numbers that callers send have no minimum or no maximum")
        }));
    }
}
