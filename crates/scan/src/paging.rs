//! Page controls: how an operation lets its callers ask for one page at a time, in any of the customary styles.

use plimsoll_http::{Exchange, Probe};
pub use plimsoll_spec::roles::paging::{Role, role};
use plimsoll_spec::{Location, Parameter};
use serde_json::Value;
use url::Url;

use crate::fields::normal;
use crate::view::Op;

/// The page controls of an operation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Paging {
    /// The parameter that sets the page size.
    pub limit: Option<String>,
    /// The parameter that skips elements.
    pub offset: Option<String>,
    /// The parameter that numbers pages.
    pub page: Option<String>,
    /// The parameter that takes a cursor.
    pub cursor: Option<String>,
    /// What the baseline's answer offers as the next page.
    pub next: Option<Next>,
}

/// What an answer offers as the next page.
#[derive(Clone, Debug, PartialEq)]
pub enum Next {
    /// A cursor in the body: its dotted path and value.
    Cursor {
        /// Dotted path in the body.
        path: String,
        /// Its value, as it goes into a query parameter.
        value: String,
    },
    /// A link, in the body or in a `Link` header (RFC 8288): its target as given.
    Link(String),
    /// The body says that there is more (`has_more`, `next_page` as a number), without a cursor.
    Flag,
    /// The store's own key, as an object at this path: no caller can hand it back as it is.
    Key(String),
}

impl Paging {
    /// The page controls of this operation, from its contract and from its baseline's answer.
    pub fn of(op: &Op<'_>) -> Self {
        let named = |wanted: Role| {
            op.spec
                .parameters_in(Location::Query)
                .map(|parameter: &Parameter| parameter.name.as_str())
                .chain(op.base().into_iter().flat_map(|base| base.query.iter().map(|(name, _)| name.as_str())))
                .find(|name| role(name) == Some(wanted))
                .map(str::to_owned)
        };
        Self {
            limit: named(Role::Limit),
            offset: named(Role::Offset),
            page: named(Role::Page),
            cursor: named(Role::Cursor),
            next: op.baseline().and_then(next),
        }
    }

    /// Whether a caller can reach every page: an offset, a page number, or a cursor together with something that hands cursors out or takes them.
    pub fn can_advance(&self) -> bool {
        self.offset.is_some()
            || self.page.is_some()
            || self.cursor.is_some()
            || matches!(self.next, Some(Next::Link(_)))
    }

    /// Whether there is any control of the page size or position, or a next page in the answer.
    pub fn is_any(&self) -> bool {
        self.limit.is_some() || self.can_advance() || self.next.is_some()
    }

    /// The probe for the page after `answer`, asked with the same edits as `probe`; none where `answer` offers none.
    pub fn follow(&self, probe: &Probe, answer: &Exchange) -> Option<Probe> {
        match next(answer)? {
            Next::Cursor { path, value } => {
                let name = self.cursor.clone().unwrap_or_else(|| path.rsplit('.').next().unwrap_or(&path).to_owned());
                Some(probe.clone().query(&name, &value))
            }
            Next::Link(target) => {
                let base = Url::parse("http://target.invalid").ok()?.join(&answer.request.target()).ok()?;
                let url = base.join(&target).ok()?;
                let mut followed = probe.clone().path(url.path());
                for (name, _) in &answer.request.query {
                    followed = followed.drop_query(name);
                }
                for (name, value) in url.query_pairs() {
                    followed = followed.query(&name, &value);
                }
                Some(followed)
            }
            Next::Flag | Next::Key(_) => None,
        }
    }
}

/// What an answer offers as the next page.
pub fn next(exchange: &Exchange) -> Option<Next> {
    let response = exchange.response().filter(|_| exchange.is_success())?;
    if let Some(target) = response.header_all("link").find_map(link_next) {
        return Some(Next::Link(target));
    }
    if let Some(value) = response.header("x-next-cursor").filter(|value| !value.is_empty()) {
        return Some(Next::Cursor { path: "x-next-cursor".to_owned(), value: value.to_owned() });
    }
    let tally = &response.body.tally;
    let mut flag = None;
    for (path, value) in &tally.scalars {
        let segments: Vec<String> = path.split('.').map(normal).collect();
        let last = segments.last().map_or("", String::as_str);
        let about_next = segments.iter().any(|segment| segment.contains("next"));
        let text = match value {
            Value::String(text) if !text.is_empty() => text.clone(),
            Value::Number(number) => number.to_string(),
            Value::Bool(true) if matches!(last, "hasmore" | "hasnext" | "hasnextpage" | "more") => {
                flag = Some(Next::Flag);
                continue;
            }
            _ => continue,
        };
        let is_link = text.starts_with("http://")
            || text.starts_with("https://")
            || text.starts_with('/')
            || text.starts_with('?');
        let is_cursor = matches!(
            last,
            "cursor" | "endcursor" | "continuationtoken" | "pagetoken" | "marker" | "bookmark" | "lastkey" | "lastid"
        );
        if (about_next || is_cursor) && is_link {
            return Some(Next::Link(text));
        }
        if is_cursor
            || matches!(
                last,
                "next" | "nextcursor" | "nexttoken" | "nextpagetoken" | "nextkey" | "nextmarker" | "lastevaluatedkey"
            )
        {
            return Some(Next::Cursor { path: path.clone(), value: text });
        }
        if about_next && value.is_number() {
            flag = Some(Next::Flag);
        }
        if segments.iter().any(|segment| is_store_key(segment)) {
            return Some(Next::Key(path.clone()));
        }
    }
    flag
}

fn is_store_key(segment: &str) -> bool {
    matches!(
        segment,
        "lastevaluatedkey"
            | "exclusivestartkey"
            | "nextkey"
            | "lastkey"
            | "startkey"
            | "next"
            | "cursor"
            | "nextcursor"
    )
}

/// The target of `rel="next"` in a `Link` header field (RFC 8288 §3).
fn link_next(field: &str) -> Option<String> {
    field.split(',').find_map(|link| {
        let (target, parameters) = link.split_once('>')?;
        let is_next = parameters.split(';').any(|parameter| {
            let parameter = parameter.trim().to_ascii_lowercase();
            parameter
                .strip_prefix("rel=")
                .is_some_and(|rel| rel.trim_matches('"').split(' ').any(|word| word == "next"))
        });
        is_next.then(|| target.trim().trim_start_matches('<').to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn link_header() {
        assert_eq!(link_next(r#"</a?page=1>; rel="prev", </a?page=3>; rel="next""#).as_deref(), Some("/a?page=3"));
        assert_eq!(link_next(r#"</a?page=1>; rel="last""#), None);
    }
}
