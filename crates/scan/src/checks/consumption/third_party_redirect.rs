//! `third-party-redirect`: an operation answers with a redirect to another party's host.

use plimsoll_http::Exchange;
use plimsoll_model::{PartKind, Severity};
use plimsoll_spec::roles::words;
use url::Url;

use super::parties::third_party;
use crate::check::{Check, Meta, check};
use crate::draft::Draft;
use crate::view::Op;

check! {
    /// A redirect to a third party.
    pub struct ThirdPartyRedirect {
        id: "third-party-redirect", weakness: ThirdPartyRedirect, mode: Passive, since: "0.1.0", page: "http/third-party-redirect.md",
    }
}

/// Parameters of requests for a sign-in elsewhere (RFC 6749 §4.1.1, SAML bindings §3.4), of signed addresses, and of payment pages.
const MEANT: &[&str] = &[
    "client_id",
    "response_type",
    "samlrequest",
    "x-amz-signature",
    "x-goog-signature",
    "signature",
    "sig",
    "openid.mode",
    "session_id",
];
/// Words of paths whose purpose is a redirect.
const PURPOSE: &[&str] = &[
    "authorize",
    "callback",
    "checkout",
    "login",
    "logout",
    "oauth",
    "oauth2",
    "out",
    "pay",
    "payment",
    "redirect",
    "saml",
    "shorten",
    "signin",
    "sso",
];

/// The third party that a redirect leads to, and whether on an unprotected way.
fn leads_to(exchange: &Exchange) -> Option<(String, bool)> {
    let response = exchange.response().filter(|response| matches!(response.status, 301 | 302 | 303 | 307 | 308))?;
    let base = Url::parse(&format!("{}{}", exchange.origin, exchange.request.path)).ok()?;
    let url = base.join(response.header("location")?.trim()).ok()?;
    let is_meant = url.query_pairs().any(|(name, _)| MEANT.contains(&name.to_ascii_lowercase().as_str()));
    let host = third_party(&url, exchange).filter(|_| !is_meant)?;
    // Where the caller decides, it is an open redirect, which is another finding.
    let is_callers = exchange.request.query.iter().any(|(_, value)| value.contains(&host));
    (!is_callers).then_some((host, url.scheme() == "http"))
}

impl Check for ThirdPartyRedirect {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn judge(&self, op: &Op<'_>) -> Vec<Draft> {
        let is_meant = op.key().path.split('/').flat_map(words).any(|word| PURPOSE.contains(&word.as_str()));
        let Some(exchange) = op.reply(&op.probe()).filter(|_| !is_meant) else { return Vec::new() };
        let Some((host, is_plain)) = leads_to(exchange) else { return Vec::new() };
        let plain = if is_plain { ", on a way that everybody can read and change" } else { "" };
        let draft = op
            .finding(format!("Clients are sent to `{host}`, which is another party's{plain}."))
            .severity(if is_plain { Severity::Medium } else { Severity::Low })
            .part(PartKind::ResponseHeader, "location")
            .cause(format!("redirect to {host}"))
            .exchange_excerpt(exchange, "redirects to another party", "")
            .headers(exchange, &["location"]);
        vec![draft]
    }
}
