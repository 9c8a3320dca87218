//! `secret-field-in-answer`: an answer has a property that is called like a secret.

use plimsoll_model::{Confidence, Method, PartKind, Severity};
use plimsoll_spec::roles::normal;
use plimsoll_spec::{Schema, SchemaKind};

use crate::draft::{Draft, Drafts};
use crate::rule::{Meta, Rule, rule};
use crate::rules::authentication::access::asks_anywhere;
use crate::view::{OpView, View};

rule! {
    /// Passwords, hashes, keys and tokens in answers.
    pub struct SecretFieldInAnswer {
        id: "secret-field-in-answer", weakness: SecretExposed, severity: Medium, since: "0.3.0", owasp: [],
    }
}

/// What nobody has to be told: the service itself should not know it.
const PASSWORDS: &[&str] = &[
    "password",
    "passwd",
    "passwordhash",
    "hashedpassword",
    "passwordsalt",
    "encryptedpassword",
    "userpassword",
    "currentpassword",
    "oldpassword",
    "newpassword",
    "passphrase",
    "pinhash",
    "otpsecret",
    "totpsecret",
    "mfasecret",
];
/// What is told once, when it is made.
const KEYS: &[&str] = &[
    "secret",
    "clientsecret",
    "secretkey",
    "apikey",
    "apisecret",
    "privatekey",
    "signingkey",
    "signingsecret",
    "encryptionkey",
    "webhooksecret",
    "sharedsecret",
    "secretaccesskey",
    "accesstoken",
    "refreshtoken",
    "authtoken",
    "bearertoken",
    "sessiontoken",
    "resettoken",
    "appsecret",
    "consumersecret",
    "apitoken",
];

impl Rule for SecretFieldInAnswer {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, view: &View<'_>, out: &mut Drafts) {
        let asks = asks_anywhere(view);
        for used in view.schemas().iter().filter(|used| !used.outputs.is_empty()) {
            for (name, inner) in used.schema.properties.iter().filter(|(_, inner)| !inner.write_only && is_text(inner))
            {
                let whole = normal(name);
                // Some documents give every sensitive text the format `password`, names and descriptions too.
                let formatted = inner.format.as_deref() == Some("password")
                    && ["pass", "pwd", "secret"].iter().any(|word| whole.contains(word));
                let password = PASSWORDS.contains(&whole.as_str()) || formatted;
                if !password && !KEYS.contains(&whole.as_str()) {
                    continue;
                }
                // A secret of a client belongs to a client id; alone it is a handle that clients are meant to have.
                if whole == "clientsecret" && !describes(used.schema, CLIENTS) {
                    continue;
                }
                // Whoever makes a key is told it; whoever signs in gets tokens.
                let ops: Vec<OpView<'_>> = used
                    .outputs
                    .iter()
                    .filter_map(|index| view.operation(index))
                    .filter(|op| !hands_out(op, password))
                    .collect();
                let Some(first) = ops.first() else { continue };
                let taken = !used.inputs.is_empty();
                let open = ops.iter().any(OpView::is_open) && asks;
                // The password of a person, or what it can be found from; a meeting or a database has one that is shared.
                let own = password && (describes(used.schema, PEOPLE) || HASHES.contains(&whole.as_str()));
                let severity = if !taken && (own || open) { Severity::High } else { Severity::Medium };
                let tail = if taken {
                    "the same schema takes it from callers, and does not say `writeOnly`"
                } else {
                    "only answers have it"
                };
                let of = used.schema.name.as_deref().map(|of| format!("{of}.")).unwrap_or_default();
                // The same schema for several media types, or written twice, is one thing to mend.
                let cause = if of.is_empty() {
                    format!("{} {}.{name}", first.key(), view.path(used))
                } else {
                    format!("{of}{name}")
                };
                out.add(
                    Draft::at(
                        if inner.place.pointer.is_empty() { &used.schema.place } else { &inner.place },
                        format!("Answers have `{of}{name}`: {tail}."),
                    )
                    .part(PartKind::ResponseBody, name)
                    .cause(cause)
                    .severity(severity)
                    .confidence(if taken { Confidence::Suspected } else { Confidence::Observed })
                    .operations(ops.iter().map(|op| op.index)),
                );
            }
        }
    }
}

/// What stays a secret of a person in any form.
const HASHES: &[&str] =
    &["passwordhash", "hashedpassword", "passwordsalt", "pinhash", "otpsecret", "totpsecret", "mfasecret"];
/// Properties of somebody who signs in.
const PEOPLE: &[&str] = &[
    "email",
    "emailaddress",
    "username",
    "login",
    "firstname",
    "lastname",
    "lastlogin",
    "role",
    "roles",
    "isadmin",
    "phone",
];
/// Properties of a client or application.
const CLIENTS: &[&str] =
    &["clientid", "appid", "applicationid", "redirecturi", "redirecturis", "callbackurl", "granttypes"];

/// Whether an object has a property of this list.
fn describes(schema: &Schema, list: &[&str]) -> bool {
    schema.properties.iter().any(|(name, _)| list.contains(&normal(name).as_str()))
}

/// Whether a property is a text that could be a secret.
fn is_text(schema: &Schema) -> bool {
    schema.allows(SchemaKind::String)
        && schema.values.is_empty()
        && schema.properties.is_empty()
        && !matches!(schema.format.as_deref(), Some("date-time" | "date" | "uri" | "url" | "uuid"))
}

/// Whether an operation is there to hand the secret out: signing in, or making, showing or renewing a key.
fn hands_out(op: &OpView<'_>, password: bool) -> bool {
    let text = format!("{} {}", op.key().path, op.spec.id.as_deref().unwrap_or_default()).to_ascii_lowercase();
    let about = |list: &[&str]| list.iter().any(|word| text.contains(word));
    let signs_in = about(&[
        "login",
        "signin",
        "sign-in",
        "session",
        "oauth",
        "authenticate",
        "authoriz",
        "/auth",
        "jwt",
        "sso",
        "refresh",
        "quickconnect",
    ]);
    let shows = about(&[
        "secret",
        "credential",
        "password",
        "reveal",
        "connection",
        "keys",
        "token",
        "two-factor",
        "2fa",
        "otp",
        "ice-server",
    ]);
    // What is made is told once.
    let makes = op.key().method == Method::Post;
    shows || !password && (signs_in || makes)
}
