//! `search-limit-without-maximum`: the page size of a search stands in the body and has no maximum.

use plimsoll_model::PartKind;
use plimsoll_spec::SchemaKind;
use plimsoll_spec::roles::bounds::maximum;
use plimsoll_spec::roles::paging::{Role, is_ambiguous, role};

use crate::draft::{Draft, Drafts};
use crate::rule::{Meta, Rule, rule};
use crate::view::View;

rule! {
    /// A page size in a request body without a maximum.
    pub struct SearchLimitWithoutMaximum {
        id: "search-limit-without-maximum", weakness: UnboundedPageSize, severity: Medium, since: "0.3.0", owasp: [],
    }
}

impl Rule for SearchLimitWithoutMaximum {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, view: &View<'_>, out: &mut Drafts) {
        for list in view.lists().iter().filter(|list| !list.op.is_get()) {
            let mut met = Vec::new();
            for variant in list.op.bodies().flat_map(|(_, schema)| schema.variants()) {
                let advances = variant
                    .properties
                    .iter()
                    .any(|(name, _)| matches!(role(name), Some(Role::Offset | Role::Page | Role::Cursor)));
                for (name, schema) in &variant.properties {
                    let counts = schema.allows(SchemaKind::Integer) || schema.allows(SchemaKind::Number);
                    let is_limit = role(name) == Some(Role::Limit) && counts && (advances || !is_ambiguous(name));
                    if is_limit && maximum(schema).is_none() && !met.contains(&name) {
                        met.push(name);
                        let draft = Draft::at(
                            &schema.place,
                            format!(
                                "`{name}` in the body sets the page size of a list and has no maximum in the contract."
                            ),
                        );
                        out.add(
                            draft
                                .operation(&list.op)
                                .part(PartKind::Body, name)
                                .contract(&schema.place, format!("{name}: no maximum")),
                        );
                    }
                }
            }
        }
    }
}
