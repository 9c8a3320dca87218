//! Authentication: who is asked who they are, and what tokens say.

pub mod access;
pub mod auth_not_enforced;
pub mod method_auth_gap;
pub mod missing_authentication;

use crate::check::Check;

/// The checks of this family.
pub const ALL: &[&dyn Check] = &[
    &auth_not_enforced::AuthNotEnforced,
    &missing_authentication::MissingAuthentication,
    &method_auth_gap::MethodAuthGap,
];
