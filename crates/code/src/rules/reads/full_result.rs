//! `build_full_result()` of a page iterator.

use super::pages::source;
use super::read::Op;
use crate::rules::look::reach;
use crate::rules::rule::{Rule, rule};
use crate::rules::{Cx, Draft, Drafts, Meta, Spot};

rule! {
    /// `build_full_result()` of a page iterator.
    FullResult { id: "full-result", weakness: WholeTableRead, kind: Peak, severity: Medium, since: "0.1.0" }
}

impl Rule for FullResult {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, cx: &Cx<'_>, out: &mut Drafts) {
        for site in cx.program.calls_named("build_full_result") {
            let Some(source) = cx.program.receiver(site.at).and_then(|receiver| source(cx, receiver)) else { continue };
            let reach = reach(cx, site.scope);
            if source.bounded || source.op == Op::Other && !reach.is_hot() {
                continue;
            }
            let message = format!("`build_full_result()` holds every page of the {} at once", source.op.verb());
            let draft = Draft::new(&Self::META, Spot::expr(cx.program, site.at), site.scope, message)
                .step(Spot::expr(cx.program, source.read), "the pages are asked for here")
                .step(Spot::expr(cx.program, site.at), "all of them are read and joined here")
                .note("This is a peak, not a leak: it is given back after the request, and it grows with the data.");
            if let Some(draft) = reach.weigh(draft) {
                out.push(draft);
            }
        }
    }
}
