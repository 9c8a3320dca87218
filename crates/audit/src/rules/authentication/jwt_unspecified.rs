//! `jwt-unspecified`: a JSON Web Token, and not a word on how it is checked.

use plimsoll_spec::{Place, SchemeKind};

use crate::draft::Drafts;
use crate::rule::{Meta, Rule, rule};
use crate::rules::tally;
use crate::view::View;

rule! {
    /// Bearer JWT without the facts that RFC 8725 asks for.
    pub struct JwtUnspecified {
        id: "jwt-unspecified", weakness: LongLivedTokens, severity: Info, since: "0.3.0",
        owasp: ["spectral:owasp:api2:2023-jwt-best-practices", "vacuum:owasp-jwt-best-practices"],
    }
}

impl Rule for JwtUnspecified {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, view: &View<'_>, out: &mut Drafts) {
        let silent: Vec<(&Place, String)> = view
            .api
            .schemes
            .iter()
            .filter(|(_, scheme)| {
                let bearer = matches!(&scheme.kind, SchemeKind::Http { scheme } if scheme == "bearer");
                let jwt =
                    scheme.bearer_format.as_deref().is_some_and(|format| format.to_ascii_lowercase().contains("jwt"));
                bearer && jwt && !tells(&scheme.description)
            })
            .map(|(name, scheme)| (&scheme.place, name.clone()))
            .collect();
        if !silent.is_empty() {
            let names = tally::names(silent.iter().map(|(_, name)| name));
            let message = format!(
                "{names} takes JSON Web Tokens; its description names neither algorithm, issuer, audience and expiry nor RFC 8725."
            );
            out.add(tally::habit("jwt", message, silent));
        }
    }
}

/// Whether a description says how a token is checked: the RFC by name, or two of the facts that it asks for.
fn tells(description: &str) -> bool {
    let text = description.to_ascii_lowercase();
    let facts: [&[&str]; 4] = [
        &["rs256", "rs512", "ps256", "es256", "es384", "eddsa", "ed25519", "algorithm"],
        &["issuer", "`iss`", "\"iss\"", "iss claim"],
        &["audience", "`aud`", "\"aud\"", "aud claim"],
        &["expir", "lifetime", "valid for", "`exp`", "short-lived", "minutes"],
    ];
    text.replace([' ', '-'], "").contains("rfc8725")
        || facts.iter().filter(|words| words.iter().any(|word| text.contains(word))).count() >= 2
}
