//! Operations: METHOD and path template, the unit that everything is joined on.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::redact;

/// The HTTP methods that an OpenAPI document can describe (OAS 3.1.1, Path Item Object), and `QUERY` is not among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// Read (RFC 9110 §9.3.1).
    Get,
    /// Read without a body (RFC 9110 §9.3.2).
    Head,
    /// Ask for the communication options (RFC 9110 §9.3.7).
    Options,
    /// Process (RFC 9110 §9.3.3).
    Post,
    /// Replace (RFC 9110 §9.3.4).
    Put,
    /// Change (RFC 5789).
    Patch,
    /// Remove (RFC 9110 §9.3.5).
    Delete,
    /// Loop back (RFC 9110 §9.3.8).
    Trace,
}

impl Method {
    /// Every method, in the order of a report.
    pub const ALL: &'static [Self] =
        &[Self::Get, Self::Head, Self::Options, Self::Post, Self::Put, Self::Patch, Self::Delete, Self::Trace];

    /// The method token.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Options => "OPTIONS",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
            Self::Trace => "TRACE",
        }
    }

    /// Whether the method is defined as safe, that is, read-only (RFC 9110 §9.2.1).
    pub const fn is_safe(self) -> bool {
        matches!(self, Self::Get | Self::Head | Self::Options | Self::Trace)
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Method {
    type Err = UnknownMethod;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.iter().copied().find(|method| method.as_str().eq_ignore_ascii_case(text)).ok_or(UnknownMethod)
    }
}

/// The text is no method that this crate knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownMethod;

impl fmt::Display for UnknownMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("unknown method; known are GET, HEAD, OPTIONS, POST, PUT, PATCH, DELETE, TRACE")
    }
}

impl std::error::Error for UnknownMethod {}

/// METHOD and path template, as in `GET /users/{id}`. The template begins with a slash.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct OperationKey {
    /// The method.
    pub method: Method,
    /// The path template, with `{name}` for each parameter (OAS 3.1.1 §4.8.8.2).
    pub path: String,
}

impl OperationKey {
    /// The operation of this method and template.
    pub fn new(method: Method, path: impl Into<String>) -> Self {
        Self { method, path: path.into() }
    }
}

/// `GET /orders`, on one line. A contract may come from the target: what a terminal would act on is replaced.
impl fmt::Display for OperationKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = redact::printable(&self.path);
        if path.contains(['\n', '\t']) {
            return write!(f, "{} {}", self.method, path.replace(['\n', '\t'], "\u{fffd}"));
        }
        write!(f, "{} {path}", self.method)
    }
}

impl FromStr for OperationKey {
    type Err = BadOperationKey;

    /// Reads `METHOD /path`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (method, path) = text.trim().split_once(' ').ok_or(BadOperationKey)?;
        let path = path.trim();
        if !path.starts_with('/') {
            return Err(BadOperationKey);
        }
        Ok(Self::new(method.parse().map_err(|UnknownMethod| BadOperationKey)?, path))
    }
}

/// The text is not of the form `METHOD /path`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadOperationKey;

impl fmt::Display for BadOperationKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an operation is written METHOD /path, as in GET /users/{id}")
    }
}

impl std::error::Error for BadOperationKey {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes() {
        let key: OperationKey = "get /users/{id}".parse().unwrap();
        assert_eq!(key.to_string(), "GET /users/{id}");
        assert_eq!(key.to_string().parse::<OperationKey>().unwrap(), key);
    }

    #[test]
    fn refuses_what_is_no_operation() {
        for text in ["", "GET", "GET users", "FETCH /users"] {
            assert!(text.parse::<OperationKey>().is_err(), "{text:?}");
        }
    }
}
