//! Checks that hold answers against the contract: its statuses, its media types, its schemas (OWASP API9:2023).
//!
//! Fields beyond the contract are `undocumented-fields` (exposure), declared limits that are not kept belong to the resource family, declared security to
//! authentication.

mod declared;
mod json_schema;
mod schema_violation;
mod undeclared_content_type;
mod undeclared_status;

use crate::check::Check;

/// The checks of this family.
pub const ALL: &[&dyn Check] = &[
    &undeclared_status::UndeclaredStatus,
    &undeclared_content_type::UndeclaredContentType,
    &schema_violation::SchemaViolation,
];
