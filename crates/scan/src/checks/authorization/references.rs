//! References: how an operation names an object of a given caller, in its path, in a query parameter, in a header.
//!
//! Only values that the target itself gave to that caller are used; nothing is guessed here.

use plimsoll_http::{Probe, Who};
use plimsoll_spec::{Location, SchemaKind};

use crate::callers::{
    Caller, Callers, Form, at_path, base_value, before, is_people, names_somebody, noun, singular, wanted_form,
};
use crate::fields::{self, normal};
use crate::harvest::parameters;
use crate::same;
use crate::ties::{self, Bond};
use crate::view::Op;

/// How many references of one caller are tried for an operation.
const MOST: usize = 3;

/// How many elements of lists are looked at.
const LISTED: usize = 12;

/// How an object came to be known as the caller's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum By {
    /// The caller itself is named: `/users/{id}`, `?user_id=`.
    Itself,
    /// A list of the caller names it.
    Listed,
    /// An answer about the caller mentions it: `basket_id`.
    Mentioned,
    /// The base request names it, which was found with the first caller's credentials.
    Base,
}

/// A reference to an object of a caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// As whom nobody asks yet: the request that names the object.
    probe: Probe,
    /// The value that names it.
    pub id: String,
    /// What it is, in the singular.
    pub noun: String,
    /// How it came to be known.
    pub by: By,
    /// The name of the parameter.
    pub parameter: String,
    /// Where the parameter is.
    pub location: Location,
    /// The values of the parameters above it in the path.
    pub parents: Vec<(String, String)>,
}

impl Reference {
    /// The request for the object as this caller.
    pub fn probe(&self, who: Who) -> Probe {
        self.probe.clone().who(who)
    }
}

/// The references in the path to objects of `owner`, the likeliest first.
pub fn in_path(op: &Op<'_>, callers: &Callers<'_>, owner: &Caller<'_>) -> Vec<Reference> {
    let template = &op.key().path;
    let names = parameters(template);
    let Some((last, parents)) = names.split_last() else { return Vec::new() };
    let noun = noun(before(template, last));
    let mut out = Vec::new();
    for (id, by, parent_of) in values(op, callers, owner, last, &noun) {
        let mut set: Vec<(String, String)> = parents
            .iter()
            .filter_map(|parent| {
                let named =
                    parent_of.iter().find(|(field, _)| *field == normal(parent)).map(|(_, value)| value.clone());
                // What the base request names is below the base request's parents.
                let known = (by == By::Base).then(|| base_value(op, parent)).flatten();
                Some((parent.clone(), known.or(named).or_else(|| parent_value(op, callers, owner, parent))?))
            })
            .collect();
        if set.len() < parents.len() {
            continue;
        }
        let above = set.clone();
        set.push((last.clone(), id.clone()));
        out.push(Reference {
            probe: at_path(op, &set),
            id,
            noun: noun.clone(),
            by,
            parameter: last.clone(),
            location: Location::Path,
            parents: above,
        });
    }
    out.dedup_by(|a, b| a.id == b.id);
    spread(out)
}

/// The first of them, one from the middle and the last: the newest are often alike, and often nothing belongs to them yet.
fn spread(mut all: Vec<Reference>) -> Vec<Reference> {
    let listed = all.iter().filter(|reference| reference.by == By::Listed).count();
    if all.len() > MOST && listed + 1 >= all.len() {
        let (middle, last) = (all.len() / 2, all.len() - 1);
        all.swap(1, middle);
        all.swap(2, last);
    }
    all.truncate(MOST);
    all
}

/// A value, how it is known, and the other ids of the object that it was in.
type Known = (String, By, Vec<(String, String)>);

