//! Requests as they leave: the headers that every request carries, those of the probe, the target in origin form.
//!
//! A request goes to the judged address whatever its path says, carries the credentials of the identity that the probe is sent as and of no other, and
//! cannot set the fields that frame a message or name its host. Nothing that an answer sets (a cookie, say) is sent back.

use std::sync::{Arc, PoisonError, RwLock};

use bytes::Bytes;
use http::header::{CONTENT_TYPE, COOKIE, HOST, HeaderMap, HeaderName, HeaderValue};
use http::uri::PathAndQuery;
use http_body_util::Full;

use crate::plan::Planned;
use crate::probe::Who;
use crate::request::{Request, query_pair};
use crate::settings::{Credential, Settings};

/// Fields that frame a message, manage its connection or name its host: never taken from a probe (RFC 9110 §7.2, §7.6.1; RFC 9112 §6).
const RESERVED: &[&str] = &[
    "connection",
    "content-length",
    "expect",
    "host",
    "http2-settings",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// What requests have in common.
pub(crate) struct Outgoing {
    /// What the given caller carries, where that is not the first named identity.
    given: Option<Arc<Carried>>,
    anonymous: Arc<Carried>,
    /// By the number of [`Who::As`]; a login changes what it yields.
    named: RwLock<Vec<Arc<Carried>>>,
    authority: http::uri::Authority,
    host: HeaderValue,
}

/// What every request of one identity carries.
#[derive(Clone, Default)]
pub(crate) struct Carried {
    headers: HeaderMap,
    query: Vec<(String, String)>,
}

/// Target and headers of a request: what can be refused, and is looked at before a connection is taken.
pub(crate) struct Prepared {
    target: PathAndQuery,
    headers: HeaderMap,
}

impl Outgoing {
    /// Prepares the headers that every request carries.
    ///
    /// # Errors
    /// A header name or value that cannot be sent; the text names the header, never the value.
    pub(crate) fn new(settings: &Settings) -> Result<Self, String> {
        let mut anonymous = HeaderMap::new();
        let agent = settings.user_agent();
        for (name, value) in [
            ("user-agent", agent.as_str()),
            ("accept", "application/json, */*;q=0.5"),
            ("accept-encoding", "gzip, br"),
            ("x-plimsoll-scan", settings.scan_id.as_str()),
        ] {
            let (name, value) = header(name, value)?;
            anonymous.insert(name, value);
        }
        let mut given = anonymous.clone();
        for (name, value) in &settings.extra_headers {
            let (name, value) = header(name, value)?;
            if !is_credential(name.as_str()) {
                anonymous.insert(name.clone(), value.clone());
            }
            given.insert(name, value);
        }
        let named: Vec<Carried> = settings
            .identities
            .iter()
            .map(|identity| carried(&anonymous, &identity.credentials, &identity.query))
            .collect::<Result<_, String>>()?;
        let named: Vec<Arc<Carried>> = named.into_iter().map(Arc::new).collect();
        let given = if settings.credentials.is_empty() && !named.is_empty() {
            None
        } else {
            Some(Arc::new(carried(&given, &settings.credentials, &[])?))
        };
        let named = RwLock::new(named);
        let anonymous = Arc::new(Carried { headers: anonymous, query: Vec::new() });
        let authority = settings.target.authority();
        let host = HeaderValue::from_str(authority).map_err(|error| error.to_string())?;
        let authority = authority.parse().map_err(|error: http::uri::InvalidUri| error.to_string())?;
        Ok(Self { given, anonymous, named, authority, host })
    }

    /// Target and headers of a request.
    ///
    /// # Errors
    /// One line: what in the request must not, or cannot, be sent.
    pub(crate) fn prepare(&self, planned: &Planned) -> Result<Prepared, String> {
        let named = |n: usize| self.named.read().unwrap_or_else(PoisonError::into_inner).get(n).cloned();
        let carried = match (planned.probe.who, &self.given) {
            (Who::Given, Some(given)) => Some(Arc::clone(given)),
            (Who::Given, None) => named(0),
            (Who::Anonymous, _) => Some(Arc::clone(&self.anonymous)),
            (Who::As(n), _) => named(usize::from(n)),
        };
        let carried = carried.ok_or("there is no such identity")?;
        let target = target_of(&planned.request, &carried.query)?;
        Ok(Prepared { target, headers: headers(planned, &carried.headers)? })
    }

    /// Which of the named identities a probe is sent as.
    pub(crate) fn place_of(&self, who: Who) -> Option<usize> {
        match who {
            Who::Given if self.given.is_none() => Some(0),
            Who::As(n) => Some(usize::from(n)),
            Who::Given | Who::Anonymous => None,
        }
    }

    /// Lets a named identity carry this header from now on, in place of one of that name, beside other cookies than this one.
    pub(crate) fn carry(&self, n: usize, name: &str, value: &str) {
        let (Ok((name, mut value)), mut named) =
            (header(name, value), self.named.write().unwrap_or_else(PoisonError::into_inner))
        else {
            return;
        };
        let Some(carried) = named.get_mut(n) else { return };
        let mut changed = Carried::clone(carried);
        if name == COOKIE
            && let Some(known) = changed.headers.get(COOKIE).and_then(|known| known.to_str().ok())
            && let Ok(text) = value.to_str()
        {
            let cookie = text.split('=').next().unwrap_or("");
            let mut all: Vec<&str> =
                known.split("; ").filter(|other| other.split('=').next() != Some(cookie)).collect();
            all.push(text);
            value = HeaderValue::from_str(&all.join("; ")).unwrap_or(value);
        }
        value.set_sensitive(true);
        changed.headers.insert(name, value);
        *carried = Arc::new(changed);
    }

    /// Adds an identity that carries these headers.
    ///
    /// # Errors
    /// A header that cannot be sent; the text names the header, never the value.
    pub(crate) fn add(&self, credentials: &[Credential], query: &[Credential]) -> Result<(), String> {
        let common = &self.anonymous.headers;
        let carried = Arc::new(carried(common, credentials, query)?);
        self.named.write().unwrap_or_else(PoisonError::into_inner).push(carried);
        Ok(())
    }

    /// Whether a header can be sent.
    ///
    /// # Errors
    /// It cannot; the text names the header, never the value.
    pub(crate) fn admits(name: &str, value: &str) -> Result<(), String> {
        header(name, value).map(drop)
    }

    /// The request for a connection; `many` says that it speaks HTTP/2.
    pub(crate) fn request(&self, request: &Request, prepared: Prepared, many: bool) -> http::Request<Full<Bytes>> {
        let Prepared { target, headers } = prepared;
        let body =
            request.body.as_ref().map_or_else(Full::default, |body| Full::new(Bytes::from(body.content.clone())));
        let mut out = http::Request::new(body);
        *out.method_mut() = match request.method {
            plimsoll_model::Method::Get => http::Method::GET,
            plimsoll_model::Method::Head => http::Method::HEAD,
            plimsoll_model::Method::Options => http::Method::OPTIONS,
            plimsoll_model::Method::Post => http::Method::POST,
            plimsoll_model::Method::Put => http::Method::PUT,
            plimsoll_model::Method::Patch => http::Method::PATCH,
            plimsoll_model::Method::Delete => http::Method::DELETE,
            plimsoll_model::Method::Trace => http::Method::TRACE,
        };
        *out.headers_mut() = headers;
        let mut uri = http::uri::Parts::default();
        uri.path_and_query = Some(target);
        if many {
            uri.scheme = Some(http::uri::Scheme::HTTPS);
            uri.authority = Some(self.authority.clone());
        } else {
            out.headers_mut().insert(HOST, self.host.clone());
        }
        // A path alone, or scheme, authority and path: the two combinations that are always a URI.
        if let Ok(uri) = http::Uri::from_parts(uri) {
            *out.uri_mut() = uri;
        }
        out
    }
}

/// These headers with credentials.
fn carried(common: &HeaderMap, credentials: &[Credential], query: &[Credential]) -> Result<Carried, String> {
    let mut headers = common.clone();
    for credential in credentials {
        let (name, mut value) = header(&credential.header, &credential.value)?;
        value.set_sensitive(true);
        let value = match headers.get(&name) {
            // RFC 6265 §5.4: one Cookie field.
            Some(first) if name == COOKIE => joined(first, &value)?,
            _ => value,
        };
        headers.insert(name, value);
    }
    let query = query.iter().map(|credential| (credential.header.clone(), credential.value.clone())).collect();
    Ok(Carried { headers, query })
}

fn joined(first: &HeaderValue, second: &HeaderValue) -> Result<HeaderValue, String> {
    let mut value = HeaderValue::from_bytes(&[first.as_bytes(), b"; ", second.as_bytes()].concat())
        .map_err(|error| error.to_string())?;
    value.set_sensitive(true);
    Ok(value)
}

/// The headers of a request: what its identity carries, then its own.
fn headers(planned: &Planned, carried: &HeaderMap) -> Result<HeaderMap, String> {
    let mut headers = carried.clone();
    for (name, value) in &planned.request.headers {
        if RESERVED.contains(&name.as_str()) {
            return Err(format!("the header `{name}` belongs to the engine"));
        }
        let (name, value) = header(name, value)?;
        if name == COOKIE
            && let Some(known) = headers.get(COOKIE)
        {
            let both = joined(known, &value)?;
            headers.insert(COOKIE, both);
            continue;
        }
        headers.insert(name, value);
    }
    if let Some(body) = &planned.request.body {
        headers.insert(CONTENT_TYPE, header("content-type", &body.media_type)?.1);
    }
    Ok(headers)
}

/// Headers that prove who the caller is, also where they were given as plain headers.
fn is_credential(name: &str) -> bool {
    matches!(name, "authorization" | "cookie" | "proxy-authorization" | "x-api-key" | "api-key" | "x-auth-token")
}

fn header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), String> {
    let name: HeaderName =
        name.parse().map_err(|_| format!("`{}` is no header name", plimsoll_model::redact::one_line(name, 60)))?;
    let value = HeaderValue::from_str(value).or_else(|_| HeaderValue::from_bytes(value.as_bytes()));
    value
        .map(|value| (name.clone(), value))
        .map_err(|_| format!("the value of the header `{name}` holds a control character"))
}

/// The request target in origin form, with the query parameters that its identity carries; one of the request takes the place of a carried one. A path that is not percent-encoded is refused, not repaired: a probe must be sent as it was meant.
fn target_of(request: &Request, carried: &[(String, String)]) -> Result<PathAndQuery, String> {
    if !request.path.starts_with('/') {
        return Err("the path does not begin with a slash".to_owned());
    }
    if request.path.contains(['?', '#']) {
        return Err("the path holds a query or a fragment".to_owned());
    }
    let mut target = request.target();
    let mut own = !request.query.is_empty();
    for (name, value) in carried.iter().filter(|(name, _)| request.query_value(name).is_none()) {
        target.push(if own { '&' } else { '?' });
        own = true;
        target.push_str(&query_pair(name, value));
    }
    PathAndQuery::from_maybe_shared(Bytes::from(target)).map_err(|error| format!("the path cannot be sent: {error}"))
}
