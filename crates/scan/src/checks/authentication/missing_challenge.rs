//! `missing-challenge`: 401 without a WWW-Authenticate header.

use plimsoll_http::Exchange;
use plimsoll_model::PartKind;

use crate::check::{Check, Meta, check};
use crate::draft::Draft;
use crate::view::{App, Op};

check! {
    /// A refusal that does not say how to do better.
    pub struct MissingChallenge {
        id: "missing-challenge", weakness: MissingChallenge, mode: Passive, since: "0.1.0", page: "http/missing-challenge.md",
    }
}

impl Check for MissingChallenge {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn judge_app(&self, app: &App<'_>) -> Vec<Draft> {
        let refused: Vec<(Op<'_>, &Exchange)> = app
            .exchanges()
            .filter(|(_, exchange)| exchange.status() == Some(401))
            .filter_map(|(op, exchange)| Some((op?, exchange)))
            .collect();
        let bare: Vec<&(Op<'_>, &Exchange)> = refused.iter().filter(|(_, exchange)| !is_challenge(exchange)).collect();
        let Some((first, exchange)) = bare.first() else { return Vec::new() };
        let mut operations: Vec<_> = bare.iter().map(|(op, _)| op.key().clone()).collect();
        operations.sort();
        operations.dedup();
        let draft = first
            .finding(format!(
                "{} of {} answers with 401 have no WWW-Authenticate header, at {} operation{}.",
                bare.len(),
                refused.len(),
                operations.len(),
                if operations.len() == 1 { "" } else { "s" },
            ))
            .part(PartKind::ResponseHeader, "www-authenticate")
            .cause("missing challenge")
            .exchange(exchange, "a refusal");
        let rest = operations.into_iter().filter(|key| key != first.key());
        vec![draft.also(rest)]
    }
}

fn is_challenge(exchange: &Exchange) -> bool {
    let value = exchange.response().and_then(|response| response.header("www-authenticate"));
    value.is_some_and(|value| !value.trim().is_empty())
}
