//! One operation in two contracts: its callers, its page controls, its parameters, its body, its answers.

use std::collections::BTreeSet;

use plimsoll_model::{Aspect, Severity};
use plimsoll_spec::roles::paging::{Controls, role};
use plimsoll_spec::roles::{lists, normal};
use plimsoll_spec::{Api, Location, Operation, Parameter};

use super::ledger::{Draft, Ledger};
use super::part::{self, Site};
use super::schema::Pairs;
use super::security;
use crate::size::{CauseKind, Way, schema as size_of};

/// Compares an operation that is in both.
pub(super) fn compare(
    old: (&Api, &Operation),
    new: (&Api, &Operation),
    at: u32,
    pairs: &mut Pairs,
    ledger: &mut Ledger,
) {
    security::compare(old, new, at, ledger);
    let (was, is) = (old.1, new.1);
    let control = page_control(was, is, at, ledger);
    parameters(was, is, at, control, pairs, ledger);
    body(was, is, at, pairs, ledger);
    answers(was, is, at, pairs, ledger);
}

/// An operation that is new: what it brings that is worse than what was there.
pub(super) fn added(old: &Api, (api, operation): (&Api, &Operation), at: u32, ledger: &mut Ledger) {
    let place = &operation.place;
    let asks = old.operations.iter().chain(&api.operations).any(Operation::requires_credentials);
    let asked = security::required((api, operation));
    let draft = if asks && !operation.requires_credentials() {
        Draft::worse(Severity::Medium, Aspect::Operation, "A new operation asks for no credentials.".to_owned())
    } else if lists::answered(operation).is_some_and(|(_, _, _, list)| list.max_items.is_none())
        && !Controls::of(operation).is_any()
        && operation.key.method.is_safe()
    {
        Draft::worse(
            Severity::Medium,
            Aspect::Operation,
            "A new operation answers with a whole list, without any page control.".to_owned(),
        )
    } else {
        Draft::changed(Aspect::Operation, "A new operation.".to_owned())
    };
    ledger.add(draft.after(place, format!("{}, asks for {asked}", operation.key)), Some(at));
}

/// Page controls of a list that came or went. True where they did, so that their parameters need no word of their own.
fn page_control(old: &Operation, new: &Operation, at: u32, ledger: &mut Ledger) -> bool {
    if lists::answered(old).is_none() || lists::answered(new).is_none() {
        return false;
    }
    let (was, is) = (Controls::of(old), Controls::of(new));
    let draft = match (in_parts(&was), in_parts(&is)) {
        (true, false) => {
            Draft::worse(Severity::Medium, Aspect::PageControl, "The list can no longer be asked for in parts.")
        }
        (false, true) => Draft::better(Severity::Medium, Aspect::PageControl, "The list can be asked for in parts."),
        _ => return false,
    };
    let words = |controls: &Controls<'_>| {
        let parameters = [controls.limit, controls.offset, controls.page, controls.cursor, controls.header];
        let mut names: BTreeSet<&str> =
            parameters.into_iter().flatten().map(|parameter| parameter.name.as_str()).collect();
        names.extend(controls.body.map(|(name, _)| name));
        names.extend(controls.answer);
        if names.is_empty() { "no page control".to_owned() } else { names.into_iter().collect::<Vec<_>>().join(", ") }
    };
    ledger.add(draft.before(&old.place, words(&was)).after(&new.place, words(&is)), Some(at));
    true
}

/// Whether a caller can ask for a part: a control of its own, or something in the answer that leads on. That there is more is no way to it.
fn in_parts(controls: &Controls<'_>) -> bool {
    let leads_on = controls.answer.is_some_and(|name| {
        let name = normal(name);
        !name.ends_with("more") && !name.starts_with("has") && name != "istruncated" && name != "morerecords"
    });
    Controls { answer: None, ..*controls }.is_any() || leads_on
}

fn parameters(old: &Operation, new: &Operation, at: u32, control: bool, pairs: &mut Pairs, ledger: &mut Ledger) {
    let paged = |parameter: &Parameter| control && role(&parameter.name).is_some();
    for (location, word) in [(Location::Query, "query"), (Location::Header, "header"), (Location::Cookie, "cookie")] {
        for parameter in new.parameters_in(location) {
            let name = part::of_parameter(word, &parameter.name);
            match find(old, location, &parameter.name) {
                Some(was) => part::parameter(old, was, (new, parameter), Site { at, part: &name }, pairs, ledger),
                None if paged(parameter) => {}
                None => {
                    let message = if parameter.required {
                        format!("`{}` must be given now: clients that do not send it break.", parameter.name)
                    } else {
                        format!("`{}` is taken.", parameter.name)
                    };
                    let draft = Draft::changed(Aspect::Clients, message).part(&name);
                    ledger.add(draft.after(&parameter.place, part::value(&parameter.schema)), Some(at));
                }
            }
        }
        for parameter in old.parameters_in(location) {
            if find(new, location, &parameter.name).is_none() && !paged(parameter) {
                let name = part::of_parameter(word, &parameter.name);
                let draft =
                    Draft::changed(Aspect::Clients, format!("`{}` is no longer taken.", parameter.name)).part(&name);
                ledger.add(draft.before(&parameter.place, part::value(&parameter.schema)), Some(at));
            }
        }
    }
    // Parameters of the path by their order in it: their names are nobody's business.
    for (was, is) in in_path(old).into_iter().zip(in_path(new)) {
        if let (Some(was), Some(is)) = (was, is) {
            let name = format!("path:{}", is.name);
            part::parameter(old, was, (new, is), Site { at, part: &name }, pairs, ledger);
        }
    }
}

