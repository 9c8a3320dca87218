//! Scope: the target's origin (scheme, host, port), and whether a URL lies within it.
//!
//! The check is on text and comes before any name is looked up. The path is free: an API and its documents often lie under different
//! prefixes. What is ambiguous between URL parsers (user information, backslashes, control characters) is refused, not interpreted.

use std::fmt;

use url::{Host, Url};

use crate::guard;

/// Where the API is: an absolute `http` or `https` URL without user information.
#[derive(Clone, PartialEq, Eq)]
pub struct Target {
    url: Url,
    host: Host<String>,
    port: u16,
    authority: String,
}

/// Why a text is no target.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadTarget {
    /// Not a URL.
    #[error("`{text}` is not a URL: {why}")]
    NotAUrl {
        /// What was given.
        text: String,
        /// What is wrong with it.
        why: String,
    },
    /// Neither http nor https.
    #[error("`{0}` is neither http nor https")]
    Scheme(String),
    /// `user:password@host`.
    #[error("the URL holds user information; give credentials as a header instead")]
    UserInformation,
    /// Text that URL parsers read differently.
    #[error("`{0}` holds a character on which URL parsers disagree")]
    Ambiguous(String),
    /// Port 0.
    #[error("port 0 cannot be connected to")]
    Port,
}

impl Target {
    /// Reads a base URL. A text without a scheme is taken for `http` where its host is a loopback or private literal or `localhost`, otherwise
    /// for `https`.
    ///
    /// # Errors
    /// The text is no URL that can be scanned; see [`BadTarget`].
    pub fn parse(text: &str) -> Result<Self, BadTarget> {
        let text = text.trim();
        if text.contains(|c: char| c == '\\' || c.is_control() || c.is_whitespace()) {
            return Err(BadTarget::Ambiguous(plimsoll_model::redact::one_line(text, 200)));
        }
        let not_a_url = |why: String| BadTarget::NotAUrl { text: plimsoll_model::redact::one_line(text, 200), why };
        let url = if text.contains("://") {
            Url::parse(text)
        } else {
            Url::parse(&format!("http://{text}")).and_then(|guess| {
                if guard::is_local_name(guess.host()) { Ok(guess) } else { Url::parse(&format!("https://{text}")) }
            })
        };
        let url = url.map_err(|error| not_a_url(error.to_string()))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(BadTarget::Scheme(url.scheme().to_owned()));
        }
        if !url.username().is_empty() || url.password().is_some() || text.contains('@') && has_userinfo(text) {
            return Err(BadTarget::UserInformation);
        }
        let host = url.host().ok_or_else(|| not_a_url("there is no host".to_owned()))?.to_owned();
        let host = match host {
            Host::Domain(name) => {
                let name = name.trim_end_matches('.').to_ascii_lowercase();
                if name.is_empty() {
                    return Err(not_a_url("there is no host".to_owned()));
                }
                Host::Domain(name)
            }
            literal => literal,
        };
        let port = url.port_or_known_default().unwrap_or(80);
        if port == 0 {
            return Err(BadTarget::Port);
        }
        let authority = match url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_string(),
        };
        Ok(Self { url, host, port, authority })
    }

    /// The base URL.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The host; names without a trailing dot and in lower case.
    pub fn host(&self) -> &Host<String> {
        &self.host
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Host and, where it is not the default, port: the value of the `Host` header.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// Whether the target speaks TLS.
    pub fn is_tls(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// The origin as text: `https://api.example.org`.
    pub fn origin(&self) -> String {
        format!("{}://{}", self.url.scheme(), self.authority)
    }

    /// The path prefix without a trailing slash; empty for the root.
    pub fn prefix(&self) -> &str {
        self.url.path().trim_end_matches('/')
    }

    /// Where a link from an answer leads: its request target (path and query) if it lies within the target's origin.
    ///
    /// # Errors
    /// The link leads elsewhere, or is written so that URL parsers disagree on where it leads.
    pub fn admit(&self, from: &str, link: &str) -> Result<String, OutOfScope> {
        let refuse = |why: &'static str| OutOfScope { link: plimsoll_model::redact::one_line(link, 200), why };
        if link.contains(|c: char| c == '\\' || c.is_control()) {
            return Err(refuse("URL parsers disagree on it"));
        }
        let base = self.url.join(from).map_err(|_| refuse("it stands on a page without an address"))?;
        let url = base.join(link.trim()).map_err(|_| refuse("it is not a URL"))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refuse("it holds user information"));
        }
        if url.scheme() != self.url.scheme() {
            return Err(refuse("its scheme is another"));
        }
        let same_host = match (url.host(), &self.host) {
            (Some(Host::Domain(theirs)), Host::Domain(ours)) => theirs.trim_end_matches('.').eq_ignore_ascii_case(ours),
            (Some(Host::Ipv4(theirs)), Host::Ipv4(ours)) => theirs == *ours,
            (Some(Host::Ipv6(theirs)), Host::Ipv6(ours)) => theirs == *ours,
            _ => false,
        };
        if !same_host {
            return Err(refuse("its host is another"));
        }
        if url.port_or_known_default() != Some(self.port) {
            return Err(refuse("its port is another"));
        }
        Ok(match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        })
    }
}

