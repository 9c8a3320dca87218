//! `steerable-model`: callers choose the model, or write the instructions that it follows.

use plimsoll_model::PartKind;
use plimsoll_spec::{Schema, SchemaKind};

use super::model::Generation;
use crate::draft::{Draft, Drafts};
use crate::rule::{Meta, Rule, rule};
use crate::view::View;

rule! {
    /// A model by any name, instructions by the caller.
    pub struct SteerableModel {
        id: "steerable-model", weakness: SteerableModel, severity: Low, since: "0.3.0", owasp: [],
    }
}

/// Fields that instruct the model.
const INSTRUCTIONS: &[&str] = &[
    "system",
    "systemprompt",
    "systeminstruction",
    "systeminstructions",
    "systemmessage",
    "instructions",
    "preprompt",
    "persona",
];
/// Roles that do.
const ROLES: &[&str] = &["system", "developer"];

impl Rule for SteerableModel {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, view: &View<'_>, out: &mut Drafts) {
        for generation in view.operations().filter_map(Generation::of) {
            let mut ways = Vec::new();
            for (name, schema) in generation.named(&["model", "modelid", "modelname", "engine"]) {
                if is_free(schema) {
                    ways.push(format!("`{name}` takes any name"));
                }
            }
            for (name, _) in generation.named(INSTRUCTIONS) {
                ways.push(format!("`{name}` replaces the instructions"));
            }
            for (name, messages) in generation.named(&["messages", "contents", "conversation"]) {
                if role_of(messages).is_some_and(instructs) {
                    ways.push(format!("`{name}` may have the role of the system"));
                }
            }
            if !ways.is_empty() {
                let op = &generation.op;
                out.add(
                    Draft::about(op, format!("Callers steer the model: {}.", ways.join(", ")))
                        .part(PartKind::Body, "")
                        .suspected()
                        .contract(&op.spec.place, ways.join(", ")),
                );
            }
        }
    }
}

fn is_free(schema: &Schema) -> bool {
    schema.variants().iter().any(|variant| {
        variant.kinds.contains(&SchemaKind::String) && variant.values.is_empty() && variant.pattern.is_none()
    })
}

/// The role of a message in a list of messages.
fn role_of(messages: &Schema) -> Option<&Schema> {
    let items = messages.variants().into_iter().find_map(|variant| variant.items.as_deref())?;
    items.property("role").map(|role| &**role)
}

/// Whether a role may be that of the system: by name, or because any is allowed.
fn instructs(role: &Schema) -> bool {
    let named = |variant: &&Schema| {
        variant.values.iter().filter_map(|value| value.as_str()).any(|value| ROLES.contains(&value))
    };
    role.variants().iter().any(named) || is_free(role)
}
