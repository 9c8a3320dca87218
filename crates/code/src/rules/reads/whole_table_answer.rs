//! A route answers with everything that was read.

use plimsoll_model::Severity;

use super::read::Op;
use super::rows::Rows;
use crate::program::Scope;
use crate::rules::rule::{Rule, rule};
use crate::rules::{Cx, Draft, Drafts, Meta, Spot};

rule! {
    /// A route answers with everything that was read.
    WholeTableAnswer { id: "whole-table-answer", weakness: UnboundedRead, kind: Peak, severity: Medium, since: "0.1.0" }
}

impl Rule for WholeTableAnswer {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, cx: &Cx<'_>, out: &mut Drafts) {
        if !cx.reads() {
            return;
        }
        let rows = Rows::new(cx);
        for &handler in cx.handlers() {
            let Some((answer, origin)) = rows.answers(handler) else { continue };
            let message = match origin.op {
                Op::Query => {
                    "the answer holds every row of the partition, and nothing lets a caller ask for a part of it"
                }
                _ => "the answer holds every row of the table, and nothing lets a caller ask for a part of it",
            };
            let severity = if origin.op == Op::Scan { Severity::Medium } else { Severity::Low };
            let mut draft = Draft::new(&Self::META, Spot::expr(cx.program, answer), Scope::Function(handler), message)
                .severity(severity)
                .step(Spot::expr(cx.program, origin.read), "the rows are read here")
                .step(Spot::expr(cx.program, answer), "all of them are the answer");
            if origin.one_page {
                draft =
                    draft.note("A single scan stops after one megabyte; what lies behind it is missing in the answer.");
            }
            out.push(draft);
        }
    }
}
