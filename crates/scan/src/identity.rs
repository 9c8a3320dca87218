//! Who can be asked as: the named identities of a run, and what was made of their tokens.
//!
//! Nothing here holds a credential; how one is shown (`$NAME`) is all that checks and recordings know.

use plimsoll_http::Who;
use plimsoll_http::curl::Shown;
use serde::{Deserialize, Serialize};

/// A named identity.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenIdentity {
    /// Its name, as in `alice`.
    pub name: String,
    /// Its role, where the user gave one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// How much its role may, in comparison: the more the higher, nobody is 0. None where that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rank: Option<u8>,
    /// How its credentials are shown.
    #[serde(default)]
    pub shown: Shown,
}

impl SeenIdentity {
    /// An identity of this name, of which nothing else is known.
    pub fn named(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }
}

/// What was done to a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Forgery {
    /// The header says `alg: none`, and there is no signature (RFC 8725 §2.1).
    AlgNone,
    /// The header is as it was, and the signature is left out.
    Unsigned,
    /// The signature is another one.
    OtherSignature,
}

impl Forgery {
    /// All of them.
    pub const ALL: &[Self] = &[Self::AlgNone, Self::Unsigned, Self::OtherSignature];

    /// In words, after "a token".
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AlgNone => "whose header says `alg: none`, without a signature",
            Self::Unsigned => "whose signature is left out",
            Self::OtherSignature => "with another signature",
        }
    }
}

/// A forged token: who it was made of, and how. It is sent as an identity of its own, counted on after the named ones.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forged {
    /// Whose token it was made of.
    pub of: Who,
    /// What was done to it.
    pub how: Forgery,
    /// How it is shown.
    pub shown: Shown,
}
