//! `internal-property-exposed`: properties that only staff should see, in answers to strangers and ordinary callers.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_http::{Exchange, Who};
use plimsoll_model::{Confidence, PartKind, Severity};
use serde_json::Value;

use super::internal::{Internal, internal};
use crate::callers::{Callers, is_about_caller};
use crate::check::{Check, Meta, check};
use crate::draft::Draft;
use crate::same;
use crate::standing;
use crate::ties::{self, Bond};
use crate::view::{App, Op};

check! {
    /// Costs, internal notes, flags of privilege and passwords in answers.
    pub struct InternalPropertyExposed {
        id: "internal-property-exposed", weakness: InternalPropertyExposed, mode: Passive, since: "0.2.0",
        page: "http/internal-property-exposed.md",
    }
}

/// How deep properties are looked for, and in how many elements of a list.
const DEPTH: u32 = 5;
const ELEMENTS: usize = 30;
/// From this length on, a password is found by its value as well, by another check.
const LONG: usize = 8;

/// Where a property is, and whether an object that has it is somebody else's.
type Found = BTreeMap<String, Internal>;

impl Check for InternalPropertyExposed {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn judge_app(&self, app: &App<'_>) -> Vec<Draft> {
        let callers = Callers::of(app);
        let standing: BTreeMap<Who, Audience> = std::iter::once(Who::Anonymous)
            .chain(app.seen.callers())
            .chain([Who::Given])
            .filter_map(|who| Some((who, Audience::of(app, &callers, who)?)))
            .collect();
        app.ops().filter_map(|op| judge(&op, &callers, &standing)).collect()
    }
}

/// Who gets an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Audience {
    /// Somebody of whom nothing is known.
    Unknown,
    /// An ordinary caller.
    Ordinary,
    /// Strangers.
    Anybody,
}

impl Audience {
    /// None for those who may see such things.
    fn of(app: &App<'_>, callers: &Callers<'_>, who: Who) -> Option<Self> {
        if who == Who::Anonymous || !app.seen.has_credentials {
            return Some(Self::Anybody);
        }
        let privileged = callers.all.iter().any(|caller| caller.who == who && caller.is_privileged());
        match standing::rank(app, who) {
            _ if privileged => None,
            Some(_) if standing::is_ordinary(app, who) => Some(Self::Ordinary),
            Some(_) => None,
            None => Some(Self::Unknown),
        }
    }
}

fn judge(op: &Op<'_>, callers: &Callers<'_>, standing: &BTreeMap<Who, Audience>) -> Option<Draft> {
    let method = op.key().method;
    let mut best: Option<(Audience, &Exchange, Found)> = None;
    for exchange in op.exchanges().filter(|exchange| exchange.is_success() && exchange.request.method == method) {
        let Some(&audience) = standing.get(&exchange.probe.who) else { continue };
        if best.as_ref().is_some_and(|(known, ..)| *known >= audience) {
            continue;
        }
        let found = found(op, callers, exchange);
        if !found.is_empty() {
            best = Some((audience, exchange, found));
        }
    }
    let (audience, exchange, found) = best?;
    // A path that says that it is for staff is another question: who may call it at all.
    let for_staff = op
        .key()
        .path
        .split('/')
        .any(|segment| matches!(segment, "admin" | "internal" | "staff" | "backoffice" | "management"));
    if audience == Audience::Unknown && (for_staff || !found.values().any(|kind| *kind == Internal::Password)) {
        return None;
    }
    let kinds: BTreeSet<Internal> = found.values().copied().collect();
    let worst = kinds.iter().next_back().copied()?;
    let who = match audience {
        Audience::Anybody => "Anybody gets",
        Audience::Ordinary => "An ordinary caller gets",
        Audience::Unknown => "A caller with credentials gets",
    };
    let severity = match (worst, audience) {
        (Internal::Password, Audience::Anybody) => Severity::Critical,
        (Internal::Password, _) => Severity::High,
        (Internal::Privilege, _) if kinds.len() == 1 => Severity::Low,
        _ => Severity::Medium,
    };
    let names: Vec<&str> = found.keys().map(String::as_str).collect();
    let kinds: Vec<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
    Some(
        op.finding(format!("{who} {}: `{}`.", kinds.join(", "), names.join("`, `")))
            .cause(format!("{who} {}", names.join(", ")))
            .severity(severity)
            .confidence(if audience == Audience::Unknown { Confidence::Suspected } else { Confidence::Observed })
            .part(PartKind::ResponseBody, *names.first()?)
            .outline(exchange, format!("as {}", op.seen.name_of(exchange.probe.who))),
    )
}

fn found(op: &Op<'_>, callers: &Callers<'_>, exchange: &Exchange) -> Found {
    let mut out = Found::new();
    let Some(value) = exchange.json() else { return out };
    if value.as_object().is_some_and(same::is_error) {
        return out;
    }
    let caller = callers.all.iter().find(|caller| caller.who == exchange.probe.who);
    // What a caller is told of itself is its own, but for a password.
    let itself = is_about_caller(&op.key().path)
        || same::object(exchange).is_some_and(|object| {
            caller.is_some_and(|caller| {
                ties::ties(object).iter().any(|tie| tie.bond == Bond::Owner && caller.is_named_by(tie))
            }) || caller.is_some_and(|caller| {
                crate::callers::ids(object).iter().any(|id| caller.names().any(|name| name == id))
            })
        });
    walk(value, "", 0, &mut |path, kind, value| {
        let own = itself && kind == Internal::Privilege;
        if !own && tells(kind, value) {
            out.insert(path.to_owned(), kind);
        }
    });
    out
}

/// Whether the value says something: no null, no mask, and no password that another check finds by its value.
fn tells(kind: Internal, value: &Value) -> bool {
    match (kind, value) {
        (_, Value::Null) => false,
        (Internal::Password, Value::String(text)) => {
            !text.is_empty() && text.len() < LONG && !text.contains('*') && !text.contains('•')
        }
        (Internal::Password, _) => false,
        (Internal::Privilege, value) => value.is_boolean(),
        (_, Value::String(text)) => !text.is_empty(),
        (_, Value::Array(items)) => !items.is_empty(),
        _ => true,
    }
}

fn walk(value: &Value, path: &str, depth: u32, visit: &mut dyn FnMut(&str, Internal, &Value)) {
    match value {
        Value::Object(map) if depth < DEPTH => {
            for (name, inner) in map {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                match internal(name) {
                    Some(kind) => visit(&path, kind, inner),
                    None => walk(inner, &path, depth + 1, visit),
                }
            }
        }
        Value::Array(items) if depth < DEPTH => {
            items.iter().take(ELEMENTS).for_each(|item| walk(item, path, depth + 1, visit));
        }
        _ => {}
    }
}
