//! The plan: what may be sent at all.
//!
//! Safe methods are sent, unless the operation's path, id or summary says that it resets or deletes something, and POSTs whose body only reads
//! ([`crate::protocol`]). Other methods need the user's word, or the contract's. A [`Permit`] is the only way to an unsafe method; it is given for one method of one operation and the engine
//! checks it against the request that would really leave, so that no edit of a probe can widen it.

use plimsoll_model::{Method, OperationKey};

use crate::probe::Probe;
use crate::protocol;
use crate::request::Request;
use crate::settings::Settings;

/// A request that is about to be sent.
#[derive(Clone, Debug)]
pub struct Planned {
    /// Its number in the recording.
    pub id: u32,
    /// What was asked for.
    pub probe: Probe,
    /// The request that the probe stands for.
    pub request: Request,
    /// What the operation may do.
    pub permit: Permit,
    /// How many decoded bytes of the answer are kept; as the settings say where none is given. For documents that must be read whole.
    pub keep: Option<usize>,
}

impl Planned {
    /// A request with a safe method.
    pub fn new(id: u32, probe: Probe, request: Request) -> Self {
        Self { id, probe, request, permit: Permit::SAFE, keep: None }
    }

    /// The same under this permit.
    pub fn under(mut self, permit: Permit) -> Self {
        self.permit = permit;
        self
    }
}

/// What an operation may do: nothing but safe methods, or one more method. Only [`permit`] gives more than [`Permit::SAFE`] to what a scan asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Permit {
    unsafe_method: Option<Method>,
    named: bool,
}

impl Permit {
    /// Safe methods (RFC 9110 §9.2.1) only.
    pub const SAFE: Self = Self { unsafe_method: None, named: false };

    /// For a request that the user has written down as a whole: a login.
    pub(crate) const fn configured(method: Method) -> Self {
        Self { unsafe_method: Some(method), named: true }
    }
}

/// The permit of an operation, or why it must not be called.
///
/// `marked_safe` says that the contract declares the operation as read-only although its method is not.
///
/// # Errors
/// One line for people: why the operation is skipped, and which flag would allow it.
pub fn permit(
    key: &OperationKey,
    id: Option<&str>,
    summary: &str,
    marked_safe: bool,
    settings: &Settings,
) -> Result<Permit, String> {
    if settings.allow_destructive {
        let unsafe_method = (!key.method.is_safe()).then_some(key.method);
        return Ok(Permit { unsafe_method, named: true });
    }
    if key.method == Method::Delete {
        return Err("DELETE is sent only with --allow-destructive".to_owned());
    }
    let named = settings.allow_writes.names(key);
    let covered = key.method.is_safe() || marked_safe || settings.allow_writes.covers(key);
    if !covered {
        return Err(format!("{} is sent only with --allow-writes for this operation", key.method));
    }
    if !named && let Some((word, place)) = destructive_word(&key.path, id, summary) {
        return Err(format!("{place} says `{word}`: called only with --allow-destructive"));
    }
    let unsafe_method = (!key.method.is_safe()).then_some(key.method);
    Ok(Permit { unsafe_method, named })
}

/// Why an operation must not be called, if so; see [`permit`].
pub fn refusal(
    key: &OperationKey,
    id: Option<&str>,
    summary: &str,
    marked_safe: bool,
    settings: &Settings,
) -> Option<String> {
    permit(key, id, summary, marked_safe, settings).err()
}

/// Whether the request that would leave is covered by its permit: the engine's own check, made on what the probe's edits came to.
pub(crate) fn refuse_request(request: &Request, permit: Permit, settings: &Settings) -> Option<String> {
    if !request.method.is_safe() && permit.unsafe_method != Some(request.method) && !protocol::is_read(request) {
        return Some(format!("{} is not permitted for this operation", request.method));
    }
    if !settings.allow_destructive
        && !permit.named
        && let Some((word, place)) = destructive_word(&request.path, None, "")
    {
        return Some(format!("{place} says `{word}`: called only with --allow-destructive"));
    }
    None
}

/// Verbs that take something away or set it back, as words of paths and operation ids.
const DESTRUCTIVE: &[&str] = &[
    "clean",
    "cleanup",
    "clear",
    "create",
    "createdb",
    "deactivate",
    "delete",
    "deprovision",
    "destroy",
    "disable",
    "drop",
    "erase",
    "evict",
    "expunge",
    "flush",
    "initdb",
    "initialise",
    "initialize",
    "kill",
    "logoff",
    "logout",
    "migrate",
    "nuke",
    "purge",
    "reboot",
    "rebuild",
    "recreate",
    "reinit",
    "reinitialise",
    "reinitialize",
    "remove",
    "reseed",
    "reset",
    "restart",
    "revoke",
    "rollback",
    "seed",
    "shutdown",
    "signout",
    "terminate",
    "trash",
    "truncate",
    "uninstall",
    "unlink",
    "unsubscribe",
    "wipe",
    "zap",
];

/// What such a verb is often written together with: `resetdb`, `flushall`.
const OBJECTS: &[&str] = &["all", "cache", "caches", "data", "database", "databases", "db", "index", "table", "tables"];

