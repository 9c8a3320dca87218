//! `free-form-body`: a request body of which the contract says nothing.

use plimsoll_model::PartKind;

use crate::draft::{Draft, Drafts};
use crate::rule::{Meta, Rule, rule};
use crate::rules::tally;
use crate::view::{OpView, View};
use plimsoll_spec::{Schema, SchemaKind};

rule! {
    /// A JSON body without a schema, or with one that allows any object.
    pub struct FreeFormBody {
        id: "free-form-body", weakness: UnconstrainedInput, severity: Low, since: "0.3.0", owasp: [],
    }
}

impl Rule for FreeFormBody {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, view: &View<'_>, out: &mut Drafts) {
        let found: Vec<OpView<'_>> = view.operations().filter(takes_anything).collect();
        let one = |op: &OpView<'_>| {
            Draft::about(op, "The body may be any JSON at all: its schema names no properties.")
                .part(PartKind::Body, "")
        };
        let all = |ops: &[OpView<'_>]| {
            let names = tally::names(ops.iter().map(OpView::key));
            Draft::at(
                &ops[0].spec.place,
                format!("{} take any JSON at all as a body: {names}.", tally::count(ops.len(), "operation")),
            )
        };
        out.extend(tally::each(&found, "bodies", one, all));
    }
}

fn takes_anything(op: &OpView<'_>) -> bool {
    op.bodies()
        .any(|(media_type, schema)| media_type.contains("json") && !media_type.contains("patch") && is_anything(schema))
}

fn is_anything(schema: &Schema) -> bool {
    let silent = schema.properties.is_empty()
        && schema.items.is_none()
        && schema.values.is_empty()
        && schema.alternatives.is_empty()
        && schema.extra.is_none()
        && !schema.recursive;
    // What is kept to no properties at all, or says what it is otherwise, is no free form.
    let says_nothing = schema.format.is_none() && schema.pattern.is_none() && schema.max_length.is_none();
    silent
        && says_nothing
        && schema.additional != Some(false)
        && schema.max_properties.is_none()
        && (schema.kinds.is_empty() || schema.kinds.contains(&SchemaKind::Object))
}
