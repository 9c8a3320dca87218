//! `unspecified-error`: errors are declared, and not what they look like.

use plimsoll_spec::Place;

use crate::draft::Drafts;
use crate::rule::{Meta, Rule, rule};
use crate::rules::tally;
use crate::view::View;

rule! {
    /// Errors without a schema.
    pub struct UnspecifiedError {
        id: "unspecified-error", weakness: UndocumentedAnswer, severity: Info, since: "0.3.0",
        owasp: [
            "spectral:owasp:api8:2023-define-error-responses-401", "spectral:owasp:api8:2023-define-error-responses-500",
            "vacuum:owasp-define-error-responses-401", "vacuum:owasp-define-error-responses-500",
        ],
    }
}

impl Rule for UnspecifiedError {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, view: &View<'_>, out: &mut Drafts) {
        let mut declared = 0;
        let mut bare: Vec<(&Place, String)> = Vec::new();
        for op in view.operations() {
            for (status, response) in &op.spec.responses {
                let error = status.starts_with('4')
                    || status.starts_with('5')
                    || status == "default" && op.spec.responses.len() > 1;
                // 404 for a path that does not exist says all there is to say; HEAD has no body at all (RFC 9110 §9.3.2).
                if !error || op.key().method == plimsoll_model::Method::Head {
                    continue;
                }
                declared += 1;
                if response.content.is_empty() {
                    bare.push((&response.place, format!("{} {status}", op.key())));
                }
            }
        }
        // One contract leaves out a few bodies because they are empty; another never describes any.
        if bare.is_empty() {
            return;
        }
        let message = format!(
            "{} of {declared} declared errors say nothing of their body: {}.",
            bare.len(),
            tally::names(bare.iter().map(|(_, name)| name))
        );
        out.add(tally::habit("bare", message, bare));
    }
}
