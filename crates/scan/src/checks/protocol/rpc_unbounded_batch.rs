//! `rpc-unbounded-batch`: one request of JSON-RPC may carry any number of calls.

use plimsoll_http::{Exchange, Probe};
use plimsoll_model::{PartKind, Severity};
use serde_json::Value;

use super::endpoint::{Endpoint, call, endpoints};
use crate::check::{Check, Meta, check};
use crate::discover::Protocol;
use crate::draft::Draft;
use crate::view::App;

check! {
    /// Any number of calls in a request.
    pub struct RpcUnboundedBatch {
        id: "rpc-unbounded-batch", weakness: RpcUnboundedBatch, mode: Active, since: "0.3.0", page: "http/rpc-unbounded-batch.md",
    }
}

/// Calls of the two batches: one that every limit allows, and one that few clients need.
const FEW: usize = 2;
const MANY: usize = 120;

fn probe(endpoint: &Endpoint, count: usize) -> Probe {
    endpoint.post(&(1..=count).map(|id| call("system.listMethods", id)).collect())
}

/// The answer with a reply to each of so many calls, results or errors: each was looked at.
fn answered<'a>(app: &App<'a>, endpoint: &Endpoint, count: usize) -> Option<&'a Exchange> {
    let exchange = app.seen.reply(&probe(endpoint, count))?;
    let replied = |reply: &Value| {
        // "Invalid request" for each part is a refusal of the batch.
        let refused = reply.get("error").and_then(|error| error.get("code")).and_then(Value::as_i64) == Some(-32_600);
        reply.get("id").is_some_and(Value::is_number) && !refused
    };
    let list = exchange.json()?.as_array()?;
    let whole = exchange.response()?.body.is_whole();
    let tallied = exchange.response()?.body.tally.longest().map_or(0, |list| list.len);
    let all = if whole { list.len() == count } else { tallied as usize == count };
    (all && !list.is_empty() && list.iter().all(replied)).then_some(exchange)
}

impl Check for RpcUnboundedBatch {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn probes_app(&self, app: &App<'_>) -> Vec<Probe> {
        let mut out = Vec::new();
        for endpoint in endpoints(app, Protocol::JsonRpc) {
            out.push(probe(&endpoint, FEW));
            if answered(app, &endpoint, FEW).is_some() {
                out.push(probe(&endpoint, MANY));
            }
        }
        out
    }

    fn judge_app(&self, app: &App<'_>) -> Vec<Draft> {
        let mut out = Vec::new();
        for endpoint in endpoints(app, Protocol::JsonRpc) {
            let Some(exchange) = answered(app, &endpoint, MANY) else { continue };
            out.push(
                endpoint
                    .finding(format!(
                        "A request with {MANY} calls is answered call by call: what is limited for each request is not limited for a caller who batches."
                    ))
                    .severity(Severity::Medium)
                    .part(PartKind::Body, "batch")
                    .exchange_excerpt(exchange, format!("{MANY} calls"), "[{\"jsonrpc\":…},…]"),
            );
        }
        out
    }
}
