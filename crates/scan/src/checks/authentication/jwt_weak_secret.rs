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

#[cfg(test)]
mod tests {
    use plimsoll_model::Severity;
    use plimsoll_spec::Api;

    use super::*;
    use crate::judge::judge;
    use crate::seen::Seen;

    /// `{"sub":"1234567890","name":"John Doe","iat":1516239022}`, signed with `your-256-bit-secret`.
    const GIVEN: &str = "Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c";

    #[test]
    fn a_given_token_is_judged_and_never_shown() {
        let mut seen = Seen::default();
        seen.tokens.extend(token::facts("$TOKEN", GIVEN, 0));
        let findings = judge(&Api::default(), &mut seen, &[&JwtWeakSecret]);
        let [finding] = findings.as_slice() else { panic!("one finding expected: {findings:?}") };
        assert_eq!((finding.severity, &finding.operation), (Severity::High, &None));
        let shown = serde_json::to_string(finding).unwrap();
        assert!(shown.contains("$TOKEN") && !shown.contains("eyJ") && !shown.contains("your-256"), "{shown}");
    }
}
