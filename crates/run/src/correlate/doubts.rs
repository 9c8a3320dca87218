//! Doubts: a vantage that looked where others suspect something, closely enough, and saw nothing.
//!
//! That something was not found says nothing by itself. It counts only if the vantage would have seen it: on every operation that gets there, with a
//! measurement fine enough, or with answers that contradict.

use plimsoll_model::memory::Verdict;
use plimsoll_model::report::OperationFacts;
use plimsoll_model::{Doubt, Vantage, Weakness};

use super::known::Known;
use super::names::Op;
use super::roots::Root;
use super::units::Unit;

/// A measurement that could not have seen a leak of so many bytes a request refutes none: an entry of a dictionary with a short key takes some hundred
/// bytes, one that holds a request or an item of a store some thousand.
const FINE: f64 = 1_024.0;

/// Requests that an operation must have been sent before its answers contradict anything.
const ASKED: u32 = 5;

/// What speaks against a group.
pub fn of(unit: &Unit, root: Option<&Root>, all: &[usize], known: &Known<'_>) -> Vec<Doubt> {
    let seen = |vantage| all.iter().any(|at| known.findings[*at].vantage == vantage);
    let mut doubts = Vec::new();
    if let Some(root) = root.filter(|root| root.is_leak() && !seen(Vantage::Memory)) {
        doubts.extend(unmeasured(root, known));
    }
    if !seen(Vantage::Wire) {
        let ops = match root {
            Some(root) => own(root),
            None => unit.members.iter().flat_map(|(_, ops)| ops.iter().copied()).collect(),
        };
        let weakness = root.map_or_else(|| known.findings[all[0]].weakness, |root| root.weakness);
        doubts.extend(unanswered(weakness, &ops, known));
    }
    doubts
}

/// The operations whose own code gets to a root; all of them for what runs around requests.
fn own(root: &Root) -> Vec<Op> {
    let all = root.ways.iter().filter(|(_, way)| root.is_around() || !way.around);
    all.map(|(op, _)| *op).collect()
}

/// Memory measured every operation that gets there, and saw no leak.
fn unmeasured(root: &Root, known: &Known<'_>) -> Option<Doubt> {
    let ops = own(root);
    let (mut least, mut plateaus) = (0.0_f64, 0usize);
    for op in &ops {
        let memory = known.measured.get(op)?;
        match (memory.verdict, memory.smallest_detectable) {
            (Verdict::None, Some(smallest)) if smallest <= FINE => least = least.max(smallest),
            // It grew and stopped: what is kept has a bound, wherever that is.
            (Verdict::Plateau, _) => plateaus += 1,
            _ => return None,
        }
    }
    if ops.is_empty() {
        return None;
    }
    let at = match ops.as_slice() {
        [only] => format!("at {}", known.names.key(*only)),
        several => format!("at the {} operations that get there", several.len()),
    };
    let seen = match (plateaus, ops.len() - plateaus) {
        (0, _) => format!("measured no leak of {least:.0} B a request or more {at}"),
        (_, 0) => format!("measured growth that ends {at}"),
        (_, _) => format!("measured growth that ends, or no leak of {least:.0} B a request or more, {at}"),
    };
    Some(Doubt { vantage: Vantage::Memory, why: format!("memory {seen}") })
}

/// The answers of every operation concerned contradict.
fn unanswered(weakness: Weakness, ops: &[Op], known: &Known<'_>) -> Option<Doubt> {
    let answered = |op: &Op| known.answered.get(op).copied().filter(|facts| facts.requests >= ASKED);
    let asked: Vec<&OperationFacts> = ops.iter().map(answered).collect::<Option<_>>()?;
    if asked.is_empty() {
        return None;
    }
    let requests: u32 = asked.iter().map(|facts| facts.requests).sum();
    let has = |facts: &OperationFacts, wanted: &[u16]| wanted.iter().any(|status| facts.statuses.contains_key(status));
    let why = match weakness {
        // Bad input was refused, and nothing broke.
        Weakness::UnhandledInput
            if asked.iter().all(|facts| {
                facts.reached && has(facts, &[400, 404, 422]) && facts.statuses.range(500..).next().is_none()
            }) =>
        {
            format!("{requests} requests, bad ones among them, were answered without an error of the server")
        }
        Weakness::OpenOperation if asked.iter().all(|facts| has(facts, &[401, 403])) => {
            "the service asks for credentials, whatever its contract says".to_owned()
        }
        _ => return None,
    };
    Some(Doubt { vantage: Vantage::Wire, why })
}
