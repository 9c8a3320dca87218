//! One exchange: build the request, send it, read the answer within deadlines and caps.
//!
//! A request that failed on a kept connection is sent once more on a fresh one where that is safe, and is paid for again.

use std::error::Error as _;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use http_body_util::BodyExt;
use hyper::body::Incoming;
use tokio::time::{Instant, timeout_at};

use crate::budget::Spent;
use crate::connect::{Connection, Connector, Meter, failure};
use crate::decode::{Decoder, Sink};
use crate::echo::{body_without_secrets, header_text, without_secrets};
use crate::exchange::{Body, Failure, Outcome, Response, Stage, Timing};
use crate::limit::retry_after;
use crate::login::{Session, Yielded, Yields};
use crate::outgoing::Outgoing;
use crate::plan::Planned;
use crate::request::Request;
use crate::secrets::Secrets;
use crate::settings::{Identity, Settings};

/// Sends single requests.
pub(crate) struct Wire {
    pub(crate) settings: Settings,
    pub(crate) connector: Connector,
    pub(crate) spent: Spent,
    outgoing: Outgoing,
    /// The named identities that sign in, by their place.
    sessions: Vec<Option<Session>>,
    /// What is hidden: what the settings say, and what logins have yielded.
    secrets: RwLock<Arc<Secrets>>,
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
    /// A wire over this connector.
    ///
    /// # Errors
    /// A header that cannot be sent; see [`Outgoing::new`].
    pub(crate) fn new(settings: Settings, connector: Connector) -> Result<Self, String> {
        let outgoing = Outgoing::new(&settings)?;
        let spent = Spent::new(settings.budgets);
        let secrets = RwLock::new(Arc::clone(&settings.secrets));
        Ok(Self { settings, connector, spent, outgoing, sessions: Vec::new(), secrets })
    }

    /// Lets these identities sign in.
    pub(crate) fn sign_in_with(&mut self, sessions: Vec<Option<Session>>) {
        self.sessions = sessions;
    }

    /// The named identities that sign in, with their places.
    pub(crate) fn sessions(&self) -> impl Iterator<Item = (usize, &Session)> {
        self.sessions.iter().enumerate().filter_map(|(n, session)| Some((n, session.as_ref()?)))
    }

    /// Lets a named identity carry what a login yielded, and hides it.
    pub(crate) fn carry(&self, n: usize, name: &str, yielded: &Yielded) {
        self.hide(|secrets| secrets.add(name, &yielded.secret));
        self.outgoing.carry(n, &yielded.header.0, &yielded.header.1);
    }

    /// Adds an identity.
    ///
    /// # Errors
    /// A header that cannot be sent.
    pub(crate) fn add(&self, identity: &Identity) -> Result<(), String> {
        self.outgoing.add(&identity.credentials, &identity.query)
    }

    /// Hides more than before.
    pub(crate) fn hide(&self, change: impl FnOnce(&mut Secrets)) {
        let mut known = self.secrets.write().unwrap_or_else(PoisonError::into_inner);
        let mut secrets = Secrets::clone(&known);
        change(&mut secrets);
        *known = Arc::new(secrets);
    }

