//! `raw-store-cursor`: the store's own key as a cursor.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use plimsoll_http::Exchange;
use plimsoll_model::{Confidence, PartKind, Severity};
use serde_json::{Map, Value};

use super::attribute::{is_cursor_name, is_item};
use crate::check::{Check, Meta, check};
use crate::draft::Draft;
use crate::fields::normal;
use crate::list::List;
use crate::paging::{self, Next};
use crate::view::Op;

check! {
    /// A cursor that is the key of the last item, open to reading and writing.
    pub struct RawStoreCursor {
        id: "raw-store-cursor", weakness: RawStoreCursor, mode: Passive, since: "0.1.0", page: "http/raw-store-cursor.md",
    }
}

/// How a key was handed out.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Object,
    Text,
    Base64,
}

/// How sure it is that an object is the store's key.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sure {
    /// Attribute values, or a field that has the store's name for it.
    Yes,
    /// Plain values that equal those of the last item, as an object or under the names of partition and sort keys.
    Perhaps,
    /// Plain values of several fields that equal those of the last item: a position, of whatever store.
    Position,
}

impl Check for RawStoreCursor {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn judge(&self, op: &Op<'_>) -> Vec<Draft> {
        let shown = op.baseline().into_iter().chain(op.exchanges().filter(|answer| answer.is_success()));
        let Some((answer, (name, key, form, sure))) =
            shown.into_iter().find_map(|answer| Some((answer, cursor(answer)?)))
        else {
            return Vec::new();
        };
        let how = match form {
            Form::Object => "as it is",
            Form::Text => "as JSON in a text",
            Form::Base64 => "in base64, neither signed nor encrypted",
        };
        let fields: Vec<String> = key.keys().map(|name| format!("`{name}`")).collect();
        let draft = op
            .finding(format!("The cursor `{name}` is the store's own key {how}: it names {}.", fields.join(", ")))
            .part(PartKind::ResponseBody, &name)
            .exchange_excerpt(answer, "the cursor, decoded, without its values", masked(&key));
        vec![match sure {
            Sure::Yes => draft,
            Sure::Perhaps => draft.severity(Severity::Low).confidence(Confidence::Suspected),
            Sure::Position => draft.severity(Severity::Info).confidence(Confidence::Suspected),
        }]
    }
}

fn masked(key: &Map<String, Value>) -> String {
    if is_item(key) {
        return super::attribute::masked(key);
    }
    let fields: Vec<String> = key.keys().map(|name| format!("\"{name}\": …")).collect();
    format!("{{{}}}", fields.join(", "))
}

/// The cursor of an answer that is the store's key: its name, the key, how it was handed out.
fn cursor(answer: &Exchange) -> Option<(String, Map<String, Value>, Form, Sure)> {
    if let Some(Value::Object(envelope)) = answer.json() {
        let nested = envelope.values().filter_map(Value::as_object).flatten();
        for (name, value) in envelope.iter().chain(nested).filter(|(name, _)| is_cursor_name(name)) {
            let (key, form) = match value {
                Value::Object(key) => (key.clone(), Form::Object),
                Value::String(text) => match decode(text) {
                    Some(found) => found,
                    None => continue,
                },
                _ => continue,
            };
            if let Some(sure) = judge_key(name, &key, form, answer) {
                return Some((name.clone(), key, form, sure));
            }
        }
    }
    // In a link, or in a header.
    let texts: Vec<(String, String)> = match paging::next(answer)? {
        Next::Link(target) => {
            let query = target.split_once('?').map_or("", |(_, query)| query);
            url::form_urlencoded::parse(query.as_bytes()).into_owned().collect()
        }
        Next::Cursor { path, value } => vec![(path, value)],
        Next::Flag | Next::Key(_) => return None,
    };
    texts.into_iter().find_map(|(name, text)| {
        let (key, form) = decode(&text)?;
        let sure = judge_key(&name, &key, form, answer)?;
        Some((name, key, form, sure))
    })
}

/// A JSON object in a text, or in base64 of either alphabet.
fn decode(text: &str) -> Option<(Map<String, Value>, Form)> {
    let object = |bytes: &[u8]| match serde_json::from_slice(bytes) {
        Ok(Value::Object(map)) if !map.is_empty() => Some(map),
        _ => None,
    };
    if let Some(key) = object(text.as_bytes()) {
        return Some((key, Form::Text));
    }
    let lenient = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let alphabets = [&alphabet::URL_SAFE, &alphabet::STANDARD];
    alphabets.into_iter().find_map(|alphabet| {
        let bytes = GeneralPurpose::new(alphabet, lenient).decode(text).ok()?;
        Some((object(&bytes)?, Form::Base64))
    })
}

/// How sure it is that this object, handed out as a cursor, is the store's key; none where it is something else: a page number, a link, a
/// signed position.
fn judge_key(name: &str, key: &Map<String, Value>, form: Form, answer: &Exchange) -> Option<Sure> {
    let signed = key
        .keys()
        .any(|name| matches!(name.to_ascii_lowercase().as_str(), "sig" | "signature" | "mac" | "hmac" | "tag" | "exp"));
    if signed {
        return None;
    }
    let inner = key.values().filter_map(Value::as_object).any(is_item);
    if is_item(key) || inner {
        return Some(Sure::Yes);
    }
    let scalars = key.values().all(|value| value.is_string() || value.is_number());
    if scalars && matches!(normal(name).as_str(), "lastevaluatedkey" | "exclusivestartkey") {
        return Some(Sure::Yes);
    }
    // What remains is a position that repeats fields of the last item.
    let list = List::in_answer(answer)?;
    let last = list.items().last()?;
    let repeats = scalars && key.iter().all(|(name, value)| last.get(name) == Some(value));
    let by_name = key.keys().any(|name| {
        matches!(name.to_ascii_lowercase().as_str(), "pk" | "sk" | "gsi1pk" | "gsi1sk" | "hash_key" | "range_key")
    });
    match key.len() {
        _ if !repeats => None,
        _ if by_name || form == Form::Object => Some(Sure::Perhaps),
        1 => None,
        _ => Some(Sure::Position),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_decoded_from_either_alphabet() {
        assert!(decode(r#"{"id":{"S":"a"}}"#).is_some_and(|(_, form)| form == Form::Text));
        assert!(decode("eyJpZCI6eyJTIjoiYSJ9fQ==").is_some_and(|(_, form)| form == Form::Base64));
        assert!(decode("eyJpZCI6eyJTIjoiYSJ9fQ").is_some());
        assert!(decode("eyJpZCI6eyJTIjoiYSJ9fQ.c2lnbmF0dXJl").is_none());
        assert!(decode("b2Zmc2V0OjIw").is_none());
    }
}
