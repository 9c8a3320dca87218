//! A parameter in two contracts, and words for what a schema allows.

use plimsoll_model::{Aspect, Severity};
use plimsoll_spec::roles::bounds::maximum;
use plimsoll_spec::roles::paging::is_page_size;
use plimsoll_spec::{Operation, Parameter, Schema, SchemaKind};
use serde_json::Value;

use super::ledger::{Draft, Ledger};
use super::place_or;
use super::schema::Pairs;
use crate::size::Way;

/// Where the comparing is: the operation, and the path of the part.
#[derive(Clone, Copy)]
pub(super) struct Site<'a> {
    pub at: u32,
    pub part: &'a str,
}

pub(super) fn of_parameter(location: &str, name: &str) -> String {
    format!("{location}:{name}")
}

/// Compares a parameter. What sets the page size is judged by its largest value and its default; everything else as a schema.
pub(super) fn parameter(
    old: &Operation,
    was: &Parameter,
    (new, is): (&Operation, &Parameter),
    site: Site<'_>,
    pairs: &mut Pairs,
    ledger: &mut Ledger,
) {
    if is.required && !was.required {
        let draft = Draft::changed(
            Aspect::Clients,
            format!("`{}` must be given now: clients that do not send it break.", is.name),
        );
        ledger.add(draft.part(site.part).before(&was.place, "optional").after(&is.place, "required"), Some(site.at));
    }
    let (before, after) = (place_or(&was.schema.place, &was.place), place_or(&is.schema.place, &is.place));
    if !is_page_size(old, was) || !is_page_size(new, is) {
        return pairs.compare(((&was.schema, before), (&is.schema, after)), Way::In, site, ledger);
    }
    let name = &is.name;
    let say = |bound: Option<f64>| bound.map_or_else(|| "no maximum".to_owned(), |bound| format!("maximum {bound}"));
    let (most, now) = (maximum(&was.schema), maximum(&is.schema));
    let draft = match (most, now) {
        (Some(_), None) => Some(Draft::worse(
            Severity::Medium,
            Aspect::PageSize,
            format!("`{name}` sets the page size and has no maximum any more."),
        )),
        (None, Some(now)) => Some(Draft::better(
            Severity::Medium,
            Aspect::PageSize,
            format!("`{name}` sets the page size and is at most {now} now."),
        )),
        (Some(most), Some(now)) if now > most => {
            let severity = if now > most * 10.0 || now > 10_000.0 { Severity::Medium } else { Severity::Low };
            Some(Draft::worse(
                severity,
                Aspect::PageSize,
                format!("`{name}` sets the page size, and its maximum was raised from {most} to {now}."),
            ))
        }
        (Some(most), Some(now)) if now < most => Some(Draft::better(
            Severity::Low,
            Aspect::PageSize,
            format!("`{name}` sets the page size, and its maximum was lowered from {most} to {now}."),
        )),
        _ => None,
    };
    if let Some(draft) = draft {
        ledger.add(draft.part(site.part).before(before, say(most)).after(after, say(now)), Some(site.at));
    }
    let default = |parameter: &Parameter| {
        parameter.schema.variants().iter().find_map(|variant| variant.default.as_ref().and_then(Value::as_f64))
    };
    let (was_default, is_default) = (default(was), default(is));
    if was_default != is_default {
        let say = |default: Option<f64>| {
            default.map_or_else(|| "no default".to_owned(), |default| format!("default {default}"))
        };
        let (from, to) = (say(was_default), say(is_default));
        let draft = match (was_default, is_default) {
            (Some(was), Some(is)) if is > was => Draft::worse(
                Severity::Low,
                Aspect::PageSize,
                format!("The page that is answered without `{name}` was raised: {from}, now {to}."),
            ),
            (Some(_), None) => Draft::worse(
                Severity::Low,
                Aspect::PageSize,
                format!("`{name}` has no default any more: how much is answered without it is open."),
            ),
            _ => Draft::better(
                Severity::Low,
                Aspect::PageSize,
                format!("The page that is answered without `{name}` is smaller: {from}, now {to}."),
            ),
        };
        ledger.add(draft.part(site.part).before(before, from).after(after, to), Some(site.at));
    }
}

/// What a schema allows, in a few words.
pub(super) fn value(schema: &Schema) -> String {
    let kinds: Vec<&str> = schema.kinds.iter().map(|kind| SchemaKind::as_str(*kind)).collect();
    let kinds = if kinds.is_empty() { "any type".to_owned() } else { kinds.join(" or ") };
    match &schema.format {
        Some(format) => format!("{kinds}, {format}"),
        None => kinds,
    }
}
