//! `graphql-object-of-another-user`: one caller's object, read by another by naming its id in an argument of a GraphQL query.

use plimsoll_http::{Exchange, Probe, Who};
use plimsoll_model::{Confidence, PartKind, Severity};
use serde_json::{Map, Value};

use super::endpoint::{Endpoint, data, endpoints};
use super::schema::{self, Field, Graph};
use crate::callers::{Caller, Callers, Form, is_about_caller, is_people, is_plain, singular};
use crate::check::{Check, Meta, check};
use crate::checks::authorization::crossing::{is_private_field, may_see_more, shown};
use crate::discover::Protocol;
use crate::draft::Draft;
use crate::fields::normal;
use crate::same;
use crate::ties::{self, Bond, Tie};
use crate::view::App;

check! {
    /// An argument of a query is looked up without asking whose the object is.
    pub struct GraphqlObjectOfAnotherUser {
        id: "graphql-object-of-another-user", weakness: BrokenObjectAuthorization, mode: Active, since: "0.3.0",
        page: "http/graphql-object-of-another-user.md",
    }
}

/// How many fields that take an id are tried, and how many fields of an object are asked for.
const LOOKUPS: usize = 6;
const FIELDS: usize = 14;

/// A field of the query that gives one object by its id, and the field that lists such objects, where there is one.
struct Lookup<'g> {
    field: &'g Field,
    list: Option<&'g Field>,
    /// The fields of the object that need no arguments.
    shows: Vec<&'g str>,
}

impl Check for GraphqlObjectOfAnotherUser {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn probes_app(&self, app: &App<'_>) -> Vec<Probe> {
        if app.seen.callers().len() < 2 {
            return Vec::new();
        }
        let callers = Callers::of(app);
        let endpoints = endpoints(app, Protocol::GraphQl);
        let mut out = Vec::new();
        if !endpoints.is_empty() {
            // Who the callers are.
            let about = app.ops().filter(is_plain).filter(|op| is_about_caller(&op.key().path));
            out.extend(about.flat_map(|op| callers.all.iter().map(move |caller| op.probe().who(caller.who))));
        }
        for endpoint in endpoints {
            out.push(schema::probe(&endpoint));
            let graph = schema::told(app, &endpoint).unwrap_or_default();
            for lookup in lookups(&graph) {
                let lists = callers.all.iter().filter_map(|caller| listing(&endpoint, &lookup, caller.who));
                out.extend(lists);
                for (owner, reader) in pairs(app, &callers) {
                    let Some(id) = id_of(app, &endpoint, &callers, &lookup, owner) else { continue };
                    let everybody = [owner.who, reader.who, Who::Anonymous];
                    out.extend(everybody.map(|who| naming(&endpoint, &lookup, &id, who)));
                    break;
                }
            }
        }
        out
    }

    fn judge_app(&self, app: &App<'_>) -> Vec<Draft> {
        if app.seen.callers().len() < 2 {
            return Vec::new();
        }
        let callers = Callers::of(app);
        let mut out = Vec::new();
        for endpoint in endpoints(app, Protocol::GraphQl) {
            let graph = schema::told(app, &endpoint).unwrap_or_default();
            for lookup in lookups(&graph) {
                out.extend(
                    pairs(app, &callers)
                        .into_iter()
                        .find_map(|(owner, reader)| judge(app, &endpoint, &callers, &lookup, owner, reader)),
                );
            }
        }
        out
    }
}

fn pairs<'a, 'c>(app: &App<'_>, callers: &'c Callers<'a>) -> Vec<(&'c Caller<'a>, &'c Caller<'a>)> {
    let all = || callers.all.iter();
    let mut out: Vec<_> = all()
        .flat_map(|owner| all().map(move |reader| (owner, reader)))
        .filter(|(owner, reader)| {
            owner.who != reader.who && !reader.is_privileged() && !may_see_more(app.seen, owner, reader)
        })
        .collect();
    out.sort_by_key(|(owner, reader)| !owner.is_apart(reader));
    out
}

