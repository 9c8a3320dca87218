//! Transport: how requests and answers are protected on their way (API8).

pub mod cleartext_server;
pub mod cookie_key;
pub mod credentials_in_server;
pub(crate) mod hosts;

use crate::rule::Rule;

/// The rules of this family.
pub const RULES: &[&dyn Rule] =
    &[&cleartext_server::CleartextServer, &cookie_key::CookieKey, &credentials_in_server::CredentialsInServer];
