//! Half-read generators are kept between requests.

use super::{Class, each, lives, speak};
use crate::rules::{Cx, Drafts, Meta, Rule, rule};

rule! {
    /// Half-read generators are kept between requests.
    GeneratorsKept { id: "generators-kept", weakness: RetainedIterator, kind: Leak, severity: High, since: "0.2.0" }
}

impl Rule for GeneratorsKept {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, cx: &Cx<'_>, out: &mut Drafts) {
        speak(cx, out, &Self::META, Class::Iterators, |growth| {
            format!(
                "`{}` {} and keeps a half-read iterator, with the page that it stands on, for every {} that does not come back for the rest.",
                growth.holder.name,
                lives(growth),
                each(cx, growth)
            )
        });
    }
}
