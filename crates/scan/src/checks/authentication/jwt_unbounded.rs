//! `jwt-unbounded`: a token that never ends, or that is for everybody.

use plimsoll_model::Severity;

use super::tokens;
use crate::check::{Check, Meta, check};
use crate::draft::Draft;
use crate::token::TokenFacts;
use crate::view::App;

check! {
    /// A token without an end or an audience.
    pub struct JwtUnbounded {
        id: "jwt-unbounded", weakness: UnboundedJwt, mode: Passive, since: "0.1.0", page: "http/jwt-unbounded.md",
    }
}

const DAY: i64 = 86_400;
/// A lifetime from which on an end is no protection: nobody notices a stolen token for that long and lives with it.
const LONG: i64 = 90 * DAY;

impl Check for JwtUnbounded {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn judge_app(&self, app: &App<'_>) -> Vec<Draft> {
        let tokens = tokens::all(app);
        tokens
            .iter()
            .filter_map(|token| {
                let (severity, said) = unbounded(&token.facts)?;
                Some(token.finding(app, &said).severity(severity))
            })
            .collect()
    }
}

fn unbounded(facts: &TokenFacts) -> Option<(Severity, String)> {
    let without: Vec<String> =
        ["aud", "iss"].iter().filter(|claim| !facts.has(claim)).map(|claim| format!("`{claim}`")).collect();
    match facts.lifetime {
        None => {
            let besides =
                if without.is_empty() { String::new() } else { format!(", and without {}", without.join(" and ")) };
            Some((Severity::Medium, format!("without `exp`: it never ends{besides}")))
        }
        Some(lifetime) if lifetime > LONG => {
            Some((Severity::Low, format!("that is valid for {} days", lifetime / DAY)))
        }
        // Where one service signs for itself alone, an audience adds little: worth knowing, no more.
        Some(_) if !facts.has("aud") && !facts.is_unsigned() => {
            Some((Severity::Info, "without `aud`: another service with the same key would accept it".to_owned()))
        }
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(claims: &[&str], lifetime: Option<i64>) -> TokenFacts {
        TokenFacts {
            origin: "TOKEN".to_owned(),
            alg: "HS256".to_owned(),
            unsigned: false,
            weak_secret: None,
            claims: claims.iter().map(|&claim| claim.to_owned()).collect(),
            lifetime,
            sensitive: Vec::new(),
            personal: Vec::new(),
            expires: None,
            role: None,
        }
    }

    #[test]
    fn severity_follows_from_what_is_missing() {
        let severity = |claims: &[&str], lifetime| unbounded(&facts(claims, lifetime)).map(|(severity, _)| severity);
        assert_eq!(severity(&["sub"], None), Some(Severity::Medium));
        assert_eq!(severity(&["exp", "aud"], Some(LONG + 1)), Some(Severity::Low));
        assert_eq!(severity(&["exp"], Some(900)), Some(Severity::Info));
        assert_eq!(severity(&["exp", "aud"], Some(900)), None);
    }

    #[test]
    fn the_message_names_what_is_missing() {
        let (_, said) = unbounded(&facts(&["sub", "iss"], None)).unwrap();
        assert_eq!(said, "without `exp`: it never ends, and without `aud`");
    }
}
