//! What every vantage knows of operations, looked up once.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use plimsoll_model::access::Access;
use plimsoll_model::memory::{OperationMemory, Verdict};
use plimsoll_model::report::OperationFacts;
use plimsoll_model::{Finding, SourcePlace, Vantage, Weakness};

use super::Lanes;
use super::names::{Names, Op};
use super::roots::Root;

/// The lanes by operation.
#[derive(Debug)]
pub struct Known<'a> {
    /// The findings of every vantage by their names, so that their order changes nothing.
    pub findings: Vec<&'a Finding>,
    /// The names of operations.
    pub names: Names,
    /// What was measured.
    pub measured: HashMap<Op, &'a OperationMemory>,
    /// How operations answered.
    pub answered: HashMap<Op, &'a OperationFacts>,
    /// The functions that answer operations.
    pub answering: HashMap<Op, SourcePlace>,
    /// Operations that answer somebody without credentials, as far as that was seen.
    pub open: BTreeSet<Op>,
}

impl<'a> Known<'a> {
    /// What these lanes know.
    pub fn of(lanes: &Lanes<'a>) -> Self {
        let mut findings: Vec<&Finding> = lanes.findings.iter().collect();
        findings.sort_by(|a, b| a.fingerprint.cmp(&b.fingerprint));
        let names = Names::of(lanes, &findings);
        let op = |key, vantage| names.op(key, vantage);
        let measured = lanes.memory.iter().filter_map(|memory| Some((op(&memory.operation, Vantage::Memory)?, memory)));
        let answered = lanes.operations.iter().filter_map(|facts| Some((op(&facts.operation, Vantage::Wire)?, facts)));
        // A route that nothing puts into an application comes last, and does not hide one that is known to be there.
        let mut answering: HashMap<Op, SourcePlace> = HashMap::new();
        let (detached, attached): (Vec<_>, Vec<_>) = lanes.routes.iter().partition(|route| route.detached);
        for route in attached.into_iter().chain(detached) {
            let place = route.answers.as_ref().map(|(file, line)| SourcePlace {
                file: file.clone(),
                line: *line,
                symbol: route.handler.clone(),
                columns: None,
            });
            if let (Some(place), Some(op)) = (place, route.operation.as_ref().and_then(|key| op(key, Vantage::Code))) {
                answering.entry(op).or_insert(place);
            }
        }
        let says_so = |finding: &&Finding| {
            use Weakness::{AccessRuleBypass, AuthNotEnforced, MethodAuthGap, MissingAuthentication};
            let open = [AccessRuleBypass, AuthNotEnforced, MethodAuthGap, MissingAuthentication];
            finding.vantage == Vantage::Wire && open.contains(&finding.weakness)
        };
        let said = findings.iter().copied().filter(says_so).flat_map(|finding| names.ops(finding));
        let seen = lanes.access.iter().flat_map(|table| {
            let anonymous = table.identities.iter().position(|identity| identity.name == "anonymous");
            let cell = move |row: &plimsoll_model::access::AccessRow| row.cells.get(anonymous?).copied();
            let allowed =
                table.operations.iter().filter(move |row| cell(row).is_some_and(|cell| cell.access == Access::Allowed));
            allowed.filter_map(|row| op(&row.operation, Vantage::Wire))
        });
        let (measured, answered, open) =
            (measured.collect(), answered.collect(), said.chain(seen).collect::<BTreeSet<_>>());
        Self { findings, names, measured, answered, answering, open }
    }

    /// The measurement of a leak that a finding is about; none for findings of other vantages, and about something else than bytes.
    pub fn leak(&self, finding: &Finding) -> Option<&'a OperationMemory> {
        if finding.vantage != Vantage::Memory {
            return None;
        }
        let op = self.names.op(finding.operation.as_ref()?, Vantage::Memory)?;
        self.measured.get(&op).copied().filter(|memory| memory.verdict == Verdict::Leak)
    }
}

/// The roots that each operation gets to.
pub fn by_op(roots: &[Root]) -> BTreeMap<Op, Vec<usize>> {
    let mut by_op: BTreeMap<Op, Vec<usize>> = BTreeMap::new();
    for (number, root) in roots.iter().enumerate() {
        for op in root.ways.keys() {
            by_op.entry(*op).or_default().push(number);
        }
    }
    by_op
}
