//! `unused-scheme`: a security scheme is declared, and nothing requires it.

use std::collections::HashSet;

use super::access::asks_anywhere;
use crate::draft::{Draft, Drafts};
use crate::rule::{Meta, Rule, rule};
use crate::view::View;

rule! {
    /// A scheme that protects nothing.
    pub struct UnusedScheme {
        id: "unused-scheme", weakness: UnusableSecurity, severity: Info, since: "0.3.0", owasp: [],
    }
}

impl Rule for UnusedScheme {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, view: &View<'_>, out: &mut Drafts) {
        // Where nothing is required at all, `security-nowhere` says so.
        if !asks_anywhere(view) {
            return;
        }
        let required: HashSet<&str> = view
            .operations()
            .flat_map(|op| op.spec.security.iter().flatten())
            .flat_map(|alternative| alternative.keys().map(String::as_str))
            .collect();
        for (name, scheme) in view.api.schemes.iter().filter(|(name, _)| !required.contains(name.as_str())) {
            out.add(
                Draft::at(
                    &scheme.place,
                    format!("The security scheme `{name}` is declared, and no operation requires it."),
                )
                .cause(name),
            );
        }
    }
}
