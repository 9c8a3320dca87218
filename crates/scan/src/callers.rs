//! Callers: what answers tell of those as whom the run asks: their ids and names, their tenant, whether they may see more than others.
//!
//! Learned from answers about the caller itself (`/me`) and from lists that name one owner throughout. What somebody else has as well
//! identifies nobody and is left out.

mod form;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use percent_encoding::percent_decode_str;
use plimsoll_http::{Exchange, OpId, Probe, Who};
use plimsoll_spec::SchemaKind;
use serde_json::{Map, Value};

use crate::explore::fill;
use crate::fields::normal;
use crate::harvest::parameters;
use crate::list::List;
use crate::same;
use crate::ties::{self, Bond, Tie};
use crate::view::{App, Op};
use words::{is_own_name, is_privilege, is_self_word, is_supreme, is_supreme_word, principal};

pub use form::Form;
pub use words::{is_about_caller, is_people, is_privileged_word, names_somebody, noun, singular};

/// As how many callers objects are compared: every further one costs a request for each list.
const CALLERS: usize = 4;

/// One caller.
#[derive(Clone, Debug)]
pub struct Caller<'a> {
    /// As whom it asks.
    pub who: Who,
    /// What it is called in sentences.
    pub name: &'a str,
    /// What it is called by objects: the noun (empty for the caller itself) and the value.
    own: BTreeSet<(String, String)>,
    /// The tenants that it belongs to.
    tenants: BTreeSet<String>,
    /// Ids of other things in answers about it, by the name of their field: `basket_id`.
    pub refs: Vec<(String, String)>,
    /// Its role gives it sight of other people's objects.
    privileged: bool,
    /// Its role gives it sight of everything, of all tenants.
    supreme: bool,
}

/// Everybody as whom the run asks, and the lists that each of them gets.
#[derive(Debug)]
pub struct Callers<'a> {
    /// The callers with credentials, the given ones first.
    pub all: Vec<Caller<'a>>,
    lists: BTreeMap<(OpId, Who), Listed<'a>>,
    by_noun: BTreeMap<String, Vec<OpId>>,
}

/// The list that a caller gets from an operation which takes no id.
#[derive(Clone, Debug)]
pub struct Listed<'a> {
    /// The answer.
    pub exchange: &'a Exchange,
    /// Its elements, as far as they were kept.
    pub items: Vec<&'a Map<String, Value>>,
    /// What identifies them.
    pub ids: BTreeSet<String>,
    /// Whether there is more than was read.
    pub more: bool,
    /// Whether it depends on the caller alone: no id was given.
    pub plain: bool,
}

impl<'a> Callers<'a> {
    /// What is known by now.
    pub fn of(app: &App<'a>) -> Self {
        let mut callers = Self { all: Vec::new(), lists: BTreeMap::new(), by_noun: BTreeMap::new() };
        for who in app.seen.callers().into_iter().take(CALLERS) {
            let name = if app.seen.identity(who).is_some() { app.seen.name_of(who) } else { "the given caller" };
            callers.all.push(Caller::unknown(who, name));
        }
        let plain: Vec<Op<'a>> = app.ops().filter(is_plain).collect();
        for op in &plain {
            for caller in &mut callers.all {
                let Some(exchange) = op.success(&op.probe().who(caller.who)) else { continue };
                if is_about_caller(&op.key().path)
                    && let Some(object) = same::object(exchange)
                {
                    caller.learn(object);
                }
            }
            callers.learn_by_difference(op);
            let everybody = callers.everybody();
            callers.list(op, everybody.into_iter().map(|who| op.probe().who(who)));
        }
        callers.learn_from_lists(&plain);
        callers.forget_common();
        // `/users/{id}/orders` with the caller's own id is a list of the caller as well.
        for op in app.ops().filter(|op| op.is_get() && op.key().path.contains('{')) {
            let own: Vec<Probe> = callers.all.iter().filter_map(|caller| caller.own_probe(&op)).collect();
            callers.list(&op, own.into_iter());
        }
        for caller in &mut callers.all {
            let named = app.seen.identity(caller.who).and_then(|identity| identity.role.as_deref());
            caller.privileged |= named.is_some_and(is_privileged_word);
            caller.supreme |= named.is_some_and(is_supreme_word);
        }
        callers
    }

