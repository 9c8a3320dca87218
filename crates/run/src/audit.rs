//! `audit`: contracts read as designs. A pure function of the documents and the settings.
//!
//! The findings of the rules that belong to a scan are also in its report, where the answers that were seen add to them.

mod diff;
pub mod fetch;
pub(crate) mod report;
pub mod settings;

use std::collections::HashSet;

use plimsoll_audit::{Document, Nobody, Witness, validate};
use plimsoll_http::OpId;
use plimsoll_model::{Evidence, Finding, Fingerprint, Report};
use plimsoll_scan::checks::resource::declared::kept_bound;
use plimsoll_scan::draft::outlined;
use plimsoll_scan::index::Index;
use plimsoll_scan::{App, Seen};
use plimsoll_spec::{Api, Description, LoadError, Location, Options};

pub use plimsoll_audit::Meta;
pub use plimsoll_spec::Source;
pub use settings::{Audit, Select};

/// What is wanted.
#[derive(Debug, Default)]
pub struct Request {
    /// The documents.
    pub documents: Vec<Source>,
    /// The rules that are wanted.
    pub select: Select,
    /// The version of the program.
    pub version: String,
}

/// Audits documents that are on disk or in memory. Documents that they refer to are read where they are files below them.
///
/// # Errors
/// The first document that cannot be read.
pub fn audit(request: &Request) -> Result<Report, LoadError> {
    let options = Options::default();
    let read = request.documents.iter().map(|source| Description::read(source, &options));
    of(read, request)
}

/// Audits a document beside an earlier one: the report shows what is new, and what became better or worse. Score and grade are those of the later
/// document as a whole.
///
/// # Errors
/// The first document that cannot be read.
pub fn compare(old: &Source, request: &Request) -> Result<Report, LoadError> {
    let options = Options::default();
    let read = |source: &Source| {
        let description = Description::read(source, &options)?;
        let api = description.api()?;
        let document = validate(&description, &api);
        Ok::<_, LoadError>((api, document))
    };
    let mut report = audit(request)?;
    let (before, document) = read(old)?;
    let wanted = |meta: &'static Meta| request.select.wants(meta);
    let known = plimsoll_audit::audit(&before, &document, &Nobody, wanted);
    let all = report.findings.len();
    diff::keep_new(&known, &mut report.findings);
    let shown: HashSet<&Fingerprint> = report.findings.iter().map(|finding| &finding.fingerprint).collect();
    report.issues.retain(|issue| issue.findings.iter().any(|finding| shown.contains(finding)));
    for issue in &mut report.issues {
        issue.findings.retain(|finding| shown.contains(finding));
    }
    report
        .notes
        .insert(0, format!("{} of {all} findings were there before and are not shown.", all - report.findings.len()));
    if let Some(source) = request.documents.first() {
        let (after, _) = read(source)?;
        report.contract_changes = plimsoll_audit::diff::compare(&before, &after);
    }
    Ok(report)
}

/// Audits a contract that a scan has read, as far as what it kept goes: the document itself is not validated again.
pub(crate) fn read_already(api: &Api, request: &Request) -> Report {
    let mut api = api.clone();
    // What was found beside the contract is no part of it.
    api.operations.retain(|operation| operation.origin == plimsoll_spec::Origin::Contract);
    let (findings, sizes) =
        plimsoll_audit::audit_with_sizes(&api, &Document::default(), |meta| request.select.wants(meta));
    let mut whole = report::Parts::default();
    whole.add(&api, findings, sizes);
    whole.finish(request)
}

/// Audits what was read.
fn of(
    documents: impl ExactSizeIterator<Item = Result<Description, LoadError>>,
    request: &Request,
) -> Result<Report, LoadError> {
    let single = documents.len() == 1;
    let mut whole = report::Parts::default();
    for description in documents {
        let description = description?;
        let api = description.api()?;
        let document = validate(&description, &api);
        drop(description);
        let (mut findings, sizes) =
            plimsoll_audit::audit_with_sizes(&api, &document, |meta| request.select.wants(meta));
        if !single {
            findings.iter_mut().for_each(|finding| name(finding, &api));
        }
        whole.add(&api, findings, sizes);
    }
    Ok(whole.finish(request))
}

/// Says which of several documents a finding is about.
fn name(finding: &mut Finding, api: &Api) {
    let document = api.document.clone().unwrap_or_default();
    finding.fingerprint = Fingerprint::of(["document", &document, finding.fingerprint.as_str()]);
    if let Some(spec) = &mut finding.spec {
        spec.file.get_or_insert(document);
    }
}

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
