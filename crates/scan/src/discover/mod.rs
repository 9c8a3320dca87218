//! Discovery: from a bare URL to an [`Api`](plimsoll_spec::Api).
//!
//! First it learns what the target answers on paths that cannot exist; then it looks for a contract in the customary places and where
//! documentation pages say it is; then it follows links and tries a short list of conventional paths. This module knows what to ask and how to
//! read the answers; [`crate::drive`] does the asking.

pub mod documents;
pub mod links;
pub mod soft404;

use plimsoll_http::Exchange;

pub use soft404::Soft404;

/// Conventional paths that are asked for whether or not there is a contract: what often runs beside an API and is in no contract.
pub const CONVENTIONAL: &[&str] = &[
    "/health",
    "/healthz",
    "/status",
    "/metrics",
    "/actuator",
    "/actuator/env",
    "/debug",
    "/debug/vars",
    "/debug/pprof/",
    "/admin",
    "/admin/",
    "/api",
    "/api/",
    "/version",
    "/info",
    "/config",
    "/env",
    "/graphql",
    "/rpc",
    "/docs",
    "/redoc",
    "/server-status",
    "/__debug__/",
    "/api/docs/",
];

/// Conventional paths of resources, asked for only where no contract was found.
pub const RESOURCES: &[&str] = &[
    "/users",
    "/items",
    "/products",
    "/orders",
    "/customers",
    "/accounts",
    "/me",
    "/search",
    "/export",
    "/reports",
    "/events",
    "/api/v1",
    "/api/v1/users",
    "/api/users",
    "/api/items",
    "/api/products",
    "/api/orders",
    "/categories",
    "/posts",
    "/files",
    "/tags",
    "/notifications",
    "/books",
    "/comments",
    "/profile",
    "/users/v1",
    "/api/me",
    "/api/profile",
    "/api/v1/me",
    "/api/v1/orders",
    "/api/v1/products",
    "/api/v2/users",
    "/admin/users",
    "/api/admin/users",
];

/// What an endpoint speaks besides plain HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Protocol {
    /// GraphQL over HTTP.
    GraphQl,
    /// JSON-RPC 2.0.
    JsonRpc,
}

impl Protocol {
    /// The name used in every output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::GraphQl => "GraphQL",
            Self::JsonRpc => "JSON-RPC",
        }
    }
}

/// Whether an answer to a plain GET is that of a GraphQL or JSON-RPC endpoint: servers name themselves in the error for a missing query.
pub fn protocol(exchange: &Exchange) -> Option<Protocol> {
    let response = exchange.response()?;
    if response.status == 404 {
        return None;
    }
    let text = response.body.text();
    let lower = text.get(..2_000.min(text.len())).unwrap_or(&text).to_ascii_lowercase();
    let path = exchange.request.path.to_ascii_lowercase();
    let graphql_words = [
        "must provide query",
        "graphiql",
        "graphql playground",
        "no graphql query",
        "graphql query",
        "apollo-require-preflight",
        "strawberry graphiql",
    ];
    if graphql_words.iter().any(|word| lower.contains(word))
        && (path.contains("graphql") || lower.contains("\"errors\"") || lower.contains("graphiql"))
    {
        return Some(Protocol::GraphQl);
    }
    if lower.contains("\"jsonrpc\"") || (lower.contains("json-rpc") && path.contains("rpc")) {
        return Some(Protocol::JsonRpc);
    }
    None
}

/// Whether an answer on a conventional path shows that something is there: success that is not the page that answers everything, or a demand for
/// credentials where other paths give 404.
pub fn exists(exchange: &Exchange, soft404: &Soft404) -> bool {
    match exchange.status() {
        Some(200..=299) => !soft404.matches(exchange),
        _ => false,
    }
}
