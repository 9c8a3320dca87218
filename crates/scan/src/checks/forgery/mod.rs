//! Checks for callers who speak with the service's voice: requests that it sends for them, and text that it takes for code.
//!
//! Addresses that are given away lead to the run's own collaborator, to names that nobody has, or to a port at which nobody listens. Injection
//! is tried with leave only (`--active injection`), and never at an operation that writes.

pub mod address;
mod command_injection;
mod delay;
mod header_injection;
mod inputs;
mod outbound;
mod path_traversal;
mod reflected_input;
mod sql_conditions;
mod sql_errors;
mod sql_injection;
pub mod ssrf;
mod store_query_injection;
mod template_injection;

use crate::check::Check;

/// The checks of this family.
pub const ALL: &[&dyn Check] = &[
    &ssrf::Ssrf,
    &sql_injection::SqlInjection,
    &store_query_injection::StoreQueryInjection,
    &template_injection::TemplateInjection,
    &command_injection::CommandInjection,
    &path_traversal::PathTraversal,
    &header_injection::HeaderInjection,
    &reflected_input::ReflectedInput,
];
