//! `body-limit-undocumented`: the contract does not say that a body may be too large.

use super::answers::declares;
use crate::draft::Drafts;
use crate::rule::{Meta, Rule, rule};
use crate::rules::tally;
use crate::view::{OpView, View};

rule! {
    /// Operations with an unbounded body that document no 413, counted.
    pub struct BodyLimitUndocumented {
        id: "body-limit-undocumented", weakness: UndocumentedAnswer, severity: Info, since: "0.3.0", owasp: [],
    }
}

impl Rule for BodyLimitUndocumented {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, view: &View<'_>, out: &mut Drafts) {
        let is_unbounded = |op: &OpView<'_>| {
            let sizes = view.sizes().operation(op.index as usize);
            sizes.and_then(|sizes| sizes.body.as_ref()).is_some_and(|body| body.bytes.is_none())
        };
        let open: Vec<OpView<'_>> = view.operations().filter(is_unbounded).collect();
        let silent: Vec<OpView<'_>> = open.iter().copied().filter(|op| !declares(op, "413")).collect();
        if silent.is_empty() {
            return;
        }
        let names = tally::names(silent.iter().map(OpView::key));
        let message = format!(
            "{} of {} with a body of any size document no 413 (Content Too Large): {names}.",
            silent.len(),
            tally::count(open.len(), "operation"),
        );
        out.add(tally::habit("413", message, tally::shown(&silent)));
    }
}
