//! `property-hidden-elsewhere`: a property that one answer keeps back from a caller, and another answer about the same object shows.

use std::collections::BTreeSet;

use plimsoll_http::{Exchange, Probe, Who};
use plimsoll_model::{Confidence, PartKind, Severity};
use serde_json::{Map, Value};

use super::crossing::{self, is_private_field};
use super::internal::internal;
use super::pairs;
use super::references::Reference;
use crate::callers::{Caller, Callers, before, ids, noun};
use crate::check::{Check, Meta, check};
use crate::draft::Draft;
use crate::fields::normal;
use crate::harvest::parameters;
use crate::same;
use crate::view::{App, Op};

check! {
    /// What the detail hides, the list shows.
    pub struct PropertyHiddenElsewhere {
        id: "property-hidden-elsewhere", weakness: InternalPropertyExposed, mode: Active, since: "0.2.0",
        page: "http/property-hidden-elsewhere.md",
    }
}

/// How many fields a detail has at least: a shorter one is a confirmation.
const FIELDS: usize = 3;

impl Check for PropertyHiddenElsewhere {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn probes_app(&self, app: &App<'_>) -> Vec<Probe> {
        if app.seen.callers().len() < 2 {
            return Vec::new();
        }
        let details = app
            .ops()
            .filter(is_detail)
            .filter(|op| op.baseline().is_some_and(|exchange| same::object(exchange).is_some()));
        let callers = app.seen.callers();
        let details = details.flat_map(|op| callers.clone().into_iter().map(move |who| op.probe().who(who)));
        pairs::probes(app, &|_, _, _| Vec::<Reference>::new()).into_iter().chain(details).collect()
    }

    fn judge_app(&self, app: &App<'_>) -> Vec<Draft> {
        let mut callers = Callers::of(app);
        callers.add_stranger(app);
        app.ops().filter(is_detail).filter_map(|op| judge(&op, &callers)).collect()
    }
}

fn is_detail(op: &Op<'_>) -> bool {
    op.is_get() && op.key().path.trim_end_matches('/').ends_with('}')
}

fn judge(op: &Op<'_>, callers: &Callers<'_>) -> Option<Draft> {
    let name = parameters(&op.key().path).pop()?;
    let noun = noun(before(&op.key().path, &name));
    let fullest = callers
        .all
        .iter()
        .filter_map(|caller| Some((caller, detail(op, caller)?)))
        .max_by_key(|(_, (_, object))| object.len());
    callers.all.iter().filter(|caller| !caller.is_privileged()).find_map(|caller| {
        let (exchange, object) = detail(op, caller)?;
        let shown = names(object);
        let id = ids(object);
        let list = callers.lists_of(&noun).find_map(|list| {
            let listed = callers.listed(list, caller.who)?;
            let item = listed.items.iter().find(|item| ids(item).first().is_some_and(|first| id.contains(first)))?;
            Some((app_key(op, list)?, listed.exchange, *item))
        })?;
        let (key, listed, item) = list;
        // What somebody else's detail has and this caller's has not was kept back on purpose.
        let kept_back: BTreeSet<String> = fullest
            .iter()
            .filter(|(other, _)| other.who != caller.who)
            .flat_map(|(_, (_, full))| names(full))
            .filter(|name| !shown.contains(name))
            .collect();
        let telling = names(item)
            .into_iter()
            .filter(|name| !shown.contains(name))
            .find(|name| kept_back.contains(name) || internal(name).is_some() || is_private_field(name))?;
        let on_purpose = kept_back.contains(&telling);
        let why = match fullest {
            Some((other, _)) if on_purpose => format!("{} alone gets it in the detail", other.name),
            _ => "the detail of the same object leaves it out".to_owned(),
        };
        let draft = Draft::new(
            Some(key.clone()),
            format!(
                "The list shows {} `{telling}` of {noun} {}; {why}.",
                caller.name,
                id.first().map_or_else(String::new, |id| crossing::shown(id))
            ),
        )
        .also([op.key().clone()])
        .severity(if on_purpose || internal(&telling).is_some() { Severity::Medium } else { Severity::Low })
        .confidence(if on_purpose { Confidence::Proven } else { Confidence::Observed })
        .part(PartKind::ResponseBody, telling)
        .outline(listed, format!("the list, as {}", caller.name))
        .outline(exchange, format!("the detail, as {}", caller.name));
        Some(match fullest {
            Some((other, (full, _))) if on_purpose => draft.outline(full, format!("the detail, as {}", other.name)),
            _ => draft,
        })
    })
}

/// The detail that a caller gets from the base request.
fn detail<'a>(op: &Op<'a>, caller: &Caller<'_>) -> Option<(&'a Exchange, &'a Map<String, Value>)> {
    let probe =
        if caller.who == Who::Anonymous && !op.seen.has_credentials { op.probe() } else { op.probe().who(caller.who) };
    let exchange = op.success(&probe)?;
    same::object(exchange).filter(|object| object.len() >= FIELDS).map(|object| (exchange, object))
}

fn app_key(op: &Op<'_>, list: plimsoll_http::OpId) -> Option<plimsoll_model::OperationKey> {
    op.app().op(list).map(|list| list.key().clone())
}

/// The names of an object's fields, at every depth.
fn names(object: &Map<String, Value>) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for (name, value) in object {
        if !value.is_null() {
            out.insert(normal(name));
        }
        match value {
            Value::Object(inner) => out.extend(names(inner)),
            Value::Array(items) => out.extend(items.iter().take(3).filter_map(Value::as_object).flat_map(names)),
            _ => {}
        }
    }
    out
}
