//! A parameter's default takes something in at every call.

use super::{Class, each, lives, speak};
use crate::rules::{Cx, Drafts, Meta, Rule, rule};

rule! {
    /// A parameter's default takes something in at every call.
    MutableDefaultArgument { id: "mutable-default-argument", weakness: UnboundedCache, kind: Leak, severity: High, since: "0.2.0" }
}

impl Rule for MutableDefaultArgument {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, cx: &Cx<'_>, out: &mut Drafts) {
        speak(cx, out, &Self::META, Class::Default, |growth| {
            format!(
                "The default behind `{}` is made once, {} and takes something in for every {}.",
                growth.holder.name,
                lives(growth),
                each(cx, growth)
            )
        });
    }
}
