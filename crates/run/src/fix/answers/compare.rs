//! Whether an answer is the one that was expected: what two runs of the same application agree on is expected of the changed one, nothing else. Pure.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::{Map, Value};

/// An answer, as much of it as is compared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The status; none where there was no answer.
    pub status: Option<u16>,
    /// Hash of the whole body.
    pub digest: [u8; 16],
    /// Bytes of the whole body.
    pub len: u64,
    /// The body, where it was kept whole.
    pub body: Option<Vec<u8>>,
    /// Why there was no answer.
    pub failed: Option<String>,
}

/// What is expected of the answer to one request.
#[derive(Clone, Debug, PartialEq)]
pub struct Expected {
    status: Option<u16>,
    len: u64,
    /// Hash of the whole body, where it was the same twice.
    digest: Option<[u8; 16]>,
    /// What the bodies agree on, where they are JSON that was kept.
    shape: Option<Shape>,
}

/// A value in which parts may be anything.
#[derive(Clone, Debug, PartialEq)]
enum Shape {
    Value(Value),
    List(Vec<Shape>),
    Fields(Vec<(String, Shape)>),
    Any,
}

/// What varies by itself in the answers of one operation, whatever it is asked. Two answers may agree by chance; all of an operation's hardly do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Varying {
    /// The places of values that vary, as paths without the numbers of items.
    places: BTreeSet<String>,
    /// The order within lists.
    order: bool,
    /// The bytes of a body, be it only the order of fields.
    bytes: bool,
    /// The bytes of a body that is not JSON.
    text: bool,
}

impl Varying {
    /// Takes in two answers of the same application to the same request.
    pub fn note(&mut self, first: &Answer, second: &Answer) {
        if first.status != second.status || first.digest == second.digest {
            return;
        }
        self.bytes = true;
        match (json(first), json(second)) {
            (Some(a), Some(b)) if a == b => {}
            (Some(a), Some(b)) if unordered(&a) == unordered(&b) => self.order = true,
            (Some(a), Some(b)) => self.places(&shape(&a, &b), "$"),
            _ => self.text |= first.body.is_some() && second.body.is_some(),
        }
    }

    fn places(&mut self, shape: &Shape, at: &str) {
        match shape {
            Shape::Value(_) => {}
            Shape::List(items) => items.iter().for_each(|item| self.places(item, &format!("{at}[]"))),
            Shape::Fields(fields) => {
                fields.iter().for_each(|(name, shape)| self.places(shape, &format!("{at}.{name}")));
            }
            Shape::Any => drop(self.places.insert(at.to_owned())),
        }
    }
}

impl Expected {
    /// What two answers of the same application to the same request agree on; none where they do not even agree on the status.
    pub fn of(first: &Answer, second: &Answer) -> Option<Self> {
        if first.status != second.status || first.status.is_none() {
            return None;
        }
        let digest = (first.digest == second.digest).then_some(first.digest);
        let shape = match digest {
            Some(_) => json(first).map(Shape::Value),
            None => json(first)
                .zip(json(second))
                .map(|(a, b)| if unordered(&a) == unordered(&b) { Shape::Value(a) } else { shape(&a, &b) }),
        };
        Some(Self { status: first.status, len: first.len, digest, shape })
    }

    /// How an answer differs from what is expected, one phrase; none where it does not. `varying` is what the answers of the operation differ in by
    /// themselves.
    pub fn differs(&self, answer: &Answer, varying: &Varying) -> Option<String> {
        if answer.status != self.status {
            let shown =
                |status: Option<u16>| status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
            let why = answer.failed.as_ref().map(|why| format!(" ({why})")).unwrap_or_default();
            return Some(format!("{} → {}{why}", shown(self.status), shown(answer.status)));
        }
        if self.digest == Some(answer.digest) {
            return None;
        }
        let at = match (&self.shape, json(answer)) {
            (Some(shape), Some(now)) => format!(", first at {}", Place::default().difference(shape, &now, varying)?),
            // What is no JSON is compared by its hash, and only where that is always the same.
            _ if self.digest.is_none() || varying.text => return None,
            _ if answer.body.is_none() && varying.bytes => return None,
            _ => String::new(),
        };
        Some(format!("the body differs, {} → {} bytes{at}", self.len, answer.len))
    }
}

fn json(answer: &Answer) -> Option<Value> {
    serde_json::from_slice(answer.body.as_deref()?).ok()
}

