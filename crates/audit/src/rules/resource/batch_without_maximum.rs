//! `batch-without-maximum`: the contract lets one request stand for any number of reads.

use plimsoll_model::{PartKind, Severity};
use plimsoll_spec::roles::bounds::{is_bounded_list, maximum};
use plimsoll_spec::roles::breadth::{Breadth, breadth};
use plimsoll_spec::{Location, Parameter};

use crate::draft::{Draft, Drafts};
use crate::rule::{Meta, Rule, rule};
use crate::view::{OpView, View};

rule! {
    /// A list of ids, a depth or a window of time without a maximum in the contract.
    pub struct BatchWithoutMaximum {
        id: "batch-without-maximum", weakness: UnboundedBatch, severity: Medium, since: "0.1.0", scan: true, owasp: [],
    }
}

impl Rule for BatchWithoutMaximum {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, view: &View<'_>, out: &mut Drafts) {
        for op in view.operations().filter(OpView::is_get) {
            let parameters = op.spec.parameters_in(Location::Query);
            out.extend(parameters.filter_map(|parameter| draft(view, &op, parameter)));
        }
    }
}

fn draft(view: &View<'_>, op: &OpView<'_>, parameter: &Parameter) -> Option<Draft> {
    let schema = &parameter.schema;
    let (what, missing) = match breadth(parameter)? {
        Breadth::Ids if !is_bounded_list(schema) => ("takes a list of ids", "no maxItems, maxLength or pattern"),
        Breadth::Depth if maximum(schema).is_none() => ("says how many levels are followed", "no maximum"),
        Breadth::Window if maximum(schema).is_none() => ("says how much time is covered", "no maximum"),
        // What is included is bounded by what exists.
        _ => return None,
    };
    let name = &parameter.name;
    let place = if schema.place.pointer.is_empty() { &parameter.place } else { &schema.place };
    let draft = Draft::at(place, format!("`{name}` {what} and has {missing} in the contract."))
        .operation(op)
        .part(PartKind::Query, name)
        .contract(place, format!("{name}: {missing}"));
    Some(match view.witness.kept_bound(op.index, name) {
        Some(answer) => draft.severity(Severity::Info).evidence(answer),
        None => draft,
    })
}
