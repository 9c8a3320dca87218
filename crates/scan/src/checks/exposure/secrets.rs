//! `secrets`: keys, tokens, passwords and password hashes in answers.

use std::collections::BTreeMap;

use plimsoll_http::{Exchange, Response};
use plimsoll_model::{PartKind, Severity, redact};

use super::bodies::{distinct, field, is_masked, walk};
use super::formats;
use crate::check::{Check, Meta, check};
use crate::draft::Draft;
use crate::token;
use crate::view::Op;

check! {
    /// Keys, tokens, passwords and password hashes in answers.
    pub struct Secrets {
        id: "secrets", weakness: SecretExposed, mode: Passive, since: "0.1.0", page: "http/secrets.md",
    }
}

/// Names of fields whose values are secrets, letters and digits only.
const NAMES: &[&str] = &[
    "password",
    "passwd",
    "pwd",
    "passwordhash",
    "passwordsalt",
    "hashedpassword",
    "pwhash",
    "secret",
    "secretkey",
    "clientsecret",
    "apikey",
    "apisecret",
    "apitoken",
    "privatekey",
    "signingkey",
    "signingsecret",
    "encryptionkey",
    "accesstoken",
    "refreshtoken",
    "authtoken",
    "sessiontoken",
    "sessionsecret",
    "jwtsecret",
    "webhooksecret",
    "totpsecret",
    "mfasecret",
    "otpsecret",
    "resettoken",
    "verificationtoken",
    "recoverycodes",
    "dbpassword",
    "databasepassword",
    "credentials",
    "accesskey",
    "secretaccesskey",
    "masterkey",
    "bearertoken",
    "idtoken",
];

/// What a login is supposed to answer with.
const ISSUED: &[&str] = &["accesstoken", "refreshtoken", "idtoken", "token", "sessiontoken"];

/// One kind of secret in the answers of an operation.
#[derive(Debug)]
struct Kind {
    severity: Severity,
    count: usize,
    part: String,
    masked: String,
}

impl Check for Secrets {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn judge(&self, op: &Op<'_>) -> Vec<Draft> {
        let mut kinds: BTreeMap<String, Kind> = BTreeMap::new();
        let mut shown: Option<(&Exchange, usize)> = None;
        for (exchange, response) in distinct(op) {
            let found = in_answer(op, exchange, response);
            if found.is_empty() {
                continue;
            }
            if shown.is_none_or(|(_, most)| found.len() > most) {
                shown = Some((exchange, found.len()));
            }
            for (name, kind) in found {
                let known = kinds.entry(name).or_insert(Kind { count: 0, ..kind });
                known.count = known.count.max(kind.count);
                known.severity = known.severity.max(kind.severity);
            }
        }
        let Some((exchange, _)) = shown else { return Vec::new() };
        let worst = kinds.values().map(|kind| kind.severity).max().unwrap_or(Severity::High);
        // What only its owner can read is bad; what anybody can read is worse.
        let severity = if op.is_open() { worst } else { worst.min(Severity::High) };
        let list: Vec<String> = kinds.iter().map(|(name, kind)| format!("{name} ×{}", kind.count)).collect();
        let excerpt: Vec<String> =
            kinds.iter().take(6).map(|(name, kind)| format!("{}: {} ({name})", kind.part, kind.masked)).collect();
        let who = if op.is_open() { "Anybody gets" } else { "A caller with credentials gets" };
        // The same secrets in several answers have one cause: the item is answered with as it is stored.
        let names: Vec<&str> = kinds.keys().map(String::as_str).collect();
        let mut draft = op
            .finding(format!("{who} secrets: {}.", list.join(", ")))
            .cause(format!("{who} {}", names.join(", ")))
            .severity(severity)
            .exchange_excerpt(exchange, "the answer that holds them; values are masked", excerpt.join("\n"));
        if let Some(kind) = kinds.values().find(|kind| !kind.part.is_empty()) {
            draft = draft.part(PartKind::ResponseBody, kind.part.clone());
        }
        vec![draft]
    }
}

/// The secrets in one answer, by kind.
fn in_answer(op: &Op<'_>, exchange: &Exchange, response: &Response) -> BTreeMap<String, Kind> {
    let mut out: BTreeMap<String, Kind> = BTreeMap::new();
    let login = issues_tokens(op);
    let mut add = |name: String, severity: Severity, part: &str, value: &str| {
        let kind = out.entry(name).or_insert_with(|| Kind {
            severity,
            count: 0,
            part: part.to_owned(),
            masked: redact::mask(value),
        });
        kind.count += 1;
    };
    match exchange.json() {
        Some(value) => walk(value, &mut |path, text| {
            let name = field(path);
            let issued = login && ISSUED.contains(&name.as_str());
            if text.len() < 8 || is_masked(text) || issued {
                return;
            }
            let hits = formats::find(text);
            for hit in &hits {
                add(hit.name.to_owned(), hit.severity, path, &text[hit.range.clone()]);
            }
            let named = NAMES.contains(&name.as_str())
                && !text.contains(' ')
                && formats::entropy(text) >= 2.5
                && !formats::is_placeholder(text);
            // A token that was found as a token has checks of its own; a field that is called like a secret is one all the same.
            if hits.is_empty() && named && token::read(text).is_none() {
                add(format!("value of `{}`", path.rsplit('.').next().unwrap_or(path)), Severity::High, path, text);
            }
        }),
        None if is_text(response) => {
            let text = response.body.text();
            for hit in formats::find(&text) {
                add(hit.name.to_owned(), hit.severity, "", &text[hit.range.clone()]);
            }
        }
        None => {}
    }
    out
}

fn is_text(response: &Response) -> bool {
    let media_type = response.media_type();
    media_type.is_empty()
        || media_type.starts_with("text/")
        || ["json", "xml", "javascript", "yaml", "csv"].iter().any(|word| media_type.contains(word))
}

/// Whether the operation is there to hand out tokens.
fn issues_tokens(op: &Op<'_>) -> bool {
    let path = op.key().path.to_ascii_lowercase();
    ["token", "login", "signin", "session", "oauth", "auth/refresh"].iter().any(|word| path.contains(word))
}
