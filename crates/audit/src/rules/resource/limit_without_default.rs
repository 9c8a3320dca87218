//! `limit-without-default`: nobody knows how much is answered where the page size is left out.

use plimsoll_spec::roles::paging::is_page_size;
use plimsoll_spec::{Location, Parameter};

use crate::draft::Drafts;
use crate::rule::{Meta, Rule, rule};
use crate::rules::tally;
use crate::view::View;

rule! {
    /// Page sizes that may be left out and have no default, counted.
    pub struct LimitWithoutDefault {
        id: "limit-without-default", weakness: UnboundedPageSize, severity: Info, since: "0.3.0", owasp: [],
    }
}

impl Rule for LimitWithoutDefault {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, view: &View<'_>, out: &mut Drafts) {
        let (mut all, mut open) = (0, Vec::new());
        for op in view.operations() {
            for limit in op.spec.parameters_in(Location::Query).filter(|limit| is_page_size(op.spec, limit)) {
                all += 1;
                if !limit.required && !has_default(limit) {
                    open.push((&limit.place, format!("{} {}", op.key(), limit.name)));
                }
            }
        }
        if open.is_empty() {
            return;
        }
        let names = tally::names(open.iter().map(|(_, name)| name));
        let message = format!(
            "{} of {} may be left out and have no default, so the contract does not say how much is answered then: {names}.",
            open.len(),
            tally::count(all, "page size"),
        );
        out.add(tally::habit("defaults", message, open));
    }
}

/// Whether a default is declared, or told.
fn has_default(limit: &Parameter) -> bool {
    limit.schema.variants().iter().any(|variant| variant.default.is_some())
        || limit.description.to_ascii_lowercase().contains("default")
}
