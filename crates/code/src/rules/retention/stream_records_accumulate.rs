//! Records of a stream are kept.

use super::{Class, each, lives, speak};
use crate::rules::{Cx, Drafts, Meta, Rule, rule};

rule! {
    /// Records of a stream are kept.
    StreamRecordsAccumulate { id: "stream-records-accumulate", weakness: UnboundedCache, kind: Leak, severity: High, since: "0.2.0" }
}

impl Rule for StreamRecordsAccumulate {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, cx: &Cx<'_>, out: &mut Drafts) {
        speak(cx, out, &Self::META, Class::Records, |growth| {
            format!(
                "`{}` {} and keeps the records of every {}; a stream does not end.",
                growth.holder.name,
                lives(growth),
                each(cx, growth)
            )
        });
    }
}
