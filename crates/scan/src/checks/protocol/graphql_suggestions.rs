//! `graphql-suggestions`: errors of a GraphQL endpoint tell the names that it knows.

use plimsoll_http::Probe;
use plimsoll_model::{Severity, redact};

use super::endpoint::{Endpoint, endpoints, errors};
use super::schema;
use crate::check::{Check, Meta, check};
use crate::discover::Protocol;
use crate::draft::Draft;
use crate::view::App;

check! {
    /// Names in error messages.
    pub struct GraphqlSuggestions {
        id: "graphql-suggestions", weakness: GraphqlSuggestions, mode: Active, since: "0.3.0", page: "http/graphql-suggestions.md",
    }
}

/// Names of fields as they are often misspelt: whatever is near is suggested.
const MISSPELT: &[&str] =
    &["usr", "userz", "accont", "produc", "ordr", "tickt", "artcle", "itm", "serch", "nod", "vewer", "mee"];

fn probe(app: &App<'_>, endpoint: &Endpoint) -> Probe {
    // A field that is known is misspelt by one letter: then it is certain that there is something to suggest.
    let known = schema::told(app, endpoint).and_then(|graph| {
        let name = graph.roots().iter().map(|field| field.name.as_str()).find(|name| name.len() >= 4)?.to_owned();
        Some(format!("{{{}}}", &name[..name.len() - 1]))
    });
    endpoint.query(&known.unwrap_or_else(|| format!("{{{}}}", MISSPELT.join(" "))))
}

impl Check for GraphqlSuggestions {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn probes_app(&self, app: &App<'_>) -> Vec<Probe> {
        let mut out = Vec::new();
        for endpoint in endpoints(app, Protocol::GraphQl) {
            let told = schema::probe(&endpoint);
            if app.seen.has(&told) {
                out.push(probe(app, &endpoint));
            }
            out.push(told);
        }
        out
    }

    fn judge_app(&self, app: &App<'_>) -> Vec<Draft> {
        let mut out = Vec::new();
        for endpoint in endpoints(app, Protocol::GraphQl) {
            let Some(exchange) = app.seen.reply(&probe(app, &endpoint)) else { continue };
            let Some(message) = errors(exchange).into_iter().find(|message| message.contains("Did you mean")) else {
                continue;
            };
            out.push(
                endpoint
                    .finding(format!(
                        "An error for a misspelt field tells the right name: `{}`. So the schema can be found out name by name where introspection is closed.",
                        redact::one_line(message, 160)
                    ))
                    .severity(Severity::Low)
                    .exchange(exchange, "a misspelt field"),
            );
        }
        out
    }
}
