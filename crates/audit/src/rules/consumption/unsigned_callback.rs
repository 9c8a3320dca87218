//! `unsigned-callback`: who receives a callback cannot tell who sent it.

use crate::draft::Drafts;
use crate::rule::{Meta, Rule, rule};
use crate::rules::tally;
use crate::view::View;

rule! {
    /// Callbacks and webhooks without a signature.
    pub struct UnsignedCallback {
        id: "unsigned-callback", weakness: UnsignedCallback, severity: Low, since: "0.3.0", owasp: [],
    }
}

impl Rule for UnsignedCallback {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, view: &View<'_>, out: &mut Drafts) {
        let unsigned = &view.document.written.unsigned;
        if unsigned.is_empty() {
            return;
        }
        let names = tally::names(unsigned.iter().map(|(_, name)| name.rsplit('/').next().unwrap_or(name)));
        let message = format!(
            "{} of {} carry neither a signature nor a secret of the receiver ({names}): anybody can send them.",
            tally::count(unsigned.len(), "callback"),
            view.document.written.callbacks
        );
        out.add(tally::habit("unsigned", message, unsigned.iter().map(|(place, name)| (place, name.clone()))));
    }
}
