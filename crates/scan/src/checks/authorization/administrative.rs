//! Which operations look as if they were for administrators: by path, operation id, tags, summary and the scopes that the contract asks for.
//!
//! A word alone proves nothing; it only says where to look.

use plimsoll_model::redact;

use crate::callers::{is_people, noun};
use crate::checks::authentication::access::is_for_everybody;
use crate::view::Op;

/// Why an operation looks administrative.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sign {
    /// Whether it says so in as many words; otherwise it is only of a kind that is often so.
    pub strong: bool,
    /// What says so, as the end of a sentence.
    pub said: String,
}

/// Words of paths, operation ids and tags that mean administration.
const STRONG: &[&str] = &[
    "admin",
    "administration",
    "administrator",
    "administrators",
    "admins",
    "backoffice",
    "impersonate",
    "internal",
    "management",
    "moderation",
    "moderator",
    "operator",
    "ops",
    "privileged",
    "root",
    "staff",
    "superadmin",
    "superuser",
    "sysadmin",
];

/// Words that often mean it.
const WEAK: &[&str] = &[
    "audit",
    "audits",
    "billing",
    "config",
    "configuration",
    "debug",
    "diagnostics",
    "env",
    "export",
    "exports",
    "flags",
    "jobs",
    "logs",
    "maintenance",
    "manage",
    "metrics",
    "migrations",
    "payroll",
    "permissions",
    "queues",
    "report",
    "reports",
    "roles",
    "secrets",
    "settings",
    "statistics",
    "stats",
    "system",
    "tasks",
    "tenants",
];

/// Words of summaries after or before `admin` that make it a statement of who may.
const ONLY: &[&str] = &["only", "require", "requires", "required", "for", "restricted", "must", "as", "by"];

/// The sign of an operation, if it has one.
pub fn sign(op: &Op<'_>) -> Option<Sign> {
    let path = &op.key().path;
    if is_for_everybody(path) {
        return None;
    }
    let strong = |said: String| Some(Sign { strong: true, said });
    if let Some(word) = of_path(path).find(|word| STRONG.contains(&word.as_str())) {
        return strong(format!("its path says `{word}`"));
    }
    if let Some(scope) = scopes(op).find(|scope| words(scope).any(|word| STRONG.contains(&word.as_str()))) {
        return strong(format!("the contract asks for the scope `{}`", redact::one_line(scope, 60)));
    }
    if let Some(word) = op.spec.id.as_deref().and_then(|id| words(id).find(|word| STRONG.contains(&word.as_str()))) {
        return strong(format!("its operation id says `{word}`"));
    }
    if let Some(tag) = op.spec.tags.iter().find(|tag| words(tag).any(|word| STRONG.contains(&word.as_str()))) {
        return strong(format!("its tag is `{}`", redact::one_line(tag, 40)));
    }
    if says_who_may(&op.spec.summary) || says_who_may(&op.spec.description) {
        return strong("its description says that it is for administrators".to_owned());
    }
    let weak = |said: String| Some(Sign { strong: false, said });
    if let Some(word) = of_path(path).find(|word| WEAK.contains(&word.as_str())) {
        return weak(format!("its path says `{word}`"));
    }
    let is_directory = is_people(&noun(path)) && !path.trim_end_matches('/').ends_with('}') && op.list().is_some();
    if is_directory { weak("it lists people".to_owned()) } else { None }
}

/// The words of a path without its parameters.
fn of_path(path: &str) -> impl Iterator<Item = String> + '_ {
    path.split('/').filter(|segment| !segment.contains('{')).flat_map(words)
}

fn scopes<'a>(op: &Op<'a>) -> impl Iterator<Item = &'a str> {
    op.spec.security.iter().flatten().flat_map(|schemes| schemes.values()).flatten().map(String::as_str)
}

/// The words of an identifier, in lower case: split at what is no letter and where small letters meet capital ones.
fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    let mut out: Vec<String> = vec![String::new()];
    let mut small = false;
    for c in text.chars() {
        if !c.is_alphabetic() || c.is_uppercase() && small {
            out.push(String::new());
        }
        if c.is_alphabetic()
            && let Some(word) = out.last_mut()
        {
            word.extend(c.to_lowercase());
        }
        small = c.is_lowercase();
    }
    out.into_iter().filter(|word| !word.is_empty())
}

/// "Admin only", "for administrators", "requires the admin role": and not "contact an admin".
fn says_who_may(text: &str) -> bool {
    let said: Vec<String> = words(text).take(80).collect();
    let is_role = |word: &String| {
        matches!(word.as_str(), "admin" | "admins" | "administrator" | "administrators" | "superuser" | "staff")
    };
    said.iter().enumerate().any(|(at, word)| {
        let near = &said[at.saturating_sub(3)..(at + 3).min(said.len())];
        is_role(word) && near.iter().any(|other| ONLY.contains(&other.as_str()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_identifiers() {
        assert_eq!(
            words("/getAllUsers_v2-adminOnly").collect::<Vec<_>>(),
            ["get", "all", "users", "v", "admin", "only"]
        );
    }

    #[test]
    fn who_may_is_told_from_who_is_mentioned() {
        for text in ["List users (admin only)", "For administrators.", "Requires the admin role", "Restricted to staff"]
        {
            assert!(says_who_may(text), "{text}");
        }
        for text in ["Contact an admin", "The admin e-mail address", "Orders", "Administers nothing"] {
            assert!(!says_who_may(text), "{text}");
        }
    }

    #[test]
    fn the_lists_are_sorted() {
        assert!(STRONG.is_sorted() && WEAK.is_sorted());
    }
}
