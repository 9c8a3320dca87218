//! JSON Web Tokens (RFC 7519) as they are seen: header and claims, read without being trusted.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What a token says of itself, without the token.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TokenFacts {
    /// Where it was: the name of the credential, or the operation that answered with it.
    pub origin: String,
    /// `alg` of its header.
    pub alg: String,
    /// Whether its third part is empty.
    pub unsigned: bool,
    /// The secret from the list that signs it, if one does.
    pub weak_secret: Option<String>,
    /// The names of its claims.
    pub claims: Vec<String>,
    /// Seconds from `iat` (or else from when it was seen) to `exp`; none without `exp`.
    pub lifetime: Option<i64>,
    /// The names of claims whose values are sensitive.
    pub sensitive: Vec<String>,
}

/// Header and claims of a token, or none where the text is no token.
pub fn read(token: &str) -> Option<(Map<String, Value>, Map<String, Value>)> {
    let mut parts = token.trim().split('.');
    let (header, claims, _signature) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let object = |part: &str| match serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()? {
        Value::Object(map) => Some(map),
        _ => None,
    };
    let header = object(header)?;
    header.contains_key("alg").then_some(())?;
    Some((header, object(claims)?))
}