/// Header names mean the same in capitals (RFC 9110 §5.1).
fn find<'a>(operation: &'a Operation, location: Location, name: &str) -> Option<&'a Parameter> {
    let same =
        |other: &str| if location == Location::Header { other.eq_ignore_ascii_case(name) } else { other == name };
    operation.parameters_in(location).find(|parameter| same(&parameter.name))
}

fn in_path(operation: &Operation) -> Vec<Option<&Parameter>> {
    let names = operation.key.path.split('{').skip(1).filter_map(|rest| rest.split_once('}').map(|(name, _)| name));
    names.map(|name| operation.parameter(Location::Path, name)).collect()
}

fn body(old: &Operation, new: &Operation, at: u32, pairs: &mut Pairs, ledger: &mut Ledger) {
    match (&old.body, &new.body) {
        (None, None) => {}
        (Some(was), None) => {
            ledger.add(
                Draft::changed(Aspect::Clients, "No body is taken any more.").part("body").before(&was.place, "a body"),
                Some(at),
            );
        }
        (None, Some(is)) => {
            let open = is
                .content
                .values()
                .map(|(schema, _)| size_of(schema, Way::In))
                .find(|size| size.bytes.is_none() && size.causes.iter().any(|cause| cause.kind != CauseKind::Text));
            let draft = match open.as_ref().and_then(|size| size.causes.first()) {
                Some(cause) => Draft::worse(
                    Severity::Low,
                    Aspect::Input,
                    format!("A body is taken that has no bound in size: {cause}."),
                ),
                None => Draft::changed(Aspect::Clients, "A body is taken."),
            };
            ledger.add(draft.part("body").after(&is.place, "a body"), Some(at));
        }
        (Some(was), Some(is)) => {
            if is.required && !was.required {
                let draft =
                    Draft::changed(Aspect::Clients, "The body must be given now: clients that send none break.");
                ledger.add(draft.part("body").before(&was.place, "optional").after(&is.place, "required"), Some(at));
            }
            for (media_type, (schema, _)) in &is.content {
                if let Some((earlier, _)) = was.content.get(media_type) {
                    let sides = ((earlier, &was.place), (schema, &is.place));
                    pairs.compare(sides, Way::In, Site { at, part: "body" }, ledger);
                } else {
                    let draft = Draft::changed(Aspect::Clients, format!("The body is also taken as {media_type}."));
                    ledger.add(draft.part("body").after(&is.place, media_type.clone()), Some(at));
                }
            }
            for media_type in was.content.keys().filter(|media_type| !is.content.contains_key(*media_type)) {
                let draft = Draft::changed(Aspect::Clients, format!("The body is no longer taken as {media_type}."));
                ledger.add(draft.part("body").before(&was.place, media_type.clone()), Some(at));
            }
        }
    }
}

fn answers(old: &Operation, new: &Operation, at: u32, pairs: &mut Pairs, ledger: &mut Ledger) {
    for (status, is) in &new.responses {
        let Some(was) = old.responses.get(status) else {
            let draft = if status == "429" {
                Draft::better(Severity::Low, Aspect::Answers, "A 429 is declared: callers are limited.")
            } else {
                Draft::changed(Aspect::Answers, format!("The answer {status} is declared."))
            };
            ledger.add(draft.part(status).after(&is.place, status.clone()), Some(at));
            continue;
        };
        for (media_type, schema) in &is.content {
            if let Some(earlier) = was.content.get(media_type) {
                let sides = ((earlier, &was.place), (schema, &is.place));
                pairs.compare(sides, Way::Out, Site { at, part: status }, ledger);
            }
        }
        let gone: Vec<&str> =
            was.content.keys().filter(|name| !is.content.contains_key(*name)).map(String::as_str).collect();
        let fresh: Vec<&str> =
            is.content.keys().filter(|name| !was.content.contains_key(*name)).map(String::as_str).collect();
        if !gone.is_empty() || !fresh.is_empty() {
            let draft =
                Draft::changed(Aspect::Clients, format!("The answer {status} has other media types.")).part(status);
            ledger.add(draft.before(&was.place, gone.join(", ")).after(&is.place, fresh.join(", ")), Some(at));
        }
    }
    for (status, was) in old.responses.iter().filter(|(status, _)| !new.responses.contains_key(*status)) {
        let draft = match status.as_str() {
            "429" => Draft::worse(
                Severity::Low,
                Aspect::Answers,
                "No 429 is declared any more: nothing says that callers are limited.",
            ),
            _ => Draft::changed(Aspect::Answers, format!("The answer {status} is no longer declared.")),
        };
        ledger.add(draft.part(status).before(&was.place, status.clone()), Some(at));
    }
}