fn values(op: &Op<'_>, callers: &Callers<'_>, owner: &Caller<'_>, parameter: &str, noun: &str) -> Vec<Known> {
    let form = wanted_form(op, parameter);
    let fits = |value: &String| form.is_none_or(|form| Form::of(value) == form);
    let mut out: Vec<Known> = Vec::new();
    if is_people(noun) {
        out.extend(owner.named_like(op, parameter, noun).map(|value| (value, By::Itself, Vec::new())));
    }
    out.extend(listed(callers, owner, parameter, noun, &fits));
    let wanted = normal(parameter);
    let mentioned = owner.refs.iter().filter(|(field, value)| {
        (*field == wanted && !is_generic(&wanted) || *field == format!("{noun}id")) && fits(value)
    });
    out.extend(mentioned.map(|(_, value)| (value.clone(), By::Mentioned, Vec::new())));
    if owner.who == Who::Given
        && op.baseline().is_some_and(|exchange| fields::has_data(exchange) || same::object(exchange).is_some())
        && let Some(value) = base_value(op, parameter)
    {
        // What is known to be answered with something comes before what may be empty; nobody else's list must have it.
        let shared =
            callers.all.iter().any(|other| other.who != owner.who && callers.lists_id(noun, &value, other.who));
        match out.iter().position(|(id, ..)| *id == value) {
            Some(at) if !shared && out[0].1 == By::Listed => out[..=at].rotate_right(1),
            Some(_) => {}
            None => out.push((value, By::Base, Vec::new())),
        }
    }
    out
}

/// Ids of such things in the lists of a caller: first those that nobody else's list has and that name the caller.
fn listed(
    callers: &Callers<'_>,
    owner: &Caller<'_>,
    parameter: &str,
    noun: &str,
    fits: &dyn Fn(&String) -> bool,
) -> Vec<Known> {
    let wanted = normal(parameter);
    let mut out: Vec<((bool, bool), Known)> = Vec::new();
    for op in callers.lists_of(noun) {
        let Some(listed) = callers.listed(op, owner.who) else { continue };
        for item in listed.items.iter().take(50) {
            let named = |field: &str| {
                item.iter()
                    .find(|(name, _)| normal(name) == field)
                    .and_then(|(_, value)| ties::text(value))
                    .filter(fits)
            };
            let id = named(&wanted)
                .or_else(|| named("id"))
                .or_else(|| named("uuid"))
                .or_else(|| named(&format!("{noun}id")));
            let Some(id) = id.or_else(|| crate::callers::ids(item).into_iter().find(fits)) else { continue };
            let ties = ties::ties(item);
            let theirs =
                callers.all.iter().any(|other| other.who != owner.who && callers.lists_id(noun, &id, other.who));
            let not_mine = ties
                .iter()
                .any(|tie| tie.bond == Bond::Owner && !owner.is_named_by(tie) && owner.could_be_named_by(tie));
            if not_mine && !owner.is_privileged() {
                continue;
            }
            let mine = ties.iter().any(|tie| owner.is_named_by(tie));
            let others = item.iter().filter_map(|(name, value)| Some((normal(name), ties::text(value)?))).collect();
            out.push(((theirs, !mine), (id, By::Listed, others)));
        }
    }
    out.sort_by_key(|(order, _)| *order);
    out.into_iter().map(|(_, known)| known).take(LISTED).collect()
}

/// The value of a parameter above the object: the caller itself, what it lists or mentions, else what the base request has.
pub fn parent_value(op: &Op<'_>, callers: &Callers<'_>, caller: &Caller<'_>, parameter: &str) -> Option<String> {
    let noun = noun(before(&op.key().path, parameter));
    let form = wanted_form(op, parameter);
    let fits = |value: &String| form.is_none_or(|form| Form::of(value) == form);
    let itself = || is_people(&noun).then(|| caller.named_like(op, parameter, &noun)).flatten();
    let tenant = || match ties::bond(parameter).or_else(|| ties::bond(&noun)) {
        Some((Bond::Tenant, _)) => caller.tenants().iter().find(|value| fits(value)).cloned(),
        _ => None,
    };
    let mentioned = || {
        let wanted = normal(parameter);
        let named = caller.refs.iter().find(|(field, value)| *field == wanted && fits(value));
        named.map(|(_, value)| value.clone())
    };
    let listed = || listed(callers, caller, parameter, &noun, &fits).into_iter().next().map(|(id, ..)| id);
    itself()
        .or_else(tenant)
        .or_else(mentioned)
        .or_else(listed)
        .or_else(|| (caller.who == Who::Given).then(|| base_value(op, parameter)).flatten())
}

