//! `unbounded-generation`: nothing in the contract bounds what one request makes a language model read and write.

use plimsoll_model::{PartKind, Severity};
use plimsoll_spec::roles::bounds::maximum;
use plimsoll_spec::{Schema, SchemaKind};

use super::model::Generation;
use crate::draft::{Draft, Drafts};
use crate::rule::{Meta, Rule, rule};
use crate::size::{CauseKind, Way, schema as size_of};
use crate::view::View;

rule! {
    /// A generation without bounds on messages, prompt, tokens or choices.
    pub struct UnboundedGeneration {
        id: "unbounded-generation", weakness: UnboundedGeneration, severity: Medium, since: "0.3.0", owasp: [],
    }
}

impl Rule for UnboundedGeneration {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, view: &View<'_>, out: &mut Drafts) {
        let others_ask = view.operations().any(|op| op.spec.requires_credentials());
        for generation in view.operations().filter_map(Generation::of) {
            let missing = missing(&generation);
            if missing.is_empty() {
                continue;
            }
            let op = &generation.op;
            let severity = if op.is_open() && others_ask { Severity::High } else { Severity::Medium };
            out.add(
                Draft::about(
                    op,
                    format!("One request may make the model read or write any amount: {}.", missing.join(", ")),
                )
                .part(PartKind::Body, "")
                .severity(severity)
                .contract(&op.spec.place, missing.join(", ")),
            );
        }
    }
}

fn missing(generation: &Generation<'_>) -> Vec<String> {
    let mut missing = Vec::new();
    for (name, schema) in generation.prompts() {
        let size = size_of(schema, Way::In);
        if size.is_for(CauseKind::Array) {
            missing.push(format!("`{name}` without maxItems"));
        } else if size.bytes.is_none() {
            missing.push(format!("`{name}` without maxLength"));
        }
    }
    // A service that takes no number of tokens sets it itself.
    let tokens = generation.most_tokens();
    missing.extend(
        tokens.filter(|(_, schema)| maximum(schema).is_none()).map(|(name, _)| format!("`{name}` without maximum")),
    );
    let repeats = generation.named(&["n", "numcompletions", "numreturnsequences", "candidatecount", "bestof"]);
    missing.extend(
        repeats
            .filter(|(_, schema)| is_number(schema) && maximum(schema).is_none())
            .map(|(name, _)| format!("`{name}` without maximum")),
    );
    missing
}

fn is_number(schema: &Schema) -> bool {
    schema.allows(SchemaKind::Integer) || schema.allows(SchemaKind::Number)
}
