//! `jwt-unsigned`: a token that anybody can write.

use super::tokens;
use crate::check::{Check, Meta, check};
use crate::draft::Draft;
use crate::view::App;

check! {
    /// A token without a signature.
    pub struct JwtUnsigned {
        id: "jwt-unsigned", weakness: UnsignedJwt, mode: Passive, since: "0.1.0", page: "http/jwt-unsigned.md",
    }
}

impl Check for JwtUnsigned {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn judge_app(&self, app: &App<'_>) -> Vec<Draft> {
        let tokens = tokens::all(app);
        let unsigned = tokens.iter().filter(|token| token.facts.is_unsigned());
        unsigned
            .map(|token| {
                let said = if token.facts.alg.eq_ignore_ascii_case("none") {
                    format!("with `alg` {}: it has no signature, so anybody can write one", token.facts.alg)
                } else {
                    format!("with `alg` {} and an empty signature", token.facts.alg)
                };
                token.finding(app, &said)
            })
            .collect()
    }
}
