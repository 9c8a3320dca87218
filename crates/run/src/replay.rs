//! `replay`: judge a recorded run again, or repeat the requests of one issue.

use std::collections::BTreeSet;

use plimsoll_http::engine::{Engine, SetupError};
use plimsoll_http::plan::{self, Planned};
use plimsoll_http::settings::Settings;
use plimsoll_http::transport::Transport;
use plimsoll_http::{Collaborator, Exchange, Probe, Who};
use plimsoll_model::{Evidence, Finding, Issue, Report};
use plimsoll_scan::index::Index;
use plimsoll_scan::judge::judge;
use plimsoll_scan::{App, Seen};

use crate::assemble;
use crate::audit;
use crate::credentials::Credentials;
use crate::identities::Identities;
use crate::login;
use crate::record::{Record, seen};
use crate::scan::LATE_CALLS;

/// What became of an issue when its requests were repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The same checks say the same.
    StillThere,
    /// The requests were answered, and the checks say nothing.
    Gone,
    /// The answers are of another kind than before: too little was answered to decide, or another weakness shows.
    Changed,
}

impl Verdict {
    /// The words used in every output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::StillThere => "still there",
            Self::Gone => "gone",
            Self::Changed => "changed",
        }
    }
}

/// The result of repeating an issue's requests.
#[derive(Clone, Debug)]
pub struct Resent {
    /// What became of it.
    pub verdict: Verdict,
    /// How many requests were repeated.
    pub requests: u64,
    /// One line for each exchange whose status or size class differs: before, after.
    pub differences: Vec<String>,
    /// What the checks say now.
    pub findings: Vec<Finding>,
}

/// As whom requests are repeated.
#[derive(Clone, Debug, Default)]
pub struct Callers {
    /// The given credentials.
    pub credentials: Credentials,
    /// The identities of the recording.
    pub identities: Identities,
    /// Those that cannot be sent as, and why.
    pub missing: Vec<(usize, String)>,
}

impl Callers {
    /// Why nothing can be sent as this caller, if so.
    fn reason(&self, who: Who) -> Option<&str> {
        let n = match who {
            Who::As(n) => usize::from(n),
            Who::Given if self.credentials.headers.is_empty() => 0,
            Who::Given | Who::Anonymous => return None,
        };
        self.missing.iter().find(|(missing, _)| *missing == n).map(|(_, why)| why.as_str())
    }
}

/// Finds an issue by its id, or by a prefix of it that no other issue has.
///
/// # Errors
/// One line that says which issues there are.
pub fn find<'a>(report: &'a Report, id: &str) -> Result<&'a Issue, String> {
    let matching: Vec<&Issue> = report.issues.iter().filter(|issue| issue.id.starts_with(id)).collect();
    match (matching.as_slice(), id.is_empty()) {
        ([only], false) => Ok(only),
        ([], _) => {
            let known: Vec<&str> = report.issues.iter().take(12).map(|issue| issue.id.as_str()).collect();
            Err(format!(
                "the recording has no issue {id:?}; it has {}",
                if known.is_empty() { "none".to_owned() } else { known.join(", ") }
            ))
        }
        _ => Err(format!("{id:?} names {} issues; write more of the id", matching.len())),
    }
}

/// Repeats what the checks of an issue ask of its operations, and judges the answers.
///
/// # Errors
/// When the target is refused or cannot be set up.
pub async fn resend(
    record: &Record,
    report: &Report,
    issue: &Issue,
    settings: Settings,
    callers: &Callers,
) -> Result<Resent, SetupError> {
    let mine: Vec<&Finding> =
        report.findings.iter().filter(|finding| issue.findings.contains(&finding.fingerprint)).collect();
    let checks: Vec<_> = assemble::checks(&[])
        .into_iter()
        .filter(|check| mine.iter().any(|finding| finding.check == check.meta().id))
        .collect();
    let wanted = wanted(record, issue, &mine, &checks);
    let mut engine = Engine::new(settings.clone()).await?;
    let mut identities = callers.identities.clone();
    login::sign_in(&mut engine, &mut identities).await.map_err(|error| SetupError::Login {
        identity: error.identity.clone(),
        why: format!("the login with {} failed: {}", error.request, error.why),
    })?;
    login::forge(&mut engine, &callers.credentials, &identities)?;
    let listens = listen_again(&mut engine, record).await;
    let possible = wanted.iter().filter(|exchange| callers.reason(exchange.probe.who).is_none());
    let mut batch = possible.filter_map(|exchange| {
        let planned = Planned::new(
            exchange.id,
            exchange.probe.clone(),
            exchange.probe.build(record.seen.base(exchange.probe.op)?),
        );
        let operation = record.header.api.operations.get(exchange.probe.op.0 as usize);
        let permit = match operation {
            Some(operation) => plan::permit(
                &operation.key,
                operation.id.as_deref(),
                &operation.summary,
                operation.marked_safe,
                &settings,
            )
            .ok()?,
            None => plan::Permit::SAFE,
        };
        Some(planned.under(permit))
    });
    let answers = engine.send(&mut batch).await;
    let asks_for_calls = mine.iter().any(|finding| finding.weakness.facts().category == plimsoll_model::Category::Ssrf);
    if let Some(collaborator) = engine.collaborator().filter(|_| asks_for_calls) {
        collaborator.wait(LATE_CALLS).await;
    }
    let reasons: BTreeSet<&str> = wanted.iter().filter_map(|exchange| callers.reason(exchange.probe.who)).collect();
    let mut differences = differences(&wanted, &answers);
    differences.extend(reasons.into_iter().map(|why| format!("not sent: {why}")));
    let answered = answers.iter().filter(|exchange| exchange.response().is_some()).count();
    let complete = answered == wanted.len() && engine.status().stopped.is_none() && (listens || !asks_for_calls);
    let requests = engine.status().requests;
    let mut fresh: Seen = seen(&record.header, answers);
    fresh.active.calls = engine.calls();
    let api = &record.header.api;
    let contract = audit::of_scan(api, &fresh, |meta| mine.iter().any(|finding| finding.check == meta.id));
    let findings = assemble::joined(judge(api, &mut fresh, &checks), contract);
    let same = findings.iter().any(|finding| issue.findings.contains(&finding.fingerprint));
    let reached_before = wanted.iter().filter(|exchange| exchange.is_success()).count();
    let reached_now = fresh.all().iter().filter(|exchange| exchange.is_success()).count();
    let verdict = match (same, complete) {
        (true, _) => Verdict::StillThere,
        // Answers that turned into refusals do not show that a weakness of the answers is gone.
        (false, true)
            if findings.is_empty() && (reached_now > 0 || reached_before == 0 || refusal_is_the_remedy(&mine)) =>
        {
            Verdict::Gone
        }
        (false, _) => Verdict::Changed,
    };
    Ok(Resent { verdict, requests, differences, findings })
}

