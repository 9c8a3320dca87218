//! One exchange: build the request, send it, read the answer within deadlines and caps.
//!
//! A request goes to the judged address whatever its path says, carries credentials only where the probe is sent as the given identity, and cannot
//! set the fields that frame a message or name its host.

use std::error::Error as _;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::{CONTENT_TYPE, COOKIE, HOST, HeaderMap, HeaderName, HeaderValue};
use http::uri::PathAndQuery;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use tokio::time::{Instant, timeout_at};

use crate::budget::Spent;
use crate::connect::{Connection, Connector, Meter, failure};
use crate::decode::{Decoder, Sink};
use crate::echo::{body_without_secrets, header_text, without_secrets};
use crate::exchange::{Body, Failure, Outcome, Response, Stage, Timing};
use crate::limit::retry_after;
use crate::plan::Planned;
use crate::probe::Who;
use crate::request::Request;
use crate::settings::Settings;

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

/// Sends single requests.
pub(crate) struct Wire {
    pub(crate) settings: Settings,
    pub(crate) connector: Connector,
    pub(crate) spent: Spent,
    given: HeaderMap,
    anonymous: HeaderMap,
    authority: http::uri::Authority,
    host: HeaderValue,
}

/// A finished exchange.
pub(crate) struct Done {
    pub(crate) planned: Planned,
    /// The request as it is recorded, where that differs from the one that was sent.
    pub(crate) recorded: Option<Request>,
    pub(crate) outcome: Outcome,
    pub(crate) timing: Timing,
    pub(crate) sent: Instant,
    pub(crate) retry_after: Option<Duration>,
}

/// An answer's header, and the connection that its body comes from.
struct Head {
    response: http::Response<Incoming>,
    connection: Connection,
}

impl Wire {
    /// Prepares the headers that every request carries.
    ///
    /// # Errors
    /// A header name or value that cannot be sent; the text names the header, never the value.
    pub(crate) fn new(settings: Settings, connector: Connector) -> Result<Self, String> {
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
        for credential in &settings.credentials {
            let (name, mut value) = header(&credential.header, &credential.value)?;
            value.set_sensitive(true);
            given.insert(name, value);
        }
        let authority = settings.target.authority();
        let host = HeaderValue::from_str(authority).map_err(|error| error.to_string())?;
        let authority = authority.parse().map_err(|error: http::uri::InvalidUri| error.to_string())?;
        let spent = Spent::new(settings.budgets);
        Ok(Self { settings, connector, spent, given, anonymous, authority, host })
    }

    /// Sends one request, which is paid for, and reads its answer.
    pub(crate) async fn exchange(&self, planned: Planned) -> Done {
        let bytes = self.spent.of(planned.probe.op);
        let begun = Instant::now();
        let mut sent = begun;
        let mut fresh = false;
        let head = loop {
            match self.head(&planned, fresh, &mut sent).await {
                Ok(head) => break Ok(head),
                // A kept connection that the peer closed in the meantime says nothing about the target.
                Err((_, again))
                    if !fresh
                        && (again == Again::Unsent
                            || again == Again::Lost
                                && planned.request.method.is_safe()
                                && self.spent.take_request()) =>
                {
                    fresh = true;
                }
                Err((failure, _)) => break Err(failure),
            }
        };
        let first_byte = sent.elapsed();
        let mut wait = None;
        let outcome = match head {
            Ok(head) => {
                wait = head
                    .response
                    .headers()
                    .get("retry-after")
                    .and_then(|v| v.to_str().ok())
                    .and_then(|v| retry_after(v, wall_clock()));
                Outcome::Answer(self.body(head, sent, &bytes, planned.keep).await)
            }
            Err(failure) => Outcome::Failed(failure),
        };
        let recorded = without_secrets(&self.settings.secrets, &planned.request);
        let timing = Timing {
            sent_ms: millis(sent.saturating_duration_since(self.spent.start())),
            first_byte_ms: millis(first_byte),
            total_ms: millis(sent.elapsed()),
        };
        Done { planned, recorded, outcome, timing, sent, retry_after: wait }
    }

