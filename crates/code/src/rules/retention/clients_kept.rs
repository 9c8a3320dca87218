//! Clients, sessions or pools built per request are kept.

use super::{Class, each, lives, speak};
use crate::rules::{Cx, Drafts, Meta, Rule, rule};

rule! {
    /// Clients, sessions or pools built per request are kept.
    ClientsKept { id: "clients-kept", weakness: RetainedClient, kind: Leak, severity: High, since: "0.2.0" }
}

impl Rule for ClientsKept {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, cx: &Cx<'_>, out: &mut Drafts) {
        speak(cx, out, &Self::META, Class::Clients, |growth| {
            format!(
                "`{}` {} and keeps a client, session, pool or thread for every {}.",
                growth.holder.name,
                lives(growth),
                each(cx, growth)
            )
        });
    }
}
