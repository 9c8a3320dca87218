//! `verify`: repeats the evidence of issues after a change, and says what became of them.
//!
//! An issue is *fixed* only when every vantage that had seen it looked again and sees it no more. A vantage that could not look, or whose measurement is too
//! coarse, verifies nothing: nobody is told that something is gone because nobody looked.

mod code;
mod memory;
mod running;
mod settle;

use std::collections::HashMap;
use std::sync::Arc;

use plimsoll_http::settings::Settings;
use plimsoll_memory::supervise::Launch;
use plimsoll_model::verification::{Again, Outcome, Verification};
use plimsoll_model::{Finding, Fingerprint, Issue, Report, Vantage};
use tokio::sync::watch;

use crate::event::Event;
use crate::memory::Subject;
use crate::record::Record;
use crate::replay::Callers;
use crate::{audit, emulator};

pub use settle::{carry_over, settle};

/// What every vantage needs to look again. One without its means cannot.
#[derive(Default)]
pub struct Means {
    /// Which code is read.
    pub code: Option<crate::code::Request>,
    /// How contracts are audited; without documents, the one that the application serves is.
    pub audit: Option<audit::Request>,
    /// How exchanges are repeated.
    pub wire: Option<Wire>,
    /// How memory is measured. Operations and the report to compare with are filled in.
    pub memory: Option<crate::memory::Request>,
    /// The most that a request may leave behind and be called fixed, in bytes; what the earlier measurement could have seen where none is given.
    pub bound: Option<u64>,
    /// Why a vantage has no means.
    pub lacking: Vec<(Vantage, String)>,
}

/// How exchanges are repeated.
pub struct Wire {
    /// The recording that they are in.
    pub record: Record,
    /// How to talk to the application; the target is filled in where it is started.
    pub settings: Settings,
    /// As whom.
    pub callers: Callers,
    /// How the application is started; none where the target runs already.
    pub start: Option<Launch>,
}

impl Means {
    /// Puts the application onto an emulator that runs.
    pub fn stand_on(&mut self, emulator: &emulator::Emulator) {
        let on = |launch: &mut Launch| {
            launch.env.splice(0..0, emulator.environment().iter().cloned()).for_each(drop);
        };
        if let Some(Subject::Command(launch)) = self.memory.as_mut().map(|memory| &mut memory.subject) {
            on(launch);
        }
        self.wire.iter_mut().filter_map(|wire| wire.start.as_mut()).for_each(on);
    }

    /// Why a vantage cannot look again.
    fn lack(&self, vantage: Vantage) -> String {
        let known = self.lacking.iter().find(|(of, _)| *of == vantage).map(|(_, why)| why.clone());
        known.unwrap_or_else(|| "nothing says how to look from there again".to_owned())
    }
}

/// What came of looking again.
#[derive(Debug, Default)]
pub struct Looked {
    /// The issues, in the order asked for.
    pub verified: Vec<(Fingerprint, Verification)>,
    /// What the code lane says now, where it was asked.
    pub code: Option<Report>,
    /// Whether it was stopped from outside.
    pub interrupted: bool,
}

/// The findings of an issue from one vantage.
fn findings<'a>(report: &'a Report, issue: &Issue, vantage: Vantage) -> Vec<&'a Finding> {
    let own = report.findings.iter().filter(|finding| issue.findings.contains(&finding.fingerprint));
    own.filter(|finding| finding.vantage == vantage).collect()
}

