//! `retry-after-undocumented`: callers are told to slow down, and not until when.

use super::answers::is_rate_header;
use crate::draft::Drafts;
use crate::rule::{Meta, Rule, rule};
use crate::rules::tally;
use crate::view::View;

rule! {
    /// Declared 429 answers without `Retry-After`, counted.
    pub struct RetryAfterUndocumented {
        id: "retry-after-undocumented", weakness: IneffectiveRateLimit, severity: Info, since: "0.3.0",
        owasp: ["spectral:owasp:api4:2023-rate-limit-retry-after", "vacuum:owasp-rate-limit-retry-after"],
    }
}

impl Rule for RetryAfterUndocumented {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, view: &View<'_>, out: &mut Drafts) {
        let declared: Vec<_> = view.operations().filter_map(|op| Some((op, op.spec.responses.get("429")?))).collect();
        // A header that says when the window ends serves as well.
        let says_when = |name: &String| is_rate_header(name) && (name.contains("retry") || name.contains("reset"));
        let silent: Vec<_> = declared.iter().filter(|(_, answer)| !answer.headers.iter().any(says_when)).collect();
        if silent.is_empty() {
            return;
        }
        let names = tally::names(silent.iter().map(|(op, _)| op.key()));
        let message = format!(
            "{} of {} have no `Retry-After`, so clients guess, and guess too soon: {names}.",
            silent.len(),
            tally::count(declared.len(), "declared 429 answer"),
        );
        let shown = silent.iter().map(|(op, answer)| (&answer.place, op.key().to_string()));
        out.add(tally::habit("retry-after", message, shown));
    }
}
