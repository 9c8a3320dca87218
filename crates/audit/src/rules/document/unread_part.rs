//! `unread-part`: parts of the document mean nothing, so nobody can tell what they allow.

use crate::draft::{Draft, Drafts};
use crate::rule::{Meta, Rule, rule};
use crate::view::View;

rule! {
    /// What could not be read, counted.
    pub struct UnreadPart {
        id: "unread-part", weakness: AmbiguousContract, severity: Low, since: "0.3.0", owasp: [],
    }
}

/// Places that are shown.
const SHOWN: usize = 4;

impl Rule for UnreadPart {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, view: &View<'_>, out: &mut Drafts) {
        let lost: Vec<_> = view.api.diagnostics.iter().filter(|diagnostic| diagnostic.fatal).collect();
        let Some(first) = lost.first() else { return };
        let message = match lost.len() {
            1 => format!("A part of the document cannot be read: {}. What it allows is not known.", first.message),
            n => format!(
                "{n} parts of the document cannot be read, one of them because {}. What they allow is not known.",
                first.message
            ),
        };
        let draft = Draft::at(&first.place, message).cause("unread");
        out.add(lost.iter().take(SHOWN).fold(draft, |draft, lost| draft.contract(&lost.place, lost.message.as_str())));
    }
}