    async fn head(&self, planned: &Planned, fresh: bool, sent: &mut Instant) -> Result<Head, (Failure, Again)> {
        let target = path_of(&planned.request).map_err(|why| (failure(Stage::Guard, why), Again::No))?;
        let headers = self.headers(planned).map_err(|why| (failure(Stage::Guard, why), Again::No))?;
        let mut connection = self.connector.take(fresh).await.map_err(|failure| (failure, Again::No))?;
        *sent = Instant::now();
        let deadline = *sent + self.settings.deadlines.first_byte.min(self.settings.deadlines.total);
        let request = self.request(&planned.request, target, headers, matches!(connection, Connection::Many(_)));
        let (result, reused) = match &mut connection {
            Connection::One(one) => {
                one.meter.progress();
                let result = timeout_at(deadline, one.sender.try_send_request(request)).await;
                (result, one.reused)
            }
            Connection::Many(many) => {
                many.meter.progress();
                let result = timeout_at(deadline, many.sender.try_send_request(request)).await;
                (result, many.reused)
            }
        };
        match result {
            Ok(Ok(response)) => Ok(Head { response, connection }),
            Ok(Err(mut error)) => {
                let unsent = error.take_message().is_some();
                let error = error.into_error();
                let again = if unsent {
                    Again::Unsent
                } else if reused && !error.is_parse() {
                    Again::Lost
                } else {
                    Again::No
                };
                Err((failed_head(&error), again))
            }
            Err(_) => {
                if matches!(connection, Connection::Many(_)) {
                    self.connector.retire().await;
                }
                let waited = self.settings.deadlines.first_byte.min(self.settings.deadlines.total);
                Err((failure(Stage::FirstByte, format!("no answer within {} s", waited.as_secs_f64())), Again::No))
            }
        }
    }

    fn request(
        &self,
        request: &Request,
        target: PathAndQuery,
        headers: HeaderMap,
        many: bool,
    ) -> http::Request<Full<Bytes>> {
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

    fn headers(&self, planned: &Planned) -> Result<HeaderMap, String> {
        let mut headers = match planned.probe.who {
            Who::Given => self.given.clone(),
            Who::Anonymous => self.anonymous.clone(),
        };
        for (name, value) in &planned.request.headers {
            if RESERVED.contains(&name.as_str()) {
                return Err(format!("the header `{name}` belongs to the engine"));
            }
            let (name, value) = header(name, value)?;
            if name == COOKIE
                && let Some(known) = headers.get(COOKIE)
            {
                let mut both = known.as_bytes().to_vec();
                both.extend_from_slice(b"; ");
                both.extend_from_slice(value.as_bytes());
                headers.insert(COOKIE, HeaderValue::from_bytes(&both).map_err(|error| error.to_string())?);
                continue;
            }
            headers.insert(name, value);
        }
        if let Some(body) = &planned.request.body {
            headers.insert(CONTENT_TYPE, header("content-type", &body.media_type)?.1);
        }
        Ok(headers)
    }

    async fn body(&self, head: Head, sent: Instant, bytes: &AtomicU64, keep: Option<usize>) -> Response {
        let Head { response, connection } = head;
        let (parts, mut incoming) = response.into_parts();
        let (meter, many) = match &connection {
            Connection::One(one) => (Arc::clone(&one.meter), false),
            Connection::Many(many) => (Arc::clone(&many.meter), true),
        };
        meter.progress();
        let encoding = parts.headers.get("content-encoding").map_or("", |value| value.to_str().unwrap_or("unreadable"));
        let room = keep.unwrap_or_else(|| self.spent.room(self.settings.keep));
        let sink = Sink::new(room, self.settings.caps.max_decoded);
        let (mut decoder, mut stopped) = match Decoder::of(encoding, sink) {
            Ok(decoder) => (decoder, None),
            Err((why, sink)) => (Decoder::identity(sink), Some(why)),
        };
        let total = self.settings.deadlines.total;
        let ended = match timeout_at(sent + total, self.read(&mut incoming, &mut decoder, &meter, bytes)).await {
            Ok(None) => true,
            Ok(Some(why)) => {
                stopped = stopped.or(Some(why));
                false
            }
            Err(_) => {
                stopped = Some(format!("stalled: the body had not ended {} s after the request", total.as_secs_f64()));
                false
            }
        };
        drop(incoming);
        if ended && let Connection::One(one) = connection {
            self.connector.keep(one);
        }
        let decoded = decoder.finish(ended);
        let mut body = Body::new(
            Arc::from(decoded.kept),
            decoded.decoded_len,
            decoded.wire_len,
            Arc::new(decoded.tally),
            decoded.digest,
        );
        if let Some(why) = decoded.cut.or(stopped).filter(|why| !why.is_empty()) {
            body = body.cut(why);
        }
        if keep.is_none() {
            self.spent.keep(body.kept.len());
        }
        let version = match (many, parts.version) {
            (true, _) | (_, http::Version::HTTP_2) => "HTTP/2",
            (_, http::Version::HTTP_10) => "HTTP/1.0",
            _ => "HTTP/1.1",
        };
        let headers = parts
            .headers
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), header_text(&self.settings.secrets, value)))
            .collect();
        Response {
            status: parts.status.as_u16(),
            version,
            headers,
            body: body_without_secrets(&self.settings.secrets, body),
        }
    }

    /// Feeds the body to the decoder. None: it ended as it should.
    async fn read(
        &self,
        incoming: &mut Incoming,
        decoder: &mut Decoder,
        meter: &Meter,
        bytes: &AtomicU64,
    ) -> Option<String> {
        loop {
            match incoming.frame().await {
                None => return None,
                Some(Ok(frame)) => {
                    let Ok(data) = frame.into_data() else { continue };
                    meter.progress();
                    let paid = self.spent.receive(bytes, data.len() as u64);
                    if !decoder.push(&data) {
                        // The decoder says why.
                        return Some(String::new());
                    }
                    if !paid {
                        return Some("cut off: the bytes of the operation's budget are spent".to_owned());
                    }
                }
                Some(Err(error)) => return Some(format!("broken off: {}", chain(&error))),
            }
        }
    }
}

