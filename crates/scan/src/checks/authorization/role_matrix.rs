//! The role matrix: what each operation says to each identity, and where findings say that this is not as it should be.
//!
//! It judges nothing: it counts what was answered to base requests, and marks what the checks have found.

use std::collections::BTreeSet;

use plimsoll_http::{OpId, Who};
use plimsoll_model::access::{Access, AccessCell, AccessIdentity, AccessRow, AccessTable};
use plimsoll_model::{Category, Evidence, Finding};

use crate::view::App;

/// The table; none where the run knows no named identities.
pub fn table(app: &App<'_>, findings: &[Finding]) -> Option<AccessTable> {
    if app.seen.identities.is_empty() {
        return None;
    }
    let columns: Vec<Who> = std::iter::once(Who::Anonymous).chain(app.seen.callers()).collect();
    let deviating = deviating(app, findings);
    let operations = app.ops().filter(|op| op.is_get() && op.base().is_some()).filter_map(|op| {
        let cells: Vec<AccessCell> = columns
            .iter()
            .map(|who| {
                let status = op.answer_to(*who).and_then(plimsoll_http::Exchange::status);
                let access = match (op.answer_to(*who), status) {
                    (None, _) => Access::NotTested,
                    (_, Some(200..300)) => Access::Allowed,
                    (_, Some(401 | 403)) => Access::Refused,
                    _ => Access::Other,
                };
                AccessCell { access, status, deviates: deviating.contains(&(op.id, *who)) }
            })
            .collect();
        let asked = cells.iter().any(|cell| cell.access != Access::NotTested);
        asked.then(|| AccessRow { operation: op.key().clone(), cells })
    });
    let identities = columns.iter().map(|who| AccessIdentity {
        name: app.seen.name_of(*who).to_owned(),
        role: app.seen.identity(*who).and_then(|identity| identity.role.clone()),
    });
    Some(AccessTable { identities: identities.collect(), operations: operations.collect() })
}

/// Who got what they should not, by the answers that findings about authorization show. Those of whoever may are shown beside them, and say so.
fn deviating(app: &App<'_>, findings: &[Finding]) -> BTreeSet<(OpId, Who)> {
    let shown = findings.iter().flat_map(|finding| {
        let category = finding.weakness.facts().category;
        finding.evidence.iter().filter_map(move |evidence| match evidence {
            Evidence::Exchange(shown) => Some((category, shown)),
            _ => None,
        })
    });
    let by_others = shown.filter(|(_, shown)| !shown.role.ends_with("whose it is") && !shown.role.ends_with("who may"));
    let exchanges = by_others.filter_map(|(category, shown)| {
        Some((category, app.seen.by_id(shown.id.trim_start_matches('x').parse().ok()?)?))
    });
    exchanges
        .filter(|(category, exchange)| match category {
            Category::Bola | Category::Bfla => true,
            Category::Authentication => exchange.probe.who == Who::Anonymous,
            _ => false,
        })
        .map(|(_, exchange)| exchange)
        .filter(|exchange| exchange.is_success() && exchange.probe.op != OpId::NONE)
        .map(|exchange| (exchange.probe.op, exchange.probe.who))
        .collect()
}
