//! Some operations of an application only, whatever the vantages call them.
//!
//! A contract says `/items/{id}` where the code says `/items/{item_id}/`, and one of them may leave out a prefix that the other has. What could be the same
//! is taken for the same: an operation too many costs some requests, one too few is a change that nobody looked at.

use plimsoll_model::{Method, OperationKey};

/// The operations that are asked for, and why no others are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Only {
    /// The operations.
    pub operations: Vec<OperationKey>,
    /// Why the others are left out, for the report.
    pub why: String,
}

impl Only {
    /// Whether an operation is among them.
    pub fn has(&self, key: &OperationKey) -> bool {
        self.operations.iter().any(|own| could_be(own, key))
    }

    /// Whether an operation is among them, or answers with what one of them has to be asked with: the list that its path begins with.
    pub fn needs(&self, key: &OperationKey) -> bool {
        let leads = |own: &OperationKey| {
            let (own, key) = (segments(&own.path), segments(&key.path));
            // Below a prefix that only one of them knows, the list is found by its own last word.
            let Some(last) = key.last() else { return false };
            own.iter()
                .enumerate()
                .any(|(at, word)| word == last && own.get(at + 1) == Some(&"{}") && ends_alike(&own[..=at], &key))
        };
        self.has(key) || key.method == Method::Get && self.operations.iter().any(leads)
    }
}

/// Whether two names could be of the same operation.
pub fn could_be(a: &OperationKey, b: &OperationKey) -> bool {
    a.method == b.method && ends_alike(&segments(&a.path), &segments(&b.path))
}

/// Method and path, whatever the parameters are called.
pub fn shape(key: &OperationKey) -> (Method, Vec<&str>) {
    (key.method, segments(&key.path))
}

fn segments(path: &str) -> Vec<&str> {
    let words = path.split('/').filter(|word| !word.is_empty());
    words.map(|word| if word.contains(['{', '<']) { "{}" } else { word }).collect()
}

/// Whether the shorter of two paths is the end of the other; the root is the end of itself only.
fn ends_alike(a: &[&str], b: &[&str]) -> bool {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    long.ends_with(short) && (!short.is_empty() || long.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> OperationKey {
        text.parse().unwrap()
    }

    #[test]
    fn names_of_one_operation() {
        for (a, b, same) in [
            ("GET /items/{id}", "GET /items/{item_id}/", true),
            ("GET /items", "GET /api/v1/items", true),
            ("GET /items", "POST /items", false),
            ("GET /items", "GET /items/{id}", false),
            ("GET /", "GET /items", false),
            ("GET /", "GET /", true),
        ] {
            assert_eq!((could_be(&key(a), &key(b)), could_be(&key(b), &key(a))), (same, same), "{a} {b}");
        }
    }

    #[test]
    fn a_list_is_asked_for_the_ids_of_what_is_below_it() {
        let only = Only { operations: vec![key("GET /shops/{shop}/items/{item}")], why: String::new() };
        for (text, needed) in [
            ("GET /shops/{id}/items/{id}", true),
            ("GET /shops/{id}/items", true),
            ("GET /shops", true),
            ("GET /shops/{id}", false),
            ("POST /shops", false),
            ("GET /orders", false),
        ] {
            assert_eq!(only.needs(&key(text)), needed, "{text}");
        }
    }
}
