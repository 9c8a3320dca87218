//! `token-without-end`: OAuth issues tokens, and nothing says how they are renewed.

use plimsoll_spec::{FlowKind, Place};

use crate::draft::Drafts;
use crate::rule::{Meta, Rule, rule};
use crate::rules::tally;
use crate::view::View;

rule! {
    /// A flow without a refresh URL.
    pub struct TokenWithoutEnd {
        id: "token-without-end", weakness: LongLivedTokens, severity: Info, since: "0.3.0",
        owasp: ["spectral:owasp:api2:2023-short-lived-access-tokens"],
    }
}

impl Rule for TokenWithoutEnd {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, view: &View<'_>, out: &mut Drafts) {
        // Client credentials are asked for again, and the implicit flow cannot refresh at all (RFC 6749 §4.2.2).
        let renews =
            |kind| matches!(kind, FlowKind::AuthorizationCode | FlowKind::Password | FlowKind::DeviceAuthorization);
        let flows: Vec<(&Place, String)> = view
            .api
            .schemes
            .iter()
            .flat_map(|(name, scheme)| scheme.flows.iter().map(move |flow| (name, flow)))
            .filter(|(_, flow)| renews(flow.kind) && flow.refresh_url.as_deref().is_none_or(str::is_empty))
            .map(|(name, flow)| (&flow.place, format!("{name}: {}", flow.kind.as_str())))
            .collect();
        if !flows.is_empty() {
            let names = tally::names(flows.iter().map(|(_, name)| name));
            let message = format!(
                "{} without `refreshUrl` ({names}): access tokens either live long, or clients do not know how to renew them.",
                tally::count(flows.len(), "OAuth flow")
            );
            out.add(tally::habit("no refresh", message, flows));
        }
    }
}
