//! A function made for one request is put into a registry.

use super::{Class, each, lives, speak};
use crate::rules::{Cx, Drafts, Meta, Rule, rule};

rule! {
    /// A function made for one request is put into a registry.
    CallbackPerRequest { id: "callback-per-request", weakness: HandlerPerRequest, kind: Leak, severity: High, since: "0.2.0" }
}

impl Rule for CallbackPerRequest {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, cx: &Cx<'_>, out: &mut Drafts) {
        speak(cx, out, &Self::META, Class::Callbacks, |growth| {
            format!(
                "`{}` {} and takes in a new function for every {}, with everything that the function closes over.",
                growth.holder.name,
                lives(growth),
                each(cx, growth)
            )
        });
    }
}
