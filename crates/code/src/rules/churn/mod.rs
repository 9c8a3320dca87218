//! Rules on what should be shared and is built over and over.

mod build;
mod client_per_request;
mod connection_per_request;
mod event_loop_per_request;
mod executor_per_request;
mod http_client_per_request;
mod kept;
mod model_per_request;
mod resource_per_request;
mod session_per_request;
mod table_per_request;
mod waiter_per_request;

use super::rule::Rule;

pub use build::Build;
pub use client_per_request::{clients, is_provided};
pub use http_client_per_request::http_clients;
pub use kept::{is_cached, rebuilt};
pub use resource_per_request::resources;
pub use session_per_request::sessions;

/// The rules of this family, in the order of the handbook.
pub const RULES: &[&dyn Rule] = &[
    &client_per_request::ClientPerRequest,
    &resource_per_request::ResourcePerRequest,
    &session_per_request::SessionPerRequest,
    &http_client_per_request::HttpClientPerRequest,
    &connection_per_request::ConnectionPerRequest,
    &executor_per_request::ExecutorPerRequest,
    &event_loop_per_request::EventLoopPerRequest,
    &table_per_request::TablePerRequest,
    &waiter_per_request::WaiterPerRequest,
    &model_per_request::ModelPerRequest,
];