    /// Counts strangers among the callers, with the lists that they get.
    pub fn add_stranger(&mut self, app: &App<'a>) {
        self.all.push(Caller::unknown(Who::Anonymous, app.seen.name_of(Who::Anonymous)));
        if !app.seen.has_credentials {
            // Everybody is a stranger: what was asked without saying as whom is theirs.
            for op in app.ops().filter(is_plain) {
                self.list_as(&op, op.probe(), Who::Anonymous);
            }
        }
    }

    fn everybody(&self) -> Vec<Who> {
        self.all.iter().map(|caller| caller.who).chain([Who::Anonymous]).collect()
    }

    fn list(&mut self, op: &Op<'a>, probes: impl Iterator<Item = Probe>) {
        for probe in probes {
            let who = probe.who;
            self.list_as(op, probe, who);
        }
    }

    fn list_as(&mut self, op: &Op<'a>, probe: Probe, who: Who) {
        let Some(mut listed) = op.success(&probe).and_then(Listed::of) else { return };
        listed.plain = is_plain(op);
        let ops = self.by_noun.entry(noun(&op.key().path)).or_default();
        if !ops.contains(&op.id) {
            ops.push(op.id);
        }
        self.lists.insert((op.id, who), listed);
    }

    /// Where an operation without ids answers different callers with one object each that has another e-mail address or user name, each is about
    /// its caller, whatever the path is called.
    fn learn_by_difference(&mut self, op: &Op<'a>) {
        if is_about_caller(&op.key().path) {
            return;
        }
        let objects: Vec<Option<&Map<String, Value>>> =
            self.all.iter().map(|caller| same::object(op.success(&op.probe().who(caller.who))?)).collect();
        let named = |object: &Map<String, Value>| {
            let name = object.iter().find(|(name, _)| matches!(normal(name).as_str(), "email" | "username" | "login"));
            name.and_then(|(_, value)| ties::text(value))
        };
        let names: Vec<String> = objects.iter().flatten().filter_map(|object| named(object)).collect();
        let distinct: BTreeSet<&String> = names.iter().collect();
        if names.len() >= 2 && distinct.len() == names.len() {
            for (caller, object) in self.all.iter_mut().zip(objects) {
                if let Some(object) = object {
                    caller.learn(object);
                }
            }
        }
    }

    /// Where every element of a caller's list names the same owner, and every element of somebody else's another one, these are the two.
    fn learn_from_lists(&mut self, plain: &[Op<'a>]) {
        for op in plain {
            let constant: Vec<Option<BTreeMap<String, Tie>>> =
                self.all.iter().map(|caller| self.lists.get(&(op.id, caller.who)).map(constant_ties)).collect();
            for (at, mine) in constant.iter().enumerate() {
                let Some(mine) = mine else { continue };
                let differs = |path: &String, tie: &Tie| {
                    let others = constant.iter().enumerate().filter(|(other, _)| *other != at);
                    let values: Vec<&Tie> = others.filter_map(|(_, ties)| ties.as_ref()?.get(path)).collect();
                    !values.is_empty() && values.iter().all(|other| other.value != tie.value)
                };
                for (path, tie) in mine {
                    if tie.bond != Bond::Tenant && differs(path, tie) {
                        self.all[at].own.insert((principal(&tie.noun), tie.value.clone()));
                    }
                }
            }
        }
    }

    fn forget_common(&mut self) {
        let mut count: BTreeMap<(String, String), usize> = BTreeMap::new();
        for own in self.all.iter().flat_map(|caller| &caller.own) {
            *count.entry(own.clone()).or_default() += 1;
        }
        for caller in &mut self.all {
            caller.own.retain(|own| count.get(own) == Some(&1));
        }
    }

    /// The list that a caller gets from an operation that takes no id.
    pub fn listed(&self, op: OpId, who: Who) -> Option<&Listed<'a>> {
        self.lists.get(&(op, who))
    }

