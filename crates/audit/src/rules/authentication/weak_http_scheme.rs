//! `weak-http-scheme`: a scheme of HTTP authentication that rests on broken or forgotten cryptography.

use plimsoll_model::Severity;
use plimsoll_spec::SchemeKind;

use super::schemes::schemes;
use crate::draft::{Draft, Drafts};
use crate::rule::{Meta, Rule, rule};
use crate::view::View;

rule! {
    /// Negotiate, NTLM, OAuth 1, Digest.
    pub struct WeakHttpScheme {
        id: "weak-http-scheme", weakness: WeakScheme, severity: Medium, since: "0.3.0",
        owasp: ["spectral:owasp:api2:2023-auth-insecure-schemes", "vacuum:owasp-auth-insecure-schemes"],
    }
}

impl Rule for WeakHttpScheme {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, view: &View<'_>, out: &mut Drafts) {
        for (name, scheme, _) in schemes(view) {
            let SchemeKind::Http { scheme: word } = &scheme.kind else { continue };
            let (why, severity) = match word.as_str() {
                "negotiate" | "ntlm" => ("it falls back to NTLM, which can be relayed and cracked", Severity::Medium),
                "oauth" => ("OAuth 1.0 was replaced in 2012 (RFC 6749)", Severity::Medium),
                // RFC 7616 knows SHA-256, which no browser took up.
                "digest" => ("in practice it rests on MD5", Severity::Low),
                _ => continue,
            };
            out.add(
                Draft::at(&scheme.place, format!("`{name}` is the scheme `{word}`: {why}."))
                    .cause(name)
                    .severity(severity),
            );
        }
    }
}
