//! `unbounded-export`: a whole set of data inside one request, by the contract.

use plimsoll_spec::Location;
use plimsoll_spec::roles::breadth::range;
use plimsoll_spec::roles::paging::Controls;

use super::nature::is_export;
use crate::draft::{Draft, Drafts};
use crate::rule::{Meta, Rule, rule};
use crate::view::{OpView, View};

rule! {
    /// An export that is answered at once and takes nothing that narrows it.
    pub struct UnboundedExport {
        id: "unbounded-export", weakness: SynchronousExport, severity: Low, since: "0.3.0", owasp: [],
    }
}

impl Rule for UnboundedExport {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, view: &View<'_>, out: &mut Drafts) {
        for op in view.operations().filter(is_unbounded) {
            let message = "An export answers with everything at once: no parameter narrows it, and the contract knows no job (202) that does it later.";
            out.add(Draft::about(&op, message).suspected());
        }
    }
}

fn is_unbounded(op: &OpView<'_>) -> bool {
    let spec = op.spec;
    // What belongs to one object, or is the result of a job, is narrowed by its path.
    let is_of_one = spec.parameters_in(Location::Path).next().is_some();
    let is_narrowed = range(spec).is_some()
        || spec.parameters_in(Location::Query).any(|parameter| parameter.required)
        || Controls::of(spec).is_any();
    let answers_data = spec.responses.get("200").is_some_and(|answer| !answer.content.is_empty());
    op.is_get() && is_export(op) && !is_of_one && !is_narrowed && answers_data && !spec.responses.contains_key("202")
}
