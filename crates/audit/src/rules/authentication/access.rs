//! What an operation asks of its callers, by the contract, and which operations are open by their nature.

use plimsoll_model::Method;
use plimsoll_spec::roles::{normal, words};
use plimsoll_spec::{Location, Operation, Parameter};

use crate::view::{OpView, View};

/// What an operation asks of its callers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Every alternative names a scheme.
    Required,
    /// One alternative names a scheme, another none.
    Optional,
    /// Credentials are a parameter like any other; no scheme says so.
    Parameter,
    /// Nothing, and the contract says so (`security: []`).
    Open,
    /// The contract says nothing.
    Silent,
}

impl Access {
    /// What the operation asks.
    pub(crate) fn of(operation: &Operation) -> Self {
        let alternatives = operation.security.as_deref();
        if operation.requires_credentials() {
            Self::Required
        } else if alternatives.is_some_and(|list| list.iter().any(|alternative| !alternative.is_empty())) {
            Self::Optional
        } else if operation.parameters.iter().any(is_credential) {
            Self::Parameter
        } else if alternatives.is_some() {
            Self::Open
        } else {
            Self::Silent
        }
    }

    /// Whether nothing at all is asked.
    pub(crate) const fn is_open(self) -> bool {
        matches!(self, Self::Open | Self::Silent)
    }
}

/// Whether a parameter proves who is calling: a header, cookie or query parameter with a customary name.
fn is_credential(parameter: &Parameter) -> bool {
    let name = normal(&parameter.name);
    let key = matches!(name.as_str(), "apikey" | "xapikey" | "accesstoken" | "authorization" | "authtoken" | "key");
    match parameter.location {
        Location::Header | Location::Cookie => {
            key && name != "key" || {
                let words = words(&parameter.name);
                let says = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
                says(&["token", "auth", "authorization", "apikey", "session", "sessionid", "jwt"])
                    && !says(&["csrf", "xsrf", "page"])
                    || name.ends_with("apikey")
                    || name.ends_with("accesskey")
                    || name.ends_with("subscriptionkey")
            }
        }
        Location::Query => key && (name != "key" || parameter.required),
        Location::Path => false,
    }
}

/// Whether any operation of the contract asks for credentials in a way that a machine can read.
pub(crate) fn asks_anywhere(view: &View<'_>) -> bool {
    view.operations().any(|op| matches!(Access::of(op.spec), Access::Required | Access::Optional))
}

/// Words of paths by which somebody becomes known.
const ENTRANCES: &[&str] = &[
    "login",
    "signin",
    "logon",
    "signup",
    "register",
    "registration",
    "token",
    "tokens",
    "authorize",
    "authenticate",
    "authentication",
    "auth",
    "sso",
    "saml",
    "oidc",
    "oauth",
    "oauth2",
    "forgot",
    "reset",
    "recover",
    "recovery",
    "verify",
    "verification",
    "confirm",
    "confirmation",
    "activate",
    "activation",
    "otp",
    "captcha",
    "csrf",
    "webhook",
    "webhooks",
    "callback",
    "invite",
    "invitation",
    "invitations",
    "session",
    "sessions",
    "refresh",
    "challenge",
    "introspect",
    "setpassword",
    "accesstoken",
    "accesstokens",
];
/// Words of paths by which somebody leaves.
const EXITS: &[&str] = &["logout", "authorization", "signout", "session", "sessions", "unsubscribe", "revoke"];
/// Words of paths of what everybody may know.
const FACTS: &[&str] = &[
    "health",
    "healthz",
    "healthcheck",
    "livez",
    "readyz",
    "ready",
    "live",
    "liveness",
    "readiness",
    "ping",
    "heartbeat",
    "status",
    "version",
    "openapi",
    "swagger",
    "docs",
    "jwks",
    "robots",
    "favicon",
    "config",
    "configuration",
    "about",
    "manifest",
    "instance",
];

/// Whether an operation is open by its nature: signing in and up, recovery, receivers of webhooks; for reads also the state of the service and
/// what it says of itself.
pub(crate) fn is_entrance(op: &OpView<'_>) -> bool {
    let path = &op.key().path;
    let method = op.key().method;
    let fixed: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty() && !segment.starts_with('{')).collect();
    // The last two words decide: what stands below a login is no login.
    let tail = &fixed[fixed.len().saturating_sub(2)..];
    let has = |list: &[&str]| {
        tail.iter().any(|segment| {
            list.contains(&normal(segment).as_str()) || words(segment).iter().any(|word| list.contains(&word.as_str()))
        })
    };
    let together = |text: &str| {
        let text = normal(text);
        ["signin", "signup", "logon", "login", "forgotpassword", "resetpassword"].iter().any(|word| text.contains(word))
    };
    // Signing in in steps: `/oauth/device/code`.
    let in_steps = || {
        let steps = ["oauth", "oauth2", "authorization", "sso", "saml", "oidc"];
        fixed.iter().any(|segment| steps.contains(&normal(segment).as_str()))
    };
    // Some contracts list what the readers of the contract have to serve themselves.
    let served_by_reader = || {
        op.spec
            .tags
            .iter()
            .flat_map(|tag| words(tag))
            .any(|word| matches!(word.as_str(), "webhook" | "webhooks" | "callback" | "callbacks"))
    };
    let public = path == "/"
        || served_by_reader()
        || path.contains("/.well-known/")
        || fixed.iter().any(|segment| matches!(*segment, "pub" | "public"))
        || tail.iter().any(|segment| together(segment))
        || op.spec.id.as_deref().is_some_and(together);
    public
        || match method {
            Method::Delete => has(EXITS),
            // A link in a mail is followed with its token, and what it asks for is put.
            Method::Put | Method::Patch => {
                has(ENTRANCES) && !has(&["tokens", "token", "webhook", "webhooks", "invitations"])
            }
            Method::Post => has(ENTRANCES) || has(EXITS) || in_steps(),
            _ => has(ENTRANCES) || has(EXITS) || has(FACTS) || in_steps(),
        }
}

#[cfg(test)]
mod tests {
    use plimsoll_spec::Origin;

    use super::*;

    #[test]
    fn entrances_by_path() {
        for (path, expected) in [
            ("/auth/login", true),
            ("/users/sign-in", true),
            ("/password/reset", true),
            ("/.well-known/jwks.json", true),
            ("/oauth/device/code", true),
            ("/orders/{id}/status", false),
            ("/", true),
            ("/orders", false),
            ("/login/{id}/orders/export", false),
            ("/authors", false),
            ("/users/{id}", false),
        ] {
            let operation = Operation::found(Method::Post, path, Origin::Contract);
            assert_eq!(is_entrance(&OpView { index: 0, spec: &operation }), expected, "{path}");
        }
    }

    #[test]
    fn access_by_requirement_and_parameter() {
        let mut operation = Operation::found(Method::Get, "/orders", Origin::Contract);
        assert_eq!(Access::of(&operation), Access::Silent);
        operation.security = Some(Vec::new());
        assert_eq!(Access::of(&operation), Access::Open);
        operation.parameters = vec![Parameter::found(Location::Header, "X-Api-Key", "x")];
        assert_eq!(Access::of(&operation), Access::Parameter);
        let bearer = [("bearer".to_owned(), Vec::new())].into();
        operation.security = Some(vec![bearer, [].into()]);
        assert_eq!(Access::of(&operation), Access::Optional);
    }
}