    /// The operations that list things of this noun.
    pub fn lists_of(&self, noun: &str) -> impl Iterator<Item = OpId> + '_ {
        self.by_noun.get(noun).into_iter().flatten().copied()
    }

    /// Whether a list of such things that this caller gets names this id.
    pub fn lists_id(&self, noun: &str, id: &str, who: Who) -> bool {
        self.lists_of(noun).any(|op| self.listed(op, who).is_some_and(|listed| listed.ids.contains(id)))
    }

    /// Whether the operation gives each of the two a list of their own: nothing that one of them gets is in the other's, and strangers do not
    /// get it.
    pub fn is_private_list(&self, op: OpId, x: Who, y: Who) -> bool {
        let (Some(mine), Some(theirs)) = (self.listed(op, x), self.listed(op, y)) else { return false };
        let apart = mine.plain && mine.ids.is_disjoint(&theirs.ids) && !mine.ids.is_empty();
        let told_apart = !theirs.ids.is_empty() || !theirs.more;
        let public = self.listed(op, Who::Anonymous).is_some_and(|open| !open.ids.is_disjoint(&mine.ids));
        apart && told_apart && !public
    }

    /// Whether one of the other callers is known to be whom this tie names.
    pub fn owner_of(&self, tie: &Tie) -> Option<&Caller<'a>> {
        self.all.iter().find(|caller| caller.is_named_by(tie))
    }
}

impl<'a> Caller<'a> {
    fn unknown(who: Who, name: &'a str) -> Self {
        Self {
            who,
            name,
            own: BTreeSet::new(),
            tenants: BTreeSet::new(),
            refs: Vec::new(),
            privileged: false,
            supreme: false,
        }
    }

    /// Takes what an answer about the caller says.
    fn learn(&mut self, object: &Map<String, Value>) {
        for (name, value) in object {
            let field = normal(name);
            self.privileged |= is_privilege(&field, value);
            self.supreme |= is_supreme(&field, value);
            if let Value::Object(inner) = value
                && (is_self_word(&field) || field == "data")
            {
                self.learn(inner);
                continue;
            }
            let (Some(text), known) = (ties::text(value), ties::bond(name)) else {
                if let (Value::Object(inner), Some((Bond::Tenant, _))) = (value, ties::bond(name)) {
                    self.tenants.extend(inner.get("id").and_then(ties::text));
                }
                continue;
            };
            match known {
                Some((Bond::Tenant, _)) => {
                    self.tenants.insert(text);
                }
                Some((Bond::Owner, noun)) => {
                    self.own.insert((principal(&noun), text.clone()));
                    self.refs.push((field, text));
                }
                _ if is_own_name(&field) => {
                    self.own.insert((String::new(), text));
                }
                _ if field.ends_with("id") && field.len() > 2 => self.refs.push((field, text)),
                _ => {}
            }
        }
    }

    /// The probe of an operation whose ids all name the caller itself, as `/users/{id}/orders` with its own id; none where an id names something
    /// else, or where its own is not known.
    pub fn own_probe(&self, op: &Op<'_>) -> Option<Probe> {
        let template = &op.key().path;
        let names = parameters(template);
        let set: Option<Vec<(String, String)>> = names
            .into_iter()
            .map(|name| {
                let noun = noun(before(template, &name));
                let value = is_people(&noun).then(|| self.named_like(op, &name, &noun)).flatten()?;
                Some((name, value))
            })
            .collect();
        Some(at_path(op, &set?).who(self.who))
    }

