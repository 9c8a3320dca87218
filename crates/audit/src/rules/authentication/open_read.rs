//! `open-read`: an operation answers anybody, while others ask for credentials.

use plimsoll_model::{Confidence, Severity};

use super::access::{Access, asks_anywhere, is_entrance};
use super::shows;
use crate::draft::{Draft, Drafts};
use crate::rule::{Meta, Rule, rule};
use crate::rules::tally;
use crate::view::{OpView, View};

rule! {
    /// A read that asks for no credentials.
    pub struct OpenRead {
        id: "open-read", weakness: OpenOperation, severity: Info, since: "0.3.0",
        owasp: ["spectral:owasp:api2:2023-read-restricted", "vacuum:owasp-protection-global-safe"],
    }
}

impl Rule for OpenRead {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, view: &View<'_>, out: &mut Drafts) {
        if !asks_anywhere(view) {
            return;
        }
        let open: Vec<OpView<'_>> = view
            .operations()
            .filter(|op| !op.is_write() && !is_entrance(op) && Access::of(op.spec).is_open())
            .collect();
        let (personal, rest): (Vec<_>, Vec<_>) = open.into_iter().partition(|op| shows::personal(op).is_some());
        let one = |op: &OpView<'_>| {
            let field = shows::personal(op).unwrap_or_default();
            let message = format!("`{}` asks for no credentials and answers with `{field}`.", op.key());
            Draft::about(op, message).severity(Severity::Medium).confidence(sureness(op))
        };
        let all = |ops: &[OpView<'_>]| {
            let names = tally::names(ops.iter().map(OpView::key));
            let message = format!(
                "{} with data of persons or secrets ask for no credentials: {names}.",
                tally::count(ops.len(), "operation")
            );
            Draft::at(&ops[0].spec.place, message).severity(Severity::Medium).suspected()
        };
        out.extend(tally::each(&personal, "personal", one, all));
        let (linked, other): (Vec<_>, Vec<_>) =
            rest.into_iter().partition(|op| shows::linked(op) && shows::names_object(op));
        let groups = [
            ("linked", Severity::Low, "with what belongs to somebody", linked),
            ("other", Severity::Info, "without data of persons by their names", other),
        ];
        for (cause, severity, what, ops) in groups {
            if ops.is_empty() {
                continue;
            }
            let names = tally::names(ops.iter().map(OpView::key));
            let message = format!("{} {what} ask for no credentials: {names}.", tally::count(ops.len(), "read"));
            out.add(tally::habit(cause, message, tally::shown(&ops)).severity(severity).suspected());
        }
    }
}

/// What the contract opens in so many words is certain; what it does not speak of may only be forgotten in it.
fn sureness(op: &OpView<'_>) -> Confidence {
    if Access::of(op.spec) == Access::Open { Confidence::Observed } else { Confidence::Suspected }
}
