//! `[identity.NAME]`: who a scan can send requests as.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

/// One identity.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct IdentityConfig {
    /// What it may do, as in `admin`; see [`Config::roles`](super::Config::roles).
    pub role: Option<String>,
    /// A header, `Name: value` with `$NAME` for variables of the environment.
    pub header: Option<String>,
    /// More headers.
    pub headers: Vec<String>,
    /// A query parameter that carries a key, as in `api_key=$KEY`.
    #[serde(deserialize_with = "one_or_more")]
    pub query: Vec<String>,
    /// A cookie, as in `session=$SESSION`.
    pub cookie: Option<String>,
    /// Basic credentials, as in `$USER:$PASSWORD`.
    pub basic: Option<String>,
}

/// An identity with its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Its name.
    pub name: String,
    /// What is said of it.
    pub config: IdentityConfig,
}

/// The identities in the order of the file: the first is the one that operations are explored as.
pub(super) fn in_order<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Vec<Named>, D::Error> {
    let tables = BTreeMap::<String, Spanned<IdentityConfig>>::deserialize(from)?;
    let mut tables: Vec<_> = tables.into_iter().collect();
    tables.sort_by_key(|(_, table)| table.span().start);
    Ok(tables.into_iter().map(|(name, table)| Named { name, config: table.into_inner() }).collect())
}

fn one_or_more<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum OneOrMore {
        One(String),
        More(Vec<String>),
    }
    Ok(match OneOrMore::deserialize(from)? {
        OneOrMore::One(one) => vec![one],
        OneOrMore::More(more) => more,
    })
}