    /// The value that names the caller in this parameter of an operation.
    pub fn named_like(&self, op: &Op<'_>, parameter: &str, noun: &str) -> Option<String> {
        let wanted = wanted_form(op, parameter);
        let fits = |value: &&str| !value.contains(' ') && wanted.is_none_or(|form| Form::of(value) == form);
        let specific = self.own.iter().any(|(known, _)| *known == principal(noun));
        let values: Vec<&str> = if specific { self.names_as(noun).collect() } else { self.names().collect() };
        values.into_iter().find(fits).map(str::to_owned)
    }

    /// Whether the tie names this caller.
    pub fn is_named_by(&self, tie: &Tie) -> bool {
        if tie.bond == Bond::Tenant {
            return self.tenants.contains(&tie.value);
        }
        let noun = principal(&tie.noun);
        let specific = self.own.iter().any(|(known, _)| *known == noun);
        let noun = if specific { noun } else { String::new() };
        self.own.iter().any(|(known, value)| *known == noun && value.eq_ignore_ascii_case(&tie.value))
    }

    /// Whether anything is known by which an object could name this caller in the way that this tie does.
    pub fn could_be_named_by(&self, tie: &Tie) -> bool {
        let form = Form::of(&tie.value);
        match tie.bond {
            Bond::Tenant => !self.tenants.is_empty(),
            _ => self.own.iter().any(|(_, value)| Form::of(value) == form),
        }
    }

    /// The ways in which the caller itself is named: ids, names, addresses.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.own.iter().filter(|(noun, _)| noun.is_empty()).map(|(_, value)| value.as_str())
    }

    /// The values by which objects of this noun (`account`) name the caller.
    pub fn names_as<'s>(&'s self, noun: &str) -> impl Iterator<Item = &'s str> {
        let noun = principal(noun);
        self.own.iter().filter(move |(known, _)| *known == noun).map(|(_, value)| value.as_str())
    }

    /// The tenants that the caller belongs to; empty where unknown.
    pub fn tenants(&self) -> &BTreeSet<String> {
        &self.tenants
    }

    /// Whether both are known to belong to the same tenant.
    pub fn shares_tenant(&self, other: &Self) -> bool {
        !self.tenants.is_disjoint(&other.tenants)
    }

    /// Whether both are known to belong to different tenants.
    pub fn is_apart(&self, other: &Self) -> bool {
        !self.tenants.is_empty() && !other.tenants.is_empty() && self.tenants.is_disjoint(&other.tenants)
    }

    /// Whether its role is one that sees everything, of all tenants: a flag that knows no tenant, or a role that says so.
    pub fn is_supreme(&self) -> bool {
        self.supreme
    }

    /// Whether its role is one that sees other people's objects.
    pub fn is_privileged(&self) -> bool {
        self.privileged
    }
}

impl<'a> Listed<'a> {
    fn of(exchange: &'a Exchange) -> Option<Self> {
        let list = List::in_answer(exchange)?;
        let items: Vec<&Map<String, Value>> = list.items().iter().filter_map(Value::as_object).collect();
        let ids = items.iter().flat_map(|item| ids(item)).collect();
        let next = exchange.json().and_then(Value::as_object).is_some_and(|envelope| {
            envelope.iter().any(|(name, value)| {
                plimsoll_spec::roles::lists::is_next_word(name) && !matches!(value, Value::Null | Value::Bool(false))
            })
        });
        let total = exchange.json().and_then(Value::as_object).and_then(|envelope| {
            let total =
                envelope.iter().find(|(name, _)| matches!(normal(name).as_str(), "total" | "totalcount" | "count"));
            total.and_then(|(_, value)| value.as_u64())
        });
        let more = next || total.is_some_and(|total| total > list.len()) || (items.len() as u64) < list.len();
        Some(Self { exchange, items, ids, more, plain: true })
    }
}

/// The ties that all elements of a list have with the same value, by path.
fn constant_ties(listed: &Listed<'_>) -> BTreeMap<String, Tie> {
    let mut out: Option<BTreeMap<String, Tie>> = None;
    for item in &listed.items {
        let ties: BTreeMap<String, Tie> = ties::ties(item).into_iter().map(|tie| (tie.path.clone(), tie)).collect();
        out = Some(match out {
            None => ties,
            Some(mut known) => {
                known.retain(|path, tie| ties.get(path) == Some(tie));
                known
            }
        });
    }
    out.unwrap_or_default()
}

