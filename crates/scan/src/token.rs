//! JSON Web Tokens (RFC 7519) as they are seen: header and claims, read without being trusted, and what follows from them.
//!
//! The token itself never leaves this file: what checks and recordings get are [`TokenFacts`], which hold names of claims and no values.

use std::borrow::Cow;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use regex::Regex;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Sha256, Sha384, Sha512};

use crate::identity::{Forgery, rank_of_role};
use crate::{fields, standing};

const WEAK_SECRETS: &str = include_str!("weak_secrets.txt");

/// Claims that hold a secret by their very name, in lower case without separators.
const SECRET_NAMES: &[&str] = &[
    "password",
    "passwd",
    "pwd",
    "pass",
    "passwordhash",
    "passwordsalt",
    "hashedpassword",
    "secret",
    "clientsecret",
    "apikey",
    "apisecret",
    "accesskey",
    "secretkey",
    "secretaccesskey",
    "awssecretaccesskey",
    "privatekey",
    "refreshtoken",
    "sessionkey",
    "encryptionkey",
    "otp",
    "otpsecret",
    "totpsecret",
    "mfasecret",
    "pin",
    "cvv",
    "cvc",
    "cardnumber",
    "creditcard",
    "pan",
    "iban",
    "accountnumber",
    "bankaccount",
    "ssn",
    "socialsecuritynumber",
    "nationalid",
    "taxid",
    "passport",
    "passportnumber",
    "connectionstring",
    "databaseurl",
    "dsn",
];

/// Claims that identify a person: OpenID Connect Core §5.1 has them on purpose, so they are told apart from secrets.
const PERSONAL_NAMES: &[&str] = &[
    "email",
    "mail",
    "emailaddress",
    "phone",
    "phonenumber",
    "mobile",
    "address",
    "streetaddress",
    "birthdate",
    "birthday",
    "dateofbirth",
    "dob",
];

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
    /// The names of claims that hold a secret: keys, passwords and their hashes, numbers of cards, accounts and documents.
    pub sensitive: Vec<String>,
    /// The names of claims that identify a person, such as an e-mail address.
    #[serde(default)]
    pub personal: Vec<String>,
    /// When it ends, in seconds since 1970; none without `exp`.
    #[serde(default)]
    pub expires: Option<i64>,
    /// The role that it names, where it names one.
    #[serde(default)]
    pub role: Option<String>,
}

impl TokenFacts {
    /// Whether anybody can write such a token: `alg` is `none` (RFC 7518 §3.6), or there is no signature.
    pub fn is_unsigned(&self) -> bool {
        self.unsigned || self.alg.eq_ignore_ascii_case("none")
    }

