//! The document itself: whether it is valid, and whether it means one thing.

pub mod cors_undeclared;
pub mod duplicate_operation_id;
pub mod equal_paths;
pub mod example_mismatch;
pub mod invalid_document;
pub mod overlapping_paths;
pub mod secret_in_example;
mod template;
pub mod undocumented_error;
pub mod unread_part;
pub mod unspecified_error;

use crate::rule::Rule;

/// The rules of this family.
pub const RULES: &[&dyn Rule] = &[
    &invalid_document::InvalidDocument,
    &unread_part::UnreadPart,
    &equal_paths::EqualPaths,
    &overlapping_paths::OverlappingPaths,
    &duplicate_operation_id::DuplicateOperationId,
    &secret_in_example::SecretInExample,
    &undocumented_error::UndocumentedError,
    &unspecified_error::UnspecifiedError,
    &cors_undeclared::CorsUndeclared,
    &example_mismatch::ExampleMismatch,
];
