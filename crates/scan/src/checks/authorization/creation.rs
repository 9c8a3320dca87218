//! Mass assignment at creation: an object is created with properties that only the service decides, and looked at.
//!
//! At most two objects are created: one with all the properties, and one with the most harmless where all were refused. They stay.

use plimsoll_http::{Exchange, Lane, Probe};
use plimsoll_model::{Confidence, PartKind, Severity, redact};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::mass_assignment::declared;
use super::owned;
use crate::callers::{before, ids, noun, singular};
use crate::draft::Draft;
use crate::explore::fill;
use crate::fields::normal;
use crate::harvest::parameters;
use crate::list::List;
use crate::same;
use crate::ties;
use crate::view::Op;

/// How many properties are sent at once.
const PROPERTIES: usize = 6;
/// How many lists are looked through for the new object.
const LISTS: usize = 3;
/// From this rank on, a property gives a privilege.
const FLAGS: usize = 6;

/// What is sent beyond the base request, first and, where that brought nothing, second: what is harmless, then a flag of privilege, or one property
/// alone where all together were refused. An account with a privilege stays behind, so that comes last.
fn attempts(op: &Op<'_>) -> Vec<Vec<(String, Value)>> {
    let all = properties(op);
    let (flags, harmless): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|(name, _)| owned::rank(name).is_some_and(|rank| rank >= FLAGS));
    if harmless.is_empty() {
        return if flags.is_empty() { Vec::new() } else { vec![flags] };
    }
    let refused = op.reply(&creating(op, &harmless, 0)).is_some_and(|answer| !answer.is_success());
    let second = if refused { harmless[..1].to_vec() } else { flags };
    let again = if second.is_empty() || second == harmless { None } else { Some(second) };
    std::iter::once(harmless).chain(again).collect()
}

/// The next probe of the sequence; none where it is done.
pub fn next(op: &Op<'_>) -> Option<Probe> {
    for (n, extra) in (0u16..).zip(attempts(op)) {
        let probe = creating(op, &extra, n);
        let Some(answer) = op.reply(&probe) else { return Some(probe) };
        if !answer.is_success() {
            continue;
        }
        if shown(answer, &extra).is_some() {
            return None;
        }
        let readings = readings(op, answer, &extra, n);
        if let Some(next) = readings.iter().find(|probe| !op.seen.has(probe)) {
            return Some(next.clone());
        }
        if later(op, answer, &extra, n).is_some() {
            return None;
        }
    }
    None
}

/// A later answer that shows the properties.
fn later<'a>(
    op: &Op<'a>,
    answer: &Exchange,
    extra: &[(String, Value)],
    n: u16,
) -> Option<(&'a Exchange, Vec<(String, Value)>)> {
    readings(op, answer, extra, n).iter().find_map(|probe| {
        let exchange = op.app().op(probe.op)?.success(probe)?;
        Some((exchange, in_reading(op, exchange, extra, n)?))
    })
}

/// What came of it.
pub fn judge(op: &Op<'_>) -> Option<Draft> {
    for (n, extra) in (0u16..).zip(attempts(op)) {
        let Some(answer) = op.success(&creating(op, &extra, n)) else { continue };
        let found = shown(answer, &extra).map(|names| (answer, names, "the answer to its creation"));
        let later = || later(op, answer, &extra, n).map(|(exchange, names)| (exchange, names, "a later read"));
        let Some((exchange, names, where_)) = found.or_else(later) else { continue };
        let id = new_id(answer).map_or_else(String::new, |id| format!(" {}", super::crossing::shown(&id)));
        let list: Vec<String> = names.iter().map(|(name, value)| format!("`{name}` {value}")).collect();
        let worst = names.iter().filter_map(|(name, _)| owned::rank(name)).max().unwrap_or(0);
        let excerpt: Vec<String> = names.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        let plain = op.baseline().filter(|plain| plain.is_success());
        let draft = op
            .finding(format!(
                "An object is created with what only the service decides: {}, as {where_} shows. The {}{id} that was created for this is still there; nothing was deleted.",
                list.join(", "),
                noun_of(op),
            ))
            .severity(if worst >= 4 { Severity::Critical } else { Severity::High })
            .confidence(Confidence::Proven)
            .part(PartKind::Body, names[0].0.clone())
            .exchange_excerpt(answer, "created with them", redact::one_line(&excerpt.join(", "), 200))
            .exchange_excerpt(exchange, where_, excerpt.join(", "));
        return Some(plain.into_iter().fold(draft, |draft, plain| draft.outline(plain, "created without them")));
    }
    None
}