/// The first word of path, operation id or summary that says so, and where it stands. Parameters (`{reset_id}`) name no deed. In a summary only
/// commands count ("Reset the store", "Back up and wipe"), not descriptions ("Orders with a clear text note").
fn destructive_word(path: &str, id: Option<&str>, summary: &str) -> Option<(String, &'static str)> {
    let decoded = percent_encoding::percent_decode_str(path).decode_utf8_lossy();
    for segment in decoded.split('/').filter(|segment| !segment.contains('{')) {
        // Most segments are one plain word or a number; this runs for every request.
        let found = if segment.bytes().all(|b| b.is_ascii_lowercase()) {
            is_destructive(segment).then(|| segment.to_owned())
        } else if segment.bytes().all(|b| b.is_ascii_digit()) {
            None
        } else {
            words(segment).into_iter().find(|word| is_destructive(word))
        };
        if let Some(word) = found {
            return Some((word, "its path"));
        }
    }
    if let Some(word) = id.and_then(|id| words(id).into_iter().find(|word| is_destructive(word))) {
        return Some((word, "its operation id"));
    }
    let said = words(summary);
    let mut command = true;
    for word in said {
        let stem = singular(&word);
        if command && (is_destructive(&word) || is_destructive(&stem)) {
            return Some((word, "its summary"));
        }
        command = matches!(
            word.as_str(),
            "and" | "or" | "then" | "to" | "will" | "also" | "please" | "admin" | "force" | "internal"
        );
    }
    None
}

/// `deletes` to `delete`, `flushes` to `flush`: the verb of "Deletes all orders".
fn singular(word: &str) -> String {
    if let Some(stem) = word.strip_suffix("es")
        && is_destructive(stem)
    {
        return stem.to_owned();
    }
    word.strip_suffix('s').unwrap_or(word).to_owned()
}

fn is_destructive(word: &str) -> bool {
    DESTRUCTIVE.binary_search(&word).is_ok()
        || DESTRUCTIVE.iter().any(|verb| word.strip_prefix(verb).is_some_and(|rest| OBJECTS.contains(&rest)))
}

/// The words of an identifier or sentence, in lower case: split at everything that is no letter, and at case changes (`resetDB`, `HTTPReset`).
fn words(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut word = String::new();
    let chars: Vec<char> = text.chars().collect();
    for (index, &c) in chars.iter().enumerate() {
        let begins = c.is_uppercase()
            && (index.checked_sub(1).is_some_and(|before| chars[before].is_lowercase())
                || (index > 0
                    && chars[index - 1].is_uppercase()
                    && chars.get(index + 1).is_some_and(|next| next.is_lowercase())));
        if (begins || !c.is_alphabetic()) && !word.is_empty() {
            out.push(std::mem::take(&mut word));
        }
        if c.is_alphabetic() {
            word.extend(c.to_lowercase());
        }
    }
    if !word.is_empty() {
        out.push(word);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scope::Target;

    fn refused(method: Method, path: &str, id: Option<&str>, summary: &str) -> Option<String> {
        let settings = Settings::new(Target::parse("http://127.0.0.1").unwrap());
        refusal(&OperationKey::new(method, path), id, summary, false, &settings)
    }

    #[test]
    fn the_list_of_verbs_is_sorted() {
        assert!(DESTRUCTIVE.is_sorted());
    }

    #[test]
    fn gets_that_say_that_they_destroy_are_refused() {
        for path in [
            "/reset",
            "/admin/reset-db",
            "/admin/resetDB",
            "/createdb",
            "/initdb",
            "/users/v1/_debug/wipe_all",
            "/flushall",
            "/cache/clear",
            "/orders/{id}/delete",
            "/dropTables",
            "/purgeQueue",
            "/HTTPReset",
            "/session/logout",
            "/truncate",
            "/db/seed",
            "/shutdown",
            "/RESET",
            "/%72eset",
            "/destroy.json",
        ] {
            assert!(refused(Method::Get, path, None, "").is_some(), "{path}");
        }
        for id in ["resetDatabase", "reset_db_admin_get", "users.destroy", "clearCache", "ResetStore"] {
            assert!(refused(Method::Get, "/x", Some(id), "").is_some(), "{id}");
        }
        for summary in [
            "Reset the store",
            "Deletes all orders",
            "Flushes the cache",
            "Back up and wipe",
            "Drop tables.",
            "Creates and populates the database",
        ] {
            assert!(refused(Method::Get, "/x", None, summary).is_some(), "{summary}");
        }
    }

    #[test]
    fn gets_that_only_mention_such_words_are_sent() {
        for path in [
            "/presets",
            "/orders/deleted",
            "/dropdowns",
            "/created",
            "/resets_at",
            "/clearance",
            "/cleared-orders",
            "/seeds",
            "/removals",
            "/orders/{delete_token}",
            "/creator",
            "/killer-whales",
            "/flushing",
        ] {
            assert_eq!(refused(Method::Get, path, None, ""), None, "{path}");
        }
        for id in ["list_deleted_orders", "getPresets", "created_orders_list", "get_clearance"] {
            assert_eq!(refused(Method::Get, "/x", Some(id), ""), None, "{id}");
        }
        for summary in [
            "List orders that a customer may delete",
            "Orders with a clear text note",
            "Show what a reset would do",
            "Created orders",
            "",
        ] {
            assert_eq!(refused(Method::Get, "/x", None, summary), None, "{summary}");
        }
    }

    #[test]
    fn a_method_that_is_not_safe_needs_a_word() {
        for method in Method::ALL {
            assert_eq!(refused(*method, "/x", None, "").is_none(), method.is_safe(), "{method}");
        }
    }

    #[test]
    fn the_contracts_word_does_not_cover_deletion() {
        let settings = Settings::new(Target::parse("http://127.0.0.1").unwrap());
        assert!(permit(&OperationKey::new(Method::Post, "/search"), None, "", true, &settings).is_ok());
        assert!(permit(&OperationKey::new(Method::Delete, "/search"), None, "", true, &settings).is_err());
        assert!(permit(&OperationKey::new(Method::Post, "/cache/clear"), None, "", true, &settings).is_err());
    }
}
