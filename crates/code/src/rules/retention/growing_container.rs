//! A container that outlives requests takes something from each of them.

use super::{Class, each, lives, speak};
use crate::rules::{Cx, Drafts, Meta, Rule, rule};

rule! {
    /// A container that outlives requests takes something from each of them.
    GrowingContainer { id: "growing-container", weakness: UnboundedCache, kind: Leak, severity: High, since: "0.2.0" }
}

impl Rule for GrowingContainer {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, cx: &Cx<'_>, out: &mut Drafts) {
        speak(cx, out, &Self::META, Class::Container, |growth| {
            format!(
                "`{}` {} and takes something in for every {}; nothing that can be relied on takes it out again.",
                growth.holder.name,
                lives(growth),
                each(cx, growth)
            )
        });
    }
}
