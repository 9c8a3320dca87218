//! Judging: every check looks at everything that was seen, and drafts of one cause become one finding.

use plimsoll_model::Finding;
use plimsoll_spec::Api;

use crate::check::Check;
use crate::draft::Draft;
use crate::seen::Seen;
use crate::view::App;

/// The findings of these checks, in a stable order: the worst first, then by check, operation and part.
pub fn judge(api: &Api, seen: &Seen, checks: &[&'static dyn Check]) -> Vec<Finding> {
    let app = App { api, seen };
    let mut findings: Vec<Finding> = checks
        .iter()
        .flat_map(|check| {
            let drafts = app.ops().flat_map(|op| check.judge(&op)).chain(check.judge_app(&app));
            let mut merged: Vec<Draft> = Vec::new();
            for draft in drafts {
                match merged.iter_mut().find(|earlier| earlier.shares_cause(&draft)) {
                    Some(earlier) => earlier.absorb(check.meta(), draft),
                    None => merged.push(draft),
                }
            }
            merged.into_iter().map(|draft| draft.finish(check.meta(), seen))
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
