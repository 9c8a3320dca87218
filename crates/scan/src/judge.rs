//! Judging: every check looks at everything that was seen, and drafts of one cause become one finding.

use std::collections::HashMap;

use plimsoll_model::Finding;
use plimsoll_spec::Api;

use crate::check::{Check, Meta};
use crate::draft::Draft;
use crate::index::Index;
use crate::seen::Seen;
use crate::view::App;

/// The findings of these checks, in a stable order: the worst first, then by check, operation and part.
pub fn judge(api: &Api, seen: &Seen, checks: &[&'static dyn Check]) -> Vec<Finding> {
    let index = Index::of(api);
    let app = App { api, index: &index, seen };
    let mut findings: Vec<Finding> = checks
        .iter()
        .flat_map(|check| {
            let drafts = app.ops().flat_map(|op| check.judge(&op)).chain(check.judge_app(&app));
            merge(check.meta(), drafts).into_iter().map(|draft| draft.finish(check.meta(), seen))
        })
        .collect();
    findings.sort_by(|a, b| {
        (b.severity, b.confidence)
            .cmp(&(a.severity, a.confidence))
            .then_with(|| (&a.check, &a.operation, &a.part).cmp(&(&b.check, &b.operation, &b.part)))
            .then_with(|| a.fingerprint.cmp(&b.fingerprint))
    });
    findings.dedup_by(|a, b| a.fingerprint == b.fingerprint);
    findings
}

/// The drafts of a check with those of one cause merged into the first of them.
fn merge(meta: &Meta, drafts: impl Iterator<Item = Draft>) -> Vec<Draft> {
    let mut merged: Vec<Draft> = Vec::new();
    let mut by_cause: HashMap<String, usize> = HashMap::new();
    for draft in drafts {
        if let Some(&earlier) = draft.cause.as_ref().and_then(|cause| by_cause.get(cause)) {
            merged[earlier].absorb(meta, draft);
        } else {
            by_cause.extend(draft.cause.clone().map(|cause| (cause, merged.len())));
            merged.push(draft);
        }
    }
    merged
}