/// An empty user (`http://@host`) leaves no trace in the parsed URL.
fn has_userinfo(text: &str) -> bool {
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().is_some_and(|authority| authority.contains('@'))
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Target({})", self.url)
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.url.as_str())
    }
}

/// A link that must not be followed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{link}` is out of scope: {why}")]
pub struct OutOfScope {
    /// The link, on one line.
    pub link: String,
    /// What is wrong with it.
    pub why: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_without_a_scheme_is_https_unless_it_is_local() {
        assert_eq!(Target::parse("127.0.0.1:8000").unwrap().origin(), "http://127.0.0.1:8000");
        assert_eq!(Target::parse("localhost:8000/api").unwrap().prefix(), "/api");
        assert_eq!(Target::parse("api.example.org").unwrap().origin(), "https://api.example.org");
        assert_eq!(Target::parse("http://[::1]:81/").unwrap().authority(), "[::1]:81");
    }

    #[test]
    fn refuses_what_is_no_target() {
        for text in [
            "",
            "http://",
            "ftp://a.example",
            "file:///etc/passwd",
            "http://a b/",
            "http://a.example:0/",
            "http://a:99999/",
        ] {
            assert!(Target::parse(text).is_err(), "{text:?}");
        }
        for text in ["http://user:pw@a.example/", "http://a.example@127.0.0.1/", "http://@a.example/"] {
            assert_eq!(Target::parse(text), Err(BadTarget::UserInformation), "{text:?}");
        }
        for text in ["http://a.example\\@b.example/", "http://a.example/\r\nx", "http://a.example\t/"] {
            assert!(matches!(Target::parse(text), Err(BadTarget::Ambiguous(_))), "{text:?}");
        }
    }

    #[test]
    fn only_the_targets_origin_is_in_scope() {
        let target = Target::parse("https://api.example.org/v1").unwrap();
        for (link, path) in [
            ("/orders?page=2", "/orders?page=2"),
            ("next", "/v1/next"),
            ("https://api.example.org/x", "/x"),
            ("https://API.example.org.:443/x#f", "/x"),
            ("//api.example.org/y", "/y"),
            ("?page=3", "/v1/list?page=3"),
        ] {
            assert_eq!(target.admit("/v1/list", link).as_deref(), Ok(path), "{link}");
        }
        for link in [
            "http://api.example.org/x",
            "https://api.example.org:8443/x",
            "https://evil.example/x",
            "//evil.example/x",
            "https://api.example.org@evil.example/",
            "https://user@api.example.org/",
            "https://api.example.org.evil.example/",
            "/\\evil.example",
            "\\\\evil.example",
            "file:///etc/passwd",
            "gopher://api.example.org/",
            "javascript:alert(1)",
            "data:,x",
            "https://169.254.169.254/",
        ] {
            assert!(target.admit("/v1/list", link).is_err(), "{link}");
        }
    }
}