fn lookups(graph: &Graph) -> Vec<Lookup<'_>> {
    let one = graph.roots().iter().filter(|field| field.object && !field.list);
    let by_id = one.filter(|field| {
        let required: Vec<_> = field.args.iter().filter(|(_, _, required)| *required).collect();
        matches!(required.as_slice(), [(_, kind, _)] if matches!(kind.as_str(), "ID" | "String" | "Int" | "UUID"))
    });
    by_id
        .map(|field| {
            let of_type = graph.types.get(&field.gives).map_or(&[][..], Vec::as_slice);
            let shows = of_type
                .iter()
                .filter(|shown| !shown.object && !shown.list && shown.is_free())
                .map(|shown| shown.name.as_str());
            let list = graph.roots().iter().find(|list| list.list && list.gives == field.gives && list.is_free());
            Lookup {
                field,
                list: list.filter(|_| of_type.iter().any(|shown| shown.name == "id")),
                shows: shows.take(FIELDS).collect(),
            }
        })
        .filter(|lookup| lookup.shows.len() >= 2)
        .take(LOOKUPS)
        .collect()
}

/// The list of such objects that a caller gets.
fn listing(endpoint: &Endpoint, lookup: &Lookup<'_>, who: Who) -> Option<Probe> {
    Some(endpoint.query(&format!("{{{}{{id}}}}", lookup.list?.name)).who(who))
}

fn listed(app: &App<'_>, endpoint: &Endpoint, lookup: &Lookup<'_>, who: Who) -> Option<Vec<String>> {
    let exchange = app.seen.reply(&listing(endpoint, lookup, who)?)?;
    let items = data(exchange)?.get(&lookup.list?.name)?.as_array()?;
    Some(items.iter().filter_map(|item| ties::text(item.get("id")?)).collect())
}

/// The object of this id, as a caller asks for it.
fn naming(endpoint: &Endpoint, lookup: &Lookup<'_>, id: &str, who: Who) -> Probe {
    let (name, kind) = argument(lookup);
    let value = if kind == "Int" { id.to_owned() } else { Value::from(id).to_string() };
    endpoint.query(&format!("{{{}({name}: {value}){{{}}}}}", lookup.field.name, lookup.shows.join(" "))).who(who)
}

fn argument<'g>(lookup: &Lookup<'g>) -> (&'g str, &'g str) {
    let required = lookup.field.args.iter().find(|(_, _, required)| *required);
    required.map_or(("id", "ID"), |(name, kind, _)| (name.as_str(), kind.as_str()))
}

fn noun(lookup: &Lookup<'_>) -> String {
    let name = normal(&lookup.field.name);
    singular(name.strip_suffix("byid").or_else(|| name.strip_prefix("get")).unwrap_or(&name))
}

/// An id of an object of the caller: the caller itself, or what a list of it names and nobody else's does.
fn id_of(
    app: &App<'_>,
    endpoint: &Endpoint,
    callers: &Callers<'_>,
    lookup: &Lookup<'_>,
    owner: &Caller<'_>,
) -> Option<String> {
    let (name, kind) = argument(lookup);
    let field = normal(name);
    let fits = |value: &&str| match Form::of(value) {
        Form::Number => true,
        Form::Email => field.contains("email"),
        Form::Uuid => kind != "Int",
        Form::Word => {
            kind != "Int"
                && !value.contains(' ')
                && (field.contains("name") || field.contains("login") || !is_people(&noun(lookup)))
        }
    };
    let noun = noun(lookup);
    if is_people(&noun) {
        return owner.names().find(fits).map(str::to_owned);
    }
    let others = |id: &String| {
        callers.all.iter().any(|other| {
            other.who != owner.who
                && !other.is_privileged()
                && (callers.lists_id(&noun, id, other.who)
                    || listed(app, endpoint, lookup, other.who).is_some_and(|ids| ids.contains(id)))
        })
    };
    let own = listed(app, endpoint, lookup, owner.who).unwrap_or_default();
    let resources =
        callers.lists_of(&noun).filter_map(|list| callers.listed(list, owner.who)).flat_map(|listed| &listed.items);
    let first = resources.filter_map(|item| ties::text(item.get("id")?));
    own.into_iter().chain(first).find(|id| fits(&id.as_str()) && !others(id))
}

