//! `basic-scheme`: the password goes along with every request.

use plimsoll_model::Severity;
use plimsoll_spec::SchemeKind;

use super::schemes::{has_alternative, schemes};
use crate::draft::{Draft, Drafts};
use crate::rule::{Meta, Rule, rule};
use crate::view::View;

rule! {
    /// HTTP Basic.
    pub struct BasicScheme {
        id: "basic-scheme", weakness: WeakScheme, severity: Low, since: "0.3.0",
        owasp: ["spectral:owasp:api2:2023-no-http-basic", "vacuum:owasp-no-http-basic"],
    }
}

impl Rule for BasicScheme {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, view: &View<'_>, out: &mut Drafts) {
        for (name, scheme, users) in schemes(view) {
            if !matches!(&scheme.kind, SchemeKind::Http { scheme } if scheme == "basic") {
                continue;
            }
            let optional = has_alternative(view, name, &users);
            let tail = if optional { ", beside another scheme" } else { "" };
            let message = format!("`{name}` is HTTP Basic: a password with every request{tail}.");
            let severity = if optional { Severity::Info } else { Severity::Low };
            out.add(Draft::at(&scheme.place, message).cause(name).severity(severity));
        }
    }
}
