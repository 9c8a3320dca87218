//! `equal-paths`: two paths are equal but for the names of their parameters.

use std::collections::BTreeMap;

use plimsoll_model::Severity;

use super::template::anonymous;
use crate::draft::{Draft, Drafts};
use crate::rule::{Meta, Rule, rule};
use crate::view::{OpView, View};

rule! {
    /// `/a/{x}` beside `/a/{y}`.
    pub struct EqualPaths {
        id: "equal-paths", weakness: AmbiguousContract, severity: Medium, since: "0.3.0", owasp: [],
    }
}

impl Rule for EqualPaths {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, view: &View<'_>, out: &mut Drafts) {
        let mut same: BTreeMap<String, Vec<OpView<'_>>> = BTreeMap::new();
        for op in view.operations() {
            same.entry(anonymous(&op.key().path)).or_default().push(op);
        }
        for (template, ops) in same {
            let Some(other) = ops.iter().find(|op| op.key().path != ops[0].key().path) else { continue };
            // With the same method nothing tells which of the two is meant (OAS 3.1.1 §4.8.8.2).
            let clash = ops.iter().enumerate().any(|(n, a)| {
                ops[..n].iter().any(|b| a.key().method == b.key().method && a.key().path != b.key().path)
            });
            let (tail, severity) = if clash {
                ("with the same method: nothing tells which of them is meant", Severity::Medium)
            } else {
                ("with different methods: tools take one of the two path items", Severity::Low)
            };
            let message = format!(
                "`{}` and `{}` are equal but for the names of their parameters, {tail}.",
                ops[0].key().path,
                other.key().path
            );
            out.add(
                Draft::at(&other.spec.place, message)
                    .cause(template)
                    .severity(severity)
                    .operations(ops.iter().map(|op| op.index)),
            );
        }
    }
}
