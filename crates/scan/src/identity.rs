//! Who can be asked as: the named identities of a run, and what was made of their tokens.
//!
//! Nothing here holds a credential; how one is shown (`$NAME`) is all that checks and recordings know.

use plimsoll_http::Who;
use plimsoll_http::curl::Shown;
use serde::{Deserialize, Serialize};

/// Roles by what they may, where the user does not order them: the first line may least.
const ROLES: &[&[&str]] = &[
    &["guest", "visitor", "readonly", "reader", "viewer"],
    &[
        "user", "customer", "member", "client", "patient", "student", "basic", "standard", "employee", "normal",
        "regular",
    ],
    &["premium", "editor", "author", "staff", "agent", "support", "mechanic", "teacher", "clerk"],
    &["moderator", "manager", "supervisor", "auditor", "lead"],
    &["admin", "administrator", "owner", "tenantadmin", "orgadmin"],
    &["superuser", "superadmin", "root", "sysadmin", "system"],
];

/// The rank from which on a role administers.
pub const ADMINISTERS: u8 = 5;
/// The rank up to which a role is an ordinary one.
pub const ORDINARY: u8 = 2;

/// How much a role of this name may, by custom; none where the name says nothing.
pub fn rank_of_role(role: &str) -> Option<u8> {
    let plain: String = role.chars().filter(char::is_ascii_alphabetic).collect::<String>().to_ascii_lowercase();
    let plain = plain.strip_prefix("role").filter(|rest| !rest.is_empty()).unwrap_or(&plain);
    let at = ROLES.iter().position(|words| words.contains(&plain))?;
    u8::try_from(at + 1).ok()
}

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

    /// Its name.
    pub const fn id(self) -> &'static str {
        match self {
            Self::AlgNone => "alg-none",
            Self::Unsigned => "unsigned",
            Self::OtherSignature => "other-signature",
        }
    }

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
