//! `duplicate-operation-id`: two operations have the same name.

use std::collections::BTreeMap;

use crate::draft::{Draft, Drafts};
use crate::rule::{Meta, Rule, rule};
use crate::view::{OpView, View};

rule! {
    /// An `operationId` that stands twice.
    pub struct DuplicateOperationId {
        id: "duplicate-operation-id", weakness: AmbiguousContract, severity: Low, since: "0.3.0", owasp: [],
    }
}

impl Rule for DuplicateOperationId {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, view: &View<'_>, out: &mut Drafts) {
        let mut by_id: BTreeMap<&str, Vec<OpView<'_>>> = BTreeMap::new();
        for op in view.operations() {
            if let Some(id) = &op.spec.id {
                by_id.entry(id).or_default().push(op);
            }
        }
        for (id, ops) in by_id {
            // A path item that is shared by reference brings its operations twice.
            let differ = ops.iter().any(|op| op.spec.place.pointer != ops[0].spec.place.pointer);
            if ops.len() > 1 && differ {
                let message =
                    format!("{} operations are called `{id}`: generated clients keep one of them, or none.", ops.len());
                out.add(Draft::at(&ops[1].spec.place, message).cause(id).operations(ops.iter().map(|op| op.index)));
            }
        }
    }
}
