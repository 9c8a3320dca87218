//! Authentication: who is calling (API2).

pub(crate) mod access;
pub mod api_key_in_query;
pub mod basic_scheme;
pub mod cleartext_sign_in;
pub mod credentials_in_url;
pub mod jwt_unspecified;
pub mod open_read;
pub mod open_write;
pub mod optional_security;
pub mod retired_flow;
mod schemes;
pub mod scopes_missing;
pub mod security_nowhere;
pub(crate) mod shows;
pub mod token_without_end;
pub mod undefined_scheme;
pub mod unused_scheme;
pub mod weak_http_scheme;

use crate::rule::Rule;

/// The rules of this family.
pub const RULES: &[&dyn Rule] = &[
    &security_nowhere::SecurityNowhere,
    &open_write::OpenWrite,
    &open_read::OpenRead,
    &optional_security::OptionalSecurity,
    &undefined_scheme::UndefinedScheme,
    &unused_scheme::UnusedScheme,
    &basic_scheme::BasicScheme,
    &weak_http_scheme::WeakHttpScheme,
    &retired_flow::RetiredFlow,
    &api_key_in_query::ApiKeyInQuery,
    &credentials_in_url::CredentialsInUrl,
    &token_without_end::TokenWithoutEnd,
    &scopes_missing::ScopesMissing,
    &jwt_unspecified::JwtUnspecified,
    &cleartext_sign_in::CleartextSignIn,
];
