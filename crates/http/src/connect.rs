//! Connections to the one judged target, and their reuse.
//!
//! Addresses are fixed when the engine is made; nothing here resolves a name. A meter under each connection ends it when the peer keeps
//! it busy with bytes that belong to no answer (informational responses, pings, settings).

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::task::AbortHandle;
use tokio::time::{Instant, timeout_at};

use crate::exchange::{Failure, Stage};
use crate::settings::Caps;
use crate::tls::{Setup, TlsFacts};

/// Bytes that a peer may send without moving an answer forward.
const IDLE_CHATTER: u64 = 4 << 20;
/// Addresses of one name that are tried.
const MAX_ADDRESSES: usize = 8;
/// Fields that the HTTP/1.1 parser takes without being told; to tell it costs an allocation a response.
const PARSER_FIELDS: usize = 100;
/// Room for what the peer sends ahead on one HTTP/2 stream, and on one connection.
const STREAM_WINDOW: u32 = 256 << 10;
const CONNECTION_WINDOW: u32 = 1 << 20;

/// Counts what arrives between two signs of progress.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    chatter: AtomicU64,
}

impl Meter {
    /// An answer moved forward.
    pub(crate) fn progress(&self) {
        self.chatter.store(0, Ordering::Relaxed);
    }
}

/// The transport under a connection, metered.
struct Metered<T> {
    inner: T,
    meter: Arc<Meter>,
}

impl<T: AsyncRead + Unpin> AsyncRead for Metered<T> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let result = Pin::new(&mut self.inner).poll_read(cx, buf);
        let read = (buf.filled().len() - before) as u64;
        if read > 0 && self.meter.chatter.fetch_add(read, Ordering::Relaxed) + read > IDLE_CHATTER {
            return Poll::Ready(Err(io::Error::other(format!(
                "the peer sent more than {IDLE_CHATTER} bytes that belong to no answer"
            ))));
        }
        result
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Metered<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }
}

/// A connection that is lent for one exchange.
pub(crate) enum Connection {
    /// HTTP/1.1: one exchange at a time.
    One(One),
    /// HTTP/2: shared.
    Many(Many),
}

/// An HTTP/1.1 connection.
pub(crate) struct One {
    pub(crate) sender: http1::SendRequest<Full<Bytes>>,
    pub(crate) meter: Arc<Meter>,
    /// Whether it served an exchange before.
    pub(crate) reused: bool,
    task: AbortHandle,
}

impl Drop for One {
    fn drop(&mut self) {
        // The socket is closed at once: a body that was cut off must not go on arriving.
        self.task.abort();
    }
}

/// A handle to an HTTP/2 connection.
#[derive(Clone)]
pub(crate) struct Many {
    pub(crate) sender: http2::SendRequest<Full<Bytes>>,
    pub(crate) meter: Arc<Meter>,
    pub(crate) reused: bool,
}

/// Makes and keeps connections.
pub(crate) struct Connector {
    addresses: Vec<SocketAddr>,
    /// The address that answered last.
    preferred: AtomicUsize,
    tls: Option<Setup>,
    timeout: Duration,
    caps: Caps,
    idle: Mutex<Vec<One>>,
    many: tokio::sync::Mutex<Option<Many>>,
    speaks_one: AtomicBool,
    facts: OnceLock<TlsFacts>,
}

impl Connector {
    /// For these judged addresses.
    pub(crate) fn new(mut addresses: Vec<SocketAddr>, tls: Option<Setup>, timeout: Duration, caps: Caps) -> Self {
        addresses.truncate(MAX_ADDRESSES);
        Self {
            addresses,
            preferred: AtomicUsize::new(0),
            tls,
            timeout,
            caps,
            idle: Mutex::new(Vec::new()),
            many: tokio::sync::Mutex::new(None),
            speaks_one: AtomicBool::new(false),
            facts: OnceLock::new(),
        }
    }

    /// The judged addresses with another port.
    pub(crate) fn on_port(&self, port: u16) -> Vec<SocketAddr> {
        self.addresses.iter().map(|address| SocketAddr::new(address.ip(), port)).collect()
    }

    /// What the first TLS handshake showed.
    pub(crate) fn facts(&self) -> Option<&TlsFacts> {
        self.facts.get()
    }

    /// A connection that is ready for a request: a kept one unless `fresh`.
    pub(crate) async fn take(&self, fresh: bool) -> Result<Connection, Failure> {
        let deadline = Instant::now() + self.timeout;
        if !fresh && let Some(one) = self.kept(deadline).await {
            return Ok(Connection::One(one));
        }
        if self.tls.is_none() || self.speaks_one.load(Ordering::Relaxed) {
            // A handshake holds kilobytes; boxed, they do not weigh on every exchange that finds a kept connection.
            return Box::pin(self.dial(deadline)).await;
        }
        // Until it is known which protocol the target speaks, one handshake at a time: an HTTP/2 connection serves all.
        let mut many = self.many.lock().await;
        if let Some(known) = many.as_mut()
            && !fresh
            && !known.sender.is_closed()
        {
            known.reused = true;
            return Ok(Connection::Many(known.clone()));
        }
        let connection = Box::pin(self.dial(Instant::now() + self.timeout)).await?;
        if let Connection::Many(made) = &connection {
            *many = Some(made.clone());
        }
        Ok(connection)
    }

    /// Takes a connection back whose exchange came to its end.
    pub(crate) fn keep(&self, mut one: One) {
        if !one.sender.is_closed() {
            one.reused = true;
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(one);
        }
    }

    /// Lends a shared connection to nobody any more: it let a request wait for too long.
    pub(crate) async fn retire(&self) {
        self.many.lock().await.take();
    }