/// A hash of a value that does not depend on the order within lists and objects.
fn unordered(value: &Value) -> u64 {
    let mut hasher = DefaultHasher::new();
    match value {
        Value::Array(items) => {
            let mut hashes: Vec<u64> = items.iter().map(unordered).collect();
            hashes.sort_unstable();
            ("list", hashes).hash(&mut hasher);
        }
        Value::Object(fields) => {
            let mut hashes: Vec<(&String, u64)> = fields.iter().map(|(name, value)| (name, unordered(value))).collect();
            hashes.sort_unstable();
            ("fields", hashes).hash(&mut hasher);
        }
        scalar => ("scalar", scalar.to_string()).hash(&mut hasher),
    }
    hasher.finish()
}

/// What two values agree on. The order of fields means nothing (RFC 8259, section 4).
fn shape(a: &Value, b: &Value) -> Shape {
    match (a, b) {
        _ if a == b => Shape::Value(a.clone()),
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            Shape::List(a.iter().zip(b).map(|(a, b)| shape(a, b)).collect())
        }
        (Value::Object(a), Value::Object(b)) if a.len() == b.len() && a.keys().all(|name| b.contains_key(name)) => {
            let fields = a.iter().zip(a.keys().filter_map(|name| b.get(name)));
            Shape::Fields(fields.map(|((name, a), b)| (name.clone(), shape(a, b))).collect())
        }
        _ => Shape::Any,
    }
}

/// A place in a value: as it is shown, and without the numbers of items.
#[derive(Clone)]
struct Place {
    shown: String,
    general: String,
}

impl Default for Place {
    fn default() -> Self {
        Self { shown: "$".to_owned(), general: "$".to_owned() }
    }
}

impl Place {
    fn item(&self, n: usize) -> Self {
        Self { shown: format!("{}[{n}]", self.shown), general: format!("{}[]", self.general) }
    }

    fn field(&self, name: &str) -> Self {
        Self { shown: format!("{}.{name}", self.shown), general: format!("{}.{name}", self.general) }
    }

    /// The first place at or below this one at which a value differs.
    fn difference(self, expected: &Shape, value: &Value, varying: &Varying) -> Option<String> {
        if varying.places.contains(&self.general) {
            return None;
        }
        match (expected, value) {
            (Shape::Any, _) => None,
            (Shape::Value(was), now) if was == now || varying.order && unordered(was) == unordered(now) => None,
            (Shape::Value(Value::Array(was)), Value::Array(now)) if was.len() == now.len() => {
                let pairs = was.iter().zip(now).enumerate();
                let mut differing = pairs.filter(|(_, (was, now))| was != now);
                differing.find_map(|(n, (was, now))| self.item(n).difference(&Shape::Value(was.clone()), now, varying))
            }
            (Shape::Value(Value::Object(was)), Value::Object(now)) if was.len() == now.len() => {
                let differing = was.iter().filter(|(name, was)| now.get(*name) != Some(*was));
                self.fields(differing.map(|(name, was)| (name, Shape::Value(was.clone()))), now, varying)
            }
            (Shape::List(was), Value::Array(now)) if was.len() == now.len() => {
                let mut pairs = was.iter().zip(now).enumerate();
                pairs.find_map(|(n, (was, now))| self.item(n).difference(was, now, varying))
            }
            (Shape::Fields(was), Value::Object(now)) if was.len() == now.len() => {
                self.fields(was.iter().map(|(name, was)| (name, was.clone())), now, varying)
            }
            (Shape::Value(_) | Shape::List(_) | Shape::Fields(_), _) => Some(self.shown),
        }
    }