fn noun_of(op: &Op<'_>) -> String {
    let noun = noun(&op.key().path);
    if matches!(noun.as_str(), "register" | "signup" | "registration" | "create" | "") {
        "user".to_owned()
    } else {
        noun
    }
}

/// The properties to send, the most harmless first: those that answers about such things have and the contract does not let a caller write.
fn properties(op: &Op<'_>) -> Vec<(String, Value)> {
    let declared: Vec<String> = declared(op).into_iter().map(normal).collect();
    let mut out: Vec<(usize, String, Value)> = Vec::new();
    let mut take = |object: &Map<String, Value>| {
        for (name, present) in object {
            let known = out.iter().any(|(_, known, _)| known == name) || declared.contains(&normal(name));
            if let Some(rank) = owned::rank(name).filter(|_| !known)
                && let Some(other) = owned::another(present, None)
            {
                out.push((rank, name.clone(), other));
            }
        }
    };
    // A successful creation shows the defaults; otherwise other things of its kind do, and people are created by signing up.
    op.baseline().and_then(same::object).into_iter().for_each(&mut take);
    let noun = noun_of(op);
    for other in op.app().ops().filter(Op::is_get) {
        let theirs = crate::callers::noun(&other.key().path);
        let about_people = noun == "user" && crate::callers::is_about_caller(&other.key().path);
        let Some(baseline) = other.baseline().filter(|_| theirs == noun || about_people || looks_like(&other, op))
        else {
            continue;
        };
        match List::in_answer(baseline) {
            Some(list) => list.items().iter().take(5).filter_map(Value::as_object).for_each(&mut take),
            None => same::object(baseline).into_iter().for_each(&mut take),
        }
    }
    out.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
    out.into_iter().take(PROPERTIES).map(|(_, name, value)| (name, value)).collect()
}

/// Whether the elements of a list have most of what this operation takes: then they are what it creates.
fn looks_like(list: &Op<'_>, op: &Op<'_>) -> bool {
    let declared: Vec<String> = declared(op).into_iter().map(normal).filter(|name| name != "password").collect();
    let Some(found) = list.list() else { return false };
    let Some(first) = found.items().first().and_then(Value::as_object) else { return false };
    let common = declared.iter().filter(|name| first.keys().any(|key| normal(key) == **name)).count();
    common >= 2 && common * 2 >= declared.len()
}

/// The request that creates an object of its own with these properties.
fn creating(op: &Op<'_>, extra: &[(String, Value)], n: u16) -> Probe {
    let mut body = base_body(op);
    let seed = seed(op, n);
    for (name, value) in &mut body {
        if let Some(own) = unique(name, value, &seed) {
            *value = own;
        }
    }
    for (name, value) in extra {
        body.insert(name.clone(), value.clone());
    }
    op.probe().body("application/json", &Value::Object(body).to_string()).lane(Lane::Quiet)
}

fn base_body(op: &Op<'_>) -> Map<String, Value> {
    let known = op.base().and_then(|base| serde_json::from_str::<Value>(&base.body.as_ref()?.content).ok());
    known.and_then(|body| body.as_object().cloned()).unwrap_or_default()
}

/// A value of its own for what must not be there twice.
fn unique(name: &str, value: &Value, seed: &str) -> Option<Value> {
    let field = normal(name);
    if !value.is_string() {
        return None;
    }
    let own = match field.as_str() {
        _ if field.ends_with("email") || field == "mail" => format!("{}-{seed}@example.com", owned::WORD),
        _ if field.contains("password") || field == "pass" => format!("Pl-{seed}-9!x"),
        "username" | "login" | "user" | "handle" | "nickname" | "slug" | "code" | "key" | "sku" => {
            format!("{}{seed}", owned::WORD)
        }
        "name" | "title" | "fullname" | "displayname" => format!("{} {seed}", owned::WORD),
        _ if field.contains("phone") || field == "number" => {
            let digits: String = seed.bytes().map(|byte| char::from(b'0' + byte % 10)).collect();
            format!("555{digits}")
        }
        _ => return None,
    };
    Some(Value::from(own))
}

