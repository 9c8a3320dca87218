//! Who may call an operation, compared: alternatives of requirements, whatever their schemes are called.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_model::{Aspect, Severity};
use plimsoll_spec::{Api, Location, Operation, SchemeKind};

use super::ledger::{Draft, Ledger};

/// One alternative: what each of its schemes is, with the scopes that are asked for.
type Alternative = BTreeMap<String, BTreeSet<String>>;

/// Compares what two operations ask of their callers.
pub(super) fn compare(old: (&Api, &Operation), new: (&Api, &Operation), at: u32, ledger: &mut Ledger) {
    let (was, is) = (alternatives(old), alternatives(new));
    if was == is {
        return;
    }
    let (was_open, is_open) = (is_open(&was), is_open(&is));
    let (before, after) = (describe(&was), describe(&is));
    let weaker = is.iter().find(|new| !was.iter().any(|old| asks_at_least(new, old)));
    let draft = match (was_open, is_open) {
        (true, true) => return,
        (false, true) => Draft::worse(
            Severity::High,
            Aspect::Security,
            format!("Credentials are no longer required; before: {before}."),
        ),
        (true, false) => Draft::better(Severity::High, Aspect::Security, format!("Credentials are required: {after}.")),
        (false, false) => match weaker {
            Some(weaker) => {
                let in_url = weaker.keys().find(|scheme| scheme.contains("query") && !before.contains(scheme.as_str()));
                let fewer = was.iter().any(|old| old.keys().eq(weaker.keys()));
                let message = match (in_url, fewer) {
                    (Some(_), _) => format!("Credentials may travel in the address: {after}; before: {before}."),
                    (None, true) => format!("Fewer scopes are asked for: {after}; before: {before}."),
                    (None, false) => format!("Other credentials are enough: {after}; before: {before}."),
                };
                // Another scheme is another way in; whether it is a weaker one, the contract does not say.
                if in_url.is_none() && !fewer && !was.iter().any(|old| asks_at_least(old, weaker)) {
                    Draft::changed(Aspect::Security, message)
                } else {
                    Draft::worse(Severity::Medium, Aspect::Security, message)
                }
            }
            None => Draft::better(
                Severity::Medium,
                Aspect::Security,
                format!("More is asked for: {after}; before: {before}."),
            ),
        },
    };
    let draft = draft.cause(format!("{before}\0{after}"));
    ledger.add(draft.before(&old.1.place, before).after(&new.1.place, after), Some(at));
}

/// What a caller must show, in words.
pub(super) fn required(of: (&Api, &Operation)) -> String {
    describe(&alternatives(of))
}

fn is_open(alternatives: &BTreeSet<Alternative>) -> bool {
    alternatives.is_empty() || alternatives.iter().any(BTreeMap::is_empty)
}

/// The requirements, those that anybody fulfils included; no statement asks for nothing.
fn alternatives((api, operation): (&Api, &Operation)) -> BTreeSet<Alternative> {
    let scheme = |name: &String| api.schemes.get(name).map_or_else(|| name.clone(), |scheme| kind(&scheme.kind, name));
    let one = |alternative: &BTreeMap<String, Vec<String>>| {
        alternative.iter().map(|(name, scopes)| (scheme(name), scopes.iter().cloned().collect())).collect()
    };
    operation.security.iter().flatten().map(one).collect()
}

/// A scheme by what it is; its name says nothing.
fn kind(kind: &SchemeKind, name: &str) -> String {
    match kind {
        SchemeKind::ApiKey { location, name } => {
            let place = match location {
                Location::Path => "path",
                Location::Query => "query",
                Location::Header => "header",
                Location::Cookie => "cookie",
            };
            format!("key in {place} {name}")
        }
        SchemeKind::Http { scheme } => format!("HTTP {scheme}"),
        SchemeKind::OAuth2 => "OAuth 2.0".to_owned(),
        SchemeKind::OpenIdConnect => "OpenID Connect".to_owned(),
        SchemeKind::MutualTls => "mutual TLS".to_owned(),
        SchemeKind::Unknown => name.to_owned(),
    }
}

/// Whether whoever fulfils `one` also fulfils `other`.
fn asks_at_least(one: &Alternative, other: &Alternative) -> bool {
    other.iter().all(|(scheme, scopes)| one.get(scheme).is_some_and(|mine| scopes.is_subset(mine)))
}

fn describe(alternatives: &BTreeSet<Alternative>) -> String {
    if alternatives.is_empty() {
        return "nothing".to_owned();
    }
    let one = |alternative: &Alternative| {
        if alternative.is_empty() {
            return "nothing".to_owned();
        }
        let schemes = alternative.iter().map(|(scheme, scopes)| {
            if scopes.is_empty() {
                scheme.clone()
            } else {
                format!("{scheme} ({})", scopes.iter().cloned().collect::<Vec<_>>().join(", "))
            }
        });
        schemes.collect::<Vec<_>>().join(" and ")
    };
    alternatives.iter().map(one).collect::<Vec<_>>().join(", or ")
}
