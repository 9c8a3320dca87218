//! What a run was allowed to try beyond plain reading, and what came back by another way than an answer: the calls to the collaborator.
//!
//! It is recorded with the exchanges, so that a replay judges by the same facts.

use plimsoll_http::Survey;
use plimsoll_http::collaborator::{InboundCall, Place};
use plimsoll_model::OperationKey;
use serde::{Deserialize, Serialize};

/// The active part of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Active {
    /// Whether inputs are tried for injection (`--active injection`).
    pub injection: bool,
    /// Whether every path of the inventory is asked for, likely or not (`--active inventory`).
    pub inventory: bool,
    /// What the target's TLS offers.
    pub survey: Option<Survey>,
    /// Where the collaborator listens; none where there is none.
    pub collaborator: Option<Place>,
    /// The operations that the user named as allowed to write.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub writes: Vec<OperationKey>,
    /// The requests that came in, in the order of their arrival.
    pub calls: Vec<InboundCall>,
}

impl Active {
    /// The calls with this token.
    pub fn with_token<'a>(&'a self, token: &str) -> impl Iterator<Item = &'a InboundCall> + use<'a> {
        let token = token.to_owned();
        self.calls.iter().filter(move |call| call.token == token)
    }
}