    /// Whether the token has this claim.
    pub fn has(&self, claim: &str) -> bool {
        self.claims.iter().any(|name| name == claim)
    }
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

/// What follows from a credential: `raw` is a token, perhaps with a scheme such as `Bearer` before it or in a cookie; none where there is no token in it.
/// `now` is in seconds since 1970 and matters only for tokens without `iat`.
pub fn facts(origin: &str, raw: &str, now: i64) -> Option<TokenFacts> {
    let token = raw.split([' ', '=', ';', ',']).find(|word| read(word).is_some())?.trim();
    let (header, claims) = read(token)?;
    let alg = header.get("alg").and_then(Value::as_str).unwrap_or_default().to_owned();
    let (signed, signature) = token.rsplit_once('.')?;
    let seconds = |name: &str| claims.get(name).and_then(Value::as_f64).map(|value| value as i64);
    let issued = seconds("iat").or_else(|| seconds("nbf")).unwrap_or(now);
    let named = |wanted: fn(&str, &Value) -> bool| {
        claims.iter().filter(|(name, value)| wanted(name, value)).map(|(name, _)| name.clone()).collect()
    };
    Some(TokenFacts {
        origin: origin.to_owned(),
        weak_secret: weak_secret(&alg, signed, signature).map(Cow::into_owned),
        unsigned: signature.is_empty(),
        alg,
        expires: seconds("exp"),
        role: role(&claims),
        lifetime: seconds("exp").map(|end| end.saturating_sub(issued)),
        sensitive: named(is_secret),
        personal: named(is_personal),
        claims: claims.keys().cloned().collect(),
    })
}

/// The role among claims, in whatever way it is written.
fn role(claims: &Map<String, Value>) -> Option<String> {
    claims.iter().find_map(|(name, value)| {
        let field = fields::normal(name.rsplit('/').next().unwrap_or(name));
        match value {
            Value::Bool(is) if standing::is_privilege(&field) => Some(if *is { "admin" } else { "user" }.to_owned()),
            Value::String(role) if standing::is_role(&field) => Some(role.clone()),
            Value::Array(roles) if standing::is_role(&field) => {
                roles.iter().filter_map(Value::as_str).max_by_key(|role| rank_of_role(role)).map(str::to_owned)
            }
            _ => None,
        }
    })
}

/// A credential with its token forged; none where it holds no token, or one without a signature.
pub fn forged(raw: &str, how: Forgery) -> Option<String> {
    let token = raw.split([' ', '=', ';', ',']).find(|word| read(word).is_some())?;
    let (mut header, _) = read(token)?;
    let (signed, signature) = token.rsplit_once('.')?;
    let (_, claims) = signed.split_once('.')?;
    let bytes = URL_SAFE_NO_PAD.decode(signature).ok().filter(|bytes| !bytes.is_empty())?;
    let forged = match how {
        Forgery::AlgNone => {
            header.insert("alg".to_owned(), Value::from("none"));
            format!("{}.{claims}.", URL_SAFE_NO_PAD.encode(Value::from(header).to_string()))
        }
        Forgery::Unsigned => format!("{signed}."),
        Forgery::OtherSignature => {
            let other: Vec<u8> = bytes.iter().map(|byte| byte ^ 0x5a).collect();
            format!("{signed}.{}", URL_SAFE_NO_PAD.encode(other))
        }
    };
    Some(raw.replacen(token, &forged, 1))
}

/// The tokens in a text, each once, in order.
pub fn in_text(text: &str) -> Vec<&str> {
    // Both a header and a claims set are JSON objects, and `{"` is `eyJ` in base64url.
    static TOKEN: LazyLock<Regex> = LazyLock::new(|| {
        // A constant pattern: compiling it is covered by the tests below.
        Regex::new(r"\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{2,}\.[A-Za-z0-9_-]*").expect("the pattern is valid")
    });
    let mut out: Vec<&str> = Vec::new();
    for found in TOKEN.find_iter(text) {
        if !out.contains(&found.as_str()) && read(found.as_str()).is_some() {
            out.push(found.as_str());
        }
    }
    out
}

/// What people put behind and before a word to make a secret of it.
const BEHIND: &[&str] = &["1", "123", "!", "_key", "-key", "key", "_secret", "-secret", "secret"];
const BEFORE: &[&str] = &["my", "my_", "my-", "super", "jwt"];
/// Words that are made secrets of so: the short ones of the list, without digits.
const LONGEST_WORD: usize = 12;

/// The secrets that are tried: those of the list, then short words of it with something before or behind them.
pub fn weak_secrets() -> impl Iterator<Item = Cow<'static, str>> {
    let listed = || WEAK_SECRETS.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let words = listed().filter(|word| word.len() <= LONGEST_WORD && word.bytes().all(|b| b.is_ascii_lowercase()));
    let made = words.flat_map(|word| {
        let behind = BEHIND.iter().map(move |end| Cow::Owned(format!("{word}{end}")));
        behind.chain(BEFORE.iter().map(move |begin| Cow::Owned(format!("{begin}{word}"))))
    });
    listed().map(Cow::Borrowed).chain(made)
}

fn weak_secret(alg: &str, signed: &str, signature: &str) -> Option<Cow<'static, str>> {
    let signature = URL_SAFE_NO_PAD.decode(signature).ok().filter(|bytes| !bytes.is_empty())?;
    weak_secrets().find(|secret| match alg {
        "HS256" => verifies(Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok(), signed, &signature),
        "HS384" => verifies(Hmac::<Sha384>::new_from_slice(secret.as_bytes()).ok(), signed, &signature),
        "HS512" => verifies(Hmac::<Sha512>::new_from_slice(secret.as_bytes()).ok(), signed, &signature),
        _ => false,
    })
}

