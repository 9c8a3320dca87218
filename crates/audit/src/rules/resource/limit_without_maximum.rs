//! `limit-without-maximum`: the contract lets a caller ask for a page of any size.

use plimsoll_model::{PartKind, Severity};
use plimsoll_spec::roles::bounds::maximum;
use plimsoll_spec::roles::paging::is_page_size;
use plimsoll_spec::{Location, Parameter, SchemaKind};

use crate::draft::{Draft, Drafts};
use crate::rule::{Meta, Rule, rule};
use crate::view::{OpView, View};

rule! {
    /// A page size whose schema has no maximum.
    pub struct LimitWithoutMaximum {
        id: "limit-without-maximum", weakness: UnboundedPageSize, severity: Medium, since: "0.1.0", scan: true, owasp: [],
    }
}

impl Rule for LimitWithoutMaximum {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, view: &View<'_>, out: &mut Drafts) {
        for op in view.operations() {
            let limits = op.spec.parameters_in(Location::Query).filter(|parameter| is_page_size(op.spec, parameter));
            out.extend(limits.filter(|limit| maximum(&limit.schema).is_none()).map(|limit| draft(view, &op, limit)));
        }
    }
}

fn draft(view: &View<'_>, op: &OpView<'_>, limit: &Parameter) -> Draft {
    let name = &limit.name;
    let place = if limit.schema.place.pointer.is_empty() { &limit.place } else { &limit.schema.place };
    let default = limit.schema.default.as_ref().map_or(String::new(), |value| format!(", default {value}"));
    let kept = view.witness.kept_bound(op.index, name);
    let draft = Draft::at(place, format!("`{name}` sets the page size and has no maximum in the contract."))
        .operation(op)
        .part(PartKind::Query, name)
        // One parameter that is written down the same way everywhere is one thing to mend.
        .cause(format!("{name} {}", if kept.is_some() { "bounded" } else { "open" }))
        .contract(place, format!("{name}: {}{default}, no maximum", kinds(limit)));
    match kept {
        Some(answer) => draft.severity(Severity::Info).evidence(answer),
        None => draft,
    }
}

fn kinds(limit: &Parameter) -> String {
    let variants = limit.schema.variants();
    let names: Vec<&str> =
        variants.iter().flat_map(|variant| &variant.kinds).map(|kind| SchemaKind::as_str(*kind)).collect();
    if names.is_empty() { "any type".to_owned() } else { names.join(" or ") }
}
