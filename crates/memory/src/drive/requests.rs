//! Where an operation's requests come from: variations of a base request, a template, or recorded traffic.

use plimsoll_http::request::Body;
use plimsoll_http::{Permit, Request};
use plimsoll_model::{Method, OperationKey};

use super::template::{Template, TemplateError};
use super::vary::{Lever, Levers};

/// An operation that is driven.
#[derive(Clone, Debug)]
pub struct Driven {
    /// The operation.
    pub key: OperationKey,
    /// What it may do.
    pub permit: Permit,
    /// Its requests.
    pub source: Source,
    /// The query parameter that says how many items are asked for, with values that the contract allows, the smallest first.
    pub sizes: Option<(String, Vec<u64>)>,
}

/// Where requests come from.
#[derive(Clone, Debug)]
pub enum Source {
    /// A base request and its levers.
    Base(Request, Levers),
    /// Written by the user.
    Written(Written),
    /// Recorded, in turn.
    Recorded(Vec<Request>),
}

/// A request with placeholders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    method: Method,
    target: Template,
    body: Option<(String, Template)>,
}

impl Written {
    /// A request of this method with a target such as `/search?q=term-{n}`, and a body with its media type.
    ///
    /// # Errors
    /// A placeholder that is not known.
    pub fn new(method: Method, target: &str, body: Option<(&str, &str)>) -> Result<Self, TemplateError> {
        let body = body.map(|(media_type, text)| Ok((media_type.to_owned(), Template::parse(text)?))).transpose()?;
        Ok(Self { method, target: Template::parse(target)?, body })
    }

    fn nth(&self, n: u64) -> Request {
        let mut request = Request::get_target(&self.target.nth(n));
        request.method = self.method;
        request.body =
            self.body.as_ref().map(|(media_type, text)| Body { media_type: media_type.clone(), content: text.nth(n) });
        request
    }
}

impl Source {
    /// The n-th request; with `fixed`, always the first.
    pub fn nth(&self, n: u64, fixed: bool) -> Request {
        let n = if fixed { 0 } else { n };
        match self {
            Self::Base(base, levers) => levers.nth(base, n),
            Self::Written(written) => written.nth(n),
            Self::Recorded(requests) => match requests.len() as u64 {
                0 => Request::get("/"),
                all => requests[(n % all) as usize].clone(),
            },
        }
    }

    /// Whether requests differ from one another in more than a header.
    pub fn varies(&self) -> bool {
        match self {
            Self::Base(_, levers) => levers.0.iter().any(|lever| !matches!(lever, Lever::FreshHeader(_))),
            Self::Written(written) => {
                written.target.varies() || written.body.as_ref().is_some_and(|(_, text)| text.varies())
            }
            Self::Recorded(requests) => requests.windows(2).any(|pair| pair[0] != pair[1]),
        }
    }

    /// The levers that are to be tried before they are used.
    pub fn levers_mut(&mut self) -> Option<(&Request, &mut Vec<Lever>)> {
        match self {
            Self::Base(base, levers) => Some((base, &mut levers.0)),
            Self::Written(_) | Self::Recorded(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixed_request_is_always_the_same() {
        let written = Written::new(Method::Post, "/views/item-{n%2000:05}?visitor=v{n}", None).unwrap();
        let source = Source::Written(written);
        assert_eq!(source.nth(2_007, false).target(), "/views/item-00007?visitor=v2007");
        assert_eq!(source.nth(2_007, true), source.nth(5, true));
        assert_eq!(source.nth(1, true).method, Method::Post);
        assert!(source.varies());
    }

    #[test]
    fn recorded_requests_come_in_turn() {
        let source = Source::Recorded(vec![Request::get("/a"), Request::get("/b")]);
        assert_eq!(source.nth(3, false).path, "/b");
        assert!(source.varies());
        assert!(!Source::Recorded(vec![Request::get("/a")]).varies());
    }
}
