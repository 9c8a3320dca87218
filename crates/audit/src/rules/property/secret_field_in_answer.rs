//! `secret-field-in-answer`: an answer has a property that is called like a secret.

use plimsoll_model::{Confidence, PartKind, Severity};
use plimsoll_spec::roles::normal;
use plimsoll_spec::{Schema, SchemaKind};

use crate::draft::{Draft, Drafts};
use crate::rule::{Meta, Rule, rule};
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
        for used in view.schemas().iter().filter(|used| !used.outputs.is_empty()) {
            for (name, inner) in used.schema.properties.iter().filter(|(_, inner)| !inner.write_only && is_text(inner))
            {
                let whole = normal(name);
                let password = PASSWORDS.contains(&whole.as_str()) || inner.format.as_deref() == Some("password");
                if !password && !KEYS.contains(&whole.as_str()) {
                    continue;
                }
                // Whoever makes a key is told it; whoever signs in gets tokens.
                let ops: Vec<OpView<'_>> = used
                    .outputs
                    .iter()
                    .filter_map(|index| view.operation(index))
                    .filter(|op| !hands_out(op, password))
                    .collect();
                if ops.is_empty() {
                    continue;
                }
                let taken = !used.inputs.is_empty();
                let open = ops.iter().any(OpView::is_open) && !view.api.schemes.is_empty();
                let severity = match (password, open) {
                    (true, _) if !taken => Severity::High,
                    (_, true) => Severity::High,
                    _ => Severity::Medium,
                };
                let tail = if taken {
                    "the same schema takes it from callers, and does not say `writeOnly`"
                } else {
                    "only answers have it"
                };
                let of = used.schema.name.as_deref().map(|of| format!("{of}.")).unwrap_or_default();
                out.add(
                    Draft::at(
                        if inner.place.pointer.is_empty() { &used.schema.place } else { &inner.place },
                        format!("Answers have `{of}{name}`: {tail}."),
                    )
                    .part(PartKind::ResponseBody, name)
                    .cause(format!("{}/{name}", used.schema.place.pointer))
                    .severity(if taken { severity.min(Severity::Medium) } else { severity })
                    .confidence(if taken { Confidence::Suspected } else { Confidence::Observed })
                    .operations(ops.iter().map(|op| op.index)),
                );
            }
        }
    }
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
    let creates = op.is_write();
    about(&["token", "login", "signin", "sign-in", "session", "oauth", "authenticate", "sso"]) && !password
        || !password
            && about(&["secret", "key", "credential", "rotate", "regenerate", "reveal", "webhook", "client", "app"])
            && creates
        || about(&["secret", "credential", "password", "reveal", "connection", "keys"])
}