/// Whether a request whose connection failed may be sent once more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Again {
    /// It never left.
    Unsent,
    /// It left on a kept connection, which the peer may have closed before.
    Lost,
    /// No.
    No,
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

/// The request target in origin form. A path that is not percent-encoded is refused, not repaired: a probe must be sent as it was meant.
fn path_of(request: &Request) -> Result<PathAndQuery, String> {
    if !request.path.starts_with('/') {
        return Err("the path does not begin with a slash".to_owned());
    }
    if request.path.contains(['?', '#']) {
        return Err("the path holds a query or a fragment".to_owned());
    }
    PathAndQuery::from_maybe_shared(Bytes::from(request.target()))
        .map_err(|error| format!("the path cannot be sent: {error}"))
}

fn failed_head(error: &hyper::Error) -> Failure {
    let text = chain(error);
    if error.is_parse() && text.contains("too large") {
        return failure(Stage::Header, format!("the response header is over the limits: {text}"));
    }
    if error.is_parse() {
        return failure(Stage::Header, format!("the response header is malformed: {text}"));
    }
    failure(Stage::FirstByte, text)
}

/// An error and its causes on one line.
fn chain(error: &hyper::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let more = inner.to_string();
        if !text.contains(&more) {
            text.push_str(": ");
            text.push_str(&more);
        }
        cause = inner.source();
    }
    text
}

/// `Retry-After` may name a date; nothing else here asks for the time of day.
#[expect(
    clippy::disallowed_methods,
    reason = "a date in an answer is compared with the clock at the time of the answer"
)]
fn wall_clock() -> SystemTime {
    SystemTime::now()
}

/// Whole microseconds, because these survive being written and read again.
fn millis(duration: Duration) -> f64 {
    duration.as_micros() as f64 / 1_000.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe::{OpId, Probe};
    use crate::scope::Target;

    #[test]
    fn an_exchange_in_flight_is_small() {
        let settings = Settings::new(Target::parse("http://127.0.0.1:9").unwrap());
        let connector = Connector::new(Vec::new(), None, Duration::ZERO, settings.caps);
        let wire = Wire::new(settings, connector).unwrap();
        let exchange = wire.exchange(Planned::new(0, Probe::of(OpId(0)), Request::get("/")));
        assert!(size_of_val(&exchange) <= 3 << 10, "{} bytes", size_of_val(&exchange));
    }
}
