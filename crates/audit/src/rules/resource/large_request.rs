//! `large-request`: a request has a bound, and the bound is large.

use crate::draft::Drafts;
use crate::rule::{Meta, Rule, rule};
use crate::view::View;

use super::large;

rule! {
    /// A request that may be larger than 10 MiB.
    pub struct LargeRequest {
        id: "large-request", weakness: UnboundedInput, severity: Low, since: "0.3.0", owasp: [],
    }
}

impl Rule for LargeRequest {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, view: &View<'_>, out: &mut Drafts) {
        let drafts = large::drafts(
            view,
            "requests",
            |sizes| sizes.input.bytes,
            |size, ops| {
                if ops == 1 {
                    format!("A request may have up to {size} by the contract.")
                } else {
                    format!("{ops} operations accept requests of more than 10 MiB by the contract, at most {size}.")
                }
            },
        );
        out.extend(drafts);
    }
}
