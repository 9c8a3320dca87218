//! A number of the caller's decides how often something is done.

use rustc_hash::FxHashSet;

use crate::program::Scope;
use crate::rules::look::{Reach, input, reach};
use crate::rules::rule::{Rule, rule};
use crate::rules::{Cx, Draft, Drafts, Meta, Spot};
use crate::syntax::ExprKind;

rule! {
    /// A number of the caller's decides how often something is done.
    UnboundedRange { id: "unbounded-range", weakness: InputDrivenCost, kind: Cost, severity: Medium, since: "0.1.0" }
}

impl Rule for UnboundedRange {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, cx: &Cx<'_>, out: &mut Drafts) {
        let program = cx.program;
        let mut seen: FxHashSet<Spot> = FxHashSet::default();
        for site in program.calls_named("range") {
            if reach(cx, site.scope) != Reach::Request
                || program.call(site.at).and_then(|(callee, _)| program.external(callee)) != Some("builtins.range")
            {
                continue;
            }
            let Some(number) = [1, 0].into_iter().find_map(|n| program.positional(site.at, n)) else { continue };
            // The length of what was sent is bounded by what was sent.
            if matches!(program.expr(number).kind, ExprKind::Call { .. })
                && crate::rules::look::call_name(program, number) == Some("len")
            {
                continue;
            }
            let Some(found) = input(cx, number).filter(|found| seen.insert(found.spot)) else { continue };
            let draft = Draft::new(
                &Self::META,
                found.spot,
                Scope::Function(found.entry),
                "the caller chooses how often something is done, and nothing says how often that may be",
            )
            .part(found.part(cx))
            .step(found.spot, "the number comes in here")
            .step(Spot::expr(program, site.at), "and is counted to here");
            out.push(draft);
        }
    }
}
