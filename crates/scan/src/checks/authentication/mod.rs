//! Authentication: who is asked who they are, and what tokens say.

pub mod access;
pub mod auth_not_enforced;
pub mod expired_token_accepted;
pub mod forged_token_accepted;
pub mod jwt_sensitive;
pub mod jwt_unbounded;
pub mod jwt_unsigned;
pub mod jwt_weak_secret;
pub mod method_auth_gap;
pub mod missing_authentication;
pub mod missing_challenge;
pub mod security_headers;
mod tokens;

use crate::check::Check;

/// The checks of this family.
pub const ALL: &[&dyn Check] = &[
    &auth_not_enforced::AuthNotEnforced,
    &missing_authentication::MissingAuthentication,
    &method_auth_gap::MethodAuthGap,
    &jwt_unsigned::JwtUnsigned,
    &jwt_weak_secret::JwtWeakSecret,
    &jwt_unbounded::JwtUnbounded,
    &jwt_sensitive::JwtSensitive,
    &forged_token_accepted::ForgedTokenAccepted,
    &expired_token_accepted::ExpiredTokenAccepted,
    &missing_challenge::MissingChallenge,
    &security_headers::SecurityHeaders,
];
