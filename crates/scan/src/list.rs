//! Lists in answers: an array at the top, or the array that an envelope is about.

use plimsoll_http::{Exchange, ListTally, Shape};
use plimsoll_spec::roles::lists::ENVELOPE;
pub use plimsoll_spec::roles::lists::is_paging_word;
use serde_json::Value;

/// The list that an answer consists of.
#[derive(Clone, Copy, Debug)]
pub struct List<'a> {
    /// The exchange.
    pub exchange: &'a Exchange,
    /// Its tally: path in the body, number of elements, bytes. The number is exact also where the body was not kept whole.
    pub tally: &'a ListTally,
}

impl<'a> List<'a> {
    /// The list in a 2xx JSON answer: the array at the top, else the one list of an envelope, else the one with a customary name, else none.
    /// An object that describes one thing and happens to have arrays (tags, lines) is no list: it has scalars beside them that are not
    /// about paging, and no customary name.
    pub fn in_answer(exchange: &'a Exchange) -> Option<Self> {
        let response = exchange.response().filter(|_| exchange.is_success())?;
        let tally = &response.body.tally;
        match tally.shape {
            Shape::Array => Some(Self { exchange, tally: tally.lists.iter().find(|list| list.path.is_empty())? }),
            Shape::Object => {
                let named = ENVELOPE.iter().find_map(|name| {
                    tally
                        .lists
                        .iter()
                        .find(|list| list.path.rsplit('.').next().is_some_and(|last| last.eq_ignore_ascii_case(name)))
                });
                let only = || {
                    let mut shallow = tally.lists.iter().filter(|list| !list.path.contains('.'));
                    let first = shallow.next()?;
                    let alone = shallow.next().is_none();
                    let about_paging = tally.scalars.iter().all(|(path, _)| is_paging_word(path));
                    (alone && about_paging).then_some(first)
                };
                Some(Self { exchange, tally: named.or_else(only)? })
            }
            Shape::Lines | Shape::Other => None,
        }
    }

    /// Number of elements.
    pub fn len(&self) -> u64 {
        self.tally.len
    }

    /// Whether the list is empty.
    pub fn is_empty(&self) -> bool {
        self.tally.len == 0
    }

    /// Size of the whole body in bytes.
    pub fn bytes(&self) -> u64 {
        self.exchange.response().map_or(0, |response| response.body.decoded_len)
    }

    /// The elements that were kept; fewer than [`List::len`] where the body was not kept whole.
    pub fn items(&self) -> &'a [Value] {
        let Some(mut value) = self.exchange.json() else { return &[] };
        for name in self.tally.path.split('.').filter(|name| !name.is_empty()) {
            match value.get(name) {
                Some(inner) => value = inner,
                None => return &[],
            }
        }
        value.as_array().map_or(&[], Vec::as_slice)
    }

    /// What identifies the elements, in order: their id field, else their whole text.
    pub fn identities(&self) -> Vec<String> {
        self.items().iter().map(identity).collect()
    }
}

/// What identifies an element: the value of its id-like field, else its whole text.
pub fn identity(item: &Value) -> String {
    let Value::Object(map) = item else { return item.to_string() };
    let exact = ["id", "uuid", "pk", "key", "ID", "Id", "_id", "sku", "slug"].iter().find_map(|name| map.get(*name));
    let suffixed = || {
        let ids: Vec<&Value> = map
            .iter()
            .filter(|(name, value)| {
                (name.ends_with("_id") || name.ends_with("Id")) && (value.is_string() || value.is_number())
            })
            .map(|(_, value)| value)
            .collect();
        (!ids.is_empty()).then(|| ids.iter().map(ToString::to_string).collect::<Vec<_>>().join("/"))
    };
    match exact {
        Some(value) if !value.is_null() => value.to_string(),
        _ => suffixed().unwrap_or_else(|| item.to_string()),
    }
}
