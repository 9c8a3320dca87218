//! `resource-default-parameter`: an internal dependency is a query parameter in the contract.

use plimsoll_model::{Confidence, PartKind};
use plimsoll_spec::Location;

use super::dependency::dependencies;
use crate::check::{Check, Meta, check};
use crate::draft::Draft;
use crate::view::Op;

check! {
    /// A database, table or client that the contract offers to every caller.
    pub struct ResourceDefaultParameter {
        id: "resource-default-parameter", weakness: InjectableDependency, mode: Contract, since: "0.1.0",
        page: "contract/resource-default-parameter.md",
    }
}

impl Check for ResourceDefaultParameter {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn judge(&self, op: &Op<'_>) -> Vec<Draft> {
        // In a document that describes no parameter, a missing schema says nothing.
        let described = op
            .api
            .operations
            .iter()
            .flat_map(|operation| operation.parameters_in(Location::Query))
            .any(|parameter| !parameter.schema.kinds.is_empty() || !parameter.schema.alternatives.is_empty());
        dependencies(op.spec)
            .map(|parameter| {
                let name = &parameter.name;
                let draft = op
                    .finding(format!("The contract offers `{name}`, which looks like an internal dependency, as a query parameter without a type."))
                    .part(PartKind::Query, name)
                    .contract(&parameter.place, format!("{name}: optional, no type"));
                if described { draft } else { draft.confidence(Confidence::Suspected) }
            })
            .collect()
    }
}
