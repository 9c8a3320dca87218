//! `open-object`: a request may hold properties that nobody declared.

use plimsoll_model::Severity;
use plimsoll_spec::Place;

use crate::draft::Drafts;
use crate::rule::{Meta, Rule, rule};
use crate::rules::tally;
use crate::view::View;

rule! {
    /// Objects in requests that are open in so many words, and have no most number of properties.
    pub struct OpenObject {
        id: "open-object", weakness: MassAssignment, severity: Info, since: "0.3.0",
        owasp: [
            "spectral:owasp:api3:2023-no-additionalProperties", "spectral:owasp:api3:2023-constrained-additionalProperties",
            "spectral:owasp:api3:2023-no-unevaluatedProperties", "spectral:owasp:api3:2023-constrained-unevaluatedProperties",
            "vacuum:owasp-no-additionalProperties", "vacuum:owasp-constrained-additionalProperties",
        ],
    }
}

impl Rule for OpenObject {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, view: &View<'_>, out: &mut Drafts) {
        let mut inputs = 0;
        let mut open: Vec<(&Place, String)> = Vec::new();
        let mut records = 0;
        for used in view.schemas().iter().filter(|used| !used.inputs.is_empty()) {
            let schema = used.schema;
            let is_object = !schema.properties.is_empty() || schema.kinds.contains(&plimsoll_spec::SchemaKind::Object);
            if !is_object {
                continue;
            }
            inputs += 1;
            if schema.additional == Some(true) && schema.max_properties.is_none() {
                // A record with open ends is where a property can be slipped in; a map is only large.
                records += usize::from(!schema.properties.is_empty());
                let path = view.path(used);
                let name = schema
                    .name
                    .clone()
                    .filter(|name| !name.is_empty())
                    .unwrap_or_else(|| if path.is_empty() { first(view, used) } else { path });
                open.push((&schema.place, name));
            }
        }
        if open.is_empty() {
            return;
        }
        let names = tally::names(open.iter().map(|(_, name)| name));
        let kinds = match records {
            0 => "maps without `maxProperties`".to_owned(),
            n => format!("{n} of them with declared properties beside"),
        };
        let message = format!(
            "{} of {inputs} in requests take any further property ({kinds}): {names}.",
            tally::count(open.len(), "object")
        );
        let severity = if records > 0 { Severity::Low } else { Severity::Info };
        out.add(tally::habit("open", message, open).severity(severity));
    }
}

/// The operation that takes the object first.
fn first(view: &View<'_>, used: &crate::view::SchemaUse<'_>) -> String {
    let op = used.inputs.iter().next().and_then(|index| view.operation(index));
    op.map_or_else(String::new, |op| format!("body of {}", op.key()))
}
