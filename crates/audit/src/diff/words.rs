//! Names of properties that matter more than others: what only a service may set, and what it should not tell.

use plimsoll_model::Severity;
use plimsoll_spec::roles::normal;
use plimsoll_spec::roles::people::{Privacy, privacy};
use plimsoll_spec::roles::purpose::{Purpose, purpose};

/// Properties that a caller must not set for itself: rights, owners, money, states.
const SERVER_OWNED: &[&str] = &[
    "role",
    "roles",
    "isadmin",
    "admin",
    "isstaff",
    "issuperuser",
    "superuser",
    "permissions",
    "scopes",
    "groups",
    "ownerid",
    "owner",
    "userid",
    "tenantid",
    "accountid",
    "organizationid",
    "balance",
    "credit",
    "credits",
    "price",
    "totalprice",
    "discount",
    "status",
    "state",
    "verified",
    "isverified",
    "emailverified",
    "approved",
    "isapproved",
    "paid",
    "ispaid",
    "paymentstatus",
    "plan",
    "tier",
    "createdat",
    "updatedat",
    "createdby",
    "passwordhash",
];

/// Whether a name is that of a property which the service sets.
pub(super) fn is_server_owned(name: &str) -> bool {
    SERVER_OWNED.contains(&normal(name).as_str())
}

/// How much it matters that a property of this name is answered; none for names like any other.
pub(super) fn sensitivity(name: &str) -> Option<Severity> {
    let hash = normal(name);
    if purpose(name) == Some(Purpose::Secret) || hash.ends_with("hash") && hash.contains("pass") {
        return Some(Severity::High);
    }
    (privacy(name) == Privacy::Personal).then_some(Severity::Medium)
}
