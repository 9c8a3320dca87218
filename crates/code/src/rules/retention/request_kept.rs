//! A request or response is put into something that outlives it.

use super::{Class, each, lives, speak};
use crate::rules::{Cx, Drafts, Meta, Rule, rule};

rule! {
    /// A request or response is put into something that outlives it.
    RequestKept { id: "request-kept", weakness: RetainedRequest, kind: Leak, severity: High, since: "0.2.0" }
}

impl Rule for RequestKept {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, cx: &Cx<'_>, out: &mut Drafts) {
        speak(cx, out, &Self::META, Class::Requests, |growth| {
            format!(
                "`{}` {} and keeps the request or response object of every {}, with all that hangs on it.",
                growth.holder.name,
                lives(growth),
                each(cx, growth)
            )
        });
    }
}
