//! `api-key-in-query`: the key of the API is a part of every address.

use plimsoll_model::Severity;
use plimsoll_spec::{Location, SchemeKind};

use super::schemes::{has_alternative, schemes};
use crate::draft::{Draft, Drafts};
use crate::rule::{Meta, Rule, rule};
use crate::view::View;

rule! {
    /// An API key in the query.
    pub struct ApiKeyInQuery {
        id: "api-key-in-query", weakness: CredentialsInUrl, severity: Medium, since: "0.3.0",
        owasp: ["spectral:owasp:api2:2023-no-api-keys-in-url", "vacuum:owasp-no-api-keys-in-url"],
    }
}

impl Rule for ApiKeyInQuery {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, view: &View<'_>, out: &mut Drafts) {
        for (name, scheme, users) in schemes(view) {
            let SchemeKind::ApiKey { location: Location::Query, name: parameter } = &scheme.kind else { continue };
            let (tail, severity) = if has_alternative(view, name, &users) {
                (", beside another scheme", Severity::Low)
            } else {
                ("", Severity::Medium)
            };
            let message = format!(
                "`{name}` sends its key as the query parameter `{parameter}`{tail}: every log of addresses has it."
            );
            out.add(Draft::at(&scheme.place, message).cause(name).severity(severity));
        }
    }
}
