//! Standing: how much a caller may, in comparison with others: as the user says, as its token says, as the service says of it.
//!
//! What is not known is not guessed: two callers of unknown standing are not compared.

use plimsoll_http::Who;
use serde_json::{Map, Value};

use crate::callers::{is_about_caller, is_plain};
use crate::fields::normal;
use crate::identity::{ADMINISTERS, ORDINARY, rank_of_role};
use crate::same;
use crate::view::App;

/// The rank of a caller, where it is known; nobody is 0.
pub fn rank(app: &App<'_>, who: Who) -> Option<u8> {
    app.seen.rank_of(who).or_else(|| of_token(app, who)).or_else(|| of_answers(app, who))
}

/// Whether a caller is known to be nobody, or an ordinary user.
pub fn is_ordinary(app: &App<'_>, who: Who) -> bool {
    rank(app, who).is_some_and(|rank| rank <= ORDINARY)
}

/// The role that the caller's token names.
fn of_token(app: &App<'_>, who: Who) -> Option<u8> {
    let shown = app.seen.shown(who).lines();
    let mine = app.seen.tokens.iter().filter(|token| shown.iter().any(|line| line.contains(&token.origin)));
    mine.filter_map(|token| rank_of_role(token.role.as_deref()?)).max()
}

/// The role in what the service answers about the caller (`/me`).
fn of_answers(app: &App<'_>, who: Who) -> Option<u8> {
    let about = app.ops().filter(|op| is_plain(op) && is_about_caller(&op.key().path));
    about.filter_map(|op| of_object(same::object(op.answer_to(who)?)?, 0)).max()
}

fn of_object(object: &Map<String, Value>, depth: u32) -> Option<u8> {
    // A role of another name than those that are known may be any: then a flag that says no does not make an ordinary user.
    let foreign = object.iter().any(|(name, value)| {
        is_role(&normal(name)) && value.as_str().is_some_and(|role| !role.is_empty() && rank_of_role(role).is_none())
    });
    let of_field = |(name, value): (&String, &Value)| {
        let field = normal(name);
        match value {
            Value::Bool(true) if is_privilege(&field) => Some(ADMINISTERS),
            Value::Bool(false) if is_privilege(&field) && !foreign => Some(ORDINARY),
            Value::String(role) if is_role(&field) => rank_of_role(role),
            Value::Array(roles) if is_role(&field) => roles
                .iter()
                .filter_map(|role| rank_of_role(role.as_str().or_else(|| role.get("name")?.as_str())?))
                .max(),
            Value::Object(inner) if is_role(&field) => rank_of_role(inner.get("name")?.as_str()?),
            Value::Object(inner) if depth == 0 && matches!(field.as_str(), "user" | "account" | "profile" | "data") => {
                of_object(inner, 1)
            }
            _ => None,
        }
    };
    object.iter().filter_map(of_field).max()
}

/// Whether a field of this name says that somebody is more than ordinary.
pub fn is_privilege(field: &str) -> bool {
    matches!(
        field,
        "admin" | "isadmin" | "isadministrator" | "staff" | "isstaff" | "superuser" | "issuperuser" | "isroot"
    )
}

/// Whether a field of this name names roles.
pub fn is_role(field: &str) -> bool {
    matches!(field, "role" | "roles" | "userrole" | "usertype" | "accounttype" | "group" | "groups" | "authorities")
}
