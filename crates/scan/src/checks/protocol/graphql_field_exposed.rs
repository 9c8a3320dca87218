//! `graphql-field-exposed`: a field that nobody outside should read is part of a GraphQL schema.

use plimsoll_http::Probe;
use plimsoll_model::{Confidence, PartKind, Severity};
use serde_json::Value;

use super::endpoint::{Endpoint, data, endpoints};
use super::schema::{self, Field, Graph};
use crate::check::{Check, Meta, check};
use crate::discover::Protocol;
use crate::draft::Draft;
use crate::fields;
use crate::view::App;

check! {
    /// Fields that are for nobody outside.
    pub struct GraphqlFieldExposed {
        id: "graphql-field-exposed", weakness: InternalPropertyExposed, mode: Active, since: "0.3.0", page: "http/graphql-field-exposed.md",
    }
}

/// Ends of names of fields whose values no client has a use for, letters and digits only. `token` and `key` alone have harmless uses.
const INTERNAL: &[&str] = &[
    "passwordhash",
    "hashedpassword",
    "password",
    "passwd",
    "pwdhash",
    "secret",
    "clientsecret",
    "apikey",
    "apisecret",
    "privatekey",
    "resettoken",
    "refreshtoken",
    "otpsecret",
    "totpsecret",
    "mfasecret",
    "ssn",
    "internalnote",
    "internalnotes",
];
/// Types that are asked for.
const MOST: usize = 3;

/// A type with internal fields.
struct Exposed<'g> {
    name: &'g str,
    internal: Vec<&'g Field>,
    /// The way to ask for it: a field of the query that needs no arguments, perhaps one more.
    way: Option<Vec<&'g Field>>,
}

fn exposed(graph: &Graph) -> Vec<Exposed<'_>> {
    let of = |name: &str| graph.types.get(name).map_or(&[][..], Vec::as_slice);
    let mut out = Vec::new();
    for (name, fields) in &graph.types {
        let is_internal =
            |field: &&Field| !field.object && INTERNAL.iter().any(|word| fields::normal(&field.name).ends_with(word));
        let internal: Vec<&Field> = fields.iter().filter(is_internal).filter(|field| field.is_free()).collect();
        if internal.is_empty() || *name == graph.root {
            continue;
        }
        let first = graph.roots().iter().filter(|root| root.object && root.is_free());
        let direct = first.clone().find(|root| root.gives == *name).map(|root| vec![root]);
        let second = || {
            first.clone().find_map(|root| {
                let next =
                    of(&root.gives).iter().find(|field| field.object && field.is_free() && field.gives == *name)?;
                Some(vec![root, next])
            })
        };
        out.push(Exposed { name, internal, way: direct.or_else(second) });
    }
    out.truncate(MOST);
    out
}

fn probe(endpoint: &Endpoint, one: &Exposed<'_>) -> Option<Probe> {
    let way: Vec<&str> = one.way.as_ref()?.iter().map(|field| field.name.as_str()).collect();
    let names: Vec<&str> = one.internal.iter().map(|field| field.name.as_str()).collect();
    Some(endpoint.query(&format!("{{{}{{{}}}{}}}", way.join("{"), names.join(" "), "}".repeat(way.len() - 1))))
}

impl Check for GraphqlFieldExposed {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn probes_app(&self, app: &App<'_>) -> Vec<Probe> {
        let mut out = Vec::new();
        for endpoint in endpoints(app, Protocol::GraphQl) {
            out.push(schema::probe(&endpoint));
            let graph = schema::told(app, &endpoint).unwrap_or_default();
            out.extend(exposed(&graph).iter().filter_map(|one| probe(&endpoint, one)));
        }
        out
    }

    fn judge_app(&self, app: &App<'_>) -> Vec<Draft> {
        let mut out = Vec::new();
        for endpoint in endpoints(app, Protocol::GraphQl) {
            let graph = schema::told(app, &endpoint).unwrap_or_default();
            for one in exposed(&graph) {
                let names: Vec<String> = one.internal.iter().map(|field| format!("`{}`", field.name)).collect();
                let read = probe(&endpoint, &one).and_then(|probe| app.seen.reply(&probe));
                let value = read
                    .and_then(data)
                    .is_some_and(|data| one.internal.iter().any(|field| has_text(data, &field.name)));
                let draft = match read {
                    Some(exchange) if value => endpoint
                        .finding(format!("The fields {} of `{}` can be read.", names.join(", "), one.name))
                        .severity(Severity::High)
                        .outline(exchange, "the fields; values are left out"),
                    _ => endpoint
                        .finding(format!(
                            "The schema lists {} of `{}`; whether they can be read was not seen.",
                            names.join(", "),
                            one.name
                        ))
                        .severity(Severity::Medium)
                        .confidence(Confidence::Suspected),
                };
                let draft = draft.part(PartKind::ResponseBody, format!("{}.{}", one.name, one.internal[0].name));
                out.push(draft.cause(format!("{} {}", endpoint.path, one.name)));
            }
        }
        out
    }
}

/// Whether a field of this name holds a text that is not empty, anywhere in a value.
fn has_text(value: &Value, name: &str) -> bool {
    match value {
        Value::Object(map) => map.iter().any(|(key, inner)| {
            key == name && inner.as_str().is_some_and(|text| !text.is_empty() && !text.contains("**"))
                || has_text(inner, name)
        }),
        Value::Array(items) => items.iter().any(|item| has_text(item, name)),
        _ => false,
    }
}
