//! `graphql-unbounded-aliases`: one query may ask for the same field any number of times.

use std::fmt::Write;

use plimsoll_http::{Lane, Probe};
use plimsoll_model::{PartKind, Severity};

use super::endpoint::{Endpoint, data, endpoints};
use crate::check::{Check, Meta, check};
use crate::discover::Protocol;
use crate::draft::Draft;
use crate::view::App;

check! {
    /// Any number of aliases.
    pub struct GraphqlUnboundedAliases {
        id: "graphql-unbounded-aliases", weakness: GraphqlUnbounded, mode: Active, since: "0.3.0", page: "http/graphql-unbounded-aliases.md",
    }
}

/// Aliases of the three queries. Servers that count allow ten to fifty; nobody writes a query with two hundred.
const COUNTS: [usize; 3] = [1, 50, 200];

fn probe(endpoint: &Endpoint, count: usize) -> Probe {
    let mut query = String::from("{");
    for n in 0..count {
        // Writing to a string does not fail.
        let _ = write!(query, "a{n}:__typename ");
    }
    query.push('}');
    endpoint.query(&query).lane(Lane::Quiet)
}

impl Check for GraphqlUnboundedAliases {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn probes_app(&self, app: &App<'_>) -> Vec<Probe> {
        let mut out = Vec::new();
        for endpoint in endpoints(app, Protocol::GraphQl) {
            for count in COUNTS {
                out.push(probe(&endpoint, count));
                // Who refuses few refuses many.
                if answered(app, &endpoint, count).is_none() {
                    break;
                }
            }
        }
        out
    }

    fn judge_app(&self, app: &App<'_>) -> Vec<Draft> {
        let most = COUNTS[COUNTS.len() - 1];
        let mut out = Vec::new();
        for endpoint in endpoints(app, Protocol::GraphQl) {
            let Some((exchange, ms)) = answered(app, &endpoint, most) else { continue };
            let Some((_, one)) = answered(app, &endpoint, 1) else { continue };
            out.push(
                endpoint
                    .finding(format!(
                        "A query with {most} aliases of one field is answered in full ({ms:.0} ms, {one:.0} ms with one): a caller decides how often a field is resolved."
                    ))
                    .severity(Severity::Medium)
                    .part(PartKind::Body, "aliases")
                    .exchange_excerpt(exchange, format!("{most} aliases"), "{\"data\":{\"a0\":…"),
            );
        }
        out
    }
}

/// The answer with all of so many aliases, and its milliseconds.
fn answered<'a>(app: &App<'a>, endpoint: &Endpoint, count: usize) -> Option<(&'a plimsoll_http::Exchange, f64)> {
    let exchange = app.seen.reply(&probe(endpoint, count))?;
    let given = data(exchange)?.as_object()?.len();
    (given == count).then_some((exchange, exchange.timing.total_ms))
}