fn verifies<M: Mac>(mac: Option<M>, signed: &str, signature: &[u8]) -> bool {
    mac.is_some_and(|mac| mac.chain_update(signed).verify_slice(signature).is_ok())
}

fn is_secret(name: &str, value: &Value) -> bool {
    let has_content = value.as_str().map_or(value.is_number(), |text| !text.is_empty());
    has_content && (SECRET_NAMES.contains(&normal(name).as_str()) || value.as_str().is_some_and(looks_secret))
}

/// Values that are secrets whatever their name is: password hashes in the modular crypt format and Django's, private keys, keys with a
/// well-known prefix.
fn looks_secret(text: &str) -> bool {
    static SHAPES: LazyLock<Regex> = LazyLock::new(|| {
        // A constant pattern, as above.
        Regex::new(
            r"^(\$2[abxy]\$\d\d\$|\$argon2(i|d|id)\$|\$[156]\$|(pbkdf2|argon2|bcrypt|scrypt)[a-z0-9_]*\$|-----BEGIN [A-Z ]*PRIVATE KEY|A[KS]IA[A-Z0-9]{16}$|[a-z]{2,4}_live_[A-Za-z0-9]{16}|gh[pousr]_[A-Za-z0-9]{30}|xox[abpr]-)",
        )
        .expect("the pattern is valid")
    });
    SHAPES.is_match(text)
}

fn is_personal(name: &str, value: &Value) -> bool {
    let has_content = value.as_str().is_some_and(|text| !text.is_empty()) || value.is_object();
    has_content && PERSONAL_NAMES.contains(&normal(name).as_str())
}

