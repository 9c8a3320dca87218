//! Input validation: what a caller may send (API8).

pub mod catastrophic_pattern;
pub(crate) mod census;
pub mod free_form_body;
pub mod free_form_query;
pub mod integer_without_format;
pub mod number_without_bounds;
pub mod open_pattern;
pub mod string_without_length;
pub mod string_without_restriction;

use crate::rule::Rule;

/// The rules of this family.
pub const RULES: &[&dyn Rule] = &[
    &catastrophic_pattern::CatastrophicPattern,
    &free_form_query::FreeFormQuery,
    &free_form_body::FreeFormBody,
    &open_pattern::OpenPattern,
    &number_without_bounds::NumberWithoutBounds,
    &integer_without_format::IntegerWithoutFormat,
    &string_without_length::StringWithoutLength,
    &string_without_restriction::StringWithoutRestriction,
];
