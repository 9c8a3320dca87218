//! `nested-object-of-another-user`: somebody else's object below the caller's own parent.
//!
//! `/users/{own}/orders/{other}`: the parent is checked and the child is not. The other way round (somebody else's parent, the caller's own
//! child) gives the caller nothing that is not its own, so it is not asked.

use plimsoll_http::{Exchange, Probe, Who};
use plimsoll_model::{Confidence, PartKind};
use plimsoll_spec::Location;

use super::crossing::{self, Crossing};
use super::pairs;
use super::references::{self, By, Reference};
use crate::callers::{Callers, at_path, before, noun};
use crate::check::{Check, Meta, check};
use crate::draft::Draft;
use crate::fields::normal;
use crate::harvest::parameters;
use crate::view::{App, Op};
use crate::{same, ties};

check! {
    /// The parent in the path is checked, and what is below it is not.
    pub struct NestedObjectOfAnotherUser {
        id: "nested-object-of-another-user", weakness: BrokenObjectAuthorization, mode: Active, since: "0.2.0",
        page: "http/nested-object-of-another-user.md",
    }
}

impl Check for NestedObjectOfAnotherUser {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn probes_app(&self, app: &App<'_>) -> Vec<Probe> {
        if app.seen.callers().len() < 2 {
            return Vec::new();
        }
        let callers = Callers::of(app);
        // Only what is closed at the front door is tried from the side.
        let nested = app.ops().filter(is_nested);
        let mixed = nested.filter_map(|op| mixed(&op, &callers)).flat_map(|mixed| [mixed.probe, mixed.control]);
        pairs::probes(app, &references::in_path).into_iter().chain(mixed).collect()
    }

    fn judge_app(&self, app: &App<'_>) -> Vec<Draft> {
        if app.seen.callers().len() < 2 {
            return Vec::new();
        }
        let callers = Callers::of(app);
        app.ops().filter(is_nested).filter_map(|op| find(&op, &callers)).collect()
    }
}

fn is_nested(op: &Op<'_>) -> bool {
    op.is_get() && op.base().is_some() && op.key().path.matches('{').count() >= 2
}

/// A caller's own parent with somebody else's child.
struct Mixed {
    /// Indices of owner and reader.
    pair: (Who, Who),
    reference: Reference,
    probe: Probe,
    /// The same request of a stranger.
    control: Probe,
    template: String,
    /// The parents of the owner and of the reader, by the name of their parameter.
    parents: Vec<(String, String, String)>,
}

fn mixed(op: &Op<'_>, callers: &Callers<'_>) -> Option<Mixed> {
    let names = parameters(&op.key().path);
    let (last, parents) = names.split_last()?;
    pairs::pairs(op, callers).into_iter().find_map(|(owner, reader)| {
        let references = references::in_path(op, callers, owner);
        let reference = references.into_iter().find(|reference| {
            let refused = op.reply(&reference.probe(reader.who)).is_some_and(|exchange| !exchange.is_success());
            refused && op.success(&reference.probe(owner.who)).is_some() && reference.by != By::Itself
        })?;
        let mut set: Vec<(String, String)> = Vec::new();
        let mut of_both: Vec<(String, String, String)> = Vec::new();
        for parent in parents {
            let own = references::parent_value(op, callers, reader, parent)?;
            let other = reference.parents.iter().find(|(name, _)| name == parent).map(|(_, value)| value.clone())?;
            of_both.push((parent.clone(), other, own.clone()));
            set.push((parent.clone(), own));
        }
        set.push((last.clone(), reference.id.clone()));
        let probe = at_path(op, &set);
        let control = probe.clone().who(Who::Anonymous);
        let probe = probe.who(reader.who);
        (probe != reference.probe(reader.who)).then_some(Mixed {
            pair: (owner.who, reader.who),
            reference,
            probe,
            control,
            template: op.key().path.clone(),
            parents: of_both,
        })
    })
}

/// The finding at an operation, if there is one.
pub fn find(op: &Op<'_>, callers: &Callers<'_>) -> Option<Draft> {
    if !is_nested(op) {
        return None;
    }
    let mixed = mixed(op, callers)?;
    let caller = |who: Who| callers.all.iter().find(|caller| caller.who == who);
    let (owner, reader) = (caller(mixed.pair.0)?, caller(mixed.pair.1)?);
    let mine = op.success(&mixed.reference.probe(owner.who))?;
    let theirs = op.success(&mixed.probe)?;
    if op.success(&mixed.control).is_some() || !same::compare(mine, theirs).is_same() {
        return None;
    }
    let found = crossing::judge_pair(op, callers, owner, reader, &mixed.reference, mine, theirs);
    let sign = found.map(|found: Crossing<'_, '_>| found.sign).or_else(|| names_parent(&mixed, theirs))?;
    if crossing::may_see_more(op.seen, owner, reader) {
        return None;
    }
    let refused = op.reply(&mixed.reference.probe(reader.who))?;
    let parent = parameters(&op.key().path).first().cloned().unwrap_or_default();
    debug_assert_eq!(mixed.reference.location, Location::Path);
    Some(
        op.finding(format!(
            "Below its own `{parent}`, {} gets the {} {} of {}: {}.",
            reader.name,
            mixed.reference.noun,
            crossing::shown(&mixed.reference.id),
            owner.name,
            sign
        ))
        .confidence(Confidence::Proven)
        .part(PartKind::Path, mixed.reference.parameter.clone())
        .outline(mine, format!("as {}, whose it is", owner.name))
        .outline(theirs, format!("as {}, below its own parent", reader.name))
        .exchange(refused, format!("as {}, below the owner's parent", reader.name)),
    )
}

/// The object itself says below which parent it belongs: the owner's, and not the reader's. Without that it may be one that is below everybody's.
fn names_parent(mixed: &Mixed, theirs: &Exchange) -> Option<String> {
    let object = same::object(theirs)?;
    mixed.parents.iter().find_map(|(parameter, other, own)| {
        let noun = noun(before(&mixed.template, parameter));
        let names = |field: &str| {
            field == normal(parameter) && field != "id" || !noun.is_empty() && field == format!("{noun}id")
        };
        let (name, _) = object.iter().find(|(name, value)| {
            names(&normal(name)) && ties::text(value).is_some_and(|value| value == *other && value != *own)
        })?;
        Some(format!("`{name}` names the parent that refuses it"))
    })
}
