//! `missing-authentication`: data without credentials where its siblings ask for them.

use plimsoll_http::{Exchange, Probe};
use plimsoll_model::Confidence;

use super::access::{anonymous, anonymous_probe, is_for_everybody, refuses};
use crate::check::{Check, Meta, check};
use crate::draft::Draft;
use crate::fields::{self, Privacy};
use crate::view::{App, Op};

check! {
    /// An operation that is open where the operations beside it are closed.
    pub struct MissingAuthentication {
        id: "missing-authentication", weakness: MissingAuthentication, mode: Active, since: "0.1.0",
        page: "http/missing-authentication.md",
    }
}

impl Check for MissingAuthentication {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn probes(&self, op: &Op<'_>) -> Vec<Probe> {
        // A resource of one operation has no siblings to be compared with.
        let app = App { api: op.api, seen: op.seen };
        let has_siblings = app.ops().any(|other| is_sibling(op, &other) || is_sibling(&other, op));
        if op.is_get() && has_siblings { vec![anonymous_probe(op)] } else { Vec::new() }
    }

    fn judge(&self, op: &Op<'_>) -> Vec<Draft> {
        if !op.is_get() || op.spec.requires_credentials() || is_for_everybody(&op.key().path) {
            return Vec::new();
        }
        let Some(exchange) = anonymous(op).filter(|exchange| exchange.is_success() && fields::has_data(exchange))
        else {
            return Vec::new();
        };
        let app = App { api: op.api, seen: op.seen };
        let closed: Vec<Op<'_>> = app.ops().filter(|other| is_sibling(op, other) && refuses(other)).collect();
        let Some(confidence) = confidence(op, exchange, &closed) else { return Vec::new() };
        let names: Vec<String> = closed.iter().take(3).map(|other| format!("`{}`", other.key())).collect();
        let mut draft = op
            .finding(format!(
                "Answers {} without credentials, while {} {} for them.",
                what(exchange),
                names.join(", "),
                if names.len() == 1 { "asks" } else { "ask" },
            ))
            .confidence(confidence)
            .outline(exchange, "without credentials");
        if let Some(refusal) = closed.first().and_then(anonymous) {
            draft = draft.exchange(refusal, "a sibling without credentials");
        }
        vec![draft]
    }
}

/// How sure it is that the operation should be closed too; none where that is a guess.
fn confidence(op: &Op<'_>, exchange: &Exchange, closed: &[Op<'_>]) -> Option<Confidence> {
    if closed.is_empty() {
        return None;
    }
    let internal = matches!(resource(*op), "admin" | "internal" | "management");
    let path = &op.key().path;
    let below = closed.iter().any(|other| is_below(path, &other.key().path) || is_copy(path, resource(*other)));
    match fields::privacy(exchange) {
        Privacy::Personal => Some(Confidence::Observed),
        Privacy::Linked if below => Some(Confidence::Observed),
        Privacy::None if internal => Some(Confidence::Observed),
        Privacy::Linked => Some(Confidence::Suspected),
        // Pictures, counts and names below a closed list are often public on purpose: only what lies below one closed element is not.
        Privacy::None if below && closed.iter().any(|other| is_element_above(&op.key().path, &other.key().path)) => {
            Some(Confidence::Suspected)
        }
        Privacy::None => None,
    }
}

fn what(exchange: &Exchange) -> &'static str {
    match fields::privacy(exchange) {
        Privacy::Personal => "with personal or secret data",
        Privacy::Linked => "with data that belongs to somebody",
        Privacy::None => "with data",
    }
}

/// Whether two GET operations are about the same things: one resource, or the second one's resource somewhere in the first one's path, as in
/// `/export/orders` and `/orders`.
fn is_sibling(op: &Op<'_>, other: &Op<'_>) -> bool {
    let theirs = resource(*other);
    other.is_get()
        && other.id != op.id
        && !theirs.is_empty()
        && op.key().path.split('/').any(|segment| segment == theirs || segment.split('.').next() == Some(theirs))
}

/// Whether a path hands out a whole resource in another form, as in `/export/orders`.
fn is_copy(path: &str, resource: &str) -> bool {
    let words = ["export", "exports", "download", "downloads", "dump", "backup", "feed", "reports"];
    let mut segments = path.split('/').filter(|segment| !segment.is_empty());
    let last = segments.next_back().and_then(|last| last.split('.').next());
    last == Some(resource) && segments.any(|segment| words.contains(&segment))
}

/// The first segment of a template that names a resource: not a version, not `api`, not a parameter.
fn resource(op: Op<'_>) -> &str {
    let is_version = |segment: &str| {
        segment
            .strip_prefix('v')
            .is_some_and(|rest| !rest.is_empty() && rest.chars().all(|c| c.is_ascii_digit() || c == '.'))
    };
    let mut segments = op.key().path.split('/').filter(|segment| !segment.is_empty());
    segments.find(|segment| !is_version(segment) && *segment != "api" && !segment.contains('{')).unwrap_or("")
}

/// Whether a template lies below another.
fn is_below(path: &str, above: &str) -> bool {
    path.strip_prefix(above.trim_end_matches('/')).is_some_and(|rest| rest.starts_with('/') && rest.len() > 1)
}

/// Whether a template lies below another that ends in a parameter.
fn is_element_above(path: &str, above: &str) -> bool {
    above.trim_end_matches('/').ends_with('}') && is_below(path, above)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_below_each_other() {
        assert!(is_below("/users/{id}/orders", "/users/{id}"));
        assert!(is_below("/users/{id}", "/users/"));
        assert!(!is_below("/users-export", "/users"));
        assert!(!is_below("/users", "/users"));
        assert!(is_element_above("/users/{id}/orders", "/users/{id}"));
        assert!(!is_element_above("/users/{id}", "/users"));
        assert!(is_copy("/v1/export/orders.csv", "orders"));
        assert!(!is_copy("/customers/{id}/orders", "orders"));
    }
}
