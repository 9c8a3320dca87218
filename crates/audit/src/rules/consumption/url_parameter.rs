//! `url-parameter`: a caller gives the service an address to go to.

use plimsoll_model::{PartKind, Severity};
use plimsoll_spec::roles::purpose::{Purpose, purpose};
use plimsoll_spec::roles::{normal, words};
use plimsoll_spec::{Location, Parameter, Place, Schema, SchemaKind};

use crate::draft::{Draft, Drafts};
use crate::pattern::is_of_known_origins;
use crate::rule::{Meta, Rule, rule};
use crate::rules::tally;
use crate::view::{OpView, View};

rule! {
    /// Addresses in parameters and bodies.
    pub struct UrlParameter {
        id: "url-parameter", weakness: CallerChosenAddress, severity: Info, since: "0.3.0",
        owasp: ["spectral:owasp:api7:2023-concerning-url-parameter"],
    }
}

impl Rule for UrlParameter {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, view: &View<'_>, out: &mut Drafts) {
        let mut surface: Vec<(&Place, String)> = Vec::new();
        let mut fetched: Vec<(OpView<'_>, PartKind, &str, &Place)> = Vec::new();
        for op in view.operations() {
            let fetches = fetches(&op);
            for parameter in op.spec.parameters.iter().filter(|parameter| is_address(parameter)) {
                let kind = if parameter.location == Location::Path { PartKind::Path } else { PartKind::Query };
                if fetches {
                    fetched.push((op, kind, &parameter.name, &parameter.place));
                } else {
                    surface.push((&parameter.place, parameter.name.clone()));
                }
            }
        }
        for used in view.schemas().iter().filter(|used| !used.inputs.is_empty()) {
            for (name, inner) in
                used.schema.properties.iter().filter(|(name, inner)| !inner.read_only && is_called(name, inner))
            {
                let place = if inner.place.pointer.is_empty() { &used.schema.place } else { &inner.place };
                let user = used
                    .inputs
                    .iter()
                    .filter_map(|index| view.operation(index))
                    .find(|op| op.is_write() && fetches(op));
                match user {
                    Some(op) => fetched.push((op, PartKind::Body, name, place)),
                    None => surface.push((place, name.clone())),
                }
            }
        }
        for (op, kind, name, place) in fetched {
            let message = format!("`{name}` is an address, and the operation looks as if it fetched what is there.");
            out.add(Draft::at(place, message).operation(&op).part(kind, name).severity(Severity::Low).suspected());
        }
        if !surface.is_empty() {
            surface.sort_by(|a, b| (&a.0.pointer, &a.1).cmp(&(&b.0.pointer, &b.1)));
            surface.dedup();
            let mut names: Vec<&String> = surface.iter().map(|(_, name)| name).collect();
            names.sort_unstable();
            names.dedup();
            let message = format!(
                "Callers give the service addresses at {} ({}): review which of them it opens.",
                tally::count(surface.len(), "place"),
                tally::names(names)
            );
            out.add(tally::habit("addresses", message, surface));
        }
    }
}

/// Whether a parameter of path or query takes an address.
fn is_address(parameter: &Parameter) -> bool {
    let name = normal(&parameter.name);
    // The name of a function in an answer of JSONP is no address.
    if parameter.description.to_ascii_lowercase().contains("jsonp") {
        return false;
    }
    let returns = ["callback", "redirect"].iter().any(|start| name.starts_with(start));
    matches!(parameter.location, Location::Query | Location::Path)
        && takes_text(&parameter.schema)
        && (is_called(&parameter.name, &parameter.schema) || returns && !name.starts_with("redirectpolicy"))
}

/// Whether a name, or a format, says that a text is an address.
fn is_called(name: &str, schema: &Schema) -> bool {
    if !takes_text(schema) {
        return false;
    }
    let formatted = matches!(schema.format.as_deref(), Some("uri" | "url" | "iri"));
    let words = words(name);
    let last = words.last().map_or("", String::as_str);
    // `uri` alone is often a name and no address; `host`, `domain`, `target` and `next` say too little without a format.
    formatted
        || purpose(name) == Some(Purpose::Address)
            && matches!(last, "url" | "urls" | "webhook" | "callback" | "endpoint")
        || matches!(normal(name).as_str(), "callbackuri" | "redirecturi" | "imageuri" | "feedurl")
}

/// Whether it takes any text: neither a choice, nor addresses of hosts that the contract spells out.
fn takes_text(schema: &Schema) -> bool {
    let is_listed = |schema: &Schema| schema.pattern.as_deref().is_some_and(is_of_known_origins);
    let text = |schema: &Schema| schema.allows(SchemaKind::String) && schema.values.is_empty() && !is_listed(schema);
    text(schema) || schema.items.as_deref().is_some_and(text)
}

/// Whether an operation opens addresses by its path: it imports, previews, takes pictures, tries a webhook.
fn fetches(op: &OpView<'_>) -> bool {
    const FETCH: &[&str] = &[
        "fetch",
        "proxy",
        "preview",
        "unfurl",
        "import",
        "imports",
        "scrape",
        "crawl",
        "screenshot",
        "render",
        "thumbnail",
        "oembed",
        "crossorigin",
        "fromurl",
        "byurl",
    ];
    let last =
        op.key().path.rsplit('/').find(|segment| !segment.is_empty() && !segment.starts_with('{')).unwrap_or_default();
    let whole = normal(last);
    words(last).iter().any(|word| FETCH.contains(&word.as_str()))
        || whole.ends_with("fromurl")
        || whole.ends_with("byurl")
}