/// What identifies an element of a list: ids, numbers and names that are its own and not those of its owner.
pub fn ids(item: &Map<String, Value>) -> Vec<String> {
    let own = item.iter().filter(|(name, _)| {
        let field = normal(name);
        let named = field == "name" || field.ends_with("title") || field == "code" || field == "filename";
        (same::is_identifying(name) || named)
            && (ties::bond(name).is_none() || matches!(field.as_str(), "username" | "email"))
    });
    own.filter_map(|(_, value)| ties::text(value)).collect()
}

/// Whether a GET takes no id, so that what it gives depends on the caller alone.
pub fn is_plain(op: &Op<'_>) -> bool {
    op.is_get()
        && !op.key().path.contains('{')
        && op.base().is_some_and(|base| !base.query.iter().any(|(name, _)| names_somebody(name)))
}

/// What stands before a parameter in a template: `/orders` for `{id}` in `/orders/{id}/lines`.
pub fn before<'t>(template: &'t str, parameter: &str) -> &'t str {
    template.split(&format!("/{{{parameter}}}")).next().unwrap_or("")
}

/// The probe of an operation with these path values; the base request's own where they are the same.
pub fn at_path(op: &Op<'_>, set: &[(String, String)]) -> Probe {
    let path = format!("{}{}", op.api.prefix, fill(&op.key().path, set));
    if op.base().is_some_and(|base| base.path == path) { op.probe() } else { op.probe().path(&path) }
}

/// The text that the base request has for a path parameter.
pub fn base_value(op: &Op<'_>, parameter: &str) -> Option<String> {
    let from_right = op.key().path.rsplit('/').position(|segment| segment == format!("{{{parameter}}}"))?;
    let segment = op.base()?.path.rsplit('/').nth(from_right)?;
    Some(percent_decode_str(segment).decode_utf8_lossy().into_owned())
}

/// The form that values of a path parameter have: that of the value which is known to work, else what the contract or the name says.
pub fn wanted_form(op: &Op<'_>, parameter: &str) -> Option<Form> {
    if op.baseline().is_some() {
        return base_value(op, parameter).map(|value| Form::of(&value));
    }
    let declared = op.spec.parameters.iter().find(|known| known.name == parameter);
    let name = normal(parameter);
    match declared {
        Some(known) if known.schema.is_only(SchemaKind::Integer) => Some(Form::Number),
        Some(known) if known.schema.variants().iter().any(|schema| schema.format.as_deref() == Some("uuid")) => {
            Some(Form::Uuid)
        }
        _ if name.contains("email") => Some(Form::Email),
        _ if name.ends_with("name") || name.ends_with("login") => Some(Form::Word),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_an_answer_is_about() {
        let mut alice = Caller::unknown(Who::Given, "alice");
        let me = serde_json::json!({"id": 2, "username": "alice", "account_id": 7, "basket_id": 5, "tenant_id": "t1", "role": "member"});
        alice.learn(me.as_object().unwrap());
        let tie =
            |noun: &str, value: &str, bond| Tie { bond, noun: noun.into(), path: noun.into(), value: value.into() };
        assert!(alice.is_named_by(&tie("user", "2", Bond::Owner)));
        assert!(alice.is_named_by(&tie("owner", "alice", Bond::Owner)));
        assert!(alice.is_named_by(&tie("account", "7", Bond::Owner)));
        assert!(!alice.is_named_by(&tie("account", "2", Bond::Owner)), "accounts have ids of their own");
        assert!(!alice.is_named_by(&tie("user", "7", Bond::Owner)));
        assert!(alice.is_named_by(&tie("tenant", "t1", Bond::Tenant)));
        assert!(alice.refs.contains(&("basketid".to_owned(), "5".to_owned())));
        assert!(!alice.is_privileged());
    }
}
