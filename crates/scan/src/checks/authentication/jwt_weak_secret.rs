//! `jwt-weak-secret`: a token is signed with a secret that is on every list.

use plimsoll_model::{Severity, redact};

use super::access::refuses;
use super::tokens;
use crate::check::{Check, Meta, check};
use crate::draft::Draft;
use crate::token;
use crate::view::App;

check! {
    /// A signature that a list of well-known secrets gives away.
    pub struct JwtWeakSecret {
        id: "jwt-weak-secret", weakness: WeakJwtSecret, mode: Passive, since: "0.1.0", page: "http/jwt-weak-secret.md",
    }
}

impl Check for JwtWeakSecret {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn judge_app(&self, app: &App<'_>) -> Vec<Draft> {
        let tokens = tokens::all(app);
        // Where the given token opens what is closed without it, the service accepts whatever the secret signs.
        let opens = app.ops().any(|op| refuses(&op) && op.baseline().is_some());
        tokens
            .iter()
            .filter_map(|token| {
                let secret = token.facts.weak_secret.as_deref()?;
                let said = format!(
                    "that is signed ({}) with one of {} well-known secrets, {}",
                    token.facts.alg,
                    token::weak_secrets().count(),
                    redact::mask(secret),
                );
                let severity = if opens && token.seen.is_none() { Severity::Critical } else { Severity::High };
                Some(token.finding(app, &said).severity(severity))
            })
            .collect()
    }
}
