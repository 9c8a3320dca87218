//! `unbounded-request`: how many request bodies can have any size, and which parts are to blame.

use crate::draft::Drafts;
use crate::rule::{Meta, Rule, rule};
use crate::rules::tally;
use crate::size::{CauseKind, Size};
use crate::view::View;

rule! {
    /// Request bodies without a bound in size, counted; the worst are named.
    pub struct UnboundedRequest {
        id: "unbounded-request", weakness: UnboundedInput, severity: Low, since: "0.3.0", owasp: [],
    }
}

impl Rule for UnboundedRequest {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, view: &View<'_>, out: &mut Drafts) {
        let bodies = || {
            view.operations().filter_map(|op| {
                let size = view.sizes().operation(op.index as usize)?.body.as_ref()?;
                Some((op, size))
            })
        };
        let mut open: Vec<_> = bodies().filter(|(_, size)| is_structured(size)).collect();
        if open.is_empty() {
            return;
        }
        // The worst first; among equals the order of the document.
        open.sort_by_key(|(_, size)| (!size.growth.recursive, u8::MAX - size.growth.factors));
        let worst = open.iter().take(3).map(|(op, size)| {
            let cause = size.causes.first().map_or(String::new(), |cause| format!(": {cause}"));
            format!("`{}` {}{cause}", op.key(), size.growth)
        });
        let worst: Vec<String> = worst.collect();
        let message =
            format!("{} of {} request bodies can have any size. {}.", open.len(), bodies().count(), worst.join("; "));
        let shown =
            open.iter().filter_map(|(_, size)| size.causes.first()).map(|cause| (&cause.place, cause.to_string()));
        out.add(tally::habit("requests", message, shown));
    }
}

/// Whether something other than the content of a file keeps a size from having a bound; files are judged for themselves.
fn is_structured(size: &Size) -> bool {
    size.bytes.is_none() && size.causes.iter().any(|cause| cause.kind != CauseKind::File)
}
