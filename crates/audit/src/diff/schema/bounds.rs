//! The bounds of a value compared: lengths, numbers, forms.

use plimsoll_model::{Aspect, Severity};
use plimsoll_spec::{Schema, SchemaKind};

use super::Pair;
use crate::diff::ledger::{Draft, Ledger};
use crate::diff::part::{Site, value};
use crate::size::{Way, characters};

/// From this factor on, a raised bound is nearly a removed one.
const MUCH: f64 = 10.0;

pub(super) fn compare(pair: &mut Pair<'_>, site: Site<'_>, ledger: &mut Ledger) {
    let (old, new) = (pair.old, pair.new);
    if kinds(pair, site, ledger) {
        return;
    }
    let has = |schema: &Schema, kind| schema.kinds.contains(&kind);
    let both = |kind| has(old, kind) && has(new, kind);
    if both(SchemaKind::Array) {
        let (was, is) = (old.max_items.map(|most| most as f64), new.max_items.map(|most| most as f64));
        bound(pair, (was, is), &ITEMS, site, ledger);
    }
    if pair.way == Way::Out {
        return;
    }
    if both(SchemaKind::String) {
        text(pair, site, ledger);
    }
    if (both(SchemaKind::Integer) || both(SchemaKind::Number)) && old.values.is_empty() && new.values.is_empty() {
        bound(pair, (old.maximum, new.maximum), &MAXIMUM, site, ledger);
    }
}

/// How a bound is spoken of, and how much it matters.
struct Words {
    aspect: Aspect,
    keyword: &'static str,
    what: &'static str,
    removed: Severity,
}

const ITEMS: Words =
    Words { aspect: Aspect::Items, keyword: "maxItems", what: "number of elements", removed: Severity::Medium };
const MAXIMUM: Words = Words { aspect: Aspect::Maximum, keyword: "maximum", what: "number", removed: Severity::Low };
const LENGTH: Words = Words { aspect: Aspect::Length, keyword: "maxLength", what: "length", removed: Severity::Low };

fn bound(
    pair: &mut Pair<'_>,
    (was, is): (Option<f64>, Option<f64>),
    words: &Words,
    site: Site<'_>,
    ledger: &mut Ledger,
) {
    let Words { aspect, keyword, what, removed } = *words;
    let draft = match (was, is) {
        (Some(_), None) => Draft::worse(removed, aspect, format!("The {what} has no bound any more.")),
        (None, Some(is)) => Draft::better(removed, aspect, format!("The {what} is at most {is} now.")),
        (Some(was), Some(is)) if is > was => {
            let severity = if is > was * MUCH { removed } else { Severity::Low };
            Draft::worse(severity, aspect, format!("The largest {what} was raised from {was} to {is}."))
        }
        (Some(was), Some(is)) if is < was => {
            Draft::better(Severity::Low, aspect, format!("The largest {what} was lowered from {was} to {is}."))
        }
        _ => return,
    };
    let say =
        |bound: Option<f64>| Some(bound.map_or_else(|| format!("no {keyword}"), |bound| format!("{keyword} {bound}")));
    pair.add(draft, (say(was), say(is)), site, ledger);
}

/// A text: its values, its length however it is implied, its form. One word for one change.
fn text(pair: &mut Pair<'_>, site: Site<'_>, ledger: &mut Ledger) {
    let (old, new) = (pair.old, pair.new);
    match (old.values.is_empty(), new.values.is_empty()) {
        (false, true) => {
            let draft = Draft::worse(Severity::Low, Aspect::Form, "Any text is accepted where a few values were.");
            return pair.add(draft, (Some(few(old)), Some(value(new))), site, ledger);
        }
        (true, false) => {
            let draft = Draft::better(Severity::Low, Aspect::Form, "Only a few values are accepted now.");
            return pair.add(draft, (Some(value(old)), Some(few(new))), site, ledger);
        }
        (false, false) => {
            let gone = old.values.iter().any(|value| !new.values.contains(value));
            let fresh = new.values.iter().any(|value| !old.values.contains(value));
            if gone || fresh {
                let message = if gone {
                    "Some values are no longer accepted: clients that send them break."
                } else {
                    "More values are accepted."
                };
                pair.add(Draft::changed(Aspect::Clients, message), (Some(few(old)), Some(few(new))), site, ledger);
            }
            return;
        }
        (true, true) => {}
    }
    let form = |schema: &Schema| {
        schema.pattern.clone().map_or_else(|| "no pattern".to_owned(), |pattern| format!("pattern {pattern}"))
    };
    let forms = (Some(form(old)), Some(form(new)));
    match (&old.pattern, &new.pattern) {
        (Some(_), None) => {
            let draft =
                Draft::worse(Severity::Low, Aspect::Form, "Texts of any form are accepted where a pattern was.");
            return pair.add(draft, forms, site, ledger);
        }
        (None, Some(_)) => {
            let draft = Draft::better(Severity::Low, Aspect::Form, "Texts must match a pattern now.");
            return pair.add(draft, forms, site, ledger);
        }
        (Some(was), Some(is)) if was != is => {
            pair.add(Draft::changed(Aspect::Form, "Texts must match another pattern."), forms, site, ledger);
        }
        _ => {}
    }
    let length = |schema: &Schema| characters(schema).map(|most| most as f64);
    bound(pair, (length(old), length(new)), &LENGTH, site, ledger);
}

fn few(schema: &Schema) -> String {
    let values: Vec<String> = schema.values.iter().take(8).map(ToString::to_string).collect();
    let more = if schema.values.len() > 8 { " …" } else { "" };
    format!("one of {}{more}", values.join(", "))
}

/// Kinds of value that came or went. True where the two have nothing to compare beyond.
fn kinds(pair: &mut Pair<'_>, site: Site<'_>, ledger: &mut Ledger) -> bool {
    let (old, new) = (pair.old, pair.new);
    if old.kinds == new.kinds || !old.alternatives.is_empty() || !new.alternatives.is_empty() {
        return false;
    }
    let values = (Some(value(old)), Some(value(new)));
    let draft = if new.kinds.is_empty() && pair.way == Way::In {
        Draft::worse(Severity::Low, Aspect::Form, "Anything is accepted where a type was declared.")
    } else if old.kinds.is_empty() && pair.way == Way::In {
        Draft::better(Severity::Low, Aspect::Form, "A type is declared where anything was accepted.")
    } else {
        Draft::changed(Aspect::Clients, "Values are of another type.")
    };
    pair.add(draft, values, site, ledger);
    old.kinds.iter().all(|kind| !new.kinds.contains(kind))
}
