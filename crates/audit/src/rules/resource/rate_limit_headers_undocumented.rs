//! `rate-limit-headers-undocumented`: callers cannot see from answers how much is left to them.

use super::answers::has_rate_header;
use crate::draft::Drafts;
use crate::rule::{Meta, Rule, rule};
use crate::rules::tally;
use crate::view::View;

rule! {
    /// Answers without headers about the rate limit, counted.
    pub struct RateLimitHeadersUndocumented {
        id: "rate-limit-headers-undocumented", weakness: NoRateLimit, severity: Info, since: "0.3.0",
        owasp: ["spectral:owasp:api4:2023-rate-limit", "vacuum:owasp-rate-limit"],
    }
}

impl Rule for RateLimitHeadersUndocumented {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, view: &View<'_>, out: &mut Drafts) {
        let mut answers = Vec::new();
        for op in view.operations() {
            let spoken = |status: &str| status.starts_with('2') || status.starts_with('4');
            let declared = op.spec.responses.iter().filter(|(status, _)| spoken(status));
            answers.extend(declared.map(|(status, response)| (op.key(), status, response)));
        }
        let silent: Vec<_> = answers.iter().filter(|(_, _, response)| !has_rate_header(response)).collect();
        if silent.is_empty() {
            return;
        }
        let message = format!(
            "{} of {} declared answers (2xx and 4xx) have no header about the rate limit, such as `RateLimit` or `X-RateLimit-Remaining`.",
            silent.len(),
            answers.len(),
        );
        let shown = silent.iter().map(|(key, status, response)| (&response.place, format!("{key} {status}")));
        out.add(tally::habit("headers", message, shown).suspected());
    }
}
