//! Words: which names of parameters, fields, roles and paths say who somebody is and what they may.
//!
//! Only words are told apart here; what a value means is not looked at beyond its own words.

use serde_json::Value;

use crate::fields::normal;
use crate::ties::{self, Bond};

/// Whether a parameter of this name says whose data is meant.
pub fn names_somebody(name: &str) -> bool {
    matches!(normal(name).as_str(), "id" | "uid" | "email" | "username")
        || matches!(ties::bond(name), Some((Bond::Owner | Bond::Tenant, _)))
}

/// Whether the answer of such a path is about whoever asks.
pub fn is_about_caller(path: &str) -> bool {
    let mut segments = path.split('/').filter(|segment| !segment.is_empty()).rev();
    segments.next().is_some_and(|last| is_self_word(&normal(last)))
}

pub(super) fn is_self_word(word: &str) -> bool {
    matches!(
        word,
        "me" | "whoami"
            | "self"
            | "profile"
            | "myprofile"
            | "account"
            | "myaccount"
            | "current"
            | "currentuser"
            | "userinfo"
            | "user"
            | "dashboard"
            | "session"
            | "identity"
            | "myself"
            | "principal"
            | "member"
            | "customer"
            | "info"
    )
}

pub(super) fn is_own_name(field: &str) -> bool {
    matches!(
        field,
        "id" | "uuid"
            | "guid"
            | "uid"
            | "pk"
            | "sub"
            | "email"
            | "mail"
            | "emailaddress"
            | "username"
            | "login"
            | "handle"
            | "nickname"
            | "slug"
            | "preferredusername"
            | "publicid"
            | "externalid"
            | "phone"
            | "number"
            | "name"
            | "fullname"
            | "displayname"
    )
}

/// One noun for everything that means the caller itself; accounts, customers and the like may have ids of their own.
pub(super) fn principal(noun: &str) -> String {
    let own = matches!(
        noun,
        "account"
            | "customer"
            | "patient"
            | "client"
            | "student"
            | "employee"
            | "driver"
            | "member"
            | "subscriber"
            | "passenger"
    );
    if own { noun.to_owned() } else { String::new() }
}

pub(super) fn is_privilege(field: &str, value: &Value) -> bool {
    match value {
        Value::Bool(true) => matches!(
            field,
            "admin"
                | "isadmin"
                | "staff"
                | "isstaff"
                | "superuser"
                | "issuperuser"
                | "isroot"
                | "root"
                | "moderator"
                | "ismoderator"
                | "issystem"
        ),
        Value::String(role) if is_role_word(field) => is_privileged_word(role),
        Value::Array(roles) if is_role_word(field) => roles.iter().filter_map(Value::as_str).any(is_privileged_word),
        Value::Object(role) if is_role_word(field) => {
            role.get("name").and_then(Value::as_str).is_some_and(is_privileged_word)
        }
        _ => false,
    }
}

pub(super) fn is_supreme(field: &str, value: &Value) -> bool {
    match value {
        Value::Bool(true) => is_privilege(field, value),
        Value::String(role) if is_role_word(field) => is_supreme_word(role),
        Value::Array(roles) if is_role_word(field) => roles.iter().filter_map(Value::as_str).any(is_supreme_word),
        _ => false,
    }
}

pub(super) fn is_supreme_word(role: &str) -> bool {
    let role = role.to_ascii_lowercase();
    ["super", "root", "system", "platform", "global", "sysadmin"].iter().any(|word| role.contains(word))
}

pub(super) fn is_role_word(field: &str) -> bool {
    matches!(
        field,
        "role"
            | "roles"
            | "userrole"
            | "usertype"
            | "accounttype"
            | "type"
            | "group"
            | "groups"
            | "authorities"
            | "scope"
            | "scopes"
    )
}

/// Whether a role of this name sees other people's objects.
pub fn is_privileged_word(role: &str) -> bool {
    let role = role.to_ascii_lowercase();
    [
        "admin",
        "root",
        "super",
        "staff",
        "manager",
        "moderator",
        "support",
        "operator",
        "auditor",
        "owner",
        "agent",
        "system",
        "editor",
        "clerk",
        "supervisor",
    ]
    .iter()
    .any(|word| role.contains(word))
}

/// What a path names last, in the singular: `order` of `/v1/orders`, of `/orders/mine` and of `/users/me/orders/all`.
pub fn noun(path: &str) -> String {
    let names = path.split('/').filter(|segment| !segment.is_empty() && !segment.contains('{'));
    let mut named = names.map(normal).filter(|word| {
        let is_version =
            word.strip_prefix('v').is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit()));
        !is_version
            && !matches!(
                word.as_str(),
                "all"
                    | "mine"
                    | "my"
                    | "own"
                    | "list"
                    | "me"
                    | "search"
                    | "recent"
                    | "api"
                    | "public"
                    | "latest"
                    | "current"
                    | "rest"
                    | "self"
                    | "shared"
                    | "sharedwithme"
                    | "assigned"
                    | "find"
                    | "archived"
                    | "browse"
                    | "open"
                    | "filter"
            )
    });
    singular(&named.next_back().unwrap_or_default())
}

/// The singular of a noun, near enough to compare two of them.
pub fn singular(word: &str) -> String {
    if let Some(stem) = word.strip_suffix("ies") {
        return format!("{stem}y");
    }
    for ending in ["sses", "xes", "ches", "shes"] {
        if let Some(stem) = word.strip_suffix(ending) {
            return format!("{stem}{}", &ending[..ending.len() - 2]);
        }
    }
    match word {
        "people" => "person".to_owned(),
        _ if word.ends_with("ss") => word.to_owned(),
        _ => word.strip_suffix('s').unwrap_or(word).to_owned(),
    }
}

/// Whether a noun means people: then an id names somebody, not something.
pub fn is_people(noun: &str) -> bool {
    matches!(
        noun,
        "user"
            | "customer"
            | "account"
            | "member"
            | "patient"
            | "profile"
            | "employee"
            | "person"
            | "client"
            | "student"
            | "subscriber"
            | "contact"
            | "driver"
            | "passenger"
            | "buyer"
            | "guest"
            | "staff"
            | "identity"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nouns_of_paths() {
        for (path, wanted) in [
            ("/v1/orders", "order"),
            ("/workshop/api/shop/orders/all", "order"),
            ("/users/me/addresses", "address"),
            ("/books/v1", "book"),
            ("/categories/", "category"),
            ("/vehicle/vehicles", "vehicle"),
            ("/boxes", "box"),
            ("/tickets/shared", "ticket"),
        ] {
            assert_eq!(noun(path), wanted, "{path}");
        }
    }
}
