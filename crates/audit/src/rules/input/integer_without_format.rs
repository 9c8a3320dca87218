//! `integer-without-format`: integers of which nobody knows how wide they are.

use plimsoll_spec::SchemaKind;

use super::census::Census;
use crate::draft::Drafts;
use crate::rule::{Meta, Rule, rule};
use crate::view::View;

rule! {
    /// Integers of inputs without `int32` or `int64`, and without bounds that say it, counted.
    pub struct IntegerWithoutFormat {
        id: "integer-without-format", weakness: UnconstrainedInput, severity: Info, since: "0.3.0",
        owasp: ["spectral:owasp:api4:2023-integer-format", "vacuum:owasp-integer-format"],
    }
}

impl Rule for IntegerWithoutFormat {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, view: &View<'_>, out: &mut Drafts) {
        let census = Census::of_input(view, |schema| {
            let is_integer = schema.kinds.contains(&SchemaKind::Integer);
            // Bounds say more than a width.
            let says = schema.format.is_some()
                || !schema.values.is_empty()
                || schema.minimum.is_some() && schema.maximum.is_some();
            is_integer.then_some(!says)
        });
        out.extend(census.draft("integers", |lacking, of| {
            format!("{lacking} of {of} integers that callers send have no format (int32, int64) and no bounds that tell their width")
        }));
    }
}
