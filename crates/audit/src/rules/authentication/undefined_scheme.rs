//! `undefined-scheme`: security names a scheme, or a scope, that is declared nowhere.

use std::collections::BTreeMap;

use plimsoll_model::Severity;
use plimsoll_spec::SchemeKind;

use crate::draft::{Draft, Drafts};
use crate::rule::{Meta, Rule, rule};
use crate::view::{OpView, View};

rule! {
    /// A required scheme or scope that does not exist.
    pub struct UndefinedScheme {
        id: "undefined-scheme", weakness: UnusableSecurity, severity: Medium, since: "0.3.0", owasp: [],
    }
}

impl Rule for UndefinedScheme {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, view: &View<'_>, out: &mut Drafts) {
        let mut missing: BTreeMap<(&str, Option<&str>), Vec<OpView<'_>>> = BTreeMap::new();
        for op in view.operations() {
            for (name, scopes) in op.spec.security.iter().flatten().flatten() {
                let Some(scheme) = view.api.schemes.get(name) else {
                    missing.entry((name, None)).or_default().push(op);
                    continue;
                };
                // Roles of other schemes (OAS 3.1) are declared nowhere; a scheme that declares no scope at all has its own rule.
                let known = || scheme.flows.iter().flat_map(|flow| &flow.scopes);
                if scheme.kind == SchemeKind::OAuth2 && known().next().is_some() {
                    for scope in scopes.iter().filter(|scope| !known().any(|known| known == *scope)) {
                        missing.entry((name, Some(scope))).or_default().push(op);
                    }
                }
            }
        }
        for ((scheme, scope), ops) in missing {
            let (what, severity) = match scope {
                None => (format!("The security scheme `{scheme}` is required and declared nowhere"), Severity::Medium),
                Some(scope) => {
                    (format!("The scope `{scope}` is required and no flow of `{scheme}` issues it"), Severity::Low)
                }
            };
            let draft = Draft::at(&ops[0].spec.place, format!("{what}: no tool can enforce or test it."));
            let cause = format!("{scheme} {}", scope.unwrap_or_default());
            out.add(draft.severity(severity).cause(cause).operations(ops.iter().map(|op| op.index)));
        }
    }
}