    /// Forgets every kept connection.
    pub(crate) fn clear(&self) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    async fn kept(&self, deadline: Instant) -> Option<One> {
        loop {
            let mut one = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()?;
            if one.sender.is_ready() {
                return Some(one);
            }
            // The end of the last answer may still be on its way through the connection's task.
            if !one.sender.is_closed() && matches!(timeout_at(deadline, one.sender.ready()).await, Ok(Ok(()))) {
                return Some(one);
            }
        }
    }

    async fn dial(&self, deadline: Instant) -> Result<Connection, Failure> {
        let tcp = self.tcp(deadline).await?;
        let meter = Arc::new(Meter::default());
        let tcp = Metered { inner: tcp, meter: Arc::clone(&meter) };
        let Some(setup) = &self.tls else {
            return self.one(tcp, meter, deadline).await;
        };
        let handshake = tokio_rustls::TlsConnector::from(setup.config()).connect(setup.name(), tcp);
        let stream = match timeout_at(deadline, handshake).await {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => return Err(failure(Stage::Tls, tls_message(&error))),
            Err(_) => {
                return Err(failure(Stage::Tls, format!("no TLS handshake within {} s", self.timeout.as_secs_f64())));
            }
        };
        meter.progress();
        let connection = stream.get_ref().1;
        if self.facts.get().is_none()
            && let Some(facts) = setup.facts(connection)
        {
            // Another handshake may have been first; the facts are those of the first.
            let _ = self.facts.set(facts);
        }
        if connection.alpn_protocol() == Some(b"h2") {
            self.many(stream, meter, deadline).await
        } else {
            self.speaks_one.store(true, Ordering::Relaxed);
            self.one(stream, meter, deadline).await
        }
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that opens a socket to a target, at a judged address"
    )]
    /// A TCP connection to one of the addresses.
    pub(crate) async fn tcp(&self, deadline: Instant) -> Result<TcpStream, Failure> {
        let count = self.addresses.len();
        let first = self.preferred.load(Ordering::Relaxed);
        let mut last = failure(Stage::Connect, "there is no address to connect to".to_owned());
        for turn in 0..count {
            let at = (first + turn) % count;
            let left = deadline.saturating_duration_since(Instant::now());
            let until = if turn + 1 == count { deadline } else { Instant::now() + left / 2 };
            match timeout_at(until, TcpStream::connect(self.addresses[at])).await {
                Ok(Ok(stream)) => {
                    self.preferred.store(at, Ordering::Relaxed);
                    // Without it a request's last segment waits for an acknowledgement. A socket that cannot do it still works.
                    let _ = stream.set_nodelay(true);
                    return Ok(stream);
                }
                Ok(Err(error)) => last = failure(Stage::Connect, format!("{}: {error}", self.addresses[at])),
                Err(_) => {
                    last = failure(
                        Stage::Connect,
                        format!("{}: no connection within {} s", self.addresses[at], self.timeout.as_secs_f64()),
                    );
                }
            }
        }
        Err(last)
    }

    async fn one<T>(&self, io: T, meter: Arc<Meter>, deadline: Instant) -> Result<Connection, Failure>
    where
        T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let mut builder = http1::Builder::new();
        if self.caps.max_headers != PARSER_FIELDS {
            builder.max_headers(self.caps.max_headers);
        }
        builder
            .max_header_size(self.caps.max_header_bytes)
            .max_buf_size(self.caps.max_header_bytes.max(16 << 10))
            .allow_obsolete_multiline_headers_in_responses(true)
            .allow_spaces_after_header_name_in_responses(true)
            .ignore_invalid_headers_in_responses(true);
        let (mut sender, connection) =
            builder.handshake(TokioIo::new(io)).await.map_err(|error| failure(Stage::Connect, error.to_string()))?;
        let task = tokio::spawn(async move {
            // Errors reach the exchange through the sender.
            let _ = connection.await;
        })
        .abort_handle();
        if !matches!(timeout_at(deadline, sender.ready()).await, Ok(Ok(()))) {
            return Err(failure(Stage::Connect, "the connection was closed at once".to_owned()));
        }
        Ok(Connection::One(One { sender, meter, reused: false, task }))
    }

    async fn many<T>(&self, io: T, meter: Arc<Meter>, deadline: Instant) -> Result<Connection, Failure>
    where
        T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let mut builder = http2::Builder::new(TokioExecutor::new());
        builder
            .timer(TokioTimer::new())
            .initial_stream_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .max_header_list_size(u32::try_from(self.caps.max_header_bytes).unwrap_or(u32::MAX))
            .max_concurrent_reset_streams(16);
        let handshake = builder.handshake(TokioIo::new(io));
        let (sender, connection) = match timeout_at(deadline, handshake).await {
            Ok(Ok(parts)) => parts,
            Ok(Err(error)) => return Err(failure(Stage::Connect, error.to_string())),
            Err(_) => return Err(failure(Stage::Connect, "no HTTP/2 preface in time".to_owned())),
        };
        tokio::spawn(async move {
            // Ends when the last handle is gone. Errors reach the exchange through the sender.
            let _ = connection.await;
        });
        Ok(Connection::Many(Many { sender, meter, reused: false }))
    }
}

pub(crate) fn failure(stage: Stage, message: String) -> Failure {
    Failure { stage, message: plimsoll_model::redact::one_line(&message, 300) }
}

fn tls_message(error: &io::Error) -> String {
    let text = error.to_string();
    if text.contains("InvalidContentType") || text.contains("corrupt message") {
        return format!("the port does not speak TLS ({text})");
    }
    text
}
