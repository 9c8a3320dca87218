//! `list-without-page-control`: a list is answered whole, and nothing in the contract lets a caller ask for a part.

use plimsoll_model::Severity;
use plimsoll_spec::roles::breadth::{Breadth, breadth, is_top_few, range};
use plimsoll_spec::roles::purpose::{Purpose, purpose};
use plimsoll_spec::{Schema, SchemaKind};

use super::nature::{is_export, is_reference};
use crate::draft::{Draft, Drafts};
use crate::rule::{Meta, Rule, rule};
use crate::size::label;
use crate::view::{ListView, View};

rule! {
    /// A list without any page control.
    pub struct ListWithoutPageControl {
        id: "list-without-page-control", weakness: UnboundedRead, severity: Medium, since: "0.3.0", owasp: [],
    }
}

impl Rule for ListWithoutPageControl {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, view: &View<'_>, out: &mut Drafts) {
        let others_ask = view.operations().any(|op| op.spec.requires_credentials());
        for list in view.lists().iter().filter(|list| is_uncontrolled(list)) {
            let op = &list.op;
            let item = list.list.items.as_deref();
            let is_of_things = item.is_none_or(is_thing);
            let is_narrowed = range(op.spec).is_some_and(|(from, to)| from.required && to.required);
            // Credentials may be declared as a plain parameter.
            let asks = op.spec.parameters.iter().any(|parameter| purpose(&parameter.name) == Some(Purpose::Secret));
            let open = op.is_open() && others_ask && !asks;
            let severity = match (is_of_things && !is_narrowed, open) {
                (false, _) => Severity::Low,
                (true, true) => Severity::High,
                (true, false) => Severity::Medium,
            };
            let what = item.and_then(|item| item.name.as_deref()).map_or(String::new(), |name| format!(" of `{name}`"));
            let anybody = if open { ", to anybody" } else { "" };
            out.add(
                Draft::about(
                    op,
                    format!(
                        "A list{what} is answered whole{anybody}: the contract declares no page size, offset, cursor or next page, and no maxItems."
                    ),
                )
                .severity(severity)
                .contract(&list.list.place, format!("{}: array without maxItems", label(&list.list.place.pointer))),
            );
        }
    }
}

/// Whether nothing bounds a list: no control, no length, no set of values, no ids that were asked for; and no nature that keeps it short.
fn is_uncontrolled(list: &ListView<'_>) -> bool {
    let op = &list.op;
    let asked_for = op.spec.parameters.iter().any(|parameter| {
        parameter.required && breadth(parameter) == Some(Breadth::Ids)
            || matches!(breadth(parameter), Some(Breadth::Window))
    });
    op.is_get()
        && !list.controls.is_any()
        && !is_bounded(list.list)
        && !asked_for
        && !is_reference(op)
        && !is_top_few(op.key())
        && !is_export(op)
}

fn is_bounded(array: &Schema) -> bool {
    let bounds = |schema: &&Schema| {
        schema.max_items.is_some()
            || !schema.values.is_empty()
            || schema
                .items
                .as_deref()
                .is_some_and(|items| !items.values.is_empty() || items.is_only(SchemaKind::Boolean))
    };
    array.variants().iter().any(bounds)
}

fn is_thing(item: &Schema) -> bool {
    item.allows(SchemaKind::Object)
}
