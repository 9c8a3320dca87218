//! Input validation: what the service takes.

mod cors;
pub mod cors_any_origin;
pub mod cors_reflected_origin;
pub mod debug_page;
pub mod invalid_value_accepted;
pub mod odd;
pub mod open_redirect;
pub mod unexpected_method;
pub mod unhandled_input;

use crate::check::Check;

/// The checks of this family.
pub const ALL: &[&dyn Check] = &[
    &unhandled_input::UnhandledInput,
    &invalid_value_accepted::InvalidValueAccepted,
    &cors_any_origin::CorsAnyOrigin,
    &cors_reflected_origin::CorsReflectedOrigin,
    &unexpected_method::UnexpectedMethod,
    &debug_page::DebugPage,
    &open_redirect::OpenRedirect,
];
