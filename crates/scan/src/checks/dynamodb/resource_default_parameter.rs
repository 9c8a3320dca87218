//! `resource-default-parameter`: an internal dependency is a query parameter in the contract.

use plimsoll_model::{Confidence, PartKind};
use plimsoll_spec::Location;

use super::dependency::dependencies;
use crate::check::{Check, Meta, check};
use crate::draft::Draft;
use crate::view::App;

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

    fn judge_app(&self, app: &App<'_>) -> Vec<Draft> {
        // In a document that describes no parameter, a missing schema says nothing.
        let described = app
            .api
            .operations
            .iter()
            .flat_map(|operation| operation.parameters_in(Location::Query))
            .any(|parameter| !parameter.schema.kinds.is_empty() || !parameter.schema.alternatives.is_empty());
        app.ops()
            .flat_map(|op| dependencies(op.spec).map(move |parameter| (op, parameter)))
            .map(|(op, parameter)| {
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
