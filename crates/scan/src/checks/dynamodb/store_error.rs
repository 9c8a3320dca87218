//! `store-error`: what the store said reaches the caller.

use plimsoll_http::{Exchange, Probe};
use plimsoll_model::PartKind;
use serde_json::Value;

use super::errors::{betrayals, masked};
use crate::check::{Check, Meta, check};
use crate::checks::resource::params::{Breadth, breadth, range, with_last_path};
use crate::draft::Draft;
use crate::view::Op;

check! {
    /// An error of the store or of its SDK in an answer.
    pub struct StoreError {
        id: "store-error", weakness: StoreErrorExposed, mode: Active, since: "0.1.0", page: "http/store-error.md",
    }
}

/// Longer than a partition key may be: 2,048 bytes (Amazon DynamoDB, service quotas).
const LONG_KEY: usize = 2_100;

impl Check for StoreError {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn probes(&self, op: &Op<'_>) -> Vec<Probe> {
        if !op.is_get() || op.base().is_none() {
            return Vec::new();
        }
        // A key that the store refuses, a cursor that is none, a range that ends before it begins.
        let long = "k".repeat(LONG_KEY);
        let key = with_last_path(op, &long);
        let cursor = op.paging().cursor.map(|cursor| op.probe().query(&cursor, "{}"));
        let reversed =
            range(op).map(|(from, to)| op.probe().query(&from.name, "2099-12-31").query(&to.name, "2000-01-01"));
        let ids = op.spec.parameters.iter().find(|parameter| breadth(parameter) == Some(Breadth::Ids));
        let ids = ids.map(|parameter| op.probe().query_filled(&parameter.name, 'k', LONG_KEY as u32));
        key.into_iter().chain(cursor).chain(reversed).chain(ids).collect()
    }

    fn judge(&self, op: &Op<'_>) -> Vec<Draft> {
        let errors = op.exchanges().filter(|answer| answer.status().is_some_and(|status| status >= 400));
        let told = errors.filter_map(|answer| {
            let found = betrayals(&answer.text());
            (!found.is_empty()).then_some((answer, found))
        });
        // The answer that tells the most; of equals, the first.
        let Some((answer, found)) = told.reduce(|best, other| if other.1.len() > best.1.len() { other } else { best })
        else {
            return Vec::new();
        };
        let what: Vec<&str> = found.iter().map(|betrayal| betrayal.what).collect();
        let shown: Vec<&str> = found.iter().map(|betrayal| betrayal.shown.as_str()).collect();
        let status = answer.status().unwrap_or(0);
        vec![
            op.finding(format!("An error answer ({status}) shows {}.", join(&what)))
                .part(PartKind::ResponseBody, place(answer))
                // One handler writes all errors of one form.
                .cause(format!("store error in {}", form(answer)))
                .exchange_excerpt(answer, "what the store said", masked(&shown.join(" · "))),
        ]
    }
}

fn join(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// The form of an error body: the names of its fields, in order of the alphabet; its media type where it is no JSON.
fn form(answer: &Exchange) -> String {
    match answer.json() {
        Some(Value::Object(map)) => {
            let mut names: Vec<&str> = map.keys().map(String::as_str).collect();
            names.sort_unstable();
            names.join("+")
        }
        _ => answer.response().map_or_else(String::new, plimsoll_http::Response::media_type),
    }
}

/// The field that holds the message.
fn place(answer: &Exchange) -> String {
    let Some(Value::Object(map)) = answer.json() else { return "$".to_owned() };
    let telling = map.iter().find(|(_, value)| value.as_str().is_some_and(|text| !betrayals(text).is_empty()));
    telling.map_or_else(|| "$".to_owned(), |(name, _)| name.clone())
}
