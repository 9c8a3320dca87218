//! `rpc-methods-listed`: a JSON-RPC endpoint tells its methods.

use plimsoll_http::Probe;
use plimsoll_model::Severity;
use serde_json::Value;

use super::endpoint::endpoints;
use crate::check::{Check, Meta, check};
use crate::discover::Protocol;
use crate::draft::Draft;
use crate::view::App;

check! {
    /// A list of methods for anybody.
    pub struct RpcMethodsListed {
        id: "rpc-methods-listed", weakness: RpcMethodsListed, mode: Active, since: "0.3.0", page: "http/rpc-methods-listed.md",
    }
}

/// The customary methods that tell the others: XML-RPC's, `OpenRPC`'s, and that of nodes of chains.
const ASKED: [&str; 3] = ["system.listMethods", "rpc.discover", "rpc_modules"];
/// First words of methods, and modules of nodes, that are for operators.
const PRIVILEGED: &[&str] = &["admin", "personal", "debug", "miner", "clique", "internal"];

impl Check for RpcMethodsListed {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn probes_app(&self, app: &App<'_>) -> Vec<Probe> {
        let endpoints = endpoints(app, Protocol::JsonRpc);
        endpoints.iter().flat_map(|endpoint| ASKED.map(|method| endpoint.call(method))).collect()
    }

    fn judge_app(&self, app: &App<'_>) -> Vec<Draft> {
        let mut out = Vec::new();
        for endpoint in endpoints(app, Protocol::JsonRpc) {
            for method in ASKED {
                let Some(exchange) = app.seen.reply(&endpoint.call(method)) else { continue };
                let names = exchange.json().and_then(|answer| answer.get("result")).map(names).unwrap_or_default();
                if names.is_empty() {
                    continue;
                }
                let privileged: Vec<&str> =
                    names.iter().filter(|name| is_privileged(name)).map(String::as_str).collect();
                let more = if privileged.is_empty() {
                    String::new()
                } else {
                    format!(", `{}` among them", privileged.iter().take(4).copied().collect::<Vec<_>>().join("`, `"))
                };
                // A node's modules are what it serves; a list of methods is what it knows, allowed or not.
                let serves = method == "rpc_modules" && !privileged.is_empty();
                out.push(
                    endpoint
                        .finding(format!("`{method}` tells {} names{more}.", names.len()))
                        .severity(if serves { Severity::High } else { Severity::Low })
                        .cause(endpoint.path.clone())
                        .exchange(exchange, "the list"),
                );
            }
        }
        out
    }
}

/// The names in a list of methods, a map of modules, or an `OpenRPC` document.
fn names(result: &Value) -> Vec<String> {
    match result {
        Value::Array(list) => list.iter().filter_map(|name| name.as_str().map(str::to_owned)).collect(),
        Value::Object(map) => match map.get("methods").and_then(Value::as_array) {
            Some(methods) => methods.iter().filter_map(|one| one.get("name")?.as_str().map(str::to_owned)).collect(),
            None if map.values().all(Value::is_string) => map.keys().cloned().collect(),
            None => Vec::new(),
        },
        _ => Vec::new(),
    }
}

fn is_privileged(name: &str) -> bool {
    let first = name.split(['.', '_', '/']).next().unwrap_or(name).to_ascii_lowercase();
    PRIVILEGED.contains(&first.as_str())
}
