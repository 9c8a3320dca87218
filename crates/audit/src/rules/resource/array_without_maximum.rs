//! `array-without-maximum`: how many arrays of the contract have no end.

use crate::draft::Drafts;
use crate::rule::{Meta, Rule, rule};
use crate::rules::input::census::Census;
use crate::view::{SchemaUse, View};
use plimsoll_spec::{Schema, SchemaKind};

rule! {
    /// Arrays without `maxItems`, counted.
    pub struct ArrayWithoutMaximum {
        id: "array-without-maximum", weakness: UnboundedInput, severity: Info, since: "0.3.0",
        owasp: ["spectral:owasp:api4:2023-array-limit", "vacuum:owasp-array-limit"],
    }
}

impl Rule for ArrayWithoutMaximum {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, view: &View<'_>, out: &mut Drafts) {
        let census = Census::of(view, |used: &SchemaUse<'_>| is_array(used.schema).then(|| !has_end(used.schema)));
        let sent = census.lacking.iter().filter(|used| used.direction.is_input()).count();
        out.extend(census.draft("arrays", |lacking, of| {
            format!("{lacking} of {of} arrays have no maxItems, {sent} of them in requests")
        }));
    }
}

fn is_array(schema: &Schema) -> bool {
    schema.kinds.contains(&SchemaKind::Array) && schema.alternatives.is_empty() && !schema.recursive
}

/// Whether the length has an end: `maxItems`, or different elements of a known set.
fn has_end(schema: &Schema) -> bool {
    schema.max_items.is_some()
        || !schema.values.is_empty()
        || schema.unique && schema.items.as_ref().is_some_and(|items| !items.values.is_empty())
}
