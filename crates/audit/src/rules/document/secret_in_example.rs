//! `secret-in-example`: a text of the contract holds what looks like a key in use.

use plimsoll_model::Severity;

use crate::draft::{Draft, Drafts};
use crate::rule::{Meta, Rule, rule};
use crate::view::View;

rule! {
    /// Keys and tokens in examples, defaults and descriptions.
    pub struct SecretInExample {
        id: "secret-in-example", weakness: HardCodedCredentials, severity: Medium, since: "0.3.0", owasp: [],
    }
}

impl Rule for SecretInExample {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, view: &View<'_>, out: &mut Drafts) {
        for secret in &view.document.written.secrets {
            let message = format!("A text of the contract holds what looks like {}: {}.", secret.kind, secret.masked);
            let severity = if secret.live { Severity::Medium } else { Severity::Low };
            out.add(
                Draft::at(&secret.place, message)
                    .severity(severity)
                    .suspected()
                    .contract(&secret.place, format!("{}: {}", secret.kind, secret.masked)),
            );
        }
    }
}
