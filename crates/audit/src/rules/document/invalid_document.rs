//! `invalid-document`: the document breaks the official meta-schema of its version.

use plimsoll_model::Severity;

use crate::document::Fault;
use crate::draft::{Draft, Drafts};
use crate::rule::{Meta, Rule, rule};
use crate::view::View;

rule! {
    /// Places that the meta-schema does not allow.
    pub struct InvalidDocument {
        id: "invalid-document", weakness: AmbiguousContract, severity: Low, since: "0.3.0", owasp: [],
    }
}

/// Causes that are told apart; the rest is one finding.
const CAUSES: usize = 8;
/// Places that are shown of one cause.
const SHOWN: usize = 3;

impl Rule for InvalidDocument {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, view: &View<'_>, out: &mut Drafts) {
        let mut causes: Vec<(&str, Vec<&Fault>)> = Vec::new();
        for fault in &view.document.faults {
            match causes.iter_mut().find(|(cause, _)| *cause == fault.cause) {
                Some((_, faults)) => faults.push(fault),
                None => causes.push((&fault.cause, vec![fault])),
            }
        }
        causes.sort_by_key(|(_, faults)| std::cmp::Reverse(faults.len()));
        let rest = causes.split_off(causes.len().min(CAUSES));
        out.extend(causes.iter().map(|(cause, faults)| draft(cause, faults)));
        let more: usize = rest.iter().map(|(_, faults)| faults.len()).sum();
        if let Some((_, faults)) = rest.first() {
            let beyond = if view.document.more_faults > 0 { " or more" } else { "" };
            let message = format!("{more}{beyond} further places break the schema of OpenAPI, in {} ways.", rest.len());
            let draft = Draft::at(&faults[0].place, message).cause("further").severity(Severity::Info);
            let shown = rest.iter().filter_map(|(_, faults)| faults.first()).take(SHOWN);
            out.add(shown.fold(draft, |draft, fault| draft.contract(&fault.place, fault.message.as_str())));
        }
    }
}

/// The faults of one cause.
fn draft(cause: &str, faults: &[&Fault]) -> Draft {
    let first = faults[0];
    let head = head(first);
    let message = match faults.len() {
        1 => format!("{head}: the schema of OpenAPI does not allow it."),
        n => format!("{head}, as at {} other places: the schema of OpenAPI does not allow it.", n - 1),
    };
    let draft = Draft::at(&first.place, message).cause(cause);
    faults.iter().take(SHOWN).fold(draft, |draft, fault| draft.contract(&fault.place, fault.message.as_str()))
}

/// Where it is, in words, unless the message names it itself.
fn head(fault: &Fault) -> String {
    let name = fault.place.pointer.rsplit('/').next().unwrap_or_default().replace("~1", "/").replace("~0", "~");
    if fault.message.starts_with(&format!("`{name}`")) {
        fault.message.clone()
    } else if name.is_empty() {
        format!("At the root, {}", fault.message)
    } else {
        format!("At `{name}`, {}", fault.message)
    }
}
