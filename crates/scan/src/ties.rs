//! Ties: the fields by which an object names whom it belongs to, judged by their names.
//!
//! What a field says is compared with what is known of the callers elsewhere ([`crate::callers`]); nothing here knows anybody.

use serde_json::{Map, Value};

use crate::fields::normal;

/// How deep ties are looked for: an envelope, the object, and the owner within it.
const DEPTH: u32 = 3;

/// How many of several people are looked at.
const SEVERAL: usize = 50;

/// What a tie says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bond {
    /// The tenant that the object belongs to.
    Tenant,
    /// Who made or handles the object: public things have authors as well.
    Author,
    /// Whose the object is.
    Owner,
}

/// A field that ties an object to somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tie {
    /// What it says.
    pub bond: Bond,
    /// What it calls them, in lower case: `user` of `user_id`, `account` of `accountNumber`.
    pub noun: String,
    /// Its dotted path.
    pub path: String,
    /// Its value as a text.
    pub value: String,
}

const OWNERS: &[&str] = &[
    "owner",
    "user",
    "account",
    "customer",
    "member",
    "patient",
    "client",
    "buyer",
    "holder",
    "accountholder",
    "cardholder",
    "subscriber",
    "student",
    "employee",
    "person",
    "payer",
    "passenger",
    "driver",
    "guest",
    "belongsto",
    "recipient",
    "requester",
    "borrower",
    "tenantuser",
    "appuser",
    "enduser",
];

const AUTHORS: &[&str] = &[
    "author",
    "creator",
    "createdby",
    "created",
    "postedby",
    "submittedby",
    "submitter",
    "uploader",
    "uploadedby",
    "seller",
    "vendor",
    "merchant",
    "publisher",
    "reporter",
    "reportedby",
    "sender",
    "from",
    "to",
    "assignee",
    "assignedto",
    "agent",
    "addedby",
    "updatedby",
    "modifiedby",
    "reviewer",
    "organizer",
    "host",
    "sharedwith",
    "collaborator",
    "participant",
    "viewer",
    "reader",
    "watcher",
    "follower",
    "invitee",
    "approver",
    "manager",
    "supervisor",
    "contact",
    "visibleto",
    "allowed",
];

const TENANTS: &[&str] = &["tenant", "org", "organization", "organisation", "company", "workspace"];

/// The endings that say how somebody is named: `user_id`, `owner_email`.
const WAYS: &[&str] =
    &["uuid", "guid", "email", "username", "login", "name", "slug", "key", "ref", "uid", "id", "pk", "sub"];

/// The fields of an owner within an object (`"user": {"id": 7}`) that name it.
const NAMING: &[&str] =
    &["id", "uuid", "guid", "uid", "pk", "sub", "email", "username", "login", "handle", "slug", "key", "userid"];

/// What a field calls whoever it names, and what that says; none where it names nobody.
pub fn bond(field: &str) -> Option<(Bond, String)> {
    let name = normal(field);
    let known = |noun: &str| {
        if OWNERS.contains(&noun) {
            Some(Bond::Owner)
        } else if AUTHORS.contains(&noun) && noun != "created" && noun != "from" && noun != "to" {
            Some(Bond::Author)
        } else if TENANTS.contains(&noun) {
            Some(Bond::Tenant)
        } else {
            None
        }
    };
    if let Some(bond) = known(&name) {
        return Some((bond, name));
    }
    // `participants`, `shared_with_users`: several at once.
    if let Some(one) = name.strip_suffix('s').filter(|one| one.len() > 3)
        && let Some(bond) = known(one)
    {
        return Some((bond, one.to_owned()));
    }
    WAYS.iter().find_map(|way| {
        let noun = name.strip_suffix(way).filter(|noun| !noun.is_empty())?;
        // A company's name is shown with much that is public; only its id says whose data it is.
        let bond = known(noun).filter(|bond| *bond != Bond::Tenant || !matches!(*way, "name" | "email"))?;
        Some((bond, noun.to_owned()))
    })
}

/// The fields that tie this object to somebody, in the order of the answer.
pub fn ties(object: &Map<String, Value>) -> Vec<Tie> {
    let mut out = Vec::new();
    collect(object, "", 0, &mut out);
    out
}

fn collect(object: &Map<String, Value>, above: &str, depth: u32, out: &mut Vec<Tie>) {
    for (name, value) in object {
        let path = if above.is_empty() { name.clone() } else { format!("{above}.{name}") };
        match (bond(name), value) {
            (Some((bond, noun)), Value::Object(inner)) => {
                // `{"data": {"user": {...}}}` may be an envelope around the object itself, whose own names are then its ties as well.
                let named = inner.iter().filter(|(key, _)| NAMING.contains(&normal(key).as_str()));
                out.extend(named.filter_map(|(key, value)| {
                    Some(Tie { bond, noun: noun.clone(), path: format!("{path}.{key}"), value: text(value)? })
                }));
                if depth < DEPTH {
                    collect(inner, &path, depth + 1, out);
                }
            }
            (Some((bond, noun)), Value::Array(items)) => {
                // A list of people is a list of those whom it is shared with.
                let bond = if bond == Bond::Owner { Bond::Author } else { bond };
                let named = items.iter().take(SEVERAL).flat_map(|item| match item {
                    Value::Object(inner) => inner
                        .iter()
                        .filter(|(key, _)| NAMING.contains(&normal(key).as_str()))
                        .filter_map(|(_, value)| text(value))
                        .collect(),
                    scalar => text(scalar).into_iter().collect::<Vec<_>>(),
                });
                out.extend(named.map(|value| Tie { bond, noun: noun.clone(), path: path.clone(), value }));
            }
            (Some((bond, noun)), value) => out.extend(text(value).map(|value| Tie { bond, noun, path, value })),
            (None, Value::Object(inner)) if depth < DEPTH => collect(inner, &path, depth + 1, out),
            (None, _) => {}
        }
    }
}

/// The text of a value that can name somebody.
pub fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() && text.len() <= 200 => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_that_name_an_owner() {
        for (field, wanted, noun) in [
            ("owner", Bond::Owner, "owner"),
            ("user_id", Bond::Owner, "user"),
            ("UserId", Bond::Owner, "user"),
            ("accountId", Bond::Owner, "account"),
            ("customer_email", Bond::Owner, "customer"),
            ("username", Bond::Owner, "user"),
            ("author_id", Bond::Author, "author"),
            ("created_by", Bond::Author, "createdby"),
            ("tenantId", Bond::Tenant, "tenant"),
        ] {
            assert_eq!(bond(field), Some((wanted, noun.to_owned())), "{field}");
        }
        for field in [
            "subject",
            "user_agent",
            "userland",
            "created_at",
            "created",
            "company_name",
            "accounting",
            "id",
            "title",
            "to",
            "from",
        ] {
            assert_eq!(bond(field), None, "{field}");
        }
    }

    #[test]
    fn owners_within_objects() {
        let value = serde_json::json!({"order": {"id": 3, "user": {"id": 7, "email": "a@b.example", "role": "x"}}, "tenant": 2});
        let found: Vec<(String, String)> =
            ties(value.as_object().unwrap()).into_iter().map(|tie| (tie.path, tie.value)).collect();
        let wanted = [("order.user.id", "7"), ("order.user.email", "a@b.example"), ("tenant", "2")];
        assert_eq!(found, wanted.map(|(path, value)| (path.to_owned(), value.to_owned())));
    }
}
