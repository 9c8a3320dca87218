//! The last door before an output: what has the form of a credential does not go through it, wherever it came from.
//!
//! The credentials of a run are replaced where they are recorded (`plimsoll_http::secrets`), and checks mask the secrets that they find. What is
//! left is what nobody knew to be one: a key in a line of code that is quoted, a password in an address of a contract, a token that stands beside
//! the text that was meant. Formats that can be told by themselves are masked, and values whose name says what they are; a random text without
//! either is not recognised. What stands for a secret (`$TOKEN`, `…`, `<token>`) is none. CWE-532, CWE-312.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::LazyLock;

use plimsoll_model::{Report, redact};
use regex::Regex;
use serde_json::Value;

/// The report without the credentials that its texts may hold.
///
/// # Errors
/// A number of the report is not finite: it cannot be written in any form.
pub fn masked(report: &Report) -> serde_json::Result<Cow<'_, Report>> {
    let mut value = serde_json::to_value(report)?;
    if walk(&mut value, "", false) { serde_json::from_value(value).map(Cow::Owned) } else { Ok(Cow::Borrowed(report)) }
}

/// The text with each credential masked.
pub fn mask(text: &str) -> Cow<'_, str> {
    replaced(text, redact::mask)
}

/// The text with a star for each character of a credential: lines and columns stay where they are.
pub fn veil(text: &str) -> Cow<'_, str> {
    replaced(text, |secret| secret.chars().map(|c| if c == '\n' { '\n' } else { '*' }).collect())
}

/// Masks every text below a value; whether there was one to mask. Lines of code keep their columns.
fn walk(value: &mut Value, key: &str, code: bool) -> bool {
    match value {
        Value::String(text) => {
            let keeps_columns = (code && key == "excerpt") || key == "text";
            let clean = if keeps_columns { veil(text) } else { mask(text) };
            match clean {
                Cow::Borrowed(_) => false,
                Cow::Owned(clean) => {
                    *text = clean;
                    true
                }
            }
        }
        Value::Array(values) => values.iter_mut().fold(false, |found, value| walk(value, key, code) | found),
        Value::Object(fields) => {
            let code = fields.get("type").is_some_and(|kind| kind == "source");
            fields.iter_mut().fold(false, |found, (key, value)| walk(value, key, code) | found)
        }
        _ => false,
    }
}

fn replaced(text: &str, with: impl Fn(&str) -> String) -> Cow<'_, str> {
    let found = secrets(text);
    if found.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for range in found {
        out.push_str(&text[at..range.start]);
        out.push_str(&with(&text[range.clone()]));
        at = range.end;
    }
    out.push_str(&text[at..]);
    Cow::Owned(out)
}

/// When a match of a pattern is a secret.
#[derive(Clone, Copy, PartialEq, Eq)]
enum If {
    /// Always: nothing else has this form.
    Always,
    /// If its value does not stand for something else.
    Meant,
    /// If it looks like something that a machine made: words are no tokens.
    Random,
    /// As `Meant`, and its name, the first group, is not that of a place in a list.
    Named,
}

/// A format: the secret is the last group, or all of it where there is none.
struct Format {
    regex: Regex,
    when: If,
}

/// What any text with a secret has: asked first, because hardly any has it.
static ANY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)bearer|basic |cookie|token|secret|passw|pwd|api[-_]?key|access[-_]?key|account[-_]?key|private|signature|sig=|auth|session|://[^/\s]*@|\beyJ|AKIA|ASIA|gh[pousr]_|github_pat|glpat|xox[a-z]-|hooks\.slack|[rs]k_(?:live|test)|\bsk-|AIza|npm_|SG\.|pypi-",
    )
});

