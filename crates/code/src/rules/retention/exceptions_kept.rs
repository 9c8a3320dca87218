//! Exceptions are kept with their tracebacks.

use super::{Class, each, lives, speak};
use crate::rules::{Cx, Drafts, Meta, Rule, rule};

rule! {
    /// Exceptions are kept with their tracebacks.
    ExceptionsKept { id: "exceptions-kept", weakness: RetainedException, kind: Leak, severity: High, since: "0.2.0" }
}

impl Rule for ExceptionsKept {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, cx: &Cx<'_>, out: &mut Drafts) {
        speak(cx, out, &Self::META, Class::Exceptions, |growth| {
            format!(
                "`{}` {} and keeps exceptions with their tracebacks: every frame on the way, and all local variables of a {}.",
                growth.holder.name,
                lives(growth),
                each(cx, growth)
            )
        });
    }
}
