//! `undeclared-content-type`: an answer comes in a media type that its contract does not know.

use std::collections::BTreeSet;

use plimsoll_model::{PartKind, Severity};

use super::declared::{own, response};
use crate::check::{Check, Meta, check};
use crate::draft::Draft;
use crate::view::Op;

check! {
    /// Media types that the contract does not declare.
    pub struct UndeclaredContentType {
        id: "undeclared-content-type", weakness: ContractViolation, mode: Passive, since: "0.3.0", page: "http/undeclared-content-type.md",
    }
}

impl Check for UndeclaredContentType {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn judge(&self, op: &Op<'_>) -> Vec<Draft> {
        let mut told: BTreeSet<(u16, String)> = BTreeSet::new();
        let mut drafts = Vec::new();
        for (exchange, answer) in own(op).filter(|(exchange, _)| exchange.is_success()) {
            let media_type = answer.media_type();
            let Some(declared) = response(op, answer.status) else { continue };
            let empty = answer.body.decoded_len == 0 || declared.content.is_empty();
            if empty || declared.content.keys().any(|range| covers(range, &media_type)) {
                continue;
            }
            if !told.insert((answer.status, media_type.clone())) {
                continue;
            }
            let known: Vec<&str> = declared.content.keys().map(String::as_str).collect();
            let given = if media_type.is_empty() { "no media type".to_owned() } else { format!("`{media_type}`") };
            drafts.push(
                op.finding(format!("The answer has {given}; the contract declares {}.", known.join(", ")))
                    .severity(Severity::Low)
                    .part(PartKind::ResponseHeader, "content-type")
                    .contract(&declared.place, "the declared answer")
                    .exchange(exchange, "an answer of another type")
                    .headers(exchange, &["content-type"]),
            );
        }
        drafts
    }
}

/// Whether a media type of the contract, perhaps a range (`application/*`, RFC 9110 §12.5.1), holds the given one. Parameters do not count.
fn covers(range: &str, given: &str) -> bool {
    let range = range.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    if range == "*/*" || range == given {
        return true;
    }
    range.strip_suffix("/*").is_some_and(|kind| given.split('/').next() == Some(kind))
}

#[cfg(test)]
mod tests {
    use super::covers;

    #[test]
    fn ranges_cover() {
        assert!(covers("application/json", "application/json"));
        assert!(covers("Application/JSON; charset=utf-8", "application/json"));
        assert!(covers("text/*", "text/csv"));
        assert!(covers("*/*", "text/csv"));
        assert!(!covers("application/json", "text/html"));
        assert!(!covers("application/json", "application/problem+json"));
        assert!(!covers("text/*", "application/json"));
    }
}