/// The name of a claim without its namespace, in lower case without separators.
fn normal(name: &str) -> String {
    fields::normal(name.rsplit(['/', ':', '#']).next().unwrap_or(name))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    /// A token as a service would write it.
    fn token(alg: &str, claims: &str, secret: &str) -> String {
        let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
        let signed = format!("{}.{}", part(&format!(r#"{{"alg":"{alg}","typ":"JWT"}}"#)), part(claims));
        let sign = |bytes: Vec<u8>| URL_SAFE_NO_PAD.encode(bytes);
        let signature = match alg {
            "HS256" => sign(mac::<Hmac<Sha256>>(secret, &signed)),
            "HS384" => sign(mac::<Hmac<Sha384>>(secret, &signed)),
            "HS512" => sign(mac::<Hmac<Sha512>>(secret, &signed)),
            _ => String::new(),
        };
        format!("{signed}.{signature}")
    }

    fn mac<M: Mac + hmac::digest::KeyInit>(secret: &str, text: &str) -> Vec<u8> {
        <M as Mac>::new_from_slice(secret.as_bytes()).unwrap().chain_update(text).finalize().into_bytes().to_vec()
    }

    /// The example of RFC 7519 §3.1: its key is random, so no list has it.
    const RFC: &str = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

    /// The example of the page that explains tokens to everybody (2018 to 2024), signed with `your-256-bit-secret`.
    const TUTORIAL: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c";

    #[test]
    fn tokens_of_others_are_read() {
        let rfc = facts("TOKEN", RFC, 1_300_819_000).unwrap();
        assert_eq!((rfc.alg.as_str(), rfc.lifetime, rfc.weak_secret), ("HS256", Some(380), None));
        assert_eq!(rfc.claims, ["iss", "exp", "http://example.com/is_root"]);
        let tutorial = facts("TOKEN", &format!("Bearer {TUTORIAL}"), 0).unwrap();
        assert_eq!(tutorial.weak_secret.as_deref(), Some("your-256-bit-secret"));
        assert_eq!(tutorial.lifetime, None);
    }

    #[test]
    fn every_hmac_is_tried() {
        for alg in ["HS256", "HS384", "HS512"] {
            let weak = facts("t", &token(alg, "{}", "changeme"), 0).unwrap();
            assert_eq!(weak.weak_secret.as_deref(), Some("changeme"), "{alg}");
            let strong = facts("t", &token(alg, "{}", "vJ2q8sXw0Lr5Tz9Kp3Nd7Hf1"), 0).unwrap();
            assert_eq!(strong.weak_secret, None, "{alg}");
        }
    }

    #[test]
    fn unsigned_tokens() {
        for alg in ["none", "None", "NONE"] {
            assert!(facts("t", &token(alg, "{}", ""), 0).unwrap().is_unsigned(), "{alg}");
        }
        let stripped = token("HS256", "{}", "x");
        let stripped = format!("{}.", stripped.rsplit_once('.').unwrap().0);
        assert!(facts("t", &stripped, 0).unwrap().is_unsigned());
        assert!(!facts("t", RFC, 0).unwrap().is_unsigned());
    }

    #[test]
    fn forged_tokens_keep_what_is_around_them() {
        let token = token("HS256", r#"{"sub":"a"}"#, "vJ2q8sXw0Lr5Tz9Kp3Nd7Hf1");
        for how in Forgery::ALL {
            let cookie = forged(&format!("session={token}; lang=en"), *how).unwrap();
            let inner = cookie.strip_prefix("session=").unwrap().strip_suffix("; lang=en").unwrap();
            assert!(inner != token && read(inner).unwrap().1 == read(&token).unwrap().1, "{inner}");
        }
        assert!(facts("t", &forged(&token, Forgery::AlgNone).unwrap(), 0).unwrap().is_unsigned());
        assert_eq!(forged("Bearer abc", Forgery::AlgNone), None);
        assert_eq!(forged("eyJhbGciOiJub25lIn0.e30.", Forgery::OtherSignature), None);
    }

    #[test]
    fn roles_in_tokens() {
        let role = |claims: &str| facts("t", &token("HS256", claims, "s"), 0).unwrap().role;
        assert_eq!(role(r#"{"https://a.example/roles":["user","admin"]}"#).as_deref(), Some("admin"));
        assert_eq!(role(r#"{"is_admin":false}"#).as_deref(), Some("user"));
        assert_eq!(role(r#"{"sub":"admin"}"#), None);
    }

    #[test]
    fn secrets_and_persons_are_told_apart() {
        let claims = r#"{"sub":"a","email":"a@b.example","api_key":"k-1","ph":"pbkdf2_sha256$1$a$b","https://x/phone_number":"1","password":"","pass_count":3,"scope":"password"}"#;
        let facts = facts("t", &token("HS256", claims, "s"), 0).unwrap();
        assert_eq!(facts.sensitive, ["api_key", "ph"]);
        assert_eq!(facts.personal, ["email", "https://x/phone_number"]);
    }

    #[test]
    fn the_lifetime_is_counted_from_the_issue() {
        let lifetime = |claims: &str| facts("t", &token("HS256", claims, "s"), 1_000).unwrap().lifetime;
        assert_eq!(lifetime(r#"{"iat":100,"exp":700}"#), Some(600));
        assert_eq!(lifetime(r#"{"exp":1600.5}"#), Some(600));
        assert_eq!(lifetime(r#"{"iat":100}"#), None);
    }

    #[test]
    fn what_is_no_token() {
        for text in ["", "Bearer abc", "a.b.c", "eyJhbGciOiJub25lIn0", &format!("{RFC}.x"), "Basic YTpi"] {
            assert_eq!(facts("t", text, 0), None, "{text:?}");
        }
    }

    #[test]
    fn tokens_are_found_in_text() {
        let unsigned = token("none", r#"{"sub":"a"}"#, "");
        let text = format!(r#"{{"a": "{RFC}", "b": ["{unsigned}", "{RFC}"], "c": "eyJhbGci.eyJ"}}"#);
        assert_eq!(in_text(&text), [RFC, &unsigned]);
        assert!(facts("cookie", &format!("session={RFC}; Path=/"), 0).is_some());
    }

    #[test]
    fn the_list_has_no_repetitions() {
        let all: Vec<&str> = WEAK_SECRETS.lines().collect();
        assert_eq!(all.iter().collect::<HashSet<_>>().len(), all.len());
        let tried: HashSet<_> = weak_secrets().collect();
        assert!(tried.len() >= 3_000, "{}", tried.len());
        assert!(tried.contains("random") && tried.contains("randomkey") && tried.contains("supersecret"));
    }
}
