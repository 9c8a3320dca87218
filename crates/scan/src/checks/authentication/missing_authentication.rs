//! `missing-authentication`: data without credentials where its siblings ask for them.

use std::collections::{BTreeSet, HashMap};

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

    fn probes_app(&self, app: &App<'_>) -> Vec<Probe> {
        let siblings = Siblings::of(app);
        // A resource of one operation has nothing to be compared with.
        app.ops().filter(|op| op.is_get() && siblings.has_any(op)).map(|op| anonymous_probe(&op)).collect()
    }

    fn judge_app(&self, app: &App<'_>) -> Vec<Draft> {
        let siblings = Siblings::of(app);
        app.ops().filter_map(|op| judge(&op, &siblings)).collect()
    }
}

fn judge(op: &Op<'_>, siblings: &Siblings<'_>) -> Option<Draft> {
    if !op.is_get() || op.spec.requires_credentials() || is_for_everybody(&op.key().path) {
        return None;
    }
    let exchange = anonymous(op).filter(|exchange| exchange.is_success() && fields::has_data(exchange))?;
    let closed: Vec<Op<'_>> = siblings.of_op(op).into_iter().filter(refuses).collect();
    let confidence = confidence(op, exchange, &closed)?;
    let names: Vec<String> = closed.iter().take(3).map(|other| format!("`{}`", other.key())).collect();
    let draft = op
        .finding(format!(
            "Answers {} without credentials, while {} {} for them.",
            what(exchange),
            names.join(", "),
            if names.len() == 1 { "asks" } else { "ask" },
        ))
        .confidence(confidence)
        .outline(exchange, "without credentials");
    let refusal = closed.first().and_then(anonymous);
    Some(refusal.into_iter().fold(draft, |draft, refusal| draft.exchange(refusal, "a sibling without credentials")))
}

/// The GET operations by what they are about. Two are siblings where one's resource stands somewhere in the other's path, as in
/// `/export/orders` and `/orders`.
struct Siblings<'a> {
    by_resource: HashMap<&'a str, Vec<Op<'a>>>,
    /// In how many operations' paths a word stands.
    mentions: HashMap<&'a str, usize>,
}

impl<'a> Siblings<'a> {
    fn of(app: &App<'a>) -> Self {
        let mut siblings = Self { by_resource: HashMap::new(), mentions: HashMap::new() };
        for op in app.ops() {
            for word in words(op) {
                *siblings.mentions.entry(word).or_default() += 1;
            }
            if op.is_get() && !resource(op).is_empty() {
                siblings.by_resource.entry(resource(op)).or_default().push(op);
            }
        }
        siblings
    }

    /// Whether there is another operation whose path names this one's resource, or whose resource this one's path names.
    fn has_any(&self, op: &Op<'a>) -> bool {
        self.mentions.get(resource(*op)).is_some_and(|count| *count > 1) || self.others(op).next().is_some()
    }

    /// The other operations whose resource stands in this one's path, in the order of the contract.
    fn of_op(&self, op: &Op<'a>) -> Vec<Op<'a>> {
        let mut others: Vec<Op<'a>> = self.others(op).collect();
        others.sort_by_key(|other| other.id);
        others
    }

    fn others(&self, op: &Op<'a>) -> impl Iterator<Item = Op<'a>> {
        let id = op.id;
        let named = words(*op).into_iter().filter_map(|word| self.by_resource.get(word));
        named.flatten().copied().filter(move |other| other.id != id)
    }
}

/// The words of a template, each once: its segments, and what stands before their endings.
fn words(op: Op<'_>) -> BTreeSet<&str> {
    let segments = op.key().path.split('/').filter(|segment| !segment.is_empty());
    segments.flat_map(|segment| [segment, segment.split('.').next().unwrap_or(segment)]).collect()
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
