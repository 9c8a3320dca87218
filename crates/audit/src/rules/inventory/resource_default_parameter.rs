//! `resource-default-parameter`: an internal dependency is a query parameter in the contract.

use plimsoll_model::PartKind;
use plimsoll_spec::Location;
use plimsoll_spec::roles::dependency::dependencies;

use crate::draft::{Draft, Drafts};
use crate::rule::{Meta, Rule, rule};
use crate::view::View;

rule! {
    /// A database, table or client that the contract offers to every caller.
    pub struct ResourceDefaultParameter {
        id: "resource-default-parameter", weakness: InjectableDependency, severity: High, since: "0.1.0", scan: true, owasp: [],
    }
}

impl Rule for ResourceDefaultParameter {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, view: &View<'_>, out: &mut Drafts) {
        // In a document that describes no parameter, a missing schema says nothing.
        let described = view
            .operations()
            .flat_map(|op| op.spec.parameters_in(Location::Query))
            .any(|parameter| !parameter.schema.kinds.is_empty() || !parameter.schema.alternatives.is_empty());
        for op in view.operations() {
            for parameter in dependencies(op.spec) {
                let name = &parameter.name;
                let message = format!(
                    "The contract offers `{name}`, which looks like an internal dependency, as a query parameter without a type."
                );
                let draft = Draft::at(&parameter.place, message)
                    .operation(&op)
                    .part(PartKind::Query, name)
                    .contract(&parameter.place, format!("{name}: optional, no type"));
                out.add(if described { draft } else { draft.suspected() });
            }
        }
    }
}
