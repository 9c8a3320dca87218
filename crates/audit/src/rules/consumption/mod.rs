//! Unsafe consumption: whom the service calls and trusts (API7, API10).

pub mod redirect_parameter;
pub mod unsigned_callback;
pub mod url_parameter;

use crate::rule::Rule;

/// The rules of this family.
pub const RULES: &[&dyn Rule] =
    &[&unsigned_callback::UnsignedCallback, &url_parameter::UrlParameter, &redirect_parameter::RedirectParameter];
