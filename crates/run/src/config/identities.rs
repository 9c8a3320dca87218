//! `[identity.NAME]`: who a scan can send requests as.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

/// One identity.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
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
    /// A request whose answer yields what it carries.
    pub login: Option<LoginConfig>,
    /// OAuth 2.0 client credentials (RFC 6749 §4.4).
    pub oauth: Option<OauthConfig>,
}

/// A request whose answer yields what an identity carries.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LoginConfig {
    /// Method and path, as in `POST /auth/token`.
    pub request: String,
    /// The body as JSON; `$NAME` in its texts.
    pub json: Option<toml::Value>,
    /// The body as a form.
    pub form: Option<BTreeMap<String, String>>,
    /// Where the token is in the answer, as a JSON pointer.
    pub token: Option<String>,
    /// The cookie that the answer sets.
    pub cookie: Option<String>,
    /// The header that carries the token, `Authorization: Bearer {token}` where it is not said.
    pub header: Option<String>,
    /// Where the answer says in how many seconds the token ends, as a JSON pointer.
    pub expires: Option<String>,
    /// The origin besides the target's that the request may go to.
    pub origin: Option<String>,
}

/// OAuth 2.0 client credentials.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OauthConfig {
    /// The token endpoint: a path of the target, or a URL.
    pub token_url: String,
    /// Who the client is.
    pub client_id: String,
    /// Its secret, as in `$CLIENT_SECRET`.
    pub client_secret: String,
    /// What it asks for.
    pub scope: Option<String>,
    /// The origin besides the target's that the request may go to.
    pub origin: Option<String>,
}

/// An identity with its name.
#[derive(Clone, Debug, PartialEq)]
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