/// Listens where the recorded run did, for the addresses in its requests. Where that fails, nobody can say that the target no longer calls.
async fn listen_again(engine: &mut Engine, record: &Record) -> bool {
    let Some(place) = &record.header.active.collaborator else { return false };
    match Collaborator::resume(place).await {
        Ok(collaborator) => {
            engine.listen_with(collaborator);
            true
        }
        Err(_) => false,
    }
}

/// Whether the weakness is that something is answered at all.
fn refusal_is_the_remedy(findings: &[&Finding]) -> bool {
    findings.iter().all(|finding| {
        let category = finding.weakness.facts().category;
        matches!(
            category,
            plimsoll_model::Category::Authentication
                | plimsoll_model::Category::Bola
                | plimsoll_model::Category::Bfla
                | plimsoll_model::Category::Inventory
                | plimsoll_model::Category::InputValidation
        )
    })
}

/// The exchanges to repeat: those in the evidence, the base of each operation concerned, and what the checks ask of these operations.
fn wanted<'a>(
    record: &'a Record,
    issue: &Issue,
    findings: &[&Finding],
    checks: &[&'static dyn plimsoll_scan::Check],
) -> Vec<&'a Exchange> {
    let shown: Vec<&str> = findings
        .iter()
        .flat_map(|finding| &finding.evidence)
        .filter_map(|evidence| match evidence {
            Evidence::Exchange(exchange) => Some(exchange.id.as_str()),
            _ => None,
        })
        .collect();
    let index = Index::of(&record.header.api);
    let app = App { api: &record.header.api, index: &index, seen: &record.seen };
    let mut probes: Vec<Probe> = Vec::new();
    let mut ids: BTreeSet<u32> = BTreeSet::new();
    for op in app.ops().filter(|op| issue.operations.contains(op.key())) {
        probes.push(op.probe());
        probes.extend(checks.iter().flat_map(|check| check.probes(&op)));
        // What was asked in earlier rounds belongs to the question as well.
        ids.extend(op.exchanges().map(|exchange| exchange.id));
    }
    if issue.operations.is_empty() {
        probes.extend(checks.iter().flat_map(|check| check.probes_app(&app)));
    }
    let is_wanted = |exchange: &&Exchange| {
        ids.contains(&exchange.id)
            || probes.contains(&exchange.probe)
            || shown.contains(&format!("x{:04}", exchange.id).as_str())
    };
    record.seen.all().iter().filter(is_wanted).collect()
}

fn differences(before: &[&Exchange], after: &[Exchange]) -> Vec<String> {
    let describe = |exchange: &Exchange| match exchange.response() {
        Some(response) => format!("{}, {} bytes", response.status, response.body.decoded_len),
        None => "no answer".to_owned(),
    };
    let mut out = Vec::new();
    for old in before {
        let Some(new) = after.iter().find(|new| new.id == old.id) else { continue };
        let sizes = |exchange: &Exchange| exchange.response().map_or(0, |response| response.body.decoded_len);
        let (was, is) = (sizes(old), sizes(new));
        let differs = old.status() != new.status() || was.abs_diff(is) > 64 + was / 10;
        if differs {
            out.push(format!(
                "{} {}: {} → {}",
                old.request.method,
                plimsoll_model::redact::one_line(&old.request.target(), 80),
                describe(old),
                describe(new)
            ));
        }
    }
    out
}
