//! `graphql-introspection`: a GraphQL endpoint tells its whole schema.

use plimsoll_http::Who;
use plimsoll_model::Severity;

use super::endpoint::{data, endpoints};
use super::schema;
use crate::check::{Check, Meta, check};
use crate::discover::Protocol;
use crate::draft::Draft;
use crate::view::App;
use plimsoll_http::Probe;

check! {
    /// A schema that anybody may read.
    pub struct GraphqlIntrospection {
        id: "graphql-introspection", weakness: GraphqlIntrospection, mode: Active, since: "0.3.0", page: "http/graphql-introspection.md",
    }
}

impl Check for GraphqlIntrospection {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn probes_app(&self, app: &App<'_>) -> Vec<Probe> {
        let mut out = Vec::new();
        for endpoint in endpoints(app, Protocol::GraphQl) {
            out.push(schema::probe(&endpoint));
            if app.seen.has_credentials && schema::told(app, &endpoint).is_some() {
                out.push(schema::probe(&endpoint).who(Who::Anonymous));
            }
        }
        out
    }

    fn judge_app(&self, app: &App<'_>) -> Vec<Draft> {
        let mut out = Vec::new();
        for endpoint in endpoints(app, Protocol::GraphQl) {
            let Some(graph) = schema::told(app, &endpoint) else { continue };
            let anonymous = app.seen.reply(&schema::probe(&endpoint).who(Who::Anonymous));
            let open = !app.seen.has_credentials
                || anonymous.is_some_and(|exchange| data(exchange).is_some_and(|data| data.get("__schema").is_some()));
            let Some(exchange) = app.seen.reply(&schema::probe(&endpoint)) else { continue };
            let fields: usize = graph.types.values().map(Vec::len).sum();
            let whom = if open { "anybody" } else { "whoever is signed in" };
            let names: Vec<&str> = graph.types.keys().map(String::as_str).collect();
            out.push(
                endpoint
                    .finding(format!(
                        "The endpoint tells {whom} its schema by introspection: {} object types with {fields} fields.",
                        graph.types.len()
                    ))
                    .severity(if open { Severity::Low } else { Severity::Info })
                    .exchange_excerpt(exchange, "the schema; its object types", names.join(" ")),
            );
        }
        out
    }
}
