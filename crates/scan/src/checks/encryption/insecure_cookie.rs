//! `insecure-cookie`: cookies without the attributes that protect them.

use std::collections::BTreeMap;

use plimsoll_http::Exchange;
use plimsoll_model::{PartKind, Severity, redact};

use super::way;
use crate::check::{Check, Meta, check};
use crate::draft::Draft;
use crate::view::App;

check! {
    /// A cookie without `Secure`, `HttpOnly` or `SameSite`, or with a prefix whose rules it breaks.
    pub struct InsecureCookie {
        id: "insecure-cookie", weakness: InsecureCookie, mode: Passive, since: "0.2.0", page: "http/insecure-cookie.md",
    }
}

/// Words in the names of cookies that stand for a session.
const SESSION: &[&str] = &["sess", "sid", "auth", "token", "jwt", "login", "remember", "identity", "credential"];
/// Words in the names of cookies that scripts are meant to read, to send them back as a header.
const FOR_SCRIPTS: &[&str] = &["csrf", "xsrf"];

/// A cookie as it is set (RFC 6265bis §4.1). Its value is looked at and never kept.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Cookie {
    name: String,
    session: bool,
    secure: bool,
    http_only: bool,
    same_site: Option<String>,
    domain: bool,
    path: Option<String>,
}

fn read(header: &str) -> Option<Cookie> {
    let mut parts = header.split(';');
    let (name, value) = parts.next()?.split_once('=')?;
    let (name, value) = (name.trim(), value.trim().trim_matches('"'));
    let lower = name.to_ascii_lowercase();
    let for_scripts = FOR_SCRIPTS.iter().any(|word| lower.contains(word));
    let is_jwt = value.starts_with("eyJ") && value.matches('.').count() == 2;
    let mut cookie = Cookie {
        name: redact::one_line(name, 60),
        session: !for_scripts && (is_jwt || SESSION.iter().any(|word| lower.contains(word))),
        secure: false,
        http_only: false,
        same_site: None,
        domain: false,
        path: None,
    };
    let mut removed = value.is_empty();
    for part in parts {
        let (attribute, value) = part.split_once('=').unwrap_or((part, ""));
        let value = value.trim();
        match attribute.trim().to_ascii_lowercase().as_str() {
            "secure" => cookie.secure = true,
            "httponly" => cookie.http_only = true,
            "samesite" => cookie.same_site = Some(value.to_ascii_lowercase()),
            "domain" => cookie.domain = !value.is_empty(),
            "path" => cookie.path = Some(value.to_owned()),
            "max-age" => removed |= value.parse::<i64>().is_ok_and(|age| age <= 0),
            "expires" => removed |= value.contains("1970"),
            _ => {}
        }
    }
    (!removed && !name.is_empty()).then_some(cookie)
}

/// What is wrong with a cookie, each with how bad that is.
fn faults(cookie: &Cookie, https: bool, local: bool) -> Vec<(String, Severity)> {
    let mut out = Vec::new();
    let none = cookie.same_site.as_deref() == Some("none");
    if !cookie.secure && (https || !local) {
        let severity = if cookie.session { Severity::Medium } else { Severity::Low };
        out.push(("no `Secure`: it is also sent over http".to_owned(), severity));
    } else if !cookie.secure && cookie.session {
        // Over http on one's own machine a cookie with `Secure` could not be tried.
        out.push(("no `Secure` over http on a local address".to_owned(), Severity::Info));
    }
    if none && !cookie.secure {
        out.push((
            "`SameSite=None` without `Secure`: browsers drop it".to_owned(),
            if https { Severity::Low } else { Severity::Info },
        ));
    }
    if cookie.session && !cookie.http_only {
        out.push(("no `HttpOnly`: any script on the page reads it".to_owned(), Severity::Medium));
    }
    if cookie.session && cookie.same_site.is_none() {
        out.push(("no `SameSite`: what other sites may do with it is left to the browser".to_owned(), Severity::Info));
    }
    let host = cookie.name.starts_with("__Host-");
    if host && (!cookie.secure || cookie.domain || cookie.path.as_deref() != Some("/")) {
        let rule = "`__Host-` wants `Secure`, `Path=/` and no `Domain`: browsers drop it";
        out.push((rule.to_owned(), Severity::Low));
    } else if cookie.name.starts_with("__Secure-") && !cookie.secure {
        out.push(("`__Secure-` wants `Secure`: browsers drop it".to_owned(), Severity::Low));
    }
    out
}

impl Check for InsecureCookie {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn judge_app(&self, app: &App<'_>) -> Vec<Draft> {
        let (https, local) = (way::is_https(app), way::is_local(app));
        let mut cookies: BTreeMap<String, (Cookie, &Exchange)> = BTreeMap::new();
        for exchange in app.seen.all() {
            for header in exchange.response().into_iter().flat_map(|response| response.header_all("set-cookie")) {
                if let Some(cookie) = read(header) {
                    cookies.entry(cookie.name.clone()).or_insert((cookie, exchange));
                }
            }
        }
        let drafts = cookies.into_values().filter_map(|(cookie, exchange)| {
            let faults = faults(&cookie, https, local);
            let severity = faults.iter().map(|(_, severity)| *severity).max()?;
            let what: Vec<&str> = faults.iter().map(|(what, _)| what.as_str()).collect();
            let kind = if cookie.session { "session cookie" } else { "cookie" };
            let draft = app
                .finding(format!("The {kind} `{}` has {}.", cookie.name, what.join("; ")))
                .severity(severity)
                .part(PartKind::ResponseHeader, format!("set-cookie {}", cookie.name));
            Some(draft.exchange_excerpt(exchange, "sets it", ""))
        });
        drafts.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_for_a_session() {
        for (header, session) in [
            ("sessionid=a1; HttpOnly", true),
            ("connect.sid=s%3A1", true),
            ("JSESSIONID=1", true),
            ("t=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.x", true),
            ("csrftoken=abc", false),
            ("theme=dark", false),
        ] {
            assert_eq!(read(header).unwrap().session, session, "{header}");
        }
        for removed in
            ["sessionid=; Max-Age=0", "a=b; expires=Thu, 01 Jan 1970 00:00:00 GMT", "a=b; Max-Age=-1", "nothing"]
        {
            assert_eq!(read(removed), None, "{removed}");
        }
    }
}
