//! `guessable-object-ids`: counting on from a known id gives the objects of other people.

use plimsoll_http::{Exchange, Probe, Who};
use plimsoll_model::{Confidence, PartKind, Severity};

use super::{crossing, neighbours, nested_object_of_another_user, pairs, people, references};
use crate::callers::{Callers, is_about_caller, is_people, noun};
use crate::check::{Check, Meta, check};
use crate::draft::Draft;
use crate::harvest::parameters;
use crate::same;
use crate::ties::{self, Bond};
use crate::view::{App, Op};

check! {
    /// Counted ids, and nobody who asks whose the objects are.
    pub struct GuessableObjectIds {
        id: "guessable-object-ids", weakness: GuessableObjectIds, mode: Active, since: "0.2.0", page: "http/guessable-object-ids.md",
    }
}

impl Check for GuessableObjectIds {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn probes_app(&self, app: &App<'_>) -> Vec<Probe> {
        if !app.seen.has_credentials {
            return Vec::new();
        }
        let closed = app.ops().filter(Op::is_get).filter(|op| tells(op).is_some() && !op.is_open());
        closed
            .flat_map(|op| {
                let first = op.probe().who(Who::Anonymous);
                // Whether strangers get it decides which check has something to say.
                let next = neighbours::probes(&op, Who::Given).into_iter().map(|(_, probe)| probe);
                if op.seen.has(&first) { next.collect() } else { vec![first] }
            })
            .collect()
    }

    fn judge_app(&self, app: &App<'_>) -> Vec<Draft> {
        if !app.seen.has_credentials {
            return Vec::new();
        }
        let callers = Callers::of(app);
        app.ops().filter(Op::is_get).filter_map(|op| judge(&op, &callers)).collect()
    }
}

/// What the base request's object tells of a person, where it is one.
fn tells(op: &Op<'_>) -> Option<Vec<String>> {
    if !op.key().path.contains('{') {
        return None;
    }
    let object = same::object(op.baseline()?)?;
    let fields = people::telling(&op.key().path, object);
    let owned = ties::ties(object).iter().any(|tie| tie.bond == Bond::Owner);
    (!fields.is_empty() || owned).then_some(fields)
}

fn judge(op: &Op<'_>, callers: &Callers<'_>) -> Option<Draft> {
    let fields = tells(op).filter(|_| !op.is_open())?;
    let given = callers.all.iter().find(|caller| caller.who == Who::Given)?;
    // What two identities prove needs no guess, and an administrator may read on.
    let proven = || {
        pairs::find(op, callers, &references::in_path).is_some()
            || nested_object_of_another_user::find(op, callers).is_some()
    };
    if given.is_privileged() || proven() {
        return None;
    }
    if op.seen.rank_of(Who::Given).is_some_and(|rank| {
        callers.all.iter().any(|other| op.seen.rank_of(other.who) < Some(rank) && other.who != Who::Given)
    }) {
        return None;
    }
    let noun = noun(&op.key().path);
    let others: Vec<(u64, &Exchange, String)> = neighbours::objects(op, Who::Given)
        .into_iter()
        .filter(|(id, _)| !callers.lists_id(&noun, &id.to_string(), Who::Given))
        .filter_map(|(id, exchange)| Some((id, exchange, somebody_else(op, exchange, callers, &fields)?)))
        .collect();
    let (id, exchange, why) = others.first()?;
    let known = op.baseline()?;
    let parameter = parameters(&op.key().path).pop()?;
    let count = if others.len() == 1 { String::new() } else { format!(", and {} more beside it", others.len() - 1) };
    Some(
        op.finding(format!(
            "One id on, {} gets {} {}{count}: {why}.",
            given.name,
            noun,
            crossing::shown(&id.to_string())
        ))
        .severity(Severity::Medium)
        .confidence(Confidence::Suspected)
        .part(PartKind::Path, parameter)
        .outline(known, "the known object")
        .outline(exchange, "its neighbour"),
    )
}

/// Why an object is somebody else's; none where it may be the caller's own, or anybody's.
fn somebody_else(op: &Op<'_>, exchange: &Exchange, callers: &Callers<'_>, fields: &[String]) -> Option<String> {
    let given = callers.all.iter().find(|caller| caller.who == Who::Given)?;
    let object = same::object(exchange)?;
    let ties = ties::ties(object);
    if ties.iter().any(|tie| tie.bond != Bond::Tenant && given.is_named_by(tie)) {
        return None;
    }
    // Others may see an excerpt of what the caller sees of its own.
    let mine = same::stable(same::object(op.baseline()?)?);
    let theirs = same::stable(object);
    if theirs.keys().filter(|path| mine.contains_key(*path)).count() * 10 < mine.len() * 6 {
        return None;
    }
    let about_people = is_people(&noun(&op.key().path));
    if let Some((path, value)) = people::owner(exchange).filter(|_| !about_people) {
        let (_, known) = people::owner(op.baseline()?)?;
        let tie = ties.iter().find(|tie| tie.path == path)?;
        // Another owner than that of the known object, or than the caller, where the caller is known.
        let differs = if given.could_be_named_by(tie) { true } else { known != value };
        return differs.then(|| format!("`{path}` names somebody else"));
    }
    // A person: its own fields differ from those of the known one.
    let differing = fields.iter().find(|field| {
        let value = |all: &std::collections::BTreeMap<String, String>| {
            all.iter()
                .find(|(path, _)| crate::fields::normal(path.rsplit('.').next().unwrap_or(path)) == **field)
                .map(|(_, value)| value.clone())
        };
        matches!((value(&mine), value(&theirs)), (Some(a), Some(b)) if a != b)
    })?;
    (!is_about_caller(&op.key().path)).then(|| format!("`{differing}` is another one"))
}
