//! The credentials of a run: held for sending, replaced by `$NAME` everywhere else.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// Values shorter than this are not replaced: `$NAME` for every `1` would destroy a recording and hide nothing.
const SHORTEST: usize = 4;
/// The same for parts of values, of which nobody said that they are secret.
const SHORTEST_PART: usize = 8;

/// The same for words that are in every answer: they are no secrets, whatever they open.
const PLAIN: &[&str] = &[
    "admin", "data", "demo", "email", "example", "false", "guest", "login", "name", "null", "password", "role", "root",
    "secret", "test", "token", "true", "user", "username",
];

/// Secret values and the names that replace them.
#[derive(Clone, Default)]
pub struct Secrets {
    /// Encoded form and replacement, the longest first.
    forms: Vec<(String, String)>,
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Secrets({} forms)", self.forms.len())
    }
}

impl Secrets {
    /// Adds a value under its name, and the parts of it that are secret by themselves, in every form in which a target may echo them: as it is,
    /// percent- and form-encoded, JSON-escaped, for HTML, hexadecimal, base64 in the four usual alphabets.
    pub fn add(&mut self, name: &str, value: &str) {
        if value.len() < SHORTEST || PLAIN.contains(&value) {
            return;
        }
        for secret in std::iter::once(value.to_owned()).chain(parts(value)) {
            for form in forms(&secret) {
                if !self.forms.iter().any(|(known, _)| *known == form) {
                    self.forms.push((form, format!("${name}")));
                }
            }
        }
        self.sort();
    }

    /// Adds all that others hide.
    pub fn extend(&mut self, others: &Self) {
        for (form, name) in &others.forms {
            if !self.forms.iter().any(|(known, _)| known == form) {
                self.forms.push((form.clone(), name.clone()));
            }
        }
        self.sort();
    }

    /// The longest first, so that what is within another is replaced after it.
    fn sort(&mut self) {
        self.forms.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then_with(|| a.0.cmp(&b.0)));
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.forms.is_empty()
    }

    /// The text with every form of every secret replaced by `$NAME`.
    pub fn redact(&self, text: &str) -> String {
        let mut out = text.to_owned();
        for (form, name) in &self.forms {
            if out.contains(form.as_str()) {
                out = out.replace(form.as_str(), name);
            }
        }
        out
    }

    /// The bytes with every form of every secret replaced; none where nothing had to be replaced.
    pub fn redact_bytes(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        let found = self.forms.iter().any(|(form, _)| contains(bytes, form.as_bytes()));
        found.then(|| self.redact(&String::from_utf8_lossy(bytes)).into_bytes())
    }

    /// How many bytes at the end may be the beginning of a secret: what is cut off there must be cut off a little earlier.
    pub fn begun_at_end(&self, bytes: &[u8]) -> usize {
        let begun = |form: &str| {
            (SHORTEST..form.len().min(bytes.len() + 1)).rev().find(|n| bytes.ends_with(&form.as_bytes()[..*n]))
        };
        self.forms.iter().filter_map(|(form, _)| begun(form)).max().unwrap_or(0)
    }
}

/// What is secret in a value by itself: what follows a scheme (`Bearer …`), the password of Basic credentials (RFC 7617), the values of cookies.
fn parts(value: &str) -> Vec<String> {
    let mut out = Vec::new();
    let rest = value.split_once(' ').filter(|(scheme, _)| scheme.bytes().all(|b| b.is_ascii_alphabetic()));
    let rest = rest.map_or(value, |(_, rest)| rest.trim());
    if rest != value {
        out.push(rest.to_owned());
    }
    let basic = STANDARD.decode(rest).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    if let Some((_, password)) = basic.as_deref().and_then(|basic| basic.split_once(':')) {
        out.push(password.to_owned());
    }
    out.extend(rest.split(';').filter_map(|cookie| cookie.split_once('=')).map(|(_, value)| value.trim().to_owned()));
    out.retain(|part| part.len() >= SHORTEST_PART);
    out
}

fn forms(value: &str) -> Vec<String> {
    let json = serde_json::Value::from(value).to_string();
    let json = json[1..json.len() - 1].to_owned();
    let percent = utf8_percent_encode(value, NON_ALPHANUMERIC).to_string();
    let html = value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let hex = value.bytes().fold(String::new(), |out, byte| out + &format!("{byte:02x}"));
    vec![
        value.to_owned(),
        json.replace('/', "\\/"),
        json,
        percent.to_lowercase(),
        percent,
        url::form_urlencoded::byte_serialize(value.as_bytes()).collect(),
        html.replace('"', "&quot;").replace('\'', "&#x27;"),
        html.replace('"', "&#34;").replace('\'', "&#39;"),
        html,
        hex.to_uppercase(),
        hex,
        STANDARD.encode(value),
        STANDARD_NO_PAD.encode(value),
        URL_SAFE.encode(value),
        URL_SAFE_NO_PAD.encode(value),
    ]
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_replaced() {
        let mut secrets = Secrets::default();
        secrets.add("TOKEN", "s3cr=t/\"v");
        let forms = ["s3cr=t/\"v", "s3cr%3Dt%2F%22v", "s3cr%3dt%2f%22v", "s3cr=t/\\\"v", "czNjcj10LyJ2"];
        for form in forms {
            assert_eq!(secrets.redact(&format!("<{form}>")), "<$TOKEN>", "{form}");
            assert_eq!(secrets.redact_bytes(form.as_bytes()).as_deref(), Some(&b"$TOKEN"[..]), "{form}");
        }
        assert_eq!(secrets.redact_bytes(b"nothing here"), None);
        assert_eq!(secrets.begun_at_end(b"and then s3cr=t"), 6);
        assert_eq!(secrets.begun_at_end(b"and then s3c"), 0);
    }
}