fn judge(
    app: &App<'_>,
    endpoint: &Endpoint,
    callers: &Callers<'_>,
    lookup: &Lookup<'_>,
    owner: &Caller<'_>,
    reader: &Caller<'_>,
) -> Option<Draft> {
    let id = id_of(app, endpoint, callers, lookup, owner)?;
    let reply = |who: Who| app.seen.reply(&naming(endpoint, lookup, &id, who));
    let object = |exchange| one(exchange, lookup);
    let (mine, theirs) = (reply(owner.who)?, reply(reader.who)?);
    let (own, read) = (object(mine)?, object(theirs)?);
    if !same::compare_objects(own, read).is_same() {
        return None;
    }
    if reply(Who::Anonymous).and_then(object).is_some_and(|open| same::compare_objects(own, open).is_same()) {
        return None;
    }
    let ties = ties::ties(read);
    if ties.iter().any(|tie| tie.bond != Bond::Tenant && reader.is_named_by(tie)) {
        return None;
    }
    let sign = sign(app, endpoint, callers, lookup, (owner, reader), (read, &ties))?;
    let across = if owner.is_apart(reader) { ", from another tenant" } else { "" };
    Some(
        endpoint
            .finding(format!(
                "`{}` gives {} the {} {} of {}{across}: {sign}.",
                lookup.field.name,
                reader.name,
                noun(lookup),
                shown(&id),
                owner.name
            ))
            .severity(Severity::High)
            .confidence(Confidence::Proven)
            .part(PartKind::Body, format!("{}.{}", lookup.field.name, argument(lookup).0))
            .outline(mine, format!("as {}, whose it is", owner.name))
            .outline(theirs, format!("as {}, whose it is not", reader.name)),
    )
}

fn one<'a>(exchange: &'a Exchange, lookup: &Lookup<'_>) -> Option<&'a Map<String, Value>> {
    data(exchange)?.get(&lookup.field.name)?.as_object()
}

fn sign(
    app: &App<'_>,
    endpoint: &Endpoint,
    callers: &Callers<'_>,
    lookup: &Lookup<'_>,
    (owner, reader): (&Caller<'_>, &Caller<'_>),
    (read, ties): (&Map<String, Value>, &[Tie]),
) -> Option<String> {
    let noun = noun(lookup);
    if owner.is_apart(reader)
        && let Some(tie) = ties.iter().find(|tie| tie.bond == Bond::Tenant && owner.is_named_by(tie))
    {
        return Some(format!("`{}` names the tenant of {}", tie.path, owner.name));
    }
    if is_people(&noun) {
        // Profiles are often for everybody; what identifies or reaches a person is not.
        let private = read.iter().find(|(name, value)| !value.is_null() && is_private_field(&normal(name)));
        return private.map(|(name, _)| format!("it is {} itself, with `{name}`", owner.name));
    }
    let own = |who: Who| listed(app, endpoint, lookup, who);
    let apart = match (own(owner.who), own(reader.who)) {
        (Some(mine), Some(theirs)) => !mine.is_empty() && mine.iter().all(|id| !theirs.contains(id)),
        _ => false,
    };
    let private = callers.lists_of(&noun).any(|list| callers.is_private_list(list, owner.who, reader.who));
    let common = owner.shares_tenant(reader)
        && ties.iter().any(|tie| tie.bond == Bond::Tenant && owner.is_named_by(tie) && reader.is_named_by(tie));
    if (apart || private) && !common {
        return Some(format!("it is in the own list of {} and not in that of {}", owner.name, reader.name));
    }
    let tie = ties.iter().find(|tie| tie.bond == Bond::Owner && owner.is_named_by(tie)).filter(|_| !common)?;
    Some(format!("`{}` names {}", tie.path, owner.name))
}
