//! Checks for what is spoken over HTTP besides plain resources: GraphQL and JSON-RPC.
//!
//! Only queries and methods that tell are sent (`plimsoll_http::protocol`), and only to endpoints that are known to speak the protocol.

mod endpoint;
mod graphql_field_exposed;
mod graphql_introspection;
mod graphql_object_of_another_user;
mod graphql_suggestions;
mod graphql_unbounded_aliases;
mod graphql_unbounded_batch;
mod graphql_unbounded_depth;
mod rpc_methods_listed;
mod rpc_unbounded_batch;
mod schema;

use crate::check::Check;

/// The checks of this family.
pub const ALL: &[&dyn Check] = &[
    &graphql_introspection::GraphqlIntrospection,
    &graphql_suggestions::GraphqlSuggestions,
    &graphql_unbounded_depth::GraphqlUnboundedDepth,
    &graphql_unbounded_aliases::GraphqlUnboundedAliases,
    &graphql_unbounded_batch::GraphqlUnboundedBatch,
    &graphql_field_exposed::GraphqlFieldExposed,
    &graphql_object_of_another_user::GraphqlObjectOfAnotherUser,
    &rpc_methods_listed::RpcMethodsListed,
    &rpc_unbounded_batch::RpcUnboundedBatch,
];
