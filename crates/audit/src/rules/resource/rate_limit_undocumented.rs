//! `rate-limit-undocumented`: the contract does not say that callers are limited.

use plimsoll_model::Severity;

use super::answers::{declares, share};
use crate::draft::Drafts;
use crate::rule::{Meta, Rule, rule};
use crate::rules::tally;
use crate::view::{OpView, View};

rule! {
    /// Operations that document no 429, counted.
    pub struct RateLimitUndocumented {
        id: "rate-limit-undocumented", weakness: NoRateLimit, severity: Low, since: "0.3.0",
        owasp: ["spectral:owasp:api4:2023-rate-limit-responses-429", "vacuum:owasp-define-error-responses-429"],
    }
}

impl Rule for RateLimitUndocumented {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, view: &View<'_>, out: &mut Drafts) {
        let all = view.operations().len();
        let silent: Vec<OpView<'_>> = view.operations().filter(|op| !declares(op, "429")).collect();
        if silent.is_empty() {
            return;
        }
        let names = tally::names(silent.iter().map(OpView::key));
        let message = format!(
            "{} no 429, so callers cannot know that they are limited, and a gateway has nothing to enforce: {names}.",
            share(silent.len(), all, "documents", "document")
        );
        // Where some operations do, the others may share what is said elsewhere.
        let severity = if silent.len() == all { Severity::Low } else { Severity::Info };
        out.add(tally::habit("429", message, tally::shown(&silent)).severity(severity).suspected());
    }
}
