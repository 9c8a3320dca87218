//! `batch-without-maximum`: the contract lets one request stand for any number of reads.

use plimsoll_model::{PartKind, Severity};
use plimsoll_spec::{Location, Parameter, Schema, SchemaKind};

use super::bounds::maximum;
use super::params::{Breadth, breadth};
use super::unbounded_batch::refused;
use crate::check::{Check, Meta, check};
use crate::draft::Draft;
use crate::view::Op;

check! {
    /// A list of ids, a depth or a window of time without a maximum in the contract.
    pub struct BatchWithoutMaximum {
        id: "batch-without-maximum", weakness: UnboundedBatch, mode: Contract, since: "0.1.0", page: "contract/batch-without-maximum.md",
    }
}

impl Check for BatchWithoutMaximum {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn judge(&self, op: &Op<'_>) -> Vec<Draft> {
        if !op.is_get() {
            return Vec::new();
        }
        let parameters = op.spec.parameters_in(Location::Query);
        parameters.filter_map(|parameter| draft(op, parameter, breadth(parameter)?)).collect()
    }
}

fn draft(op: &Op<'_>, parameter: &Parameter, breadth: Breadth) -> Option<Draft> {
    let schema = &parameter.schema;
    let (what, missing) = match breadth {
        Breadth::Ids if !is_bounded_list(schema) => ("takes a list of ids", "no maxItems, maxLength or pattern"),
        Breadth::Depth if maximum(schema).is_none() => ("says how many levels are followed", "no maximum"),
        Breadth::Window if maximum(schema).is_none() => ("says how much time is covered", "no maximum"),
        // What is included is bounded by what exists, unless the answer shows otherwise.
        _ => return None,
    };
    let name = &parameter.name;
    let place = if schema.place.pointer.is_empty() { &parameter.place } else { &schema.place };
    let draft = op
        .finding(format!("`{name}` {what} and has {missing} in the contract."))
        .part(PartKind::Query, name)
        .contract(place, format!("{name}: {missing}"));
    Some(match refused(op, parameter, breadth) {
        Some(answer) => draft
            .severity(Severity::Info)
            .exchange(answer, "a large value is refused: the bound exists and is not declared"),
        None => draft,
    })
}

/// Whether every way to write the list has an end.
fn is_bounded_list(schema: &Schema) -> bool {
    schema.variants().iter().filter(|variant| !variant.kinds.is_empty()).all(|variant| {
        variant.kinds.iter().all(|kind| match kind {
            SchemaKind::Array => variant.max_items.is_some(),
            SchemaKind::String => {
                variant.max_length.is_some() || variant.pattern.is_some() || !variant.values.is_empty()
            }
            _ => true,
        })
    }) && schema.variants().iter().any(|variant| !variant.kinds.is_empty())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use plimsoll_http::{OpId, Probe};

    use super::*;
    use crate::checks::resource::fixture;
    use crate::index::Index;
    use crate::view::App;

    #[test]
    fn a_bound_that_is_kept_but_not_declared_is_information() {
        let api = fixture::api("  /reports: {get: {parameters: [{name: days, in: query, schema: {type: integer}}]}}");
        let base = Probe::of(OpId(0));
        let wide = base.clone().query("days", "400");
        for (status, severity) in [(422, Some(Severity::Info)), (200, None)] {
            let seen = fixture::seen("/reports", &[(base.clone(), 200, "[1, 2]"), (wide.clone(), status, "[1, 2]")]);
            let index = Index::of(&api);
            let op = App { api: &api, index: &index, seen: &seen }.op(OpId(0)).unwrap();
            assert_eq!(BatchWithoutMaximum.judge(&op)[0].severity, severity);
        }
    }

    #[test]
    fn every_alternative_needs_an_end() {
        let of = |kind| Schema { kinds: vec![kind], ..Schema::default() };
        let bounded = Schema { max_items: Some(50), ..of(SchemaKind::Array) };
        assert!(is_bounded_list(&bounded));
        assert!(!is_bounded_list(&of(SchemaKind::Array)));
        assert!(!is_bounded_list(&Schema::default()));
        let either = |b| Schema { alternatives: vec![Arc::new(bounded.clone()), Arc::new(b)], ..Schema::default() };
        assert!(is_bounded_list(&either(of(SchemaKind::Null))));
        assert!(!is_bounded_list(&either(of(SchemaKind::String))));
    }
}
