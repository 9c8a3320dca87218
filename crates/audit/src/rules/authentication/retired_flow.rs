//! `retired-flow`: a flow of OAuth that is gone from OAuth 2.1.

use plimsoll_model::Severity;
use plimsoll_spec::FlowKind;

use crate::draft::{Draft, Drafts};
use crate::rule::{Meta, Rule, rule};
use crate::view::View;

rule! {
    /// The implicit flow and the password flow.
    pub struct RetiredFlow {
        id: "retired-flow", weakness: WeakScheme, severity: Medium, since: "0.3.0", owasp: [],
    }
}

impl Rule for RetiredFlow {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, view: &View<'_>, out: &mut Drafts) {
        for (name, scheme) in &view.api.schemes {
            let has = |kind| scheme.flows.iter().any(|flow| flow.kind == kind);
            let better = has(FlowKind::AuthorizationCode);
            for flow in &scheme.flows {
                let (what, severity) = match flow.kind {
                    FlowKind::Implicit if better => {
                        ("puts the token into the address; the authorization code flow stands beside it", Severity::Low)
                    }
                    FlowKind::Implicit => ("puts the token into the address (RFC 9700 §2.1.2)", Severity::Medium),
                    FlowKind::Password => ("gives the user's password to the client (RFC 9700 §2.4)", Severity::Medium),
                    _ => continue,
                };
                let word = flow.kind.as_str();
                out.add(
                    Draft::at(&flow.place, format!("`{name}` offers the {word} flow, which {what}."))
                        .cause(format!("{name} {word}"))
                        .severity(severity),
                );
            }
        }
    }
}