/// A few letters that differ from run to run and are the same in a replay: made of what the target said first.
fn seed(op: &Op<'_>, n: u16) -> String {
    let mut hash = Sha256::new();
    if let Some(response) = op.seen.all().first().and_then(Exchange::response) {
        hash.update(response.header("date").unwrap_or(""));
        hash.update(response.body.digest);
    }
    hash.update(op.key().path.as_bytes());
    hash.update(n.to_be_bytes());
    let digest = hash.finalize();
    format!("{:08x}", u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]))
}

/// The id that the answer gives the new object.
fn new_id(answer: &Exchange) -> Option<String> {
    let object = same::object(answer)?;
    ids(object).into_iter().next().or_else(|| {
        object.iter().find(|(name, _)| normal(name).ends_with("id")).and_then(|(_, value)| ties::text(value))
    })
}

/// The properties that an object shows with the value that was sent.
fn taken(object: &Map<String, Value>, extra: &[(String, Value)]) -> Option<Vec<(String, Value)>> {
    let found: Vec<(String, Value)> = extra
        .iter()
        .filter(|(name, sent)| object.get(name).is_some_and(|value| owned::equal(value, sent)))
        .cloned()
        .collect();
    (!found.is_empty()).then_some(found)
}

fn shown(answer: &Exchange, extra: &[(String, Value)]) -> Option<Vec<(String, Value)>> {
    taken(same::object(answer)?, extra)
}

/// Where the new object can be read: by its id, or in a list whose elements have the property.
fn readings(op: &Op<'_>, answer: &Exchange, extra: &[(String, Value)], n: u16) -> Vec<Probe> {
    let app = op.app();
    let mut out = Vec::new();
    // A list that was read after the first creation does not show the second; and every operation that creates reads for itself.
    let earlier = app.seen.active.writes.iter().take_while(|key| *key != op.key()).count();
    let nth = u16::try_from(earlier).unwrap_or(u16::MAX).saturating_mul(2).saturating_add(n);
    let fresh = |probe: Probe| probe.header("cache-control", "no-cache").nth(nth).lane(Lane::Quiet);
    for other in app.ops().filter(|other| other.is_get() && other.base().is_some()) {
        let names = parameters(&other.key().path);
        if let ([name], Some(id)) = (names.as_slice(), new_id(answer)) {
            let theirs = noun(before(&other.key().path, name));
            if other.key().path.ends_with('}') && (theirs == noun_of(op) || theirs == singular(&noun_of(op))) {
                let path = format!("{}{}", other.api.prefix, fill(&other.key().path, &[(name.clone(), id)]));
                out.push(fresh(other.probe().path(&path)));
            }
        }
    }
    let lists = app.ops().filter(Op::is_get).filter(|other| {
        other.list().is_some_and(|list| {
            let first = list.items().first().and_then(Value::as_object);
            first.is_some_and(|item| extra.iter().any(|(name, _)| item.contains_key(name)))
        })
    });
    out.extend(lists.take(LISTS).map(|other| fresh(other.probe())));
    out
}

/// The properties that a later answer shows for the new object: the object itself, or the element that has what is unique to it.
fn in_reading(op: &Op<'_>, exchange: &Exchange, extra: &[(String, Value)], n: u16) -> Option<Vec<(String, Value)>> {
    let seed = seed(op, n);
    let mine = |object: &Map<String, Value>| object.values().filter_map(Value::as_str).any(|text| text.contains(&seed));
    let Some(list) = List::in_answer(exchange) else {
        return same::object(exchange).filter(|object| mine(object)).and_then(|object| taken(object, extra));
    };
    let items: Vec<&Map<String, Value>> = list.items().iter().filter_map(Value::as_object).collect();
    let found = taken(items.iter().copied().find(|item| mine(item))?, extra)?;
    // What every other element has as well may be a default.
    let told: Vec<(String, Value)> = found
        .into_iter()
        .filter(|(name, sent)| {
            items.iter().any(|item| !mine(item) && item.get(name).is_some_and(|value| !owned::equal(value, sent)))
        })
        .collect();
    (!told.is_empty()).then_some(told)
}
