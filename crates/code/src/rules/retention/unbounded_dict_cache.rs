//! A mapping that outlives requests gets a key for every new input.

use super::{Class, each, lives, speak};
use crate::rules::{Cx, Drafts, Meta, Rule, rule};

rule! {
    /// A mapping that outlives requests gets a key for every new input.
    UnboundedDictCache { id: "unbounded-dict-cache", weakness: UnboundedCache, kind: Leak, severity: High, since: "0.2.0" }
}

impl Rule for UnboundedDictCache {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, cx: &Cx<'_>, out: &mut Drafts) {
        speak(cx, out, &Self::META, Class::Keyed, |growth| {
            format!(
                "`{}` {} and gets an entry for every new key that a {} brings; entries are never evicted.",
                growth.holder.name,
                lives(growth),
                each(cx, growth)
            )
        });
    }
}
