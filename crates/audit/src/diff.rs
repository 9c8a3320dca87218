//! Two contracts compared: what a change makes worse or better for the service, operation by operation.
//!
//! What is compared are the operations as they are read, not the texts: order, names of schemas and path parameters, and where a schema stands are no
//! change. An operation is known by its method and its path, whatever its parameters are called there. Whether clients break is said by the way.

mod digest;
mod ledger;
mod operation;
mod part;
mod schema;
mod security;
mod words;

use std::collections::{HashMap, HashSet};

use plimsoll_model::{Aspect, ContractChange, Severity, Verdict};
use plimsoll_spec::{Api, Operation, Place};

use ledger::{Draft, Ledger};
use schema::Pairs;

/// What changed from one contract to another, the worst first.
pub fn compare(old: &Api, new: &Api) -> Vec<ContractChange> {
    let mut ledger = Ledger::default();
    transport(old, new, &mut ledger);
    let mut before: HashMap<String, (usize, &Operation)> = HashMap::new();
    for (index, operation) in old.operations.iter().enumerate() {
        before.entry(key(operation)).or_insert((index, operation));
    }
    let mut met: HashSet<usize> = HashSet::new();
    let mut pairs = Pairs::default();
    for (index, operation) in new.operations.iter().enumerate() {
        let at = index as u32;
        match before.get(&key(operation)) {
            Some((earlier, was)) if met.insert(*earlier) => {
                operation::compare((old, was), (new, operation), at, &mut pairs, &mut ledger);
            }
            Some(_) => {}
            None => operation::added(old, (new, operation), at, &mut ledger),
        }
    }
    for (index, operation) in old.operations.iter().enumerate() {
        if !met.contains(&index) && before.get(&key(operation)).is_some_and(|(first, _)| *first == index) {
            let draft = Draft::new(
                Verdict::Changed,
                Severity::Info,
                Aspect::Operation,
                format!("{} is gone: its clients break.", operation.key),
            );
            ledger.add(draft.gone(operation.key.clone()).before(&operation.place, operation.key.to_string()), None);
        }
    }
    ledger.finish(old, new)
}

/// Method and path with the names of parameters left out.
fn key(operation: &Operation) -> String {
    let mut out = format!("{} ", operation.key.method);
    let mut inside = false;
    for c in operation.key.path.chars() {
        match c {
            '{' => {
                inside = true;
                out.push('{');
            }
            '}' => {
                inside = false;
                out.push('}');
            }
            c if !inside => out.push(c),
            _ => {}
        }
    }
    out
}

/// Servers: a way without TLS that was not there, or is there no more.
fn transport(old: &Api, new: &Api, ledger: &mut Ledger) {
    let clear = |api: &Api| -> Vec<String> {
        let mut clear: Vec<String> = api.servers.iter().filter(|url| is_clear(url)).cloned().collect();
        clear.sort_unstable();
        clear.dedup();
        clear
    };
    let (was, is) = (clear(old), clear(new));
    let place = |api: &Api| api.hosts.first().map(|host| host.place.clone()).unwrap_or_default();
    let all = |api: &Api| if api.servers.is_empty() { "none".to_owned() } else { api.servers.join(", ") };
    let severity = Severity::Medium;
    let draft = if let Some(url) = is.iter().find(|url| !was.contains(url)) {
        Draft::new(Verdict::Worse, severity, Aspect::Transport, format!("The service is reached without TLS: {url}."))
    } else if let Some(url) = was.iter().find(|url| !is.contains(url)) {
        Draft::new(
            Verdict::Better,
            severity,
            Aspect::Transport,
            format!("The service is no longer reached without TLS at {url}."),
        )
    } else {
        let (mut was, mut is) = (old.servers.clone(), new.servers.clone());
        was.sort_unstable();
        is.sort_unstable();
        if was == is {
            return;
        }
        Draft::new(
            Verdict::Changed,
            Severity::Info,
            Aspect::Transport,
            "The service is reached at other addresses.".to_owned(),
        )
    };
    ledger.add(draft.before(&place(old), all(old)).after(&place(new), all(new)), None);
}

/// Whether an address is without TLS and not the reader's own machine.
fn is_clear(url: &str) -> bool {
    url.strip_prefix("http://").is_some_and(|rest| {
        let host = rest.split(['/', ':', '?']).next().unwrap_or(rest);
        !matches!(host, "localhost" | "127.0.0.1" | "[" | "")
    })
}

/// The place of a part, that of what holds it where it has none.
fn place_or<'a>(place: &'a Place, other: &'a Place) -> &'a Place {
    if place.pointer.is_empty() { other } else { place }
}

#[cfg(test)]
mod tests;
