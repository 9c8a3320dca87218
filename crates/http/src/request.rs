//! Concrete requests, as they are sent and as they are recorded. The host is not part of a request: it belongs to the target.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use plimsoll_model::Method;
use serde::{Deserialize, Serialize};

/// The unreserved characters of RFC 3986 §2.3, and a few that every server takes in a query, stay as they are.
const QUERY: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'*').remove(b',').remove(b':');

/// One request to the target.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The path, percent-encoded, beginning with a slash.
    pub path: String,
    /// Query parameters in order, not encoded.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub query: Vec<(String, String)>,
    /// Headers of this request beyond those that every request carries; names in lower case.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<(String, String)>,
    /// The body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Body>,
}

/// A request body.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Body {
    /// Its media type, as in `application/json`.
    pub media_type: String,
    /// The text.
    pub content: String,
}

impl Request {
    /// A GET of this path (percent-encoded, beginning with a slash).
    pub fn get(path: &str) -> Self {
        Self { method: Method::Get, path: path.to_owned(), query: Vec::new(), headers: Vec::new(), body: None }
    }

    /// A GET of a path with an encoded query, as in `/orders?limit=5`.
    pub fn get_target(target: &str) -> Self {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut request = Self::get(path);
        request.query = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        request
    }

    /// The request target in origin form (RFC 9112 §3.2.1).
    pub fn target(&self) -> String {
        let mut out = self.path.clone();
        for (index, (name, value)) in self.query.iter().enumerate() {
            out.push(if index == 0 { '?' } else { '&' });
            out.push_str(&query_pair(name, value));
        }
        out
    }

    /// The value of a query parameter, the first of that name.
    pub fn query_value(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// How many bytes are asked for, where a `Range` names the first ones (RFC 9110 §14.1.2), as in `bytes=0-2047`.
    pub fn range_end(&self) -> Option<u64> {
        let (_, range) = self.headers.iter().find(|(name, _)| name == "range")?;
        range.strip_prefix("bytes=0-")?.parse::<u64>().ok()?.checked_add(1)
    }

    /// Sets a query parameter, replacing all of that name; the first keeps its place.
    pub fn set_query(&mut self, name: &str, value: &str) {
        match self.query.iter().position(|(key, _)| key == name) {
            Some(at) => {
                value.clone_into(&mut self.query[at].1);
                let mut seen = 0;
                self.query.retain(|(key, _)| {
                    seen += usize::from(key == name);
                    key != name || seen == 1
                });
            }
            None => self.query.push((name.to_owned(), value.to_owned())),
        }
    }

    /// Sets a header, replacing all of that name.
    pub fn set_header(&mut self, name: &str, value: &str) {
        let name = name.to_ascii_lowercase();
        self.headers.retain(|(key, _)| *key != name);
        self.headers.push((name, value.to_owned()));
    }
}

/// `name=value` as it stands in a request target.
pub(crate) fn query_pair(name: &str, value: &str) -> String {
    format!("{}={}", utf8_percent_encode(name, QUERY), utf8_percent_encode(value, QUERY))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn target_encodes_what_must_be_encoded() {
        let mut request = Request::get("/search");
        request.query = vec![("q".into(), "a b&c=é".into()), ("ids".into(), "1,2".into())];
        assert_eq!(request.target(), "/search?q=a%20b%26c%3D%C3%A9&ids=1,2");
        assert_eq!(Request::get_target(&request.target()), request);
    }

    #[test]
    fn setting_a_query_parameter_leaves_one() {
        let mut request = Request::get_target("/a?x=1&y=2&x=3");
        request.set_query("x", "9");
        assert_eq!(request.target(), "/a?x=9&y=2");
    }
}
