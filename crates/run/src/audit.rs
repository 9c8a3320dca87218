//! `audit`: a contract read as a design. Its findings also belong into the report of a scan, where the answers that were seen add to them.

use plimsoll_audit::{Document, Witness};
use plimsoll_http::OpId;
use plimsoll_model::{Evidence, Finding};
use plimsoll_scan::checks::resource::declared::kept_bound;
use plimsoll_scan::draft::outlined;
use plimsoll_scan::index::Index;
use plimsoll_scan::{App, Seen};
use plimsoll_spec::{Api, Location};

pub use plimsoll_audit::Meta;

/// Every rule, in the order of the handbook.
pub fn rules() -> Vec<&'static Meta> {
    plimsoll_audit::rules::all().into_iter().map(plimsoll_audit::Rule::meta).collect()
}

/// What the contract alone shows of a scanned API, beside what its answers show. `wanted` chooses among the rules that belong to a scan.
pub(crate) fn of_scan(api: &Api, seen: &Seen, wanted: impl Fn(&'static Meta) -> bool) -> Vec<Finding> {
    let index = Index::of(api);
    let witness = Answers { app: App { api, index: &index, seen } };
    plimsoll_audit::audit(api, &Document::default(), &witness, |meta| meta.scan && wanted(meta))
}

/// The answers of a run, as a witness of what the service does.
struct Answers<'a> {
    app: App<'a>,
}

impl Witness for Answers<'_> {
    fn kept_bound(&self, operation: u32, parameter: &str) -> Option<Evidence> {
        let op = self.app.op(OpId(operation))?;
        let parameter = op.spec.parameter(Location::Query, parameter)?;
        let (answer, shows) = kept_bound(&op, parameter)?;
        Some(outlined(answer, shows, self.app.seen))
    }
}
