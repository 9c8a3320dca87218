//! A container on the application object takes something from each request.

use super::{Class, each, lives, speak};
use crate::rules::{Cx, Drafts, Meta, Rule, rule};

rule! {
    /// A container on the application object takes something from each request.
    AppStateAccumulation { id: "app-state-accumulation", weakness: UnboundedCache, kind: Leak, severity: High, since: "0.2.0" }
}

impl Rule for AppStateAccumulation {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, cx: &Cx<'_>, out: &mut Drafts) {
        speak(cx, out, &Self::META, Class::App, |growth| {
            format!(
                "`{}` hangs on the application, which {}, and takes something in for every {}; nothing that can be relied on takes it out again.",
                growth.holder.name,
                lives(growth),
                each(cx, growth)
            )
        });
    }
}
