//! `security-nowhere`: no operation of the contract asks for credentials.

use plimsoll_model::Severity;

use super::access::{Access, asks_anywhere, is_entrance};
use super::open_write::asks_only;
use super::shows;
use crate::draft::Drafts;
use crate::rule::{Meta, Rule, rule};
use crate::rules::tally;
use crate::view::{OpView, View};

rule! {
    /// No operation asks for credentials.
    pub struct SecurityNowhere {
        id: "security-nowhere", weakness: OpenOperation, severity: Medium, since: "0.3.0",
        owasp: [
            "spectral:owasp:api2:2023-write-restricted", "spectral:owasp:api2:2023-read-restricted",
            "vacuum:owasp-protection-global-unsafe", "vacuum:owasp-protection-global-safe",
        ],
    }
}

impl Rule for SecurityNowhere {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, view: &View<'_>, out: &mut Drafts) {
        if asks_anywhere(view) {
            return;
        }
        let wide: Vec<OpView<'_>> = view.operations().filter(|op| !is_entrance(op)).collect();
        let open: Vec<OpView<'_>> = wide.iter().copied().filter(|op| Access::of(op.spec).is_open()).collect();
        let first = |ops: &[OpView<'_>]| tally::names(ops.iter().map(OpView::key));
        if open.is_empty() {
            // Every operation takes a key, only not as security.
            if !wide.is_empty() {
                let message = format!(
                    "Credentials are parameters of {} ({}) and no security: gateways and generated clients do not know that they are needed.",
                    tally::count(wide.len(), "operation"),
                    first(&wide)
                );
                out.add(
                    tally::habit("credentials as parameters", message, tally::shown(&wide)).severity(Severity::Low),
                );
            }
            return;
        }
        let writes: Vec<OpView<'_>> = open.iter().copied().filter(|op| op.is_write() && !asks_only(op)).collect();
        let personal = open.iter().filter(|op| shows::personal(op).is_some()).count();
        let declared = match view.api.schemes.len() {
            0 => "declares no security scheme".to_owned(),
            n => format!("declares {} that no operation requires", tally::count(n, "security scheme")),
        };
        let mut message =
            format!("The contract {declared}: {} open to everybody", tally::count(open.len(), "operation"));
        if !writes.is_empty() {
            message.push_str(&format!(", {} of them change something ({})", writes.len(), first(&writes)));
        }
        if personal > 0 {
            message.push_str(&format!(", {personal} answer with data of persons"));
        }
        message.push('.');
        // Answers with names of people may be a public directory; what anybody can change is not.
        let severity = match (writes.is_empty(), personal) {
            (false, _) => Severity::Medium,
            (true, 0) => Severity::Info,
            (true, _) => Severity::Low,
        };
        let worst = if writes.is_empty() { &open } else { &writes };
        out.add(
            tally::habit("nothing asks for credentials", message, tally::shown(worst)).severity(severity).suspected(),
        );
    }
}
