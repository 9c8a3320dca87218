//! `example-mismatch`: an example is no value of its schema.

use crate::draft::Drafts;
use crate::rule::{Meta, Rule, rule};
use crate::rules::tally;
use crate::view::View;

rule! {
    /// Examples that their schema does not allow.
    pub struct ExampleMismatch {
        id: "example-mismatch", weakness: AmbiguousContract, severity: Info, since: "0.3.0", owasp: [],
    }
}

impl Rule for ExampleMismatch {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, view: &View<'_>, out: &mut Drafts) {
        let written = &view.document.written;
        if written.mismatches.is_empty() {
            return;
        }
        let message = format!(
            "{} of {} examples are no value of their schema ({}): one of the two is wrong, and validators built from the contract refuse what it shows.",
            written.unfit,
            written.compared,
            tally::names(written.mismatches.iter().map(|(_, why)| why))
        );
        out.add(tally::habit("examples", message, written.mismatches.iter().map(|(place, why)| (place, why.clone()))));
    }
}
