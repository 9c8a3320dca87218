//! Judging: every check looks at everything that was seen, and drafts of one cause become one finding.

use std::collections::HashMap;

use plimsoll_http::OpId;
use plimsoll_model::Finding;
use plimsoll_spec::Api;

use crate::check::{Check, Meta};
use crate::draft::Draft;
use crate::index::Index;
use crate::seen::Seen;
use crate::view::App;

/// The findings of these checks, in a stable order: the worst first, then by check, operation and part.
///
/// Operation by operation, so that the answers of one can be forgotten (in their parsed form) before those of the next are parsed.
pub fn judge(api: &Api, seen: &mut Seen, checks: &[&'static dyn Check]) -> Vec<Finding> {
    let index = Index::of(api);
    let mut drafts: Vec<Vec<Draft>> = vec![Vec::new(); checks.len()];
    for at in 0..api.operations.len() as u32 {
        let app = App { api, index: &index, seen };
        if let Some(op) = app.op(OpId(at)) {
            for (check, drafts) in checks.iter().zip(&mut drafts) {
                drafts.extend(check.judge(&op));
            }
        }
        seen.forget_parsed(OpId(at));
    }
    let mut findings: Vec<Finding> = Vec::new();
    for (check, mut drafts) in checks.iter().zip(drafts) {
        drafts.extend(check.judge_app(&App { api, index: &index, seen }));
        findings.extend(merge(check.meta(), drafts).into_iter().map(|draft| draft.finish(check.meta(), seen)));
        seen.forget_all_parsed();
    }
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
fn merge(meta: &Meta, drafts: Vec<Draft>) -> Vec<Draft> {
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
