//! `credentials-in-url`: a parameter of path or query carries a password, a secret or a token.

use plimsoll_model::{Confidence, PartKind, Severity};
use plimsoll_spec::roles::purpose::{Purpose, purpose};
use plimsoll_spec::roles::{normal, words};
use plimsoll_spec::{Location, Parameter, SchemaKind, SchemeKind};

use crate::draft::{Draft, Drafts};
use crate::rule::{Meta, Rule, rule};
use crate::view::{OpView, View};

rule! {
    /// Secrets in addresses.
    pub struct CredentialsInUrl {
        id: "credentials-in-url", weakness: CredentialsInUrl, severity: Medium, since: "0.3.0",
        owasp: ["spectral:owasp:api2:2023-no-credentials-in-url", "vacuum:owasp-no-credentials-in-url"],
    }
}

impl Rule for CredentialsInUrl {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, view: &View<'_>, out: &mut Drafts) {
        // What a scheme declares is a finding of the scheme.
        let declared = |name: &str| {
            view.api.schemes.values().any(|scheme| matches!(&scheme.kind, SchemeKind::ApiKey { location: Location::Query, name: key } if key == name))
        };
        for op in view.operations() {
            for parameter in &op.spec.parameters {
                let kind = match parameter.location {
                    Location::Path => PartKind::Path,
                    Location::Query => PartKind::Query,
                    Location::Header | Location::Cookie => continue,
                };
                let Some((severity, confidence)) = weight(&op, parameter) else { continue };
                if declared(&parameter.name) {
                    continue;
                }
                let name = &parameter.name;
                out.add(
                    Draft::at(
                        &parameter.place,
                        format!("`{name}` looks like a credential and is a part of the address."),
                    )
                    .operation(&op)
                    .part(kind, name)
                    .cause(format!("{name} {severity}"))
                    .severity(severity)
                    .confidence(confidence),
                );
            }
        }
    }
}

/// How bad a parameter is; none where it is no credential.
fn weight(op: &OpView<'_>, parameter: &Parameter) -> Option<(Severity, Confidence)> {
    let schema = &parameter.schema;
    let is_text = schema.allows(SchemaKind::String) && schema.values.is_empty();
    if !is_text {
        return None;
    }
    let name = normal(&parameter.name);
    let words = words(&parameter.name);
    if purpose(&parameter.name) == Some(Purpose::Secret) {
        // `DELETE /credentials/{credential}` names an object; `sessionid` and keys in a path mostly do, too.
        let names_object = parameter.location == Location::Path && !has_secret_word(&name);
        return (!names_object).then_some((Severity::Medium, Confidence::Observed));
    }
    let last = words.last().map_or("", String::as_str);
    if last != "token" || PAGES.iter().any(|word| words.iter().any(|w| w == word)) {
        return None;
    }
    // Links in mails carry a token that is good for one step.
    let once = ["verify", "confirm", "reset", "invit", "activat", "unsubscribe", "accept", "recover", "magic"]
        .iter()
        .any(|word| op.key().path.to_ascii_lowercase().contains(word) || name.contains(word));
    let severity = if once { Severity::Info } else { Severity::Low };
    // `/rates/{rate_token}` names a rate; a token of its own accord is one word, or says whom it lets in.
    const OPENS: &[&str] = &[
        "auth",
        "access",
        "user",
        "session",
        "api",
        "secret",
        "login",
        "bearer",
        "security",
        "id",
        "jwt",
        "reset",
        "invite",
        "verification",
        "confirmation",
    ];
    if words.len() > 1 && !OPENS.contains(&words[words.len() - 2].as_str()) {
        return None;
    }
    (parameter.location == Location::Query || !names_path_object(op, parameter))
        .then_some((severity, Confidence::Suspected))
}

/// Tokens that are no credentials: they page, they make a request idempotent, they tell of changes.
const PAGES: &[&str] = &[
    "page",
    "next",
    "continuation",
    "cursor",
    "sync",
    "pagination",
    "start",
    "client",
    "request",
    "idempotency",
    "change",
    "delta",
    "csrf",
    "xsrf",
    "resume",
    "previous",
    "prev",
    "after",
    "before",
    "concurrency",
    "version",
    "marker",
    "skip",
    "scroll",
    "push",
    "device",
    "cancel",
    "list",
    "starting",
    "conflict",
    "payment",
    "card",
    "symbol",
];

fn has_secret_word(name: &str) -> bool {
    ["password", "passwd", "secret", "accesstoken", "refreshtoken", "idtoken", "apikey"]
        .iter()
        .any(|word| name.contains(word))
}

/// Whether the parameter stands behind a collection of its kind, as in `/tokens/{token}`.
fn names_path_object(op: &OpView<'_>, parameter: &Parameter) -> bool {
    let hole = format!("/{{{}}}", parameter.name);
    let before = op.key().path.split(&hole).next().unwrap_or_default();
    before.rsplit('/').next().is_some_and(|segment| normal(segment).ends_with("tokens"))
}
