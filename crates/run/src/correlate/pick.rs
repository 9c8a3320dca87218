//! Picking: which root a finding of another vantage comes from.
//!
//! What a measurement points to goes before everything else; then the same weakness before one that is only compatible; then the same parameter; then
//! what an operation's own code does before what runs around all requests; then the shortest way of calls. Where that leaves several functions, none is
//! picked: an issue too many can be told from an issue with the wrong line, the other way round it cannot. Lines of one function with one weakness
//! cannot be told apart from outside; they are one root then, but for leaks, where each line is a leak of its own.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use plimsoll_model::{Evidence, Finding, Kind, Vantage, Weakness};

use super::frames::{self, Pointed};
use super::known::{self, Known};
use super::names::Op;
use super::roots::{Fit, Root};
use super::table;

/// A part of a finding: some of its operations, with the root that they come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The finding.
    pub finding: usize,
    /// Its root.
    pub root: usize,
    /// The operations; none for a finding about the application as a whole.
    pub ops: Vec<Op>,
    /// What decided it.
    pub why: String,
}

/// A root that a finding could come from, and is not said to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Near {
    /// The finding.
    pub finding: usize,
    /// The root.
    pub root: usize,
    /// Why not.
    pub why: String,
}

/// What was picked for all findings.
#[derive(Debug, Default)]
pub struct Picked {
    /// What has a root.
    pub claims: Vec<Claim>,
    /// What has none: findings with the operations that are left; no operations for one about the application as a whole.
    pub rest: Vec<(usize, Vec<Op>)>,
    /// What was refused.
    pub near: Vec<Near>,
    /// Roots that cannot be told apart from outside.
    pub twins: Vec<(usize, usize)>,
}

/// Picks the roots of every finding that is not the code's.
pub fn pick(known: &Known<'_>, roots: &[Root]) -> Picked {
    let by_op = known::by_op(roots);
    let mut picked = Picked::default();
    let (bytes, others): (Vec<usize>, Vec<usize>) = (0..known.findings.len())
        .filter(|at| known.findings[*at].vantage != Vantage::Code)
        .partition(|at| is_about_bytes(known.findings[*at]));
    let mut shared = Vec::new();
    for at in bytes {
        retained(at, known, roots, &mut picked, &mut shared);
    }
    // A measurement that several holders explain is evidence for those that no other measurement speaks of.
    for claim in shared {
        if !picked.claims.iter().any(|known: &Claim| known.root == claim.root) {
            picked.claims.push(claim);
        }
    }
    let pinned: BTreeMap<usize, BTreeSet<Op>> = picked.claims.iter().fold(BTreeMap::new(), |mut pinned, claim| {
        pinned.entry(claim.root).or_insert_with(BTreeSet::new).extend(claim.ops.iter().copied());
        pinned
    });
    for at in others {
        let finding = known.findings[at];
        let ops = known.names.ops(finding);
        if ops.is_empty() {
            whole(at, finding, roots, &mut picked);
            continue;
        }
        let mut claims: BTreeMap<usize, (Vec<Op>, String)> = BTreeMap::new();
        let mut rest = Vec::new();
        for op in ops {
            let there = by_op.get(&op).map_or(&[][..], Vec::as_slice);
            match at_op(at, op, known, there, roots, &pinned, &mut picked) {
                Some((root, why)) => {
                    let also = collector(finding, op, root, known, there, roots);
                    for (root, why) in std::iter::once((root, why)).chain(also) {
                        claims.entry(root).or_insert_with(|| (Vec::new(), why)).0.push(op);
                    }
                }
                None => rest.push(op),
            }
        }
        let any = !claims.is_empty();
        picked.claims.extend(claims.into_iter().map(|(root, (ops, why))| Claim { finding: at, root, ops, why }));
        if !any || !rest.is_empty() {
            picked.rest.push((at, rest));
        }
    }
    let joined: BTreeSet<(usize, usize)> = picked.claims.iter().map(|claim| (claim.finding, claim.root)).collect();
    picked.near.retain(|near| !joined.contains(&(near.finding, near.root)));
    picked
}

/// Whether a finding is a measurement of bytes that stay.
fn is_about_bytes(finding: &Finding) -> bool {
    finding.kind == Kind::Leak && is_measured_in(finding, "B/request")
}

/// Whether a finding is a measurement of bytes that one request has in use.
fn is_peak(finding: &Finding) -> bool {
    finding.kind != Kind::Leak && is_measured_in(finding, "B")
}

fn is_measured_in(finding: &Finding, unit: &str) -> bool {
    let in_unit = |evidence: &Evidence| matches!(evidence, Evidence::Measurement(measured) if measured.unit == unit);
    finding.vantage == Vantage::Memory && finding.evidence.iter().any(in_unit)
}

