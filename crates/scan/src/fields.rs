//! The names in an answer, and what they tell of people: judged by names, never by values.

use std::collections::BTreeSet;

use plimsoll_http::Exchange;
pub use plimsoll_spec::roles::normal;
use plimsoll_spec::roles::people;
pub use plimsoll_spec::roles::people::Privacy;
use serde_json::Value;

/// How deep names are collected.
const DEPTH: u32 = 6;
/// How many elements of a list are looked at: rows of a schemaless table differ.
const ELEMENTS: usize = 20;

/// The names in an answer, in lower case without separators: keys of JSON objects, columns of CSV.
pub fn names(exchange: &Exchange) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    let Some(response) = exchange.response() else { return out };
    if let Some(value) = exchange.json() {
        collect(value, 0, &mut out);
    } else if response.media_type().contains("csv") {
        out.extend(columns(&exchange.text()).iter().map(|name| normal(name)));
    } else {
        for line in exchange.text().lines().take(ELEMENTS) {
            match serde_json::from_str::<Value>(line) {
                Ok(value) => collect(&value, 0, &mut out),
                Err(_) => break,
            }
        }
    }
    out
}

/// How much the names in an answer tell of people.
pub fn privacy(exchange: &Exchange) -> Privacy {
    names(exchange).iter().map(|name| people::privacy(name)).max().unwrap_or(Privacy::None)
}

/// Whether the answer is data at all: a JSON object with members, a list with elements, rows. Pages for people are not.
pub fn has_data(exchange: &Exchange) -> bool {
    let Some(response) = exchange.response().filter(|response| response.body.decoded_len > 0) else { return false };
    let tally = &response.body.tally;
    if let Some(value) = exchange.json() {
        // An envelope around an empty list holds nothing.
        let only_empty_lists = !tally.lists.is_empty() && tally.lists.iter().all(|list| list.len == 0);
        return match value {
            Value::Array(items) => !items.is_empty(),
            Value::Object(map) => !map.is_empty() && !only_empty_lists,
            _ => false,
        };
    }
    let media_type = response.media_type();
    media_type.contains("csv") && tally.lines > 1
        || media_type.contains("ndjson")
        || media_type.contains("jsonl")
        || media_type.contains("json-seq")
}

fn columns(text: &str) -> Vec<String> {
    let first = text.lines().next().unwrap_or("");
    first.split([',', ';', '\t']).take(40).map(|name| name.trim_matches(['"', ' ', '\u{feff}']).to_owned()).collect()
}

fn collect(value: &Value, depth: u32, out: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) if depth < DEPTH => {
            for (name, value) in map {
                // A null, or an empty text, tells nothing.
                if !value.is_null() && value.as_str() != Some("") {
                    out.insert(normal(name));
                }
                collect(value, depth + 1, out);
            }
        }
        Value::Array(items) => items.iter().take(ELEMENTS).for_each(|item| collect(item, depth, out)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use plimsoll_http::{Body, OpId, Outcome, Probe, Request, Response, Timing};

    use super::*;

    fn answer(media_type: &str, body: &str) -> Exchange {
        Exchange {
            id: 1,
            origin: Arc::from("http://api.example"),
            probe: Probe::of(OpId(0)),
            request: Request::get("/"),
            outcome: Outcome::Answer(Response {
                status: 200,
                version: "HTTP/1.1",
                headers: vec![("content-type".to_owned(), media_type.to_owned())],
                body: Body::whole(body.as_bytes().to_vec()),
            }),
            timing: Timing::default(),
        }
    }

    #[test]
    fn names_of_json() {
        let exchange = answer("application/json", r#"{"items":[{"id":7,"e_mail":"a@b.example","at":null}],"count":1}"#);
        assert_eq!(names(&exchange).into_iter().collect::<Vec<_>>(), ["count", "email", "id", "items"]);
        assert_eq!(privacy(&exchange), Privacy::Personal);
    }

    #[test]
    fn other_formats() {
        let csv = answer("text/csv", "id,customer_id\r\n1,2\r\n");
        assert_eq!((privacy(&csv), has_data(&csv)), (Privacy::Linked, true));
        let lines = answer("application/x-ndjson", "{\"order_id\":1}\n{\"order_id\":2}\n");
        assert_eq!((privacy(&lines), has_data(&lines)), (Privacy::Linked, true));
        let page = answer("text/html", "<p>email</p>");
        assert_eq!((privacy(&page), has_data(&page)), (Privacy::None, false));
    }

    #[test]
    fn nothing_is_no_data() {
        for body in ["{}", "[]", r#"{"items":[],"count":0}"#, "null", ""] {
            assert!(!has_data(&answer("application/json", body)), "{body}");
        }
        assert!(has_data(&answer("application/json", r#"{"status":"ok"}"#)));
        assert_eq!(privacy(&answer("application/json", r#"{"email":null,"phone":""}"#)), Privacy::None);
    }
}