    fn fields<'a>(
        self,
        mut was: impl Iterator<Item = (&'a String, Shape)>,
        now: &Map<String, Value>,
        varying: &Varying,
    ) -> Option<String> {
        was.find_map(|(name, was)| match now.get(name) {
            Some(now) => self.field(name).difference(&was, now, varying),
            None => Some(self.shown.clone()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Answer {
        let mut digest = [0; 16];
        let mut hasher = DefaultHasher::new();
        body.hash(&mut hasher);
        digest[..8].copy_from_slice(&hasher.finish().to_le_bytes());
        Answer {
            status: Some(status),
            digest,
            len: body.len() as u64,
            body: Some(body.as_bytes().to_vec()),
            failed: None,
        }
    }

    fn said(first: &str, second: &str, now: &str) -> Option<String> {
        let (first, second) = (answer(200, first), answer(200, second));
        let mut varying = Varying::default();
        varying.note(&first, &second);
        Expected::of(&first, &second).unwrap().differs(&answer(200, now), &varying)
    }

    #[test]
    fn what_is_always_the_same_must_stay_so() {
        let body = r#"{"items": [1, 2, {"name": "a"}], "total": 3}"#;
        assert_eq!(said(body, body, body), None);
        let found = said(body, body, &body.replace("\"a\"", "\"b\"")).unwrap();
        assert!(found.ends_with("first at $.items[2].name"), "{found}");
        let found = said(body, body, r#"{"items": [1, 2], "total": 3}"#).unwrap();
        assert_eq!(found, "the body differs, 44 → 29 bytes, first at $.items");
        assert_eq!(said("plain", "plain", "other").as_deref(), Some("the body differs, 5 → 5 bytes"));
        let expected = Expected::of(&answer(200, body), &answer(200, body)).unwrap();
        assert_eq!(expected.differs(&answer(500, body), &Varying::default()).as_deref(), Some("200 → 500"));
        assert_eq!(expected.differs(&Answer::default(), &Varying::default()).as_deref(), Some("200 → no answer"));
    }

    #[test]
    fn what_varies_by_itself_may_vary() {
        // The order of a set.
        assert_eq!(said("[1,2,3]", "[2,1,3]", "[3,2,1]"), None);
        assert!(said("[1,2,3]", "[2,1,3]", "[3,2,2]").is_some());
        // A time within values that stay.
        let timed = |ms: u32, name: &str| format!(r#"{{"name": "{name}", "took": {ms}, "rows": [{{"at": {ms}}}]}}"#);
        assert_eq!(said(&timed(1, "a"), &timed(2, "a"), &timed(9, "a")), None);
        let found = said(&timed(1, "a"), &timed(2, "a"), &timed(9, "b")).unwrap();
        assert!(found.ends_with("first at $.name"), "{found}");
        assert!(said(&timed(1, "a"), &timed(2, "a"), r#"{"name": "a", "took": 3, "rows": []}"#).is_some());
        // Nothing is known of it.
        assert_eq!(said("one", "two", "three"), None);
        assert_eq!(Expected::of(&answer(200, "a"), &answer(503, "a")), None);
        assert_eq!(Expected::of(&Answer::default(), &Answer::default()), None);
    }

    #[test]
    fn a_body_that_was_not_kept_is_compared_by_its_hash() {
        let bare = |body: &str| Answer { body: None, ..answer(200, body) };
        let expected = Expected::of(&bare("a"), &bare("a")).unwrap();
        let mut varying = Varying::default();
        assert_eq!(expected.differs(&bare("a"), &varying), None);
        assert!(expected.differs(&bare("b"), &varying).is_some());
        assert_eq!(Expected::of(&bare("a"), &bare("b")).unwrap().differs(&bare("c"), &varying), None);
        varying.note(&bare("c"), &bare("d"));
        assert_eq!(expected.differs(&bare("b"), &varying), None);
    }

    #[test]
    fn the_order_of_fields_means_nothing() {
        let (one, other) = (r#"{"key": {"id": "7", "sort": 1}, "n": 2}"#, r#"{"n": 2, "key": {"sort": 1, "id": "7"}}"#);
        assert_eq!(said(one, one, other), None);
        assert_eq!(said(one, other, one), None);
        let found = said(one, one, r#"{"n": 2, "key": {"sort": 2, "id": "7"}}"#).unwrap();
        assert!(found.ends_with("first at $.key.sort"), "{found}");
        assert!(said(one, one, r#"{"n": 2, "key": {"sort": 1, "name": "7"}}"#).is_some());
    }

    #[test]
    fn what_varies_in_one_answer_of_an_operation_may_vary_in_all() {
        let timed = |at: u32, name: &str| answer(200, &format!(r#"{{"rows": [{{"name": "{name}", "at": {at}}}]}}"#));
        let mut varying = Varying::default();
        varying.note(&timed(1, "a"), &timed(2, "a"));
        // These two were alike by chance.
        let expected = Expected::of(&timed(3, "b"), &timed(3, "b")).unwrap();
        assert_eq!(expected.differs(&timed(4, "b"), &varying), None);
        let found = expected.differs(&timed(4, "c"), &varying).unwrap();
        assert!(found.ends_with("first at $.rows[0].name"), "{found}");
        assert!(expected.differs(&timed(4, "b"), &Varying::default()).is_some());
        varying.note(&answer(200, "[1,2]"), &answer(200, "[2,1]"));
        let list = Expected::of(&answer(200, "[5,6]"), &answer(200, "[5,6]")).unwrap();
        assert_eq!(list.differs(&answer(200, "[6,5]"), &varying), None);
        assert!(list.differs(&answer(200, "[6,7]"), &varying).is_some());
        let text = Expected::of(&answer(200, "page"), &answer(200, "page")).unwrap();
        assert!(text.differs(&answer(200, "sage"), &varying).is_some());
        varying.note(&answer(200, "one"), &answer(200, "two"));
        assert_eq!(text.differs(&answer(200, "sage"), &varying), None);
    }
}
