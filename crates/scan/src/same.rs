//! Sameness: whether two answers show the same object, whatever is volatile in them.
//!
//! Decided by fields, never by status alone: an error that says 200, the caller's own data in place of what was asked for, and a public
//! excerpt of an object are not the object.

use std::collections::BTreeMap;

use plimsoll_http::Exchange;
use serde_json::{Map, Value};

use crate::fields::normal;
use crate::list::{List, identity};
use crate::ties;

/// How deep fields are compared, and how many elements of a list.
const DEPTH: u32 = 5;
const ELEMENTS: usize = 8;
/// The least share of common fields that must be equal, in percent, and the least share of the owner's fields that must be there.
const EQUAL: usize = 80;
const COVERED: usize = 60;
/// How many bytes a file has at least: shorter ones are words such as `ok`.
const FILE: u64 = 32;

/// The scalar fields of an answer by dotted path, without those that change by themselves.
pub fn stable(object: &Map<String, Value>) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    flatten(object, "", 0, &mut out);
    out
}

fn flatten(object: &Map<String, Value>, above: &str, depth: u32, out: &mut BTreeMap<String, String>) {
    for (name, value) in object {
        if is_volatile(name) {
            continue;
        }
        let path = if above.is_empty() { name.clone() } else { format!("{above}.{name}") };
        put(value, path, depth, out);
    }
}

fn put(value: &Value, path: String, depth: u32, out: &mut BTreeMap<String, String>) {
    match value {
        Value::Null => {}
        Value::Object(inner) if depth < DEPTH => flatten(inner, &path, depth + 1, out),
        Value::Array(items) if depth < DEPTH => {
            for (at, item) in items.iter().take(ELEMENTS).enumerate() {
                put(item, format!("{path}.{at}"), depth + 1, out);
            }
        }
        Value::Object(_) | Value::Array(_) => {}
        Value::String(text) => {
            out.insert(path, text.clone());
        }
        scalar => {
            out.insert(path, scalar.to_string());
        }
    }
}

/// Fields that differ between two reads of the same object, or belong to the answer and not to the object.
fn is_volatile(name: &str) -> bool {
    const WORDS: &[&str] = &[
        "updatedat",
        "updated",
        "modifiedat",
        "lastmodified",
        "lastseen",
        "lastlogin",
        "lastaccess",
        "lastaccessedat",
        "timestamp",
        "time",
        "now",
        "servertime",
        "generatedat",
        "requestid",
        "traceid",
        "correlationid",
        "etag",
        "nonce",
        "csrf",
        "csrftoken",
        "token",
        "signature",
        "expires",
        "expiresat",
        "expiresin",
        "views",
        "viewcount",
        "hits",
        "elapsed",
        "took",
        "duration",
        "signedurl",
        "downloadurl",
    ];
    WORDS.contains(&normal(name).as_str())
}

/// The object that an answer consists of, with its envelope taken off where that is plain. None for lists, pages and errors that say 200.
pub fn object(exchange: &Exchange) -> Option<&Map<String, Value>> {
    let top = exchange.json().filter(|_| exchange.is_success())?.as_object()?;
    if is_error(top) {
        return None;
    }
    Some(unwrapped(top))
}

fn unwrapped(top: &Map<String, Value>) -> &Map<String, Value> {
    let mut map = top;
    for _ in 0..3 {
        let mut objects = map.values().filter_map(Value::as_object);
        let (Some(inner), None) = (objects.next(), objects.next()) else { break };
        let only_meta = map.iter().all(|(name, value)| value.is_object() || is_meta(name) || value.is_null());
        if !only_meta || inner.is_empty() {
            break;
        }
        map = inner;
    }
    map
}

/// Fields of an envelope: they are about the answer.
fn is_meta(name: &str) -> bool {
    matches!(
        normal(name).as_str(),
        "status"
            | "success"
            | "ok"
            | "message"
            | "msg"
            | "code"
            | "statuscode"
            | "error"
            | "errors"
            | "meta"
            | "version"
            | "timestamp"
            | "requestid"
            | "traceid"
    )
}

