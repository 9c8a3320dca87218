//! Endpoints that speak GraphQL or JSON-RPC, by their contract or by what they answered, and how they are asked.

use std::collections::BTreeMap;

use plimsoll_http::{Exchange, OpId, Probe};
use plimsoll_model::{Method, OperationKey};
use plimsoll_spec::Operation;
use serde_json::{Value, json};

use crate::discover::Protocol;
use crate::draft::Draft;
use crate::view::App;

/// Where a protocol is spoken.
#[derive(Clone, Debug)]
pub(super) struct Endpoint {
    /// The path of requests.
    pub path: String,
    /// What findings name.
    pub key: OperationKey,
}

/// The endpoints that speak `protocol`, each once, in the order of their paths.
pub(super) fn endpoints(app: &App<'_>, protocol: Protocol) -> Vec<Endpoint> {
    let mut out: BTreeMap<String, OperationKey> = BTreeMap::new();
    for op in app.ops() {
        let key = op.key();
        if key.method == Method::Post && !key.path.contains('{') && speaks(op.spec, protocol) {
            out.insert(format!("{}{}", app.api.prefix, key.path), key.clone());
        }
    }
    for (path, op) in app.seen.speaking(protocol) {
        if !out.contains_key(path) {
            let own = path.strip_prefix(app.api.prefix.as_str()).unwrap_or(path);
            // A contract that lists the path under another method says what it is called.
            let key = app.op(op).filter(|op| op.key().path == own).map(|op| op.key().clone());
            out.insert(path.to_owned(), key.unwrap_or_else(|| OperationKey::new(Method::Post, own)));
        }
    }
    out.into_iter().map(|(path, key)| Endpoint { path, key }).collect()
}

/// Whether a contract's POST takes the protocol's requests.
fn speaks(spec: &Operation, protocol: Protocol) -> bool {
    let Some(body) = &spec.body else { return false };
    let has = |name: &str| body.content.values().any(|(schema, _)| schema.property(name).is_some());
    let path = spec.key.path.to_ascii_lowercase();
    let last = path.rsplit('/').find(|segment| !segment.is_empty()).unwrap_or("");
    match protocol {
        Protocol::GraphQl => {
            has("query") && (last.contains("graphql") || last == "gql" || has("variables") || has("operationName"))
        }
        Protocol::JsonRpc => has("method") && (has("jsonrpc") || has("params") && last.contains("rpc")),
    }
}

impl Endpoint {
    /// Posts this value.
    pub fn post(&self, value: &Value) -> Probe {
        let probe = Probe::of(OpId::NONE).method(Method::Post).path(&self.path);
        probe.body("application/json", &value.to_string())
    }

    /// Asks a GraphQL query.
    pub fn query(&self, document: &str) -> Probe {
        self.post(&json!({ "query": document }))
    }

    /// Calls a method of JSON-RPC without parameters.
    pub fn call(&self, method: &str) -> Probe {
        self.post(&call(method, 1))
    }

    /// Begins a finding at this endpoint.
    pub fn finding(&self, message: impl Into<String>) -> Draft {
        Draft::new(Some(self.key.clone()), message)
    }
}

/// A call of a method of JSON-RPC without parameters.
pub(super) fn call(method: &str, id: usize) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "method": method })
}

/// The data of a GraphQL answer, where it brought some.
pub(super) fn data(exchange: &Exchange) -> Option<&Value> {
    exchange.json()?.get("data").filter(|data| data.is_object())
}

/// The messages of the errors of a GraphQL answer.
pub(super) fn errors(exchange: &Exchange) -> Vec<&str> {
    let list = exchange.json().and_then(|value| value.get("errors")).and_then(Value::as_array);
    list.into_iter().flatten().filter_map(|error| error.get("message")?.as_str()).collect()
}