/// The references in query parameters and headers.
pub fn in_parameters(op: &Op<'_>, callers: &Callers<'_>, owner: &Caller<'_>) -> Vec<Reference> {
    let Some(base) = op.base().filter(|_| op.is_get()) else { return Vec::new() };
    let declared =
        op.spec.parameters.iter().filter(|parameter| matches!(parameter.location, Location::Query | Location::Header));
    let mut parameters: Vec<(Location, &str, Option<Form>)> = declared
        .map(|parameter| {
            let integer = parameter.schema.is_only(SchemaKind::Integer).then_some(Form::Number);
            (parameter.location, parameter.name.as_str(), integer)
        })
        .collect();
    for (name, _) in &base.query {
        if !parameters.iter().any(|(_, known, _)| known == name) {
            parameters.push((Location::Query, name, None));
        }
    }
    let mut out = Vec::new();
    for (location, name, declared) in parameters {
        let bare = normal(name);
        let bare = if location == Location::Header { bare.strip_prefix('x').unwrap_or(&bare).to_owned() } else { bare };
        let given = base.query_value(name).filter(|_| op.baseline().is_some() && location == Location::Query);
        let form = given.map(Form::of).or(declared);
        let fits = |value: &String| form.is_none_or(|form| Form::of(value) == form);
        if let Some((id, by)) = parameter_values(op, callers, owner, &bare, location, &fits) {
            let probe = match location {
                Location::Header => op.probe().header(name, &id),
                _ if given == Some(id.as_str()) => op.probe(),
                _ => op.probe().query(name, &id),
            };
            out.push(Reference {
                probe,
                id,
                noun: object_noun(op, &bare),
                by,
                parameter: name.to_owned(),
                location,
                parents: Vec::new(),
            });
        }
    }
    out.truncate(MOST);
    out
}

fn parameter_values(
    op: &Op<'_>,
    callers: &Callers<'_>,
    owner: &Caller<'_>,
    name: &str,
    location: Location,
    fits: &dyn Fn(&String) -> bool,
) -> Option<(String, By)> {
    match ties::bond(name) {
        Some((Bond::Tenant, _)) => {
            return owner.tenants().iter().find(|value| fits(value)).map(|value| (value.clone(), By::Itself));
        }
        Some((_, noun)) => {
            let form = if name.contains("email") {
                Some(Form::Email)
            } else if name.ends_with("name") {
                Some(Form::Word)
            } else {
                None
            };
            let mut values: Vec<String> = owner.names_as(&noun).map(str::to_owned).collect();
            if values.is_empty() {
                values = owner.names().map(str::to_owned).collect();
            }
            // An id is a number or a UUID where there is one, and a name otherwise.
            values.sort_by_key(|value| {
                (name.ends_with("id") && matches!(Form::of(value), Form::Email | Form::Word), value.contains(' '))
            });
            let fitting =
                values.into_iter().find(|value| fits(value) && form.is_none_or(|form| Form::of(value) == form));
            return fitting.map(|value| (value, By::Itself));
        }
        None => {}
    }
    if location == Location::Header {
        return None;
    }
    if matches!(name, "email" | "mail") {
        return owner.names().find(|value| Form::of(value) == Form::Email).map(|value| (value.to_owned(), By::Itself));
    }
    let is_reference =
        matches!(name, "id" | "uuid" | "uid" | "number" | "reference") || name.ends_with("id") && name.len() > 2;
    if !is_reference {
        return None;
    }
    let noun = object_noun(op, name);
    let first = listed(callers, owner, name, &noun, fits).into_iter().next().map(|(id, ..)| (id, By::Listed));
    let mentioned = || {
        let found = owner.refs.iter().find(|(field, value)| *field == format!("{noun}id") && fits(value));
        found.map(|(_, value)| (value.clone(), By::Mentioned))
    };
    let itself = || {
        let value = is_people(&noun).then(|| owner.names().find(|value| fits(&(*value).to_owned()))).flatten();
        value.map(|value| (value.to_owned(), By::Itself))
    };
    let base = || {
        let value =
            (owner.who == Who::Given && op.baseline().is_some()).then(|| op.base()?.query_value(name)).flatten();
        value.map(|value| (value.to_owned(), By::Base))
    };
    itself().or(first).or_else(mentioned).or_else(base)
}

/// What a parameter names: the `report` of `report_id`, the `order` of `id` below `/orders`.
fn object_noun(op: &Op<'_>, name: &str) -> String {
    let stem = name.strip_suffix("id").or_else(|| name.strip_suffix("uuid")).unwrap_or("");
    if stem.is_empty() || names_somebody(name) || matches!(stem, "u" | "g" | "o") {
        noun(&op.key().path)
    } else {
        singular(stem)
    }
}

fn is_generic(name: &str) -> bool {
    matches!(name, "id" | "uuid" | "pk" | "key" | "slug" | "name" | "uid" | "code" | "number")
}
