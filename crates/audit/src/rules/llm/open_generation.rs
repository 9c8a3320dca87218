//! `open-generation`: anybody may use the language model.

use plimsoll_model::Severity;

use super::model::Generation;
use crate::draft::{Draft, Drafts};
use crate::rule::{Meta, Rule, rule};
use crate::view::View;

rule! {
    /// A generation that asks for no credentials.
    pub struct OpenGeneration {
        id: "open-generation", weakness: OpenOperation, severity: High, since: "0.3.0", owasp: [],
    }
}

impl Rule for OpenGeneration {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, view: &View<'_>, out: &mut Drafts) {
        let asks_somewhere = view.operations().any(|op| op.spec.requires_credentials());
        for generation in view.operations().filter_map(Generation::of) {
            let op = &generation.op;
            if !op.is_open() {
                continue;
            }
            let does = if generation.generates() { "generates text" } else { "runs a model" };
            let draft = Draft::about(
                op,
                format!("The operation {does} at the provider's expense and asks for no credentials."),
            );
            // Where nothing asks for credentials, the contract may only not speak of them.
            out.add(if asks_somewhere || op.spec.security.is_some() {
                draft
            } else {
                draft.severity(Severity::Medium).suspected()
            });
        }
    }
}
