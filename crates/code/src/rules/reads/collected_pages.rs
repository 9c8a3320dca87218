//! Every page of a read is put into one container.

use plimsoll_model::Severity;

use super::collect::{self, Collected};
use super::read::Op;
use crate::rules::look::{Body, reach};
use crate::rules::rule::{Rule, rule};
use crate::rules::{Cx, Draft, Drafts, Meta, Spot};

rule! {
    /// Every page of a read is put into one container.
    CollectedPages { id: "collected-pages", weakness: WholeTableRead, kind: Peak, severity: Medium, since: "0.1.0" }
}

impl Rule for CollectedPages {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, cx: &Cx<'_>, out: &mut Drafts) {
        for collected in cx.collected().iter().filter(|collected| !collect::is_models(collected)) {
            if let Some(draft) = draft(cx, &Self::META, collected) {
                out.push(draft);
            }
        }
    }
}

/// What a scope keeps of the reads that it goes through.
pub fn collected(cx: &Cx<'_>) -> Vec<Collected> {
    let mut found = Vec::new();
    for &scope in cx.reading() {
        let body = Body::of(cx.program, scope);
        found.extend(collect::in_loops(cx, scope, &body));
        found.extend(collect::at_once(cx, scope, &body));
    }
    found
}

/// The finding about a place that keeps what a read gives; none where it is run by hand, or for listings of other services where nobody is known to
/// get there.
pub fn draft(cx: &Cx<'_>, meta: &'static Meta, collected: &Collected) -> Option<Draft> {
    let reach = reach(cx, collected.scope);
    let Collected { at, scope, source, container } = *collected;
    if source.op == Op::Other && !reach.is_hot() {
        return None;
    }
    let noun = source.op.noun();
    let kept = match container {
        Some(name) => format!("`{}` keeps every page of the {}", cx.program.text(name), source.op.verb()),
        None => format!("every page of the {} is kept at once", source.op.verb()),
    };
    let severity = if source.op == Op::Scan { Severity::Medium } else { Severity::Low };
    let draft = Draft::new(meta, Spot::expr(cx.program, at), scope, format!("{kept}: the peak is as large as {noun}"))
        .severity(severity)
        .step(Spot::expr(cx.program, source.read), "read here, page by page")
        .step(Spot::expr(cx.program, at), "kept here until the last page has come")
        .note("This is a peak, not a leak: it is given back after the request, and it grows with the data.");
    reach.weigh(draft)
}