/// Whether an object is an error, whatever its status says.
pub fn is_error(map: &Map<String, Value>) -> bool {
    let truthy = |value: &Value| match value {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(inner) => !inner.is_empty(),
        _ => true,
    };
    let says = |name: &str| map.iter().find(|(key, _)| normal(key) == name).map(|(_, value)| value);
    let refused = says("success").or_else(|| says("ok")).is_some_and(|value| value == &Value::Bool(false));
    let failed = says("status").and_then(Value::as_str).is_some_and(|status| {
        ["error", "fail", "failed", "failure", "denied", "forbidden", "unauthorized"]
            .contains(&status.to_ascii_lowercase().as_str())
    });
    let code = ["code", "statuscode", "status"].iter().filter_map(|name| says(name)?.as_u64());
    let coded = code.into_iter().any(|code| (400..600).contains(&code)) && map.len() <= 4;
    let named = ["error", "errors", "exception", "fault"].iter().any(|name| says(name).is_some_and(truthy));
    let only_words = !map.is_empty()
        && map.iter().all(|(name, _)| {
            matches!(
                normal(name).as_str(),
                "detail" | "message" | "msg" | "error" | "status" | "code" | "title" | "type"
            )
        });
    refused || failed || coded || named || only_words
}

/// How two answers compare.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Likeness {
    /// The same object: this many fields are equal.
    Same(usize),
    /// Another object, an excerpt of it, an error, or nothing that could be compared.
    Other,
}

impl Likeness {
    /// Whether they show the same.
    pub fn is_same(&self) -> bool {
        matches!(self, Self::Same(_))
    }
}

/// Whether the second answer shows what the first one shows.
pub fn compare(owner: &Exchange, other: &Exchange) -> Likeness {
    if !owner.is_success() || !other.is_success() {
        return Likeness::Other;
    }
    if let (Some(mine), Some(theirs)) = (object(owner), object(other)) {
        let lists = (List::in_answer(owner), List::in_answer(other));
        return match lists {
            (Some(mine), Some(theirs)) => compare_lists(&mine, &theirs),
            _ => compare_objects(mine, theirs),
        };
    }
    if let (Some(mine), Some(theirs)) = (List::in_answer(owner), List::in_answer(other)) {
        return compare_lists(&mine, &theirs);
    }
    compare_files(owner, other)
}

/// Whether two objects are one: all that identifies them is equal, and so is nearly everything else.
pub fn compare_objects(mine: &Map<String, Value>, theirs: &Map<String, Value>) -> Likeness {
    let (mine, theirs) = (stable(mine), stable(theirs));
    let common: Vec<(&String, bool)> =
        mine.iter().filter_map(|(path, value)| Some((path, theirs.get(path)? == value))).collect();
    let equal = common.iter().filter(|(_, equal)| *equal).count();
    let identifying = |path: &str| {
        let last = path.rsplit('.').next().unwrap_or(path);
        is_identifying(last) && path.matches('.').count() <= 1
    };
    let identified = common.iter().all(|(path, equal)| *equal || !identifying(path));
    let informative = common.iter().filter(|(path, equal)| *equal && tells(path, &mine[*path])).count();
    let same = identified
        && informative >= 1
        && equal * 100 >= common.len() * EQUAL
        && (common.len() * 100 >= mine.len() * COVERED)
        && equal >= 2;
    if same { Likeness::Same(equal) } else { Likeness::Other }
}

/// Whether a field identifies its object.
pub fn is_identifying(name: &str) -> bool {
    let name = normal(name);
    matches!(
        name.as_str(),
        "id" | "uuid" | "guid" | "pk" | "key" | "slug" | "sku" | "number" | "reference" | "username" | "email"
    ) || (name.ends_with("id")
        && name.len() > 2
        && !matches!(name.as_str(), "paid" | "valid" | "invalid" | "void" | "grid" | "bid"))
}