/// Looks again at issues of a report, from every vantage that had seen them. Nothing is changed.
pub async fn verify(
    report: &Report,
    wanted: &[Fingerprint],
    means: &Means,
    interrupted: watch::Receiver<bool>,
    watch: Arc<dyn Fn(Event) + Send + Sync>,
) -> Looked {
    let find = |wanted: &Fingerprint| report.issues.iter().find(|issue| issue.fingerprint == *wanted);
    let issues: Vec<&Issue> = wanted.iter().filter_map(find).collect();
    let seen_by = |vantage: Vantage| -> Vec<&Issue> {
        issues.iter().copied().filter(|issue| !findings(report, issue, vantage).is_empty()).collect()
    };
    let mut said: HashMap<(&Fingerprint, Vantage), Again> = HashMap::new();
    let mut code = None;
    let concerned = seen_by(Vantage::Code);
    if !concerned.is_empty() {
        let look = code::look(means.code.as_ref(), &means.lack(Vantage::Code)).await;
        for issue in concerned {
            let again = code::again(report, &findings(report, issue, Vantage::Code), &look);
            said.insert((&issue.fingerprint, Vantage::Code), again);
        }
        code = look.outcome.ok();
    }
    let (wire, contract) = (seen_by(Vantage::Wire), seen_by(Vantage::Contract));
    if !wire.is_empty() || !contract.is_empty() {
        let running = running::look(report, &wire, &contract, means, interrupted.clone(), &watch);
        for (issue, again) in Box::pin(running).await {
            said.insert((issue, again.vantage), again);
        }
    }
    let concerned = seen_by(Vantage::Memory);
    if !concerned.is_empty() {
        let look = Box::pin(memory::look(report, &concerned, means, interrupted.clone(), &watch)).await;
        for issue in concerned {
            let again = memory::again(report, &findings(report, issue, Vantage::Memory), &look, means.bound);
            said.insert((&issue.fingerprint, Vantage::Memory), again);
        }
    }
    let verified = issues.iter().map(|issue| {
        let order = [Vantage::Contract, Vantage::Wire, Vantage::Code, Vantage::Memory];
        let again: Vec<Again> = order.iter().filter_map(|at| said.remove(&(&issue.fingerprint, *at))).collect();
        (issue.fingerprint.clone(), Verification { outcome: outcome(&again), again, answers: None })
    });
    Looked { verified: verified.collect(), code, interrupted: *interrupted.borrow() }
}

/// The verdict of several vantages: what one of them still sees is there; what one of them could not look at is not verified.
fn outcome(again: &[Again]) -> Outcome {
    if again.iter().any(|again| again.ran && again.still) {
        Outcome::StillThere
    } else if again.is_empty() || again.iter().any(|again| !again.ran) {
        Outcome::NotVerified
    } else {
        Outcome::Fixed
    }
}

/// Whether a change did what it is for: the issue is fixed; or what it did to memory is measured to be gone, and only the design of the interface still allows it.
pub fn helped(verification: &Verification) -> bool {
    let gone = |vantage: Vantage| {
        let found = verification.again.iter().find(|again| again.vantage == vantage);
        found.map(|again| again.ran && !again.still)
    };
    match verification.outcome {
        Outcome::Fixed => true,
        Outcome::StillThere => gone(Vantage::Memory) == Some(true) && gone(Vantage::Code) != Some(false),
        Outcome::NotVerified => false,
    }
}

/// A vantage that could not look.
fn blind(vantage: Vantage, why: impl Into<String>) -> Again {
    Again { vantage, ran: false, still: false, why: why.into(), memory: Vec::new() }
}

/// A vantage that looked.
fn looked(vantage: Vantage, still: bool, why: impl Into<String>) -> Again {
    Again { vantage, ran: true, still, why: why.into(), memory: Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(again: Vec<Again>) -> Verification {
        Verification { outcome: outcome(&again), again, answers: None }
    }

    #[test]
    fn only_a_vantage_that_looked_makes_fixed() {
        let gone = |vantage| looked(vantage, false, "");
        let still = |vantage| looked(vantage, true, "");
        let unseen = |vantage| blind(vantage, "");
        let (code, wire, memory) = (Vantage::Code, Vantage::Wire, Vantage::Memory);
        for (again, expected, good) in [
            (vec![gone(code), gone(memory)], Outcome::Fixed, true),
            (vec![gone(code), unseen(memory)], Outcome::NotVerified, false),
            (vec![gone(code), still(memory)], Outcome::StillThere, false),
            (vec![unseen(code), still(memory)], Outcome::StillThere, false),
            (vec![still(wire), gone(code), gone(memory)], Outcome::StillThere, true),
            (vec![still(wire), gone(code)], Outcome::StillThere, false),
            (vec![still(wire), still(code), gone(memory)], Outcome::StillThere, false),
            (vec![], Outcome::NotVerified, false),
        ] {
            let verification = of(again);
            assert_eq!((verification.outcome, helped(&verification)), (expected, good), "{verification:?}");
        }
    }
}
