//! `write-with-read-scope`: a token for reading opens an operation that changes something.

use plimsoll_model::{Method, Severity};
use plimsoll_spec::roles::words;

use crate::draft::{Draft, Drafts};
use crate::rule::{Meta, Rule, rule};
use crate::rules::authentication::open_write::asks_only;
use crate::rules::tally;
use crate::view::{OpView, View};

rule! {
    /// A write that asks for read scopes only.
    pub struct WriteWithReadScope {
        id: "write-with-read-scope", weakness: UniformRights, severity: Medium, since: "0.3.0", owasp: [],
    }
}

impl Rule for WriteWithReadScope {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, view: &View<'_>, out: &mut Drafts) {
        let ops: Vec<OpView<'_>> =
            view.operations().filter(|op| op.is_write() && !asks_only(op) && reading_scopes(op).is_some()).collect();
        // A POST may only ask in a long way, or set up something of the caller's own.
        let (adds, changes): (Vec<_>, Vec<_>) = ops.into_iter().partition(|op| op.key().method == Method::Post);
        let one = |op: &OpView<'_>| {
            let scopes = tally::names(reading_scopes(op).unwrap_or_default());
            Draft::about(
                op,
                format!("`{}` changes something and is content with a token for reading: {scopes}.", op.key()),
            )
        };
        let all = |ops: &[OpView<'_>]| {
            let names = tally::names(ops.iter().map(OpView::key));
            Draft::at(
                &ops[0].spec.place,
                format!(
                    "{} that change something are content with tokens for reading: {names}.",
                    tally::count(ops.len(), "operation")
                ),
            )
        };
        out.extend(tally::each(&changes, "reading scopes", one, all));
        let weaker = |draft: Draft| draft.severity(Severity::Low).suspected();
        out.extend(tally::each(&adds, "reading scopes to add", one, all).into_iter().map(weaker));
    }
}

/// The scopes of an alternative that asks for reading only.
fn reading_scopes<'a>(op: &OpView<'a>) -> Option<&'a [String]> {
    op.spec
        .security
        .iter()
        .flatten()
        .filter(|alternative| alternative.values().any(|scopes| !scopes.is_empty()))
        .find(|alternative| alternative.values().flatten().all(|scope| reads(scope)))
        .and_then(|alternative| alternative.values().find(|scopes| !scopes.is_empty()))
        .map(Vec::as_slice)
}

/// Whether a scope says reading, and nothing else.
fn reads(scope: &str) -> bool {
    const READ: &[&str] = &["read", "readonly", "view", "viewer", "reader", "readable"];
    const WRITE: &[&str] =
        &["write", "readwrite", "manage", "admin", "edit", "full", "all", "create", "update", "delete", "modify", "rw"];
    // A scope may be an address: its last segment says what it opens.
    let words = words(scope.rsplit('/').next().unwrap_or(scope));
    let has = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    has(READ) && !has(WRITE)
}

#[cfg(test)]
mod tests {
    use super::reads;

    #[test]
    fn scopes_for_reading() {
        for scope in ["orders:read", "read_orders", "https://www.example.com/auth/drive.readonly", "orders.view"] {
            assert!(reads(scope), "{scope}");
        }
        for scope in ["orders:write", "read-write", "orders", "thread", "read:all"] {
            assert!(!reads(scope), "{scope}");
        }
    }
}
