//! `optional-security`: one alternative asks for credentials, another for none.

use plimsoll_model::Severity;

use super::access::{Access, is_entrance};
use super::open_write::asks_only;
use crate::draft::{Draft, Drafts};
use crate::rule::{Meta, Rule, rule};
use crate::rules::tally;
use crate::view::{OpView, View};

rule! {
    /// Credentials that may be left out.
    pub struct OptionalSecurity {
        id: "optional-security", weakness: OpenOperation, severity: Medium, since: "0.3.0",
        owasp: ["vacuum:owasp-protection-global-unsafe-strict"],
    }
}

impl Rule for OptionalSecurity {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, view: &View<'_>, out: &mut Drafts) {
        let optional = view.operations().filter(|op| Access::of(op.spec) == Access::Optional && !is_entrance(op));
        let (writes, reads): (Vec<_>, Vec<_>) = optional.partition(|op| op.is_write() && !asks_only(op));
        let one = |op: &OpView<'_>| {
            Draft::about(
                op,
                format!(
                    "`{}` takes credentials and does not need them: one alternative of `security` is empty.",
                    op.key()
                ),
            )
        };
        let all = |ops: &[OpView<'_>]| {
            let names = tally::names(ops.iter().map(OpView::key));
            let message = format!(
                "{} that change something do not need the credentials that they take ({names}): one alternative of `security` is empty.",
                tally::count(ops.len(), "operation")
            );
            Draft::at(&ops[0].spec.place, message)
        };
        out.extend(tally::each(&writes, "writes", one, all));
        if !reads.is_empty() {
            let names = tally::names(reads.iter().map(OpView::key));
            let message = format!(
                "{} may be called with or without credentials: {names}. What an anonymous caller sees should be less.",
                tally::count(reads.len(), "read")
            );
            out.add(tally::habit("reads", message, tally::shown(&reads)).severity(Severity::Info));
        }
    }
}
