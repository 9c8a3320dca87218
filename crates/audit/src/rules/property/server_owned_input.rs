//! `server-owned-input`: callers may send properties that only the service should set.

use plimsoll_model::{PartKind, Severity};
use plimsoll_spec::roles::normal;
use plimsoll_spec::{Schema, SchemaKind};

use crate::draft::{Draft, Drafts};
use crate::rule::{Meta, Rule, rule};
use crate::rules::authorization::admin_like_others::is_administrative;
use crate::view::{OpView, View};

rule! {
    /// Rights, balances and marks of trust in a request body.
    pub struct ServerOwnedInput {
        id: "server-owned-input", weakness: MassAssignment, severity: Low, since: "0.3.0", owasp: [],
    }
}

/// Properties that give rights or trust: `isAdmin`, `verified`, `balance`.
const OWNED: &[&str] = &[
    "isadmin",
    "admin",
    "isstaff",
    "isstaffmember",
    "issuperuser",
    "superuser",
    "issuperadmin",
    "isroot",
    "isowner",
    "privileges",
    "isprivileged",
    "accesslevel",
    "privilegelevel",
    "userrole",
    "accountrole",
    "isverified",
    "verified",
    "emailverified",
    "isemailverified",
    "phoneverified",
    "kycstatus",
    "kycverified",
    "isapproved",
    "approvedby",
    "isactivated",
    "balance",
    "accountbalance",
    "walletbalance",
    "creditbalance",
    "availablebalance",
    "creditscore",
    "riskscore",
    "passwordhash",
    "hashedpassword",
    "passwordsalt",
    "isbanned",
    "issystem",
    "ispremium",
    "ispaid",
    "paymentstatus",
];
/// Properties that do so only on one's own record: who invites a member does choose the role.
const ON_OWN: &[&str] = &["role", "roles", "permissions", "tenantid", "ownerid", "accounttype", "usertype", "credits"];

/// Words of paths that are about rights or marks of trust themselves.
const SUBJECTS: &[&str] = &[
    "role",
    "permission",
    "privilege",
    "access",
    "approv",
    "verif",
    "balance",
    "policy",
    "policies",
    "grant",
    "ban",
    "token",
    "budget",
    "ledger",
    "accounting",
];

impl Rule for ServerOwnedInput {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, view: &View<'_>, out: &mut Drafts) {
        for used in view.schemas().iter().filter(|used| !used.inputs.is_empty() && !used.schema.properties.is_empty()) {
            for (name, inner) in used.schema.properties.iter().filter(|(_, inner)| !inner.read_only && is_value(inner))
            {
                let whole = normal(name);
                let (owned, on_own) = (OWNED.contains(&whole.as_str()), ON_OWN.contains(&whole.as_str()));
                if !owned && !on_own {
                    continue;
                }
                // What an operation is about by its path is there to be set: `PUT /roles/{id}` sets privileges.
                let about = |op: &OpView<'_>| SUBJECTS.iter().any(|word| normal(&op.key().path).contains(word));
                let ops = used.inputs.iter().filter_map(|index| view.operation(index));
                let ops = ops.filter(|op| takes(op, used.schema) && !about(op));
                let (own, other): (Vec<_>, Vec<_>) = ops.filter(|op| !is_administrative(op)).partition(is_about_caller);
                let groups = [(own, Severity::Medium), (if owned { other } else { Vec::new() }, Severity::Low)];
                for (ops, severity) in groups.into_iter().filter(|(ops, _)| !ops.is_empty()) {
                    let about =
                        if severity == Severity::Medium { "about the caller" } else { "that is not administrative" };
                    let cause = match used.schema.name.as_deref() {
                        Some(of) => format!("{of}.{name} {severity}"),
                        None => format!("{} {name} {severity}", ops[0].key()),
                    };
                    let place = if inner.place.pointer.is_empty() { &used.schema.place } else { &inner.place };
                    let message = format!(
                        "`{name}` is the service's to decide, and a request {about} may send it: it is not `readOnly`."
                    );
                    out.add(
                        Draft::at(place, message)
                            .part(PartKind::Body, name)
                            .cause(cause)
                            .severity(severity)
                            .suspected()
                            .operations(ops.iter().map(|op| op.index)),
                    );
                }
            }
        }
    }
}

/// Whether the operation takes the schema as its body, or as one of the things in it: deeper down an object describes something else.
fn takes(op: &OpView<'_>, schema: &Schema) -> bool {
    let same = |one: &Schema| std::ptr::eq(one, schema) || !one.place.pointer.is_empty() && one.place == schema.place;
    op.is_write()
        && op.bodies().any(|(_, body)| {
            body.variants().into_iter().any(|variant| {
                same(variant)
                    || variant.items.as_deref().is_some_and(same)
                    // An envelope: `{"user": {…}}`.
                    || variant.properties.len() == 1 && variant.properties.iter().any(|(_, inner)| inner.variants().into_iter().any(same))
            })
        })
}

/// Whether a property holds a value and not a thing of its own.
fn is_value(schema: &Schema) -> bool {
    schema.properties.is_empty() && !schema.is_only(SchemaKind::Object) && schema.values.len() != 1
}

/// Whether a request is about its caller: signing up, one's own profile and account.
fn is_about_caller(op: &OpView<'_>) -> bool {
    const OWN: &[&str] = &[
        "me",
        "self",
        "profile",
        "myprofile",
        "signup",
        "register",
        "registration",
        "myaccount",
        "currentuser",
        "whoami",
    ];
    // What stands below is a thing of the caller's, and not the caller; what is registered below an object is a thing, too.
    let last = op.key().path.rsplit('/').find(|segment| !segment.is_empty()).unwrap_or_default();
    let own = normal(last);
    let signs_up = |word: &str| ["signup", "register", "registration", "registeruser"].contains(&word);
    let below = op.key().path.contains('{');
    OWN.contains(&own.as_str()) && !(below && signs_up(&own))
        || !below
            && op.spec.id.as_deref().is_some_and(|id| {
                let id = normal(id);
                signs_up(&id) || id == "updateprofile" || id == "updateme"
            })
}
