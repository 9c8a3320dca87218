//! `large-answer`: an answer has a bound, and the bound is large.

use crate::draft::Drafts;
use crate::rule::{Meta, Rule, rule};
use crate::view::View;

use super::large;

rule! {
    /// An answer that may be larger than 10 MiB.
    pub struct LargeAnswer {
        id: "large-answer", weakness: UnboundedRead, severity: Low, since: "0.3.0", owasp: [],
    }
}

impl Rule for LargeAnswer {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, view: &View<'_>, out: &mut Drafts) {
        let drafts = large::drafts(
            view,
            "answers",
            |sizes| sizes.answer.as_ref()?.bytes,
            |size, ops| {
                if ops == 1 {
                    format!("An answer may have up to {size} by the contract.")
                } else {
                    format!("{ops} operations may answer with more than 10 MiB by the contract, at most {size}.")
                }
            },
        );
        out.extend(drafts);
    }
}
