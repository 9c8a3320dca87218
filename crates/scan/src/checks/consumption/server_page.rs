//! The whole error page of another server, at an operation that answers JSON otherwise.
//!
//! Pages of gateways are left out: theirs may be the service's own.

use std::sync::LazyLock;

use plimsoll_http::{Exchange, Response};
use regex::Regex;

use super::parties::is_internal;
use super::upstream_error::Passed;
use crate::checks::input::debug_page;
use crate::view::Op;

/// What error pages of application servers have, with the product.
const SERVERS: &[(&str, &[&str])] = &[
    ("Tomcat", &["http status ", "apache tomcat/"]),
    ("Jetty", &["http error ", "jetty"]),
    ("Jetty", &["error 500 server error", "http error 500"]),
    ("Spring", &["whitelabel error page"]),
    ("IIS", &["server error in '/' application"]),
    ("PHP", &["<b>fatal error</b>:"]),
    ("Express", &["<pre>cannot get "]),
    ("WebLogic", &["from rfc 2068"]),
];

/// The whole error page of another server: at an operation that answers JSON, of a product that answers nothing else here.
pub fn whole_page(op: &Op<'_>, exchange: &Exchange, response: &Response) -> Option<Passed> {
    if response.status < 400 || response.media_type() != "text/html" || debug_page::framework(response).is_some() {
        return None;
    }
    let is_json = op.baseline().and_then(Exchange::response).is_some_and(Response::is_json);
    let text = response.body.text().to_ascii_lowercase();
    let (product, marks) = SERVERS.iter().find(|(_, marks)| marks.iter().all(|mark| text.contains(mark)))?;
    let has_marks = |other: &Exchange| {
        let lower = other.text().to_ascii_lowercase();
        marks.iter().all(|mark| lower.contains(mark))
    };
    let names = |other: &Exchange| {
        let server = other.response().and_then(|response| response.header("server")).unwrap_or("");
        server.to_ascii_lowercase().contains(&product.to_ascii_lowercase())
    };
    let mut elsewhere = op
        .seen
        .all()
        .iter()
        .filter(|other| other.probe.op != op.id && other.status().is_some_and(|status| status >= 400));
    let is_own = names(exchange) || elsewhere.any(has_marks);
    (is_json && !is_own).then(|| Passed {
        what: "the error page of another server",
        field: String::new(),
        host: INSIDE
            .as_ref()
            .and_then(|regex| Some(regex.captures(&text)?.get(1)?.as_str().to_owned()))
            .filter(|host| is_internal(host)),
        shown: format!("{product}: {}", marks.join(" … ")),
    })
}

/// The host of an address with a scheme.
static INSIDE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"[a-z][a-z0-9+:]{2,20}://(?:[^/@\s]{1,60}@)?([a-z0-9._-]{1,100})").ok());
