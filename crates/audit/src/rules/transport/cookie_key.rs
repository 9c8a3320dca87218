//! `cookie-key`: credentials that browsers send by themselves.

use plimsoll_spec::{Location, SchemeKind};

use crate::draft::{Draft, Drafts};
use crate::rule::{Meta, Rule, rule};
use crate::rules::tally;
use crate::view::{OpView, View};

rule! {
    /// An API key in a cookie, before operations that change something.
    pub struct CookieKey {
        id: "cookie-key", weakness: AmbientCredentials, severity: Info, since: "0.3.0", owasp: [],
    }
}

impl Rule for CookieKey {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, view: &View<'_>, out: &mut Drafts) {
        for (name, scheme) in &view.api.schemes {
            let SchemeKind::ApiKey { location: Location::Cookie, name: cookie } = &scheme.kind else { continue };
            // Another scheme in the same alternative, or a token against forgery, is the second proof.
            let alone = |op: &OpView<'_>| {
                op.spec
                    .security
                    .iter()
                    .flatten()
                    .any(|alternative| alternative.len() == 1 && alternative.contains_key(name))
                    && !op.spec.parameters.iter().any(|parameter| {
                        let name = parameter.name.to_ascii_lowercase();
                        ["csrf", "xsrf", "x-requested-with"].iter().any(|word| name.contains(word))
                    })
            };
            let writes: Vec<OpView<'_>> = view.operations().filter(|op| op.is_write() && alone(op)).collect();
            if writes.is_empty() {
                continue;
            }
            let message = format!(
                "{} that change something need only the cookie `{cookie}`, which browsers send by themselves: {}.",
                tally::count(writes.len(), "operation"),
                tally::names(writes.iter().map(OpView::key))
            );
            out.add(Draft::at(&scheme.place, message).cause(name));
        }
    }
}
