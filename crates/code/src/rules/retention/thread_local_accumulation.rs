//! A container on a thread-local object takes something from each request.

use super::{Class, each, lives, speak};
use crate::rules::{Cx, Drafts, Meta, Rule, rule};

rule! {
    /// A container on a thread-local object takes something from each request.
    ThreadLocalAccumulation { id: "thread-local-accumulation", weakness: UnboundedCache, kind: Leak, severity: High, since: "0.2.0" }
}

impl Rule for ThreadLocalAccumulation {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, cx: &Cx<'_>, out: &mut Drafts) {
        speak(cx, out, &Self::META, Class::ThreadLocal, |growth| {
            format!(
                "`{}` {}, and takes something in for every {} without being emptied.",
                growth.holder.name,
                lives(growth),
                each(cx, growth)
            )
        });
    }
}
