//! Units: findings without a root of their own that are one issue all the same, by weakness and operation.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use plimsoll_model::{Finding, Vantage, Weakness};

use super::names::Op;
use super::pick::{Claim, Picked};
use super::table::{self, Need};

/// A finding with those of its operations that count.
pub type Member = (usize, Vec<Op>);

/// Sets that are put together.
#[derive(Debug)]
pub struct Sets(Vec<usize>);

impl Sets {
    /// So many, each alone.
    pub fn new(count: usize) -> Self {
        Self((0..count).collect())
    }

    /// The least member of the set.
    pub fn of(&mut self, at: usize) -> usize {
        let mut top = at;
        while self.0[top] != top {
            self.0[top] = self.0[self.0[top]];
            top = self.0[top];
        }
        top
    }

    /// Makes two sets one.
    pub fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.of(a), self.of(b));
        self.0[a.max(b)] = a.min(b);
    }
}

/// A group of findings: those of a root, or those of one weakness at one operation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Unit {
    /// Its findings.
    pub members: Vec<Member>,
    /// The roots; none where code shows none.
    pub roots: Vec<usize>,
}

/// Pairs of findings that are in one issue without a root between them, with the reason; or nearly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beside {
    /// The one finding.
    pub left: usize,
    /// The other.
    pub right: usize,
    /// Whether they are one issue.
    pub joined: bool,
    /// What decided it.
    pub why: String,
}

/// Groups of everything: first those with roots, then those without.
pub fn of(picked: &Picked, roots: usize, findings: &[&Finding]) -> (Vec<Unit>, Vec<Beside>) {
    let mut sets = Sets::new(roots);
    for (a, b) in &picked.twins {
        sets.join(*a, *b);
    }
    let mut rooted: BTreeMap<usize, Unit> = BTreeMap::new();
    for root in 0..roots {
        rooted.entry(sets.of(root)).or_default().roots.push(root);
    }
    for Claim { finding, root, ops, .. } in &picked.claims {
        rooted.entry(sets.of(*root)).or_default().members.push((*finding, ops.clone()));
    }
    let mut units: Vec<Unit> = rooted.into_values().collect();
    let mut beside = Vec::new();
    let mut said: HashMap<(Weakness, Op), Vec<usize>> = HashMap::new();
    for (number, unit) in units.iter().enumerate() {
        for (finding, ops) in &unit.members {
            for op in ops {
                let there = said.entry((findings[*finding].weakness, *op)).or_default();
                if !there.contains(&number) {
                    there.push(number);
                }
            }
        }
    }
    let mut rest: Vec<Member> = Vec::new();
    // Decided by what has a root by itself, so that the order of findings changes nothing.
    let mut late: Vec<(usize, Member)> = Vec::new();
    for (finding, ops) in &picked.rest {
        let (mut by_unit, mut left): (BTreeMap<usize, Vec<Op>>, Vec<Op>) = (BTreeMap::new(), Vec::new());
        for op in ops {
            match said.get(&(findings[*finding].weakness, *op)).map(Vec::as_slice) {
                Some([only]) => by_unit.entry(*only).or_default().push(*op),
                _ => left.push(*op),
            }
        }
        if by_unit.is_empty() || !left.is_empty() {
            rest.push((*finding, left));
        }
        for (unit, ops) in by_unit {
            if let Some((other, _)) =
                units[unit].members.iter().find(|(other, _)| findings[*other].weakness == findings[*finding].weakness)
            {
                let why = "the same weakness at the same operation".to_owned();
                beside.push(Beside { left: *other, right: *finding, joined: true, why });
            }
            late.push((unit, (*finding, ops)));
        }
    }
    for (unit, member) in late {
        units[unit].members.push(member);
    }
    units.extend(alike(&rest, findings));
    across(&mut units, findings, &mut beside);
    (units, beside)
}