    /// What is hidden by now.
    pub(crate) fn secrets(&self) -> Arc<Secrets> {
        Arc::clone(&self.secrets.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Sends one request that is paid for, as it is, and reads its answer.
    pub(crate) async fn plain_exchange(&self, planned: Planned) -> Outcome {
        let bytes = self.spent.of(planned.probe.op);
        let mut sent = Instant::now();
        let mut result = self.head(&planned, false, &mut sent).await;
        if matches!(result, Err((_, Again::Unsent))) {
            result = self.head(&planned, true, &mut sent).await;
        }
        match result {
            Ok(head) => Outcome::Answer(self.body(head, sent, &bytes, planned.keep, planned.request.range_end()).await),
            Err((failure, _)) => Outcome::Failed(failure),
        }
    }

    /// Sends one request, which is paid for, and reads its answer.
    pub(crate) async fn exchange(&self, planned: Planned) -> Done {
        let bytes = self.spent.of(planned.probe.op);
        let begun = Instant::now();
        let mut sent = begun;
        let mut fresh = false;
        let session = self.outgoing.place_of(planned.probe.who);
        let session = session.and_then(|n| Some((n, self.sessions.get(n)?.as_ref()?)));
        if let Some((n, session)) = session {
            Box::pin(session.renew(self, n, None)).await;
        }
        let mut renewed = false;
        let head = loop {
            let generation = session.map_or(0, |(_, session)| session.generation());
            match self.head(&planned, fresh, &mut sent).await {
                Ok(head) => {
                    let status = head.response.status().as_u16();
                    let Some((n, session)) = session else { break Ok(head) };
                    session.note(status);
                    if renewed {
                        session.helped(status);
                    } else if status == 401 && session.may_have_ended() && !proves_otherwise(&planned.request, session)
                    {
                        renewed = true;
                        drop(head);
                        if Box::pin(session.renew(self, n, Some(generation))).await && self.spent.take_request() {
                            continue;
                        }
                        break Err(failure(Stage::FirstByte, "refused, and the login that followed failed".to_owned()));
                    }
                    break Ok(head);
                }
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
                Outcome::Answer(self.body(head, sent, &bytes, planned.keep, planned.request.range_end()).await)
            }
            Err(failure) => Outcome::Failed(failure),
        };
        let recorded = without_secrets(&self.secrets(), &planned.request);
        let timing = Timing {
            sent_ms: millis(sent.saturating_duration_since(self.spent.start())),
            first_byte_ms: millis(first_byte),
            total_ms: millis(sent.elapsed()),
        };
        Done { planned, recorded, outcome, timing, sent, retry_after: wait }
    }

    async fn head(&self, planned: &Planned, fresh: bool, sent: &mut Instant) -> Result<Head, (Failure, Again)> {
        let prepared = self.outgoing.prepare(planned).map_err(|why| (failure(Stage::Guard, why), Again::No))?;
        let mut connection = self.connector.take(fresh).await.map_err(|failure| (failure, Again::No))?;
        *sent = Instant::now();
        let deadline = *sent + self.settings.deadlines.first_byte.min(self.settings.deadlines.total);
        let many = matches!(connection, Connection::Many(_));
        let request = self.outgoing.request(&planned.request, prepared, many);
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

    /// Reads the body; no more than `most` bytes of it, where the request asked for a range: also where the server ignores that.
    async fn body(
        &self,
        head: Head,
        sent: Instant,
        bytes: &AtomicU64,
        keep: Option<usize>,
        most: Option<u64>,
    ) -> Response {
        let Head { response, connection } = head;
        let (parts, mut incoming) = response.into_parts();
        let (meter, many) = match &connection {
            Connection::One(one) => (Arc::clone(&one.meter), false),
            Connection::Many(many) => (Arc::clone(&many.meter), true),
        };
        meter.progress();
        let encoding = parts.headers.get("content-encoding").map_or("", |value| value.to_str().unwrap_or("unreadable"));
        let room = keep.unwrap_or_else(|| self.spent.room(self.settings.keep));
        let sink = Sink::new(room, most.unwrap_or(u64::MAX).min(self.settings.caps.max_decoded));
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
        let secrets = self.secrets();
        let headers = parts
            .headers
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), header_text(&secrets, value)))
            .collect();
        Response { status: parts.status.as_u16(), version, headers, body: body_without_secrets(&secrets, body) }
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

/// Whether a request proves who its caller is in a way of its own, so that a refusal says nothing about the login.
fn proves_otherwise(request: &Request, session: &Session) -> bool {
    let header = match &session.login.yields {
        Yields::Token { header, .. } => header,
        Yields::Cookie(_) => "cookie",
    };
    request.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(header))
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

/// `Retry-After` may name a date, and certificates have an end; nothing else here asks for the time of day.
#[expect(
    clippy::disallowed_methods,
    reason = "a date in an answer is compared with the clock at the time of the answer"
)]
pub(crate) fn wall_clock() -> SystemTime {
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
