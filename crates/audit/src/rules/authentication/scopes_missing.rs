//! `scopes-missing`: OAuth without scopes, so that every token opens everything.

use plimsoll_spec::{Place, SchemeKind};

use crate::draft::Drafts;
use crate::rule::{Meta, Rule, rule};
use crate::rules::tally;
use crate::view::{OpView, View};

rule! {
    /// Flows that declare no scopes, operations that require none.
    pub struct ScopesMissing {
        id: "scopes-missing", weakness: LongLivedTokens, severity: Low, since: "0.3.0", owasp: [],
    }
}

impl Rule for ScopesMissing {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, view: &View<'_>, out: &mut Drafts) {
        let oauth = || {
            view.api.schemes.iter().filter(|(_, scheme)| scheme.kind == SchemeKind::OAuth2 && !scheme.flows.is_empty())
        };
        let bare: Vec<(&Place, String)> = oauth()
            .filter(|(_, scheme)| scheme.flows.iter().all(|flow| flow.scopes.is_empty()))
            .map(|(name, scheme)| (&scheme.place, name.clone()))
            .collect();
        if !bare.is_empty() {
            let names = tally::names(bare.iter().map(|(_, name)| name));
            out.add(tally::habit(
                "no scopes",
                format!("{names} declares no scope: every token opens everything."),
                bare,
            ));
        }
        for (name, scheme) in oauth().filter(|(_, scheme)| scheme.flows.iter().any(|flow| !flow.scopes.is_empty())) {
            let asks = |op: &OpView<'_>, wanted: &dyn Fn(&[String]) -> bool| {
                op.spec
                    .security
                    .iter()
                    .flatten()
                    .any(|alternative| alternative.get(name).is_some_and(|scopes| wanted(scopes)))
            };
            let without: Vec<OpView<'_>> =
                view.operations().filter(|op| op.is_write() && asks(op, &<[String]>::is_empty)).collect();
            if !without.is_empty() {
                let names = tally::names(without.iter().map(OpView::key));
                let message = format!(
                    "{} that change something take any token of `{name}`, whatever its scopes: {names}.",
                    tally::count(without.len(), "operation")
                );
                out.add(
                    tally::habit(&format!("no scopes required of {name}"), message, tally::shown(&without))
                        .contract(&scheme.place, name),
                );
            }
        }
    }
}
