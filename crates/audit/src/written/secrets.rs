//! Secrets in the texts of a description. Only formats that can be told by themselves are known here; what stands for a secret is none.

use plimsoll_model::redact;
use plimsoll_spec::{Description, Place, Raw, RawKind};

use super::{KEPT, Secret, Written, below};

/// A format of secrets: how it begins, of what it consists, and from which length on it is one.
struct Format {
    kind: &'static str,
    start: &'static str,
    /// The least number of characters after the start.
    least: usize,
    /// Whether it is a key that is in use if it is real at all.
    live: bool,
}

const FORMATS: &[Format] = &[
    Format { kind: "an AWS access key id", start: "AKIA", least: 16, live: true },
    Format { kind: "a Stripe live key", start: "sk_live_", least: 16, live: true },
    Format { kind: "a Stripe restricted key", start: "rk_live_", least: 16, live: true },
    Format { kind: "a GitHub token", start: "ghp_", least: 36, live: true },
    Format { kind: "a GitHub token", start: "gho_", least: 36, live: true },
    Format { kind: "a GitHub token", start: "ghs_", least: 36, live: true },
    Format { kind: "a GitHub token", start: "github_pat_", least: 40, live: true },
    Format { kind: "a Slack token", start: "xoxb-", least: 24, live: true },
    Format { kind: "a Slack token", start: "xoxp-", least: 24, live: true },
    Format { kind: "a GitLab token", start: "glpat-", least: 20, live: true },
    Format { kind: "a Google API key", start: "AIza", least: 35, live: true },
    Format { kind: "a SendGrid key", start: "SG.", least: 60, live: true },
    Format { kind: "an npm token", start: "npm_", least: 36, live: true },
    Format { kind: "an OpenAI key", start: "sk-proj-", least: 40, live: true },
    Format { kind: "an Anthropic key", start: "sk-ant-", least: 40, live: true },
    Format { kind: "a private key", start: "-----BEGIN", least: 200, live: true },
    Format { kind: "a signed token (JWT)", start: "eyJ", least: 60, live: false },
];

/// Walks every text of the main document.
pub(super) fn find(description: &Description, found: &mut Written) {
    walk(description.root(), &mut String::new(), found);
}

fn walk(raw: Raw<'_>, pointer: &mut String, found: &mut Written) {
    let length = pointer.len();
    match raw.kind() {
        RawKind::Text(text) if text.len() >= 16 => {
            if let Some((format, value)) = secret(text)
                && found.secrets.len() < KEPT
            {
                let place = Place { pointer: pointer.clone(), line: Some(raw.line()) };
                let masked = redact::mask(value);
                if !found.secrets.iter().any(|known| known.kind == format.kind && known.masked == masked) {
                    found.secrets.push(Secret { place, kind: format.kind, live: format.live, masked });
                }
            }
        }
        RawKind::List(list) => {
            for (index, item) in list.iter().enumerate() {
                pointer.push_str(&format!("/{index}"));
                walk(item, pointer, found);
                pointer.truncate(length);
            }
        }
        RawKind::Map(map) => {
            for (key, item) in map.iter() {
                // A pattern describes secrets, and holds none.
                if key == "pattern" {
                    continue;
                }
                let next = below(pointer, key);
                pointer.clear();
                pointer.push_str(&next);
                walk(item, pointer, found);
                pointer.truncate(length);
            }
        }
        _ => {}
    }
}

/// The first secret of a text.
fn secret(text: &str) -> Option<(&'static Format, &str)> {
    let bytes = text.as_bytes();
    let mut open = true;
    for (position, &byte) in bytes.iter().enumerate() {
        let word = byte.is_ascii_alphanumeric() || byte == b'_';
        if open && matches!(byte, b'A' | b's' | b'r' | b'g' | b'x' | b'S' | b'n' | b'-' | b'e') {
            let hit = FORMATS.iter().find_map(|format| Some((format, value(&text[position..], format)?)));
            if hit.is_some() {
                return hit;
            }
        }
        open = !word;
    }
    None
}

/// The value at the beginning of a text, if it is one of this format.
fn value<'t>(text: &'t str, format: &Format) -> Option<&'t str> {
    let rest = text.strip_prefix(format.start)?;
    if format.start.starts_with("-----") {
        let body = rest.split_once("PRIVATE KEY-----")?.1;
        let body = body.split("-----END").next()?;
        let real = body.len() >= format.least && !is_placeholder(body);
        return real.then(|| &text[..format.start.len() + 20.min(rest.len())]);
    }
    let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))).unwrap_or(rest.len());
    let value = &rest[..end];
    if value.len() < format.least || is_placeholder(value) {
        return None;
    }
    match format.start {
        // Twenty capitals and digits, no more.
        "AKIA" if value.len() != 16 || value.bytes().any(|b| !b.is_ascii_uppercase() && !b.is_ascii_digit()) => {
            return None;
        }
        // Header, claims and a signature; what was cut has none.
        "eyJ" if value.split('.').count() != 3 || value.rsplit('.').next().is_none_or(|part| part.len() < 20) => {
            return None;
        }
        _ => {}
    }
    Some(&text[..format.start.len() + end])
}

/// Whether a value stands for a secret: it says so, or it has the order of a keyboard and not that of chance.
fn is_placeholder(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    let says = [
        "example",
        "xxxx",
        "placeholder",
        "your",
        "dummy",
        "sample",
        "redacted",
        "0000",
        "1234567",
        "abcdef",
        "....",
        "****",
        "test",
        "fake",
    ];
    says.iter().any(|word| lower.contains(word)) || entropy(value) < 3.0
}

/// Shannon entropy in bits per character.
fn entropy(text: &str) -> f64 {
    let mut counts = [0u32; 256];
    text.bytes().for_each(|byte| counts[usize::from(byte)] += 1);
    let length = text.len().max(1) as f64;
    counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| f64::from(*count) / length)
        .map(|share| -share * share.log2())
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(text: &str) -> Option<&'static str> {
        secret(text).map(|(format, _)| format.kind)
    }

    #[test]
    fn secrets_and_what_stands_for_them() {
        // Put together here, so that no scanner of repositories takes them for real.
        let real = |start: &str| format!("curl -H 'Authorization: Bearer {start}q9Zt4LmW8vKx2RbN7cYp5HdJ3sGf6AeUoTiB'");
        assert_eq!(kind(&real("ghp_")), Some("a GitHub token"));
        assert_eq!(kind(&real("sk_live_")), Some("a Stripe live key"));
        assert_eq!(kind(&format!("AKIA{}", "Q3ZT7LMW5VKX2RBN")), Some("an AWS access key id"));
        for near in [
            "AKIAIOSFODNN7EXAMPLE",
            "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            "task_live_long",
            "eyJhbGciOiJIUzI1NiJ9",
            "SG.short",
        ] {
            assert_eq!(kind(near), None, "{near}");
        }
        assert_eq!(kind(&real("mysk_live_")), None);
    }
}
