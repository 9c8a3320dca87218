//! Checks for trust in other services (OWASP API10:2023): what comes from behind and is handed on, and where clients are sent.
//!
//! But for the redirects of addresses that a caller gives, they read what was answered anyway and ask for nothing.

mod parties;
mod redirect_followed;
mod server_page;
mod third_party_redirect;
mod third_party_script;
mod upstream_error;
mod upstream_headers;

use crate::check::Check;

/// The checks of this family.
pub const ALL: &[&dyn Check] = &[
    &upstream_error::UpstreamError,
    &upstream_headers::UpstreamHeaders,
    &redirect_followed::RedirectFollowed,
    &third_party_redirect::ThirdPartyRedirect,
    &third_party_script::ThirdPartyScript,
];
