//! A context variable's default takes something from each request.

use super::{Class, each, lives, speak};
use crate::rules::{Cx, Drafts, Meta, Rule, rule};

rule! {
    /// A context variable's default takes something from each request.
    ContextvarAccumulation { id: "contextvar-accumulation", weakness: UnboundedCache, kind: Leak, severity: High, since: "0.2.0" }
}

impl Rule for ContextvarAccumulation {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, cx: &Cx<'_>, out: &mut Drafts) {
        speak(cx, out, &Self::META, Class::ContextVar, |growth| {
            format!(
                "`{}` is the default of a context variable: there is one for all requests, it {}, and takes something in for every {}.",
                growth.holder.name,
                lives(growth),
                each(cx, growth)
            )
        });
    }
}
