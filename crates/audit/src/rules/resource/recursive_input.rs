//! `recursive-input`: a body may be nested as deeply as its sender likes.

use std::collections::BTreeMap;

use plimsoll_model::PartKind;

use crate::draft::{Draft, Drafts};
use crate::rule::{Meta, Rule, rule};
use crate::rules::tally;
use crate::size::{Cause, CauseKind, label};
use crate::view::{OpView, View};

rule! {
    /// A schema of a request body that contains itself.
    pub struct RecursiveInput {
        id: "recursive-input", weakness: UnboundedInput, severity: Low, since: "0.3.0", owasp: [],
    }
}

/// So many recursive schemas are named one by one; more are a habit.
const SINGLE: usize = 3;

impl Rule for RecursiveInput {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, view: &View<'_>, out: &mut Drafts) {
        let mut found: BTreeMap<&str, (&Cause, Vec<OpView<'_>>)> = BTreeMap::new();
        for op in view.operations() {
            let body = view.sizes().operation(op.index as usize).and_then(|sizes| sizes.body.as_ref());
            let causes = body.iter().flat_map(|body| &body.causes);
            for cause in causes.filter(|cause| cause.kind == CauseKind::Recursion) {
                found.entry(&cause.place.pointer).or_insert_with(|| (cause, Vec::new())).1.push(op);
            }
        }
        if found.len() <= SINGLE {
            for (cause, ops) in found.values() {
                let name = label(&cause.place.pointer);
                let message = format!(
                    "`{name}` contains itself and stands in request bodies: nothing in the contract bounds how deep it goes."
                );
                out.add(
                    Draft::at(&cause.place, message)
                        .operations(ops.iter().map(|op| op.index))
                        .part(PartKind::Body, "")
                        .contract(&cause.place, format!("{name}: contains itself")),
                );
            }
            return;
        }
        let names = tally::names(found.keys().map(|pointer| label(pointer)));
        let message = format!(
            "{} schemas of request bodies contain themselves, and nothing in the contract bounds how deep they go: {names}.",
            found.len()
        );
        let shown = found.values().map(|(cause, _)| (&cause.place, cause.to_string()));
        out.add(tally::habit("recursion", message, shown));
    }
}
