//! Who is compared with whom, and what is asked for that: first what tells the callers apart, then for each operation the owner's read, the
//! reader's and a stranger's.

use plimsoll_http::{Probe, Who};
use plimsoll_model::{Confidence, PartKind, Severity};
use plimsoll_spec::Location;

use super::crossing::{self, Crossing};
use super::references::{By, Reference};
use crate::callers::{Caller, Callers, is_about_caller, is_plain};
use crate::draft::Draft;
use crate::same;
use crate::view::{App, Op};

/// How many pairs of callers are compared at one operation.
const PAIRS: usize = 2;

/// The references of an operation to objects of a caller.
pub type References<'r> = &'r dyn Fn(&Op<'_>, &Callers<'_>, &Caller<'_>) -> Vec<Reference>;

/// What tells the callers apart: answers about them, and the lists that each of them gets.
fn learning(app: &App<'_>, callers: &Callers<'_>) -> Vec<Probe> {
    let mut out = Vec::new();
    for op in app.ops().filter(is_plain) {
        let Some(baseline) = op.baseline() else { continue };
        let is_list = crate::list::List::in_answer(baseline).is_some();
        let is_person = same::object(baseline).is_some_and(|object| {
            object.keys().any(|name| matches!(crate::fields::normal(name).as_str(), "email" | "username" | "login"))
        });
        if is_list || is_person || is_about_caller(&op.key().path) {
            out.extend(callers.all.iter().map(|caller| op.probe().who(caller.who)));
        }
        if is_list {
            out.push(op.probe().who(Who::Anonymous));
        }
    }
    out
}

/// Everybody's probes: first those that tell the callers apart, then those that compare them. None where there are not two callers.
pub fn probes(app: &App<'_>, references: References<'_>) -> Vec<Probe> {
    if app.seen.callers().len() < 2 {
        return Vec::new();
    }
    let callers = Callers::of(app);
    let mut out = learning(app, &callers);
    let asked = out.iter().any(|probe| probe.who != Who::Given && probe.who != Who::Anonymous && app.seen.has(probe));
    if out.is_empty() || asked {
        for op in app.ops().filter(Op::is_get) {
            out.extend(probes_of(&op, &callers, references));
        }
    }
    out
}

fn probes_of(op: &Op<'_>, callers: &Callers<'_>, references: References<'_>) -> Vec<Probe> {
    let mut out = Vec::new();
    if op.base().is_none() || find(op, callers, references).is_some() {
        return out;
    }
    let mut compared = 0;
    for (owner, reader) in pairs(op, callers) {
        if compared == PAIRS {
            break;
        }
        for reference in references(op, callers, owner) {
            let own = reference.probe(owner.who);
            let reply = op.reply(&own);
            out.push(own);
            match reply {
                // The next reference waits until this one is known to lead nowhere.
                None => break,
                Some(exchange)
                    if !exchange.is_success()
                        || !crate::fields::has_data(exchange) && same::object(exchange).is_none() => {}
                Some(_) => {
                    out.push(reference.probe(reader.who));
                    out.push(reference.probe(Who::Anonymous));
                    compared += 1;
                    break;
                }
            }
        }
    }
    out
}

/// The pairs of owner and reader, the most telling first: across tenants, then with the first caller as the owner.
pub fn pairs<'a, 'c>(op: &Op<'_>, callers: &'c Callers<'a>) -> Vec<(&'c Caller<'a>, &'c Caller<'a>)> {
    let all = || callers.all.iter().enumerate();
    let mut out: Vec<_> = all()
        .flat_map(|(x, owner)| all().map(move |(y, reader)| (x, owner, y, reader)))
        .filter(|(x, owner, y, reader)| x != y && !crossing::may_see_more(op.seen, owner, reader))
        .map(|(x, owner, y, reader)| {
            ((reader.is_privileged(), !owner.is_apart(reader), owner.is_privileged(), x, y), (owner, reader))
        })
        .collect();
    out.sort_by_key(|(key, _): &((bool, bool, bool, usize, usize), _)| *key);
    out.into_iter().map(|(_, pair)| pair).collect()
}

/// The surest crossing at an operation.
pub fn find<'a, 'c>(
    op: &Op<'a>,
    callers: &'c Callers<'a>,
    references: References<'_>,
) -> Option<(Crossing<'a, 'c>, Reference)> {
    let mut best: Option<(Crossing<'a, 'c>, Reference)> = None;
    for (owner, reader) in pairs(op, callers) {
        for reference in references(op, callers, owner) {
            if let Some(found) = crossing::judge(op, callers, owner, reader, &reference)
                && best.as_ref().is_none_or(|(known, _)| found.confidence > known.confidence)
            {
                best = Some((found, reference));
            }
        }
    }
    best
}

/// The finding of a crossing.
pub fn draft(op: &Op<'_>, crossing: &Crossing<'_, '_>, reference: &Reference) -> Draft {
    let (owner, reader) = (crossing.owner.name, crossing.reader.name);
    let what = match reference.by {
        By::Itself => format!("what belongs to {owner}"),
        _ => format!("the {} {} of {owner}", reference.noun, crossing::shown(&reference.id)),
    };
    let across = if crossing.across_tenants { ", from another tenant" } else { "" };
    let equal = match crossing.equal {
        1 => String::new(),
        equal => format!(", {equal} fields the same"),
    };
    let severity = match crossing.confidence {
        // Whether a role that administers does so for one tenant or for all is for people to say.
        Confidence::Suspected if crossing.reader.is_privileged() => Severity::Info,
        Confidence::Suspected => Severity::Medium,
        _ => Severity::High,
    };
    let kind = match reference.location {
        Location::Path => PartKind::Path,
        Location::Header => PartKind::Header,
        Location::Query | Location::Cookie => PartKind::Query,
    };
    op.finding(format!("{reader} gets {what}{across}{equal}: {}.", crossing.sign))
        .severity(severity)
        .confidence(crossing.confidence)
        .part(kind, reference.parameter.clone())
        .outline(crossing.mine, format!("as {owner}, whose it is"))
        .outline(crossing.theirs, format!("as {reader}, whose it is not"))
}
