//! The results of a PynamoDB read are drained into a container.

use super::{collect, collected_pages};
use crate::rules::rule::{Rule, rule};
use crate::rules::{Cx, Drafts, Meta};

rule! {
    /// The results of a PynamoDB read are drained into a container.
    CollectedModels { id: "collected-models", weakness: WholeTableRead, kind: Peak, severity: Medium, since: "0.1.0" }
}

impl Rule for CollectedModels {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, cx: &Cx<'_>, out: &mut Drafts) {
        for collected in cx.collected().iter().filter(|collected| collect::is_models(collected)) {
            if let Some(draft) = collected_pages::draft(cx, &Self::META, collected) {
                out.push(draft);
            }
        }
    }
}