/// The roots of bytes that stay: by what holds them, else by the only root that can.
fn retained(at: usize, known: &Known<'_>, roots: &[Root], picked: &mut Picked, shared: &mut Vec<Claim>) {
    let finding = known.findings[at];
    let ops = known.names.ops(finding);
    let memory = known.leak(finding);
    let Pointed { first, others, elsewhere } =
        memory.map(|memory| frames::pointed(finding, memory, roots)).unwrap_or_default();
    if let Some((root, why)) = first {
        // What runs around requests is measured where nothing else is.
        let everywhere = memory.is_some_and(|memory| memory.everywhere);
        let others = others.into_iter().filter(|(root, _)| everywhere || !roots[*root].is_around());
        shared.extend(others.map(|(root, why)| Claim { finding: at, root, ops: ops.clone(), why }));
        picked.claims.push(Claim { finding: at, root, ops, why });
        return;
    }
    let everywhere = memory.is_some_and(|memory| memory.everywhere);
    let reached = |root: &Root| {
        if everywhere {
            root.is_around()
        } else {
            ops.iter().any(|op| root.ways.get(op).is_some_and(|way| !way.around))
        }
    };
    let able: Vec<usize> = (0..roots.len())
        .filter(|root| roots[*root].is_leak() && reached(&roots[*root]))
        .filter(|root| matches!(roots[*root].fits(finding), Fit::Yes { .. }))
        .collect();
    let refuse = |why: &dyn Fn(usize) -> String| -> Vec<Near> {
        able.iter().map(|root| Near { finding: at, root: *root, why: why(*root) }).collect()
    };
    match (elsewhere, able.as_slice()) {
        (None, [only]) => {
            let why = if everywhere {
                "every request leaves this behind, and this is the only line around requests that keeps something"
                    .to_owned()
            } else {
                "the only line that the operation gets to and that keeps something".to_owned()
            };
            picked.claims.push(Claim { finding: at, root: *only, ops, why });
            return;
        }
        (Some(place), _) => picked.near.extend(refuse(&|_| format!("what holds the bytes is filled at {place}"))),
        (None, several) => {
            let count = several.len();
            picked
                .near
                .extend(refuse(&|_| format!("{count} lines could keep it, and the measurement does not say which")));
        }
    }
    picked.rest.push((at, ops));
}

/// The root of a finding about the application as a whole: the only one of its weakness that is the application's, too.
fn whole(at: usize, finding: &Finding, roots: &[Root], picked: &mut Picked) {
    let able =
        |root: &&(usize, &Root)| root.1.weakness == finding.weakness && (root.1.ways.is_empty() || root.1.is_around());
    let able: Vec<usize> =
        roots.iter().enumerate().collect::<Vec<_>>().iter().filter(able).map(|(number, _)| *number).collect();
    if let [only] = able.as_slice() {
        let why = "both speak of the application as a whole".to_owned();
        picked.claims.push(Claim { finding: at, root: *only, ops: Vec::new(), why });
        return;
    }
    let count = able.len();
    let near = |root: usize| Near {
        finding: at,
        root,
        why: format!("{count} lines could be it, and nothing tells them apart"),
    };
    picked.near.extend(able.into_iter().map(near));
    picked.rest.push((at, Vec::new()));
}

/// What decides between roots, the strongest first.
type Rank = (bool, bool, bool, bool, Reverse<u32>);