static FORMATS: LazyLock<Vec<Format>> = LazyLock::new(|| {
    const WORDS: &str = r"pass(?:word|wd|phrase)?|pwd|secret|secret[_-]?key|secret[_-]?access[_-]?key|(?:api|access|account|private|signing|encryption|master|shared|shared[_-]?access)[_-]?key|(?:auth|access|refresh|session|security|id|api|bearer)[_-]?token|token|credential";
    let of = |when, text: &str| Format { regex: pattern(text), when };
    vec![
        // RFC 6750 §2.1, RFC 7617 §2.
        of(If::Random, r"(?i)\bbearer\s+([A-Za-z0-9._~+/=-]{8,})"),
        of(If::Random, r"(?i)\bbasic\s+([A-Za-z0-9+/=_-]{8,})"),
        // RFC 7519 §3; two parts are a token without a signature.
        of(If::Always, r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?"),
        of(
            If::Meant,
            r#"(?i)\b(?:proxy-authorization|authorization|x-api-key|api-key|apikey|x-auth-token|x-access-token|x-amz-security-token|x-csrf-token|x-vault-token|private-token)["']?\s*:\s*["']?(?:(?:token|apikey|digest|negotiate)\s+)?([^\s"',]{6,})"#,
        ),
        of(If::Always, r"(?s)-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----(.+?)(?:-----END|\z)"),
        // RFC 3986 §3.2.1.
        of(If::Meant, r#"(?i)\b[a-z][a-z0-9+.-]*://[^/\s:@"'<>]*:([^/\s@"'<>]+)@"#),
        of(
            If::Named,
            &format!(
                r#"(?i)[?&]((?:[a-z0-9_.-]*(?:{WORDS})|sig|signature|x-amz-signature|sessionid|session|auth|key))=([^&\s#"'<>`]{{4,}})"#
            ),
        ),
        of(
            If::Named,
            &format!(r#"(?i)\b((?:[a-z0-9_.-]*(?:{WORDS})))\\?["']?\]?\s*(?::|=>|=)\s*[bru]?\\?["']([^"'\n\\]{{4,}})"#),
        ),
        // Connection strings: pairs with semicolons between them.
        of(
            If::Meant,
            r#"(?i)(?:;\s*|\b)(?:password|pwd|accountkey|sharedaccesskey|sharedsecret)\s*=\s*([^;"'\s]{4,});"#,
        ),
        of(If::Meant, r#"(?i);\s*(?:password|pwd|accountkey|sharedaccesskey|sharedsecret)\s*=\s*([^;"'\s]{4,})"#),
        // Lines of an environment file.
        of(If::Random, &format!(r"(?m)^\s*(?:export\s+)?[A-Z0-9_]*(?:{})=([^\s]{{8,}})\s*$", WORDS.to_uppercase())),
        of(If::Always, r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"),
        of(If::Always, r"\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{22,}|glpat-[A-Za-z0-9_-]{16,})"),
        of(If::Always, r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}"),
        of(If::Always, r"hooks\.slack\.com/(?:services|workflows|triggers)/([A-Za-z0-9/_-]{10,})"),
        of(If::Always, r"\b[rs]k_(?:live|test)_[A-Za-z0-9]{10,}"),
        of(If::Random, r"\bsk-(?:proj-|ant-)?[A-Za-z0-9_-]{20,}"),
        of(If::Always, r"\bAIza[A-Za-z0-9_-]{35}"),
        of(
            If::Always,
            r"\b(?:npm_[A-Za-z0-9]{30,}|pypi-[A-Za-z0-9_-]{16,}|SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,})",
        ),
    ]
});

static COOKIES: LazyLock<Regex> = LazyLock::new(|| pattern(r#"(?i)\b(?:set-)?cookie["']?\s*:\s*["']?([^\r\n"']+)"#));

/// A pattern that is written down here; a test makes every one.
fn pattern(text: &str) -> Regex {
    match Regex::new(text) {
        Ok(regex) => regex,
        Err(error) => unreachable!("{text}: {error}"),
    }
}

/// Where the secrets of a text are, in order and apart.
fn secrets(text: &str) -> Vec<Range<usize>> {
    if text.len() < 8 || !ANY.is_match(text) {
        return Vec::new();
    }
    let mut found: Vec<Range<usize>> = Vec::new();
    for format in FORMATS.iter() {
        for captures in format.regex.captures_iter(text) {
            let Some(secret) = captures.iter().flatten().last() else { continue };
            let value = secret.as_str();
            let is_secret = match format.when {
                If::Always => !is_masked(value),
                If::Meant => is_meant(value),
                If::Random => is_meant(value) && is_random(value),
                If::Named => is_meant(value) && !captures.get(1).is_some_and(|name| is_cursor(name.as_str())),
            };
            if is_secret {
                found.push(secret.range());
            }
        }
    }
    for captures in COOKIES.captures_iter(text) {
        found.extend(captures.get(1).into_iter().flat_map(|pairs| cookies(pairs.as_str(), pairs.start())));
    }
    found.sort_by_key(|range| (range.start, range.end));
    let mut apart: Vec<Range<usize>> = Vec::new();
    for range in found {
        match apart.last_mut() {
            Some(last) if range.start < last.end => last.end = last.end.max(range.end),
            _ => apart.push(range),
        }
    }
    apart
}

/// The values of cookies (RFC 6265 §4.1.1); attributes are none.
fn cookies(pairs: &str, start: usize) -> Vec<Range<usize>> {
    const ATTRIBUTES: &[&str] = &["path", "domain", "expires", "max-age", "samesite", "priority"];
    let mut at = start;
    let mut found = Vec::new();
    for pair in pairs.split(';') {
        if let Some((name, value)) = pair.split_once('=') {
            let word = value.trim();
            let from = at + name.len() + 1 + (value.len() - value.trim_start().len());
            let attribute = ATTRIBUTES.iter().any(|known| known.eq_ignore_ascii_case(name.trim()));
            // What a sentence says of a cookie has spaces.
            if !attribute && word.len() >= 4 && !word.contains(' ') && !name.trim().contains(' ') && is_meant(word) {
                found.push(from..from + word.len());
            }
        }
        at += pair.len() + 1;
    }
    found
}

/// Whether a value is masked already.
fn is_masked(value: &str) -> bool {
    value.contains('…') || value.contains("***") || value.bytes().all(|b| matches!(b, b'*' | b'x' | b'X' | b'.'))
}

/// Whether a value is meant as it stands: it is not masked, and no variable, template or description of one.
fn is_meant(value: &str) -> bool {
    // What stands before the credential in `Authorization` (RFC 9110 §11.4).
    const SCHEMES: [&str; 6] = ["bearer", "basic", "digest", "token", "negotiate", "apikey"];
    let first = value.chars().next().unwrap_or(' ');
    !SCHEMES.iter().any(|scheme| scheme.eq_ignore_ascii_case(value))
        && !is_masked(value)
        && !matches!(first, '$' | '{' | '<' | '%' | '[' | '(')
        && !value.contains("${")
}

/// Whether a value looks like something that a machine made: it has a digit, or letters of both cases mixed, and is no address or path.
fn is_random(value: &str) -> bool {
    let digit = value.bytes().any(|b| b.is_ascii_digit());
    let inner_capital = value.bytes().skip(1).any(|b| b.is_ascii_uppercase());
    let small = value.bytes().any(|b| b.is_ascii_lowercase());
    digit || (inner_capital && small)
}

/// Whether a name is that of a place in a list: such tokens are no credentials.
fn is_cursor(name: &str) -> bool {
    let name: String = name.to_ascii_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
    ["nexttoken", "pagetoken", "continuationtoken", "cursortoken", "synctoken", "starttoken", "partitionkey", "sortkey"]
        .iter()
        .any(|known| name.ends_with(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Texts with a secret each, which is the second of the pair.
    const HELD: &[(&str, &str)] = &[
        ("authorization: Bearer 7f93c1-abc_DEF.x", "7f93c1-abc_DEF.x"),
        ("Authorization: Basic Y2FwdGFpbjpoNHJib3Vy", "Y2FwdGFpbjpoNHJib3Vy"),
        ("set-cookie: session=5e1f88c0sess; Path=/; HttpOnly", "5e1f88c0sess"),
        ("Cookie: lang=de; sid=abcdefgh", "abcdefgh"),
        ("x-api-key: k-9c41f07be2d8", "k-9c41f07be2d8"),
        ("GET /orders?limit=5&api_key=k9c41f07", "k9c41f07"),
        (
            "it answers with eyJhbGciOiJub25lIn0.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl here",
            "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl",
        ),
        (concat!("AWS_KEY = 'AKIA", "Q3EGRX7YPLMNOTRL'"), concat!("AKIA", "Q3EGRX7YPLMNOTRL")),
        (
            "aws_secret_access_key=\"wJalrXUtnFEMIK7MDENGbPxRfiCYplimsollkey\"",
            "wJalrXUtnFEMIK7MDENGbPxRfiCYplimsollkey",
        ),
        ("postgres://shop:h4rbour-m4ster@db/orders", "h4rbour-m4ster"),
        ("KEY = \"-----BEGIN RSA PRIVATE KEY-----\\nMIIEow\\n-----END RSA PRIVATE KEY-----\"", "MIIEow"),
        (
            concat!("ghp", "_16C7e42F292c6912E7710c838347Ae178B4a"),
            concat!("ghp", "_16C7e42F292c6912E7710c838347Ae178B4a"),
        ),
        (concat!("https://hooks.slack.com/", "services/T0AAA/B0BBB/cccDDD111"), "T0AAA/B0BBB/cccDDD111"),
        ("Server=db;User=shop;Password=h4rbour;Encrypt=yes", "h4rbour"),
        ("{\"user\": \"a\", \"password\": \"correct horse\"}", "correct horse"),
        ("os.environ[\"DB_PASSWORD\"] = \"h4rbour\"", "h4rbour"),
        (concat!("stripe: sk", "_live_4eC39HqLyjWDarjtT1zdp7dc"), concat!("sk", "_live_4eC39HqLyjWDarjtT1zdp7dc")),
        ("export DB_PASSWORD=h4rbourmaster", "h4rbourmaster"),
    ];

    #[test]
    fn credentials_are_masked() {
        for (text, secret) in HELD {
            let masked = mask(text);
            assert!(!masked.contains(secret), "{masked}");
            let veiled = veil(text);
            assert!(!veiled.contains(secret) && veiled.chars().count() == text.chars().count(), "{veiled}");
            assert_eq!(mask(&masked), masked, "masking again changes nothing");
        }
    }

    #[test]
    fn what_is_none_stays() {
        for text in [
            "authorization: Bearer $TOKEN",
            "A token is sent as Bearer authentication, not as Basic authentication.",
            "www-authenticate: Bearer realm=\"shop\"",
            "def login(username: str, password: str) -> Token:",
            "password=hash_password(form.password)",
            "GET /orders?limit=100000&next_token=eyJpZCI6Im9yZC0xIn0",
            "The cookie `session` is sent without HttpOnly.",
            "client = boto3.client(\"dynamodb\", endpoint_url=settings.endpoint)",
            "secret = os.environ[\"SHOP_SECRET\"]",
            "http://127.0.0.1:8000/orders?customer=a@b.example",
            "x-api-key: $PLIMSOLL_X_API_KEY",
            "\"password\": {\"type\": \"string\", \"minLength\": 8}",
            "the answer holds a password: a…g (17 chars)",
            "v1:0064c5725ba59409bdeaf384bd942393",
        ] {
            assert_eq!(mask(text), text);
        }
    }

    #[test]
    fn every_format_is_a_pattern() {
        assert!(FORMATS.len() > 15 && ANY.is_match("Bearer") && COOKIES.is_match("Cookie: a=b"));
    }
}
