//! `free-form-query`: callers write filters, orders and selections as they like.

use std::collections::BTreeMap;

use plimsoll_model::Severity;
use plimsoll_spec::roles::breadth::is_search;
use plimsoll_spec::roles::purpose::{Purpose, is_free_form, purpose};
use plimsoll_spec::{Location, Place};

use crate::draft::{Draft, Drafts};
use crate::rule::{Meta, Rule, rule};
use crate::rules::tally;
use crate::view::View;

rule! {
    /// Filter, sort, expand and field parameters that take any text.
    pub struct FreeFormQuery {
        id: "free-form-query", weakness: FreeFormQuery, severity: Low, since: "0.3.0", owasp: [],
    }
}

impl Rule for FreeFormQuery {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, view: &View<'_>, out: &mut Drafts) {
        let mut found: BTreeMap<Purpose, Vec<(u32, String, &Place)>> = BTreeMap::new();
        for op in view.operations() {
            for parameter in op.spec.parameters_in(Location::Query).filter(|parameter| is_free_form(parameter)) {
                // A search term is text by its nature.
                if let Some(purpose) = purpose(&parameter.name).filter(|_| !is_search(&parameter.name)) {
                    found.entry(purpose).or_default().push((op.index, parameter.name.clone(), &parameter.place));
                }
            }
        }
        for (purpose, uses) in found {
            let (cause, severity, does) = match purpose {
                Purpose::Filter => ("filter", Severity::Low, "choose results by an expression"),
                Purpose::Sort => ("sort", Severity::Info, "order results"),
                _ => ("expand", Severity::Info, "choose what is included"),
            };
            let mut names: Vec<&str> = uses.iter().map(|(_, name, _)| name.as_str()).collect();
            names.sort_unstable();
            names.dedup();
            let message = format!(
                "{} {does} with {}, for which the contract allows any text: neither enum nor pattern.",
                tally::count(uses.len(), "parameter"),
                tally::names(names),
            );
            let draft = Draft::at(uses[0].2, message).cause(cause).severity(severity);
            let draft = draft.operations(uses.iter().map(|(index, ..)| *index));
            let shown = uses.iter().take(3);
            out.add(shown.fold(draft, |draft, (_, name, place)| draft.contract(place, format!("{name}: any text"))));
        }
    }
}