/// The root that a finding comes from at one operation.
fn at_op(
    at: usize,
    op: Op,
    known: &Known<'_>,
    there: &[usize],
    roots: &[Root],
    pinned: &BTreeMap<usize, BTreeSet<Op>>,
    picked: &mut Picked,
) -> Option<(usize, String)> {
    let (finding, names) = (known.findings[at], &known.names);
    let mut able: Vec<(Rank, usize)> = Vec::new();
    for (number, root) in there.iter().map(|number| (*number, &roots[*number])) {
        let Some(way) = root.ways.get(&op) else { continue };
        let same = root.weakness == finding.weakness;
        let mut refuse = |why: String| picked.near.push(Near { finding: at, root: number, why });
        match root.fits(finding) {
            Fit::No => {}
            Fit::OtherInput => {
                let name = |part: Option<&plimsoll_model::Part>| part.map(|part| part.name.clone()).unwrap_or_default();
                refuse(format!(
                    "it speaks of `{}`, not of `{}`",
                    name(root.input.as_ref()),
                    name(finding.part.as_ref())
                ));
            }
            Fit::Yes { .. } if way.around && !same => {
                refuse("it runs around every request, and explains only what it says itself".to_owned());
            }
            Fit::Yes { .. } if !same && way.calls > 0 && root.is_shared(op, names) => {
                refuse("another name counts for an operation's own code, and this is called by others, too".to_owned());
            }
            Fit::Yes { same_input } => {
                let points = pinned.get(&number).is_some_and(|ops| ops.contains(&op));
                able.push(((points, same, same_input, !way.around, Reverse(way.calls)), number));
            }
        }
    }
    able.sort_by_key(|(rank, number)| (Reverse(*rank), *number));
    let (best, first) = *able.first()?;
    let tied: Vec<usize> = able.iter().filter(|(rank, _)| *rank == best).map(|(_, number)| *number).collect();
    let together = |other: usize| other == first || are_twins(&roots[first], &roots[other]);
    if !tied.iter().all(|number| together(*number)) {
        let count = tied.len();
        let near = |root: usize| Near {
            finding: at,
            root,
            why: format!("{count} lines are as near to {}, and nothing tells them apart", names.key(op)),
        };
        picked.near.extend(tied.into_iter().map(near));
        return None;
    }
    for (rank, number) in &able {
        if *number == first {
            continue;
        }
        if together(*number) {
            picked.twins.push((first, *number));
        } else {
            let why = lost(best, *rank, &roots[first]);
            picked.near.push(Near { finding: at, root: *number, why });
        }
    }
    Some((first, won(best, finding, &roots[first], names.key(op))))
}

/// The other root of a peak: what is answered whole is one mistake, what collects it before that another, and mending either changes what one request has in
/// use. None where several lines collect.
fn collector(
    finding: &Finding,
    op: Op,
    first: usize,
    known: &Known<'_>,
    there: &[usize],
    roots: &[Root],
) -> Option<(usize, String)> {
    if !is_peak(finding) || collects(&roots[first]) {
        return None;
    }
    let own = |root: &Root| root.ways.get(&op).is_some_and(|way| !way.around) && !root.is_shared(op, &known.names);
    let fits = |root: &Root| matches!(root.fits(finding), Fit::Yes { .. });
    let able = |number: &&usize| {
        let root = &roots[**number];
        collects(root) && own(root) && fits(root)
    };
    let mut able = there.iter().filter(able);
    let (only, None) = (*able.next()?, able.next()) else { return None };
    let root = &roots[only];
    let why = format!("{} collects what {} has in use at once", root.place(), known.names.key(op));
    Some((only, why))
}

/// Whether a root is a line that collects what is read.
fn collects(root: &Root) -> bool {
    matches!(root.weakness, Weakness::WholeTableRead | Weakness::SynchronousExport)
}

/// Whether two roots cannot be told apart from outside: one weakness, one function, and no parameters that differ.
fn are_twins(a: &Root, b: &Root) -> bool {
    let inputs = match (&a.input, &b.input) {
        (Some(a), Some(b)) => a.name == b.name,
        _ => true,
    };
    a.weakness == b.weakness
        && inputs
        && !a.is_leak()
        && !b.is_leak()
        && a.symbol.is_some()
        && (&a.file, &a.symbol) == (&b.file, &b.symbol)
}

fn won(rank: Rank, finding: &Finding, root: &Root, operation: &plimsoll_model::OperationKey) -> String {
    let what = match table::why(finding.weakness, root.weakness) {
        None => "the same weakness".to_owned(),
        Some(why) => format!("{} and {}: {why}", finding.weakness, root.weakness),
    };
    let (points, _, same_input, own, Reverse(calls)) = rank;
    let how = match (own, calls) {
        (false, _) => "runs around every request".to_owned(),
        (true, 0) => format!("answers {operation}"),
        (true, 1) => format!("is called by what answers {operation}"),
        (true, calls) if calls < 100 => format!("is {calls} calls from what answers {operation}"),
        (true, _) => format!("is reached from {operation}"),
    };
    let input =
        root.input.as_ref().filter(|_| same_input).map(|part| format!(", of `{}`", part.name)).unwrap_or_default();
    let pinned = if points { "; memory is held there" } else { "" };
    format!("{what}{input}; {} {how}{pinned}", root.place())
}

/// Why a root was not picked, beside the one that was.
fn lost(best: Rank, rank: Rank, winner: &Root) -> String {
    let place = winner.place();
    if best.0 != rank.0 {
        format!("the measurement points to {place}")
    } else if best.1 != rank.1 {
        format!("{place} is the same weakness")
    } else if best.2 != rank.2 {
        format!("{place} is about the same parameter")
    } else if best.3 != rank.3 {
        format!("{place} is the operation's own, and this runs around every request")
    } else {
        format!("{place} is nearer by calls")
    }
}
