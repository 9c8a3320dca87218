//! What an operation tells to callers without credentials.

use plimsoll_http::{Exchange, Probe, Who};

use crate::view::Op;

/// The base request without credentials. Where none were given, that is the base request itself.
pub fn anonymous_probe(op: &Op<'_>) -> Probe {
    if op.seen.has_credentials { op.probe().who(Who::Anonymous) } else { op.probe() }
}

/// The same probe without credentials.
pub fn as_anonymous(op: &Op<'_>, probe: Probe) -> Probe {
    if op.seen.has_credentials { probe.who(Who::Anonymous) } else { probe }
}

/// The answer to the base request without credentials.
pub fn anonymous<'a>(op: &Op<'a>) -> Option<&'a Exchange> {
    op.reply(&anonymous_probe(op))
}

/// Whether callers without credentials are turned away (RFC 9110 §15.5.2, §15.5.4).
pub fn refuses(op: &Op<'_>) -> bool {
    anonymous(op).is_some_and(|exchange| matches!(exchange.status(), Some(401 | 403)))
}

/// Whether an operation is there for everybody by its nature: signs of life, documentation, signing in.
pub fn is_for_everybody(path: &str) -> bool {
    const WORDS: &[&str] = &[
        "health",
        "healthz",
        "healthcheck",
        "livez",
        "readyz",
        "live",
        "ready",
        "ping",
        "status",
        "version",
        "docs",
        "redoc",
        "swagger",
        "schema",
        "openapi.json",
        "openapi.yaml",
        "swagger.json",
        "metrics",
        "login",
        "signin",
        "sign-in",
        "token",
        "auth",
        "oauth",
        "register",
        "signup",
        ".well-known",
        "robots.txt",
        "favicon.ico",
        "csrf",
        "jwks.json",
    ];
    path.split('/').any(|segment| WORDS.contains(&segment.to_ascii_lowercase().as_str()))
}
