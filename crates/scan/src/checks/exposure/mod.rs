//! Data exposure: what answers reveal.

pub mod bodies;
mod formats;
mod personal;

pub mod internal_details;
pub mod pii;
pub mod secrets;
pub mod stack_trace;
pub mod undocumented_fields;

use crate::check::Check;

/// The checks of this family.
pub const ALL: &[&dyn Check] = &[
    &secrets::Secrets,
    &pii::Pii,
    &stack_trace::StackTrace,
    &internal_details::InternalDetails,
    &undocumented_fields::UndocumentedFields,
];