/// Whether a field tells something beyond that the object is there: no id, flag or word of state.
fn tells(path: &str, value: &str) -> bool {
    let last = path.rsplit('.').next().unwrap_or(path);
    let is_tie = ties::bond(last).is_some();
    let word = value.to_ascii_lowercase();
    let state = matches!(
        word.as_str(),
        "true"
            | "false"
            | "ok"
            | "success"
            | "active"
            | "inactive"
            | "yes"
            | "no"
            | "none"
            | "found"
            | "exists"
            | "0"
            | "1"
            | ""
    );
    (is_tie || !is_identifying(last)) && !is_meta(last) && !state
}

fn compare_lists(mine: &List<'_>, theirs: &List<'_>) -> Likeness {
    let (first, second) = (mine.items(), theirs.items());
    let known: std::collections::HashSet<String> = second.iter().map(identity).collect();
    let shared = first.iter().filter(|item| known.contains(&identity(item))).count();
    // Words and numbers are not objects of anybody.
    let objects = first.iter().filter(|item| item.is_object()).count();
    if shared >= 1
        && objects == first.len()
        && shared * 100 >= first.len() * EQUAL
        && shared * 100 >= second.len() * EQUAL
    {
        Likeness::Same(shared)
    } else {
        Likeness::Other
    }
}

/// Documents, tables and pictures are the same where their bytes are.
fn compare_files(owner: &Exchange, other: &Exchange) -> Likeness {
    let (Some(mine), Some(theirs)) = (owner.response(), other.response()) else { return Likeness::Other };
    let media_type = mine.media_type();
    let is_file = !media_type.is_empty() && !media_type.contains("html") && !media_type.contains("json");
    let same = is_file && mine.body.digest == theirs.body.digest && mine.body.decoded_len >= FILE && mine.body.complete;
    if same { Likeness::Same(1) } else { Likeness::Other }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    fn same(a: Value, b: Value) -> bool {
        compare_objects(&map(a), &map(b)).is_same()
    }

    #[test]
    fn one_object_read_twice() {
        let order = serde_json::json!({"id": 7, "total": 12.5, "lines": [{"sku": "a", "n": 2}], "updated_at": "1"});
        let again = serde_json::json!({"id": 7, "total": 12.5, "lines": [{"sku": "a", "n": 2}], "updated_at": "2"});
        assert!(same(order, again));
    }

    #[test]
    fn what_is_not_the_object() {
        let order = serde_json::json!({"id": 7, "user_id": 1, "total": 12.5, "note": "hello"});
        // Somebody's own.
        assert!(!same(order.clone(), serde_json::json!({"id": 8, "user_id": 2, "total": 12.5, "note": "hello"})));
        // A public excerpt.
        assert!(!same(order.clone(), serde_json::json!({"id": 7})));
        // Nothing but that it is there.
        assert!(!same(serde_json::json!({"id": 7, "exists": true}), serde_json::json!({"id": 7, "exists": true})));
        assert!(!same(order, serde_json::json!({"detail": "not yours"})));
    }

    #[test]
    fn errors_that_say_200() {
        for error in [
            serde_json::json!({"error": "forbidden"}),
            serde_json::json!({"success": false, "data": null}),
            serde_json::json!({"status": "fail", "message": "no"}),
            serde_json::json!({"code": 403, "message": "no"}),
            serde_json::json!({"detail": "Not found"}),
        ] {
            assert!(is_error(&map(error.clone())), "{error}");
        }
        for fine in [
            serde_json::json!({"status": "success", "data": {"id": 1}}),
            serde_json::json!({"id": 1, "code": 500, "a": 1, "b": 2, "c": 3}),
            serde_json::json!({"id": 1, "status": "failed to deliver", "error": null}),
        ] {
            assert!(!is_error(&map(fine.clone())), "{fine}");
        }
    }

    #[test]
    fn envelopes_come_off() {
        let value = map(serde_json::json!({"status": "success", "data": {"user": {"id": 1, "email": "x"}}}));
        assert_eq!(unwrapped(&value).get("email"), Some(&Value::from("x")));
        let pair = map(serde_json::json!({"order": {"id": 1}, "payment": {"id": 2}}));
        assert_eq!(unwrapped(&pair).len(), 2);
        let object = map(serde_json::json!({"id": 1, "owner": {"id": 2}}));
        assert!(unwrapped(&object).contains_key("owner"));
    }
}
