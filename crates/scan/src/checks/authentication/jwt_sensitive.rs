//! `jwt-sensitive`: a token carries what nobody should read.

use plimsoll_model::Severity;

use super::tokens;
use crate::check::{Check, Meta, check};
use crate::draft::Draft;
use crate::view::App;

check! {
    /// Secrets and personal data in claims, which are encoded and not encrypted.
    pub struct JwtSensitive {
        id: "jwt-sensitive", weakness: SensitiveJwtClaims, mode: Passive, since: "0.1.0", page: "http/jwt-sensitive.md",
    }
}

impl Check for JwtSensitive {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn judge_app(&self, app: &App<'_>) -> Vec<Draft> {
        let tokens = tokens::all(app);
        tokens
            .iter()
            .filter_map(|token| {
                let (secret, personal) = (&token.facts.sensitive, &token.facts.personal);
                let names: Vec<String> = secret.iter().chain(personal).map(|name| format!("`{name}`")).collect();
                if names.is_empty() {
                    return None;
                }
                // OpenID Connect Core §5.1 puts an e-mail address into tokens on purpose.
                let severity = if secret.is_empty() { Severity::Info } else { Severity::Medium };
                let said = format!("whose claims anybody can read who holds it, {} among them", names.join(", "));
                Some(token.finding(app, &said).severity(severity))
            })
            .collect()
    }
}
