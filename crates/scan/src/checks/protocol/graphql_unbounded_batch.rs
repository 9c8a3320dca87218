//! `graphql-unbounded-batch`: one request may carry any number of queries.

use plimsoll_http::{Exchange, Probe};
use plimsoll_model::{PartKind, Severity};
use serde_json::{Value, json};

use super::endpoint::{Endpoint, data, endpoints};
use crate::check::{Check, Meta, check};
use crate::discover::Protocol;
use crate::draft::Draft;
use crate::view::App;

check! {
    /// Any number of queries in a request.
    pub struct GraphqlUnboundedBatch {
        id: "graphql-unbounded-batch", weakness: GraphqlUnbounded, mode: Active, since: "0.3.0", page: "http/graphql-unbounded-batch.md",
    }
}

/// Queries of the two batches. Clients that batch send ten at most.
const FEW: usize = 2;
const MANY: usize = 60;

fn probe(endpoint: &Endpoint, count: usize) -> Probe {
    endpoint.post(&Value::Array(vec![json!({ "query": "{__typename}" }); count]))
}

/// The answer with all of so many results.
fn answered<'a>(app: &App<'a>, endpoint: &Endpoint, count: usize) -> Option<&'a Exchange> {
    let exchange = app.seen.reply(&probe(endpoint, count))?;
    let list = exchange.json()?.as_array()?;
    (list.len() == count && list.iter().all(|one| one.get("data").is_some_and(Value::is_object))).then_some(exchange)
}

impl Check for GraphqlUnboundedBatch {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn probes_app(&self, app: &App<'_>) -> Vec<Probe> {
        let mut out = Vec::new();
        for endpoint in endpoints(app, Protocol::GraphQl) {
            let alone = endpoint.query("{__typename}");
            out.push(alone.clone());
            if app.seen.reply(&alone).and_then(data).is_some() {
                out.push(probe(&endpoint, FEW));
            }
            if answered(app, &endpoint, FEW).is_some() {
                out.push(probe(&endpoint, MANY));
            }
        }
        out
    }

    fn judge_app(&self, app: &App<'_>) -> Vec<Draft> {
        let mut out = Vec::new();
        for endpoint in endpoints(app, Protocol::GraphQl) {
            let Some(exchange) = answered(app, &endpoint, MANY) else { continue };
            out.push(
                endpoint
                    .finding(format!(
                        "A request with {MANY} queries is answered in full: what is limited for each request, such as tries to sign in, is not limited for a caller who batches."
                    ))
                    .severity(Severity::Medium)
                    .part(PartKind::Body, "batch")
                    .exchange_excerpt(exchange, format!("{MANY} queries"), "[{\"data\":…},…]"),
            );
        }
        out
    }
}
