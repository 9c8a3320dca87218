//! `internal-details`: names of internal hosts, private addresses and paths of the server's file system in answers.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use plimsoll_http::{Exchange, Response};
use plimsoll_model::{PartKind, redact};
use regex::Regex;

use super::bodies::{distinct, field, walk};
use super::stack_trace;
use crate::check::{Check, Meta, check};
use crate::checks::dynamodb::errors;
use crate::draft::Draft;
use crate::view::Op;

check! {
    /// Internal hosts, private addresses and file paths in answers.
    pub struct InternalDetails {
        id: "internal-details", weakness: InternalDetailExposed, mode: Passive, since: "0.1.0", page: "http/internal-details.md",
    }
}

/// The kind that four numbers of a version look like.
const ADDRESS: &str = "a private address";
/// The kind whose detail holds the number of an account.
const ARN: &str = "a resource name of the cloud account";

/// What counts as internal, by kind. Addresses are those of RFC 1918; names are under labels that no public zone has (RFC 6762, RFC 9476, and custom).
const KINDS: &[(&str, &str)] = &[
    (
        ADDRESS,
        r"(?:^|[^A-Za-z0-9_.])((?:10\.\d{1,3}|192\.168|172\.(?:1[6-9]|2\d|3[01]))\.\d{1,3}\.\d{1,3}(?::\d{2,5})?)(?:$|[^A-Za-z0-9_.-])",
    ),
    (
        "an internal host",
        r"\b((?:[a-z0-9-]{1,63}\.){1,5}(?:internal|intranet|corp|lan|home\.arpa|svc\.cluster\.local|cluster\.local|local)(?::\d{2,5})?)(?:$|[^A-Za-z0-9_.-])",
    ),
    (
        "a local service",
        r"\b(?:https?|redis|postgres(?:ql)?|mysql|mongodb|amqp)://(?:localhost|127\.0\.0\.1|0\.0\.0\.0)(?::\d{2,5})?",
    ),
    (
        "a file path",
        r#"(?:^|[\s"'(=:])(/(?:home|srv|opt|var|usr|etc|root|app|code|workspace|mnt)/[A-Za-z0-9_.@/-]{1,200}\.(?:py|pyc|rb|js|ts|php|java|go|rs|cs|conf|cfg|ini|env|log|sock|db|sqlite3?|pem|key|ya?ml|toml))(?:$|[^A-Za-z0-9_])"#,
    ),
    ("a file path", r"\b[A-Za-z]:\\[A-Za-z0-9_ .\\-]{3,200}\.[A-Za-z]{1,5}\b"),
    (ARN, r"\barn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:[0-9]{12}:[A-Za-z0-9_:/.*-]{1,200}"),
    ("a file path", r"/(?:site-packages|dist-packages|node_modules)/[A-Za-z0-9_./-]{3,120}"),
];

static REGEXES: LazyLock<Vec<(&str, Regex)>> =
    LazyLock::new(|| KINDS.iter().filter_map(|(kind, form)| Some((*kind, Regex::new(form).ok()?))).collect());

impl Check for InternalDetails {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn judge(&self, op: &Op<'_>) -> Vec<Draft> {
        let mut found: BTreeMap<&'static str, (String, String)> = BTreeMap::new();
        let mut shown: Option<&Exchange> = None;
        for (exchange, response) in distinct(op) {
            // A trace and a debug page are findings of their own; what they show is part of them.
            if stack_trace::in_answer(response).is_some() || response.media_type() == "text/html" {
                continue;
            }
            for (kind, part, detail) in in_answer(exchange, response) {
                shown = shown.or(Some(exchange));
                found.entry(kind).or_insert((part, detail));
            }
        }
        let Some(exchange) = shown else { return Vec::new() };
        let list: Vec<String> =
            found.iter().map(|(kind, (_, detail))| format!("{kind} ({})", redact::one_line(detail, 60))).collect();
        let excerpt: Vec<String> =
            found.values().map(|(part, detail)| format!("{part}: {}", redact::one_line(detail, 120))).collect();
        let mut draft = op.finding(format!("The answers name what is inside: {}.", list.join(", "))).exchange_excerpt(
            exchange,
            "an answer that does",
            excerpt.join("\n"),
        );
        if let Some((part, _)) = found.values().next().filter(|(part, _)| !part.is_empty()) {
            draft = draft.part(PartKind::ResponseBody, part.clone());
        }
        vec![draft]
    }
}

/// Kind, part and text of each internal detail in an answer.
fn in_answer(exchange: &Exchange, response: &Response) -> Vec<(&'static str, String, String)> {
    let mut out = Vec::new();
    let asked = exchange.request.target();
    let mut look = |part: &str, text: &str| {
        for (kind, regex) in REGEXES.iter() {
            let captured = regex.captures(text).and_then(|captures| captures.get(1).or_else(|| captures.get(0)));
            let Some(detail) = captured.map(|found| found.as_str().to_owned()) else { continue };
            // What the caller sent, and where the caller sent it, is no news.
            let own = exchange.origin.contains(detail.trim_start_matches("https://").trim_start_matches("http://"))
                || exchange.origin.starts_with(&detail);
            let name = field(part);
            let is_meant = match *kind {
                // A field that is called so has it on purpose; an error that has it is the store's (`store-error`).
                ARN => name.ends_with("arn") || !exchange.is_success(),
                ADDRESS => name.contains("version"),
                _ => false,
            };
            if !own && !is_meant && !asked.contains(&detail) {
                out.push((*kind, part.to_owned(), errors::masked(&detail)));
            }
        }
    };
    match exchange.json() {
        Some(value) => walk(value, &mut |path, text| {
            if text.len() >= 6 {
                look(path, text);
            }
        }),
        None if response.media_type().starts_with("text/") => look("", &response.body.text()),
        None => {}
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_expression_is_one() {
        assert_eq!(REGEXES.len(), KINDS.len());
    }
}
