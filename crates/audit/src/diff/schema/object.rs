//! Objects compared: which properties may be sent, which are answered, and how open they are.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use plimsoll_model::{Aspect, Severity};
use plimsoll_spec::{Schema, SchemaKind};

use super::{Pair, goes, inside};
use crate::diff::ledger::{Draft, Ledger};
use crate::diff::part::{Site, value};
use crate::diff::place_or;
use crate::diff::words::{is_server_owned, sensitivity};
use crate::size::{CauseKind, Way, schema as size_of};

pub(super) fn compare(pair: &mut Pair<'_>, site: Site<'_>, ledger: &mut Ledger) {
    let is_object = |schema: &Schema| schema.kinds.contains(&SchemaKind::Object) || !schema.properties.is_empty();
    if !is_object(pair.old) || !is_object(pair.new) {
        return;
    }
    if pair.way == Way::In {
        openness(pair, site, ledger);
        required(pair, site, ledger);
    }
    let named = |schema: &'_ Schema| -> HashMap<String, Arc<Schema>> {
        schema.properties.iter().map(|(name, inner)| (name.clone(), Arc::clone(inner))).collect()
    };
    let (was, is) = (named(pair.old), named(pair.new));
    let way = pair.way;
    for (name, inner) in &pair.new.properties {
        let earlier = was.get(name).filter(|earlier| goes(earlier, way));
        if earlier.is_none() && goes(inner, way) {
            let hidden = was.contains_key(name);
            let draft = match way {
                Way::In => accepted(name, inner, hidden),
                Way::Out => answered(name, hidden),
            };
            let part = inside(site.part, name);
            let draft = draft
                .part(&part)
                .within(pair.before, pair.after)
                .after(place_or(&inner.place, pair.after), value(inner));
            let draft = match was.get(name) {
                Some(earlier) => draft.before(
                    place_or(&earlier.place, pair.before),
                    if way == Way::In { "readOnly" } else { "writeOnly" },
                ),
                None => draft,
            };
            pair.found.push(ledger.add(draft, Some(site.at)));
        }
    }
    for (name, earlier) in &pair.old.properties {
        let later = is.get(name).filter(|later| goes(later, way));
        if later.is_none() && goes(earlier, way) {
            let hidden = is.contains_key(name);
            let draft = gone(name, way, hidden);
            let part = inside(site.part, name);
            let draft = draft
                .part(&part)
                .within(pair.before, pair.after)
                .before(place_or(&earlier.place, pair.before), value(earlier));
            let draft = match is.get(name) {
                Some(later) => draft
                    .after(place_or(&later.place, pair.after), if way == Way::In { "readOnly" } else { "writeOnly" }),
                None => draft,
            };
            pair.found.push(ledger.add(draft, Some(site.at)));
        }
    }
}

/// A property that callers may set and might not before.
fn accepted(name: &str, inner: &Arc<Schema>, was_read_only: bool) -> Draft {
    if is_server_owned(name) {
        let message = format!("`{name}` is accepted from callers: by its name the service sets it.");
        return Draft::worse(Severity::Medium, Aspect::AcceptedProperty, message);
    }
    if was_read_only {
        let message = format!("`{name}` is accepted from callers; it was readOnly.");
        return Draft::worse(Severity::Low, Aspect::AcceptedProperty, message);
    }
    let size = size_of(inner, Way::In);
    match size.causes.iter().find(|cause| cause.kind != CauseKind::Text) {
        Some(cause) => Draft::worse(
            Severity::Low,
            Aspect::Input,
            format!("`{name}` is accepted and has no bound in size: {cause}."),
        ),
        None => Draft::changed(Aspect::AcceptedProperty, format!("`{name}` is accepted.")),
    }
}

/// A property that is answered and was not.
fn answered(name: &str, was_write_only: bool) -> Draft {
    match sensitivity(name) {
        Some(severity) => Draft::worse(
            severity,
            Aspect::AnsweredProperty,
            format!("`{name}` is answered: by its name it should not be, or only to its owner."),
        ),
        None if was_write_only => {
            Draft::worse(Severity::Low, Aspect::AnsweredProperty, format!("`{name}` is answered; it was writeOnly."))
        }
        None => Draft::changed(Aspect::AnsweredProperty, format!("`{name}` is answered.")),
    }
}

fn gone(name: &str, way: Way, hidden: bool) -> Draft {
    match way {
        Way::In if is_server_owned(name) || hidden => {
            let severity = if is_server_owned(name) { Severity::Medium } else { Severity::Low };
            Draft::better(severity, Aspect::AcceptedProperty, format!("`{name}` is no longer accepted from callers."))
        }
        Way::Out if sensitivity(name).is_some() || hidden => {
            let severity = sensitivity(name).unwrap_or(Severity::Low);
            Draft::better(severity, Aspect::AnsweredProperty, format!("`{name}` is no longer answered."))
        }
        Way::In => Draft::changed(Aspect::Clients, format!("`{name}` is no longer taken.")),
        Way::Out => {
            Draft::changed(Aspect::Clients, format!("`{name}` is no longer answered: clients that read it break."))
        }
    }
}

/// Whether undeclared properties are accepted, and how many.
fn openness(pair: &mut Pair<'_>, site: Site<'_>, ledger: &mut Ledger) {
    let say = |schema: &Schema| {
        let closed = match schema.additional {
            Some(false) => "additionalProperties: false",
            Some(true) => "additionalProperties allowed",
            None => "additionalProperties not mentioned",
        };
        Some(schema.max_properties.map_or_else(|| closed.to_owned(), |most| format!("{closed}, maxProperties {most}")))
    };
    let values = (say(pair.old), say(pair.new));
    let (was, is) = (pair.old.additional == Some(false), pair.new.additional == Some(false));
    let counts = (pair.old.max_properties, pair.new.max_properties);
    let draft = match (was, is, counts) {
        (true, false, _) => {
            Draft::worse(Severity::Low, Aspect::Properties, "Properties that nobody declared are accepted.")
        }
        (false, true, _) => {
            Draft::better(Severity::Low, Aspect::Properties, "Properties that nobody declared are refused.")
        }
        (_, _, (Some(_), None)) => {
            Draft::worse(Severity::Low, Aspect::Properties, "The number of properties has no bound any more.")
        }
        (_, _, (None, Some(most))) => {
            Draft::better(Severity::Low, Aspect::Properties, format!("There are at most {most} properties now."))
        }
        (_, _, (Some(most), Some(now))) if now > most => Draft::worse(
            Severity::Low,
            Aspect::Properties,
            format!("The largest number of properties was raised from {most} to {now}."),
        ),
        (_, _, (Some(most), Some(now))) if now < most => Draft::better(
            Severity::Low,
            Aspect::Properties,
            format!("The largest number of properties was lowered from {most} to {now}."),
        ),
        _ => return,
    };
    pair.add(draft, values, site, ledger);
}

/// Properties that must be sent now.
fn required(pair: &mut Pair<'_>, site: Site<'_>, ledger: &mut Ledger) {
    let was: HashSet<&String> = pair.old.required.iter().collect();
    let mut fresh: Vec<&String> = pair.new.required.iter().filter(|name| !was.contains(name)).collect();
    fresh.retain(|name| pair.new.properties.iter().any(|(known, inner)| known == *name && !inner.read_only));
    fresh.sort_unstable();
    fresh.dedup();
    if !fresh.is_empty() {
        let names = fresh.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        let draft =
            Draft::changed(Aspect::Clients, format!("{names} must be given now: clients that do not send it break."));
        pair.add(draft, (Some("optional or absent".to_owned()), Some("required".to_owned())), site, ledger);
    }
}
