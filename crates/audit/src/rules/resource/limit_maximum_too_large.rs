//! `limit-maximum-too-large`: a page size has a maximum that is none.

use plimsoll_model::PartKind;
use plimsoll_spec::Location;
use plimsoll_spec::roles::bounds::{maximum, number};
use plimsoll_spec::roles::paging::is_page_size;

use crate::draft::{Draft, Drafts};
use crate::rule::{Meta, Rule, rule};
use crate::view::View;

rule! {
    /// A page size whose maximum no page has.
    pub struct LimitMaximumTooLarge {
        id: "limit-maximum-too-large", weakness: UnboundedPageSize, severity: Medium, since: "0.3.0", owasp: [],
    }
}

/// The largest page size that somebody may have meant.
const LARGEST: f64 = 10_000.0;

impl Rule for LimitMaximumTooLarge {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, view: &View<'_>, out: &mut Drafts) {
        for op in view.operations() {
            for limit in op.spec.parameters_in(Location::Query).filter(|parameter| is_page_size(op.spec, parameter)) {
                let Some(most) = maximum(&limit.schema).filter(|most| *most > LARGEST) else { continue };
                let name = &limit.name;
                let place = if limit.schema.place.pointer.is_empty() { &limit.place } else { &limit.schema.place };
                let most = number(most as u64);
                out.add(
                    Draft::at(place, format!("`{name}` sets the page size and may be {most}: that is no page."))
                        .operation(&op)
                        .part(PartKind::Query, name)
                        .cause(format!("{name} {most}"))
                        .contract(place, format!("{name}: maximum {most}")),
                );
            }
        }
    }
}