/// Findings of one weakness with an operation in common, or about the application as a whole. What the contract says of several operations, or of
/// none, is written down and mended in one place: it is one with what others see, but not with what the contract says elsewhere.
fn alike(rest: &[Member], findings: &[&Finding]) -> Vec<Unit> {
    let mut buckets: BTreeMap<(Weakness, Option<Op>), Vec<usize>> = BTreeMap::new();
    for (at, (finding, ops)) in rest.iter().enumerate() {
        let weakness = findings[*finding].weakness;
        let keys: Vec<Option<Op>> = if ops.is_empty() { vec![None] } else { ops.iter().copied().map(Some).collect() };
        for key in keys {
            buckets.entry((weakness, key)).or_default().push(at);
        }
    }
    let designs = |at: usize| findings[rest[at].0].vantage == Vantage::Contract;
    let stands_alone = |at: usize| designs(at) && rest[at].1.len() != 1;
    let mut sets = Sets::new(rest.len());
    for members in buckets.values() {
        let is_seen = members.iter().any(|at| !designs(*at));
        let together: Vec<usize> = members.iter().copied().filter(|at| is_seen || !stands_alone(*at)).collect();
        for pair in together.windows(2) {
            sets.join(pair[0], pair[1]);
        }
    }
    let mut units: BTreeMap<usize, Unit> = BTreeMap::new();
    for (at, member) in rest.iter().enumerate() {
        units.entry(sets.of(at)).or_default().members.push(member.clone());
    }
    units.into_values().collect()
}

/// Joins groups without a root with what a nearer vantage says of the same operations under a compatible name, if only one group does.
fn across(units: &mut Vec<Unit>, findings: &[&Finding], beside: &mut Vec<Beside>) {
    let mut at_op: HashMap<Op, BTreeSet<usize>> = HashMap::new();
    for (number, unit) in units.iter().enumerate() {
        for op in unit.members.iter().flat_map(|(_, ops)| ops) {
            at_op.entry(*op).or_default().insert(number);
        }
    }
    let mut sets = Sets::new(units.len());
    for (at, unit) in units.iter().enumerate().filter(|(_, unit)| unit.roots.is_empty()) {
        let Some(lead) = unit.members.iter().max_by_key(|member| table::nearness(findings[member.0].vantage)) else {
            continue;
        };
        let lead = lead.0;
        let ops: BTreeSet<Op> = unit.members.iter().flat_map(|(_, ops)| ops.iter().copied()).collect();
        if ops.is_empty() {
            continue;
        }
        let first = ops.iter().next().and_then(|op| at_op.get(op));
        let able: Vec<(usize, usize)> = first
            .into_iter()
            .flatten()
            .filter(|other| **other != at)
            .filter_map(|&other| {
                let group = &units[other];
                let fits = |member: &&Member| fits(findings[lead], findings[member.0]);
                let fitting: Vec<&Member> = group.members.iter().filter(fits).collect();
                let there: BTreeSet<Op> = fitting.iter().flat_map(|(_, ops)| ops.iter().copied()).collect();
                (!fitting.is_empty() && ops.is_subset(&there)).then(|| (other, fitting[0].0))
            })
            .collect();
        let only = able.len() == 1;
        for (other, finding) in able {
            if only {
                sets.join(at, other);
            }
            let (a, b) = (findings[lead].weakness, findings[finding].weakness);
            let why = table::why(a, b).unwrap_or("the same weakness");
            let doubt = if only { "" } else { "; but several issues there could be it" };
            beside.push(Beside {
                left: finding,
                right: lead,
                joined: only,
                why: format!("{b} and {a} at the same operation: {why}{doubt}"),
            });
        }
    }
    let mut whole: BTreeMap<usize, Unit> = BTreeMap::new();
    for (at, unit) in std::mem::take(units).into_iter().enumerate() {
        let group = whole.entry(sets.of(at)).or_default();
        group.members.extend(unit.members);
        group.roots.extend(unit.roots);
    }
    units.extend(whole.into_values());
}

/// Whether a finding can be the effect of what a nearer vantage, other than the code, says.
fn fits(far: &Finding, near: &Finding) -> bool {
    let input = |finding: &Finding| finding.part.as_ref().map(|part| part.name.clone());
    // What every request leaves behind is no operation's own.
    let is_everywhere = near.vantage == Vantage::Memory && !near.also.is_empty();
    !is_everywhere
        && table::nearness(near.vantage) > table::nearness(far.vantage)
        && match table::compatible(far.weakness, near.weakness) {
            None => false,
            Some(Need::Nothing) => far.weakness != near.weakness,
            Some(Need::SameInput) => input(far).is_some() && input(far) == input(near),
        }
}
