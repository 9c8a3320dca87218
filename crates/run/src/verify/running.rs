//! The running application again: the exchanges of an issue repeated, and the contract that it serves audited.

use std::collections::HashMap;
use std::sync::Arc;

use plimsoll_http::Target;
use plimsoll_memory::supervise::Supervised;
use plimsoll_model::verification::Again;
use plimsoll_model::{Finding, Fingerprint, Issue, Report, Vantage, redact};
use tokio::sync::watch;

use super::{Means, Wire, blind, findings, looked};
use crate::audit::{self, fetch};
use crate::event::Event;
use crate::replay::{self, Verdict};

/// Looks again at issues that were seen on the wire, and at those that were seen in the contract.
pub(super) async fn look<'a>(
    report: &Report,
    wire: &[&'a Issue],
    contract: &[&'a Issue],
    means: &Means,
    interrupted: watch::Receiver<bool>,
    watch: &Arc<dyn Fn(Event) + Send + Sync>,
) -> Vec<(&'a Fingerprint, Again)> {
    let mut said: Vec<(&Fingerprint, Again)> = Vec::new();
    let mut documents = Ok(None);
    // A contract on disk needs nobody to run.
    let on_disk = means.audit.as_ref().filter(|request| !request.documents.is_empty());
    if let Some(request) = on_disk.filter(|_| !contract.is_empty()) {
        documents = audit::audit(request).map(Some).map_err(|error| error.to_string());
    }
    let served = !contract.is_empty() && on_disk.is_none();
    if !wire.is_empty() || served {
        match &means.wire {
            None => {
                let lack = means.lack(Vantage::Wire);
                said.extend(wire.iter().map(|issue| (&issue.fingerprint, blind(Vantage::Wire, &*lack))));
                if served {
                    documents = Err(means.lack(Vantage::Contract));
                }
            }
            Some(ways) => {
                let (exchanges, served) =
                    asked(report, wire, means.audit.as_ref().filter(|_| served), ways, interrupted, watch).await;
                said.extend(exchanges);
                if let Some(served) = served {
                    documents = served;
                }
            }
        }
    }
    let again = |issue: &Issue| match &documents {
        Ok(Some(now)) => of_contract(report, issue, &findings(report, issue, Vantage::Contract), now),
        Ok(None) => blind(Vantage::Contract, means.lack(Vantage::Contract)),
        Err(why) => blind(Vantage::Contract, why),
    };
    said.extend(contract.iter().map(|issue| (&issue.fingerprint, again(issue))));
    said
}

type Documents = Result<Option<Report>, String>;

/// Starts the application where it is started for this, and asks it.
async fn asked<'a>(
    report: &Report,
    wire: &[&'a Issue],
    contract: Option<&audit::Request>,
    ways: &Wire,
    mut interrupted: watch::Receiver<bool>,
    watch: &Arc<dyn Fn(Event) + Send + Sync>,
) -> (Vec<(&'a Fingerprint, Again)>, Option<Documents>) {
    let all_blind = |why: &str| {
        let said = wire.iter().map(|issue| (&issue.fingerprint, blind(Vantage::Wire, why)));
        (said.collect(), contract.map(|_| Err(why.to_owned())))
    };
    let mut settings = ways.settings.clone();
    let mut supervised = None;
    if let Some(launch) = &ways.start {
        watch(Event::Note(format!("starting {}", launch.line())));
        let started = tokio::select! {
            biased;
            _ = interrupted.wait_for(|stop| *stop) => Err("interrupted".to_owned()),
            started = Supervised::spawn(launch.clone()) => started.map_err(|error| error.to_string()),
        };
        let target = started.and_then(|started| {
            let target = Target::parse(&format!("{}{}", started.origin(), settings.target.prefix()));
            supervised = Some(started);
            target.map_err(|error| error.to_string())
        });
        match target {
            Ok(target) => settings.target = target,
            Err(why) => return all_blind(&redact::one_line(&why, 400)),
        }
    }
    let mut said: HashMap<&Fingerprint, Again> = HashMap::new();
    for issue in wire {
        watch(Event::Note(format!("repeating the exchanges of {}", issue.id)));
        let own = findings(report, issue, Vantage::Wire);
        let only =
            Issue { findings: own.iter().map(|finding| finding.fingerprint.clone()).collect(), ..(*issue).clone() };
        let only = Issue { operations: operations(&own), ..only };
        let resent = replay::resend(&ways.record, report, &only, settings.clone(), &ways.callers);
        let again = tokio::select! {
            biased;
            _ = interrupted.wait_for(|stop| *stop) => blind(Vantage::Wire, "interrupted"),
            resent = Box::pin(resent) => match resent {
                Ok(resent) => of_wire(&resent),
                Err(error) => blind(Vantage::Wire, error.to_string()),
            },
        };
        said.insert(&issue.fingerprint, again);
    }
    let documents = match contract {
        None => None,
        Some(request) => Some(served(ways, &settings.target.origin(), request).await),
    };
    if let Some(supervised) = supervised {
        drop(supervised.stop().await);
    }
    (said.into_iter().collect(), documents)
}

/// The operations that findings name.
fn operations(findings: &[&Finding]) -> Vec<plimsoll_model::OperationKey> {
    let mut out = Vec::new();
    for key in findings.iter().flat_map(|finding| finding.operations()) {
        if !out.contains(key) {
            out.push(key.clone());
        }
    }
    out
}

fn of_wire(resent: &replay::Resent) -> Again {
    let requests = format!("{} requests repeated", resent.requests);
    let differs = resent.differences.first().map(|line| format!("; {line}")).unwrap_or_default();
    match resent.verdict {
        Verdict::StillThere => {
            let says = resent.findings.first().map(|finding| format!(": {}", redact::one_line(&finding.message, 200)));
            looked(Vantage::Wire, true, format!("{requests}, and the answers say the same{}", says.unwrap_or_default()))
        }
        Verdict::Gone => looked(Vantage::Wire, false, format!("{requests}, and nothing of it shows{differs}")),
        Verdict::Changed => {
            blind(Vantage::Wire, format!("{requests}, and the answers are of another kind than before{differs}"))
        }
    }
}

/// The contract that the application serves now.
async fn served(ways: &Wire, origin: &str, request: &audit::Request) -> Documents {
    let Some(document) = &ways.record.header.api.document else {
        return Err("the application served no contract when it was scanned".to_owned());
    };
    let request =
        audit::Request { documents: Vec::new(), select: request.select.clone(), version: request.version.clone() };
    let fetched = fetch::audit(&[format!("{origin}{document}")], &request).await;
    fetched.map(Some).map_err(|error| error.to_string())
}

/// Whether a contract still shows these findings.
fn of_contract(before: &Report, issue: &Issue, findings: &[&Finding], now: &Report) -> Again {
    if let Some(why) = now.incomplete.first() {
        return blind(Vantage::Contract, why);
    }
    // Documents of several have their name in the fingerprint; the rule, the operation and the part say the same without it.
    let same = |finding: &Finding, now: &Finding| {
        now.fingerprint == finding.fingerprint
            || (now.check == finding.check && now.part == finding.part && now.operation == finding.operation)
    };
    // A finding about several operations may go on about those of another issue.
    let here = |now: &Finding| {
        issue.operations.is_empty()
            || now.operation.is_none()
            || now.operations().any(|key| issue.operations.contains(key))
    };
    let still = findings.iter().find_map(|finding| now.findings.iter().find(|now| same(finding, now) && here(now)));
    if let Some(still) = still {
        return looked(
            Vantage::Contract,
            true,
            format!("`{}` still fires: {}", still.check, redact::one_line(&still.message, 200)),
        );
    }
    let asked = |finding: &&&Finding| !audit::rules().iter().any(|rule| rule.id == finding.check);
    if let Some(unknown) = findings.iter().find(asked) {
        return blind(Vantage::Contract, format!("no rule of the audit is called `{}`", unknown.check));
    }
    let gone = |key: &plimsoll_model::OperationKey| {
        before.operations.iter().any(|facts| facts.operation == *key)
            && !now.operations.iter().any(|facts| facts.operation == *key)
    };
    let missing = findings.iter().filter_map(|finding| finding.operation.as_ref()).find(|key| gone(key));
    if let Some(key) = missing {
        return blind(Vantage::Contract, format!("the contract has no {key} any more"));
    }
    looked(Vantage::Contract, false, "the contract allows it no more")
}
