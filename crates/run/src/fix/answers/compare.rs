//! Whether an answer is the one that was expected: what two runs of the same application agree on is expected of the changed one, nothing else. Pure.

use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::Value;

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
    body: Body,
}

#[derive(Clone, Debug, PartialEq)]
enum Body {
    /// The very same bytes; with the text as JSON where it was kept, to say where it differs.
    Same([u8; 16], Option<Value>),
    /// The same values, in any order within lists.
    Unordered(u64),
    /// The same values but for those that vary by themselves.
    Like(Shape),
    /// The body varies by itself in a way that is not understood.
    Any,
}

/// A value in which parts may be anything.
#[derive(Clone, Debug, PartialEq)]
enum Shape {
    Value(Value),
    List(Vec<Shape>),
    Fields(Vec<(String, Shape)>),
    Any,
}

impl Expected {
    /// What two answers of the same application to the same request agree on; none where they do not even agree on the status.
    pub fn of(first: &Answer, second: &Answer) -> Option<Self> {
        if first.status != second.status || first.status.is_none() {
            return None;
        }
        let json = |answer: &Answer| serde_json::from_slice::<Value>(answer.body.as_deref()?).ok();
        let body = if first.digest == second.digest {
            Body::Same(first.digest, json(first))
        } else {
            match json(first).zip(json(second)) {
                Some((a, b)) if unordered(&a) == unordered(&b) => Body::Unordered(unordered(&a)),
                Some((a, b)) => Body::Like(shape(&a, &b)),
                None => Body::Any,
            }
        };
        Some(Self { status: first.status, len: first.len, body })
    }

    /// How an answer differs from what is expected, one phrase; none where it does not.
    pub fn differs(&self, answer: &Answer) -> Option<String> {
        if answer.status != self.status {
            let shown =
                |status: Option<u16>| status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
            let why = answer.failed.as_ref().map(|why| format!(" ({why})")).unwrap_or_default();
            return Some(format!("{} → {}{why}", shown(self.status), shown(answer.status)));
        }
        let now = answer.body.as_deref().and_then(|body| serde_json::from_slice::<Value>(body).ok());
        let place = match (&self.body, &now) {
            (Body::Any, _) => return None,
            (Body::Same(digest, _), _) if *digest == answer.digest => return None,
            (Body::Same(_, Some(was)), Some(now)) => difference(&Shape::Value(was.clone()), now, "$"),
            (Body::Unordered(sum), Some(now)) if unordered(now) == *sum => return None,
            (Body::Like(shape), Some(now)) => match difference(shape, now, "$") {
                Some(place) => Some(place),
                None => return None,
            },
            // A body that was not kept is compared by its hash only.
            (Body::Unordered(_) | Body::Like(_), None) if answer.body.is_none() => return None,
            _ => None,
        };
        let at = place.map(|place| format!(", first at {place}")).unwrap_or_default();
        Some(format!("the body differs, {} → {} bytes{at}", self.len, answer.len))
    }
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

/// What two values agree on.
fn shape(a: &Value, b: &Value) -> Shape {
    match (a, b) {
        _ if a == b => Shape::Value(a.clone()),
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            Shape::List(a.iter().zip(b).map(|(a, b)| shape(a, b)).collect())
        }
        (Value::Object(a), Value::Object(b)) if a.keys().eq(b.keys()) => {
            Shape::Fields(a.iter().zip(b.values()).map(|((name, a), b)| (name.clone(), shape(a, b))).collect())
        }
        _ => Shape::Any,
    }
}

/// The first place at which a value differs, as a path.
fn difference(expected: &Shape, value: &Value, at: &str) -> Option<String> {
    match (expected, value) {
        (Shape::Any, _) => None,
        (Shape::Value(Value::Array(was)), Value::Array(now)) if was.len() == now.len() => {
            let pairs = was.iter().zip(now).enumerate();
            pairs.into_iter().find_map(|(n, (was, now))| {
                (was != now).then(|| difference(&Shape::Value(was.clone()), now, &format!("{at}[{n}]"))).flatten()
            })
        }
        (Shape::Value(Value::Object(was)), Value::Object(now)) if was.keys().eq(now.keys()) => {
            was.iter().zip(now.values()).find_map(|((name, was), now)| {
                (was != now).then(|| difference(&Shape::Value(was.clone()), now, &format!("{at}.{name}"))).flatten()
            })
        }
        (Shape::Value(was), now) => (was != now).then(|| at.to_owned()),
        (Shape::List(was), Value::Array(now)) if was.len() == now.len() => {
            let pairs = was.iter().zip(now).enumerate();
            pairs.into_iter().find_map(|(n, (was, now))| difference(was, now, &format!("{at}[{n}]")))
        }
        (Shape::Fields(was), Value::Object(now)) if was.iter().map(|(name, _)| name).eq(now.keys()) => {
            was.iter().zip(now.values()).find_map(|((name, was), now)| difference(was, now, &format!("{at}.{name}")))
        }
        (Shape::List(_) | Shape::Fields(_), _) => Some(at.to_owned()),
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
        Expected::of(&answer(200, first), &answer(200, second)).unwrap().differs(&answer(200, now))
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
        assert_eq!(expected.differs(&answer(500, body)).as_deref(), Some("200 → 500"));
        assert_eq!(expected.differs(&Answer::default()).as_deref(), Some("200 → no answer"));
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
        assert_eq!(expected.differs(&bare("a")), None);
        assert!(expected.differs(&bare("b")).is_some());
        assert_eq!(Expected::of(&bare("a"), &bare("b")).unwrap().differs(&bare("c")), None);
    }
}
