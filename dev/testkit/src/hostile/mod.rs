//! Targets that misbehave: one small server for each way in which a target can harm, hold up or mislead a client.
//!
//! A hostile server speaks HTTP/1.1 on loopback. `/openapi.json` describes two operations; `/well` answers as it should; `/bad` does what the
//! server is for. Where the misbehaviour concerns the whole connection (TLS, HTTP/2), there is no healthy operation.

mod bodies;
mod codings;
mod framing;
mod h2;
mod heads;
mod overload;
mod redirects;
mod silence;
mod tls;

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What a healthy operation answers.
pub const WELL: &str = "{\"items\":[{\"id\":1,\"name\":\"one\"}],\"total\":1}";

/// The contract that every hostile server offers.
const CONTRACT: &str = "{\"openapi\":\"3.1.0\",\"info\":{\"title\":\"Hostile\",\"version\":\"1\"},\"paths\":{\
    \"/bad\":{\"get\":{\"responses\":{\"200\":{\"description\":\"bad\"}}}},\
    \"/well\":{\"get\":{\"responses\":{\"200\":{\"description\":\"well\"}}}}}}";

/// One way to misbehave.
#[derive(Clone, Copy, Debug)]
pub struct Hostile {
    /// The row of the list of behaviours that it belongs to; several may belong to one.
    pub number: u8,
    /// Its name, unique, in kebab-case.
    pub name: &'static str,
    /// Whether `/well` answers as it should on the same server.
    pub healthy: bool,
    kind: Kind,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    /// Answers requests to `/bad`.
    Http(Act),
    /// Handles whole connections.
    Raw(Connection),
    /// Handles whole connections whose target is https.
    Tls(Connection),
}

type Answer<'a> = Pin<Box<dyn Future<Output = io::Result<Next>> + Send + 'a>>;
type Act = for<'a> fn(&'a mut TcpStream, Asked<'a>) -> Answer<'a>;
type Handled = Pin<Box<dyn Future<Output = io::Result<()>> + Send>>;
type Connection = fn(TcpStream, usize) -> Handled;

/// A request to `/bad`.
#[derive(Clone, Copy, Debug)]
struct Asked<'a> {
    /// How many came before it.
    turn: usize,
    /// Its head.
    head: &'a str,
}

/// What becomes of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    Keep,
    Close,
}

/// A server that is running; it ends when this is dropped.
#[derive(Debug)]
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    /// Its base URL.
    pub url: String,
    task: JoinHandle<()>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Hostile {
    const fn http(number: u8, name: &'static str, act: Act) -> Self {
        Self { number, name, healthy: true, kind: Kind::Http(act) }
    }

    const fn raw(number: u8, name: &'static str, connection: Connection) -> Self {
        Self { number, name, healthy: false, kind: Kind::Raw(connection) }
    }

    const fn tls(number: u8, name: &'static str, connection: Connection) -> Self {
        Self { number, name, healthy: false, kind: Kind::Tls(connection) }
    }

    const fn healthy(mut self) -> Self {
        self.healthy = true;
        self
    }

    /// Starts a server on a free port of loopback.
    ///
    /// # Errors
    /// No port could be bound.
    pub async fn start(&self) -> io::Result<Running> {
        if self.number == 12 || self.number == 14 {
            codings::prepare();
        }
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let kind = self.kind;
        let scheme = if matches!(kind, Kind::Tls(_)) { "https" } else { "http" };
        let task = tokio::spawn(async move {
            let bad = Arc::new(AtomicUsize::new(0));
            let mut connections = 0;
            // Connections end with the server.
            let mut open = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let bad = Arc::clone(&bad);
                let turn = connections;
                connections += 1;
                open.spawn(async move {
                    // A client that has had enough closes the connection: that is no error of the server.
                    let _ = match kind {
                        Kind::Http(act) => converse(stream, act, &bad).await,
                        Kind::Raw(connection) | Kind::Tls(connection) => connection(stream, turn).await,
                    };
                });
                while open.try_join_next().is_some() {}
            }
        });
        Ok(Running { address, url: format!("{scheme}://{address}"), task })
    }
}

async fn converse(mut stream: TcpStream, act: Act, bad: &AtomicUsize) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = Vec::new();
    while let Some(head) = read_head(&mut stream, &mut buffer).await? {
        let path = head.split(' ').nth(1).unwrap_or("");
        if path.starts_with("/bad") {
            let turn = bad.fetch_add(1, Ordering::SeqCst);
            if act(&mut stream, Asked { turn, head: &head }).await? == Next::Close {
                // The client reads what was written before it sees the end.
                return stream.shutdown().await;
            }
        } else {
            well(&mut stream, &head).await?;
        }
    }
    Ok(())
}

/// The head of the next request; none where the client has gone. Bodies are not expected.
async fn read_head(stream: &mut (impl AsyncReadExt + Unpin), buffer: &mut Vec<u8>) -> io::Result<Option<String>> {
    loop {
        if let Some(at) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&buffer[..at]).into_owned();
            buffer.drain(..at + 4);
            return Ok(Some(head));
        }
        let mut chunk = [0; 4_096];
        match stream.read(&mut chunk).await? {
            0 => return Ok(None),
            n => buffer.extend_from_slice(&chunk[..n]),
        }
    }
}

/// Answers as every sound server does.
async fn well(stream: &mut (impl AsyncWriteExt + Unpin), head: &str) -> io::Result<()> {
    let path = head.split(' ').nth(1).unwrap_or("");
    let path = path.split('?').next().unwrap_or("");
    let (status, body) = match path {
        // Only servers whose misbehaviour lies elsewhere pass `/bad` on to here.
        "/well" | "/bad" => ("200 OK", WELL),
        "/openapi.json" => ("200 OK", CONTRACT),
        _ => ("404 Not Found", "{\"detail\":\"not found\"}"),
    };
    let text = if head.starts_with("HEAD ") { "" } else { body };
    let answer =
        format!("HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{text}", body.len());
    stream.write_all(answer.as_bytes()).await
}

/// A complete answer with these header lines (each ending in CRLF) and body.
async fn answer(stream: &mut TcpStream, status: &str, headers: &str, body: &[u8]) -> io::Result<Next> {
    let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n{headers}\r\n", body.len());
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body).await?;
    Ok(Next::Keep)
}

/// Writes the same piece for ever, as fast as the client takes it.
async fn flood(stream: &mut (impl AsyncWriteExt + Unpin), piece: &[u8]) -> io::Result<Next> {
    loop {
        stream.write_all(piece).await?;
        // A flood must not starve whoever shares the runtime.
        tokio::task::yield_now().await;
    }
}

/// Writes a byte now and then, for ever.
async fn drip(stream: &mut (impl AsyncWriteExt + Unpin), bytes: &[u8]) -> io::Result<Next> {
    for byte in bytes.iter().cycle() {
        stream.write_all(&[*byte]).await?;
        stream.flush().await?;
        tokio::time::sleep(std::time::Duration::from_millis(40)).await;
    }
    Ok(Next::Close)
}

/// Says nothing more until the client goes.
async fn hang(stream: &mut (impl AsyncReadExt + Unpin)) -> io::Result<Next> {
    let mut sink = [0; 256];
    while stream.read(&mut sink).await? > 0 {}
    Ok(Next::Close)
}

/// The pieces for these numbers, one after the other.
fn pieces(numbers: impl Iterator<Item = usize>, piece: impl Fn(usize) -> String) -> String {
    numbers.map(piece).collect::<Vec<_>>().concat()
}

/// An [`Act`] from a block.
macro_rules! act {
    ($(#[doc = $doc:literal])* $name:ident($stream:ident, $asked:pat) $body:block) => {
        $(#[doc = $doc])*
        pub(super) fn $name<'a>($stream: &'a mut ::tokio::net::TcpStream, $asked: super::Asked<'a>) -> super::Answer<'a> {
            Box::pin(async move { $body })
        }
    };
}

/// A [`Connection`] from a block.
macro_rules! connection {
    ($(#[doc = $doc:literal])* $name:ident($($mutable:ident)? ; $stream:ident, $turn:pat) $body:block) => {
        $(#[doc = $doc])*
        pub(super) fn $name($($mutable)? $stream: ::tokio::net::TcpStream, $turn: usize) -> super::Handled {
            Box::pin(async move { $body })
        }
    };
}

use {act, connection};

/// A sound server that speaks HTTP/2 only, for comparison: every request is answered with [`WELL`].
///
/// # Errors
/// No port could be bound.
pub async fn sound_h2() -> io::Result<Running> {
    Hostile::tls(0, "h2-sound", h2::sound).start().await
}

/// Every hostile server, in the order of the list.
pub const ALL: &[Hostile] = &[
    Hostile::http(1, "never-answers", silence::never_answers),
    Hostile::http(2, "status-line-drips", silence::status_line_drips),
    Hostile::http(3, "headers-drip", silence::headers_drip),
    Hostile::http(4, "endless-header-lines", heads::endless_lines),
    Hostile::http(5, "huge-header-value", heads::huge_value),
    Hostile::http(6, "many-small-headers", heads::many_small),
    Hostile::http(7, "body-drips", silence::body_drips),
    Hostile::http(8, "endless-chunks", bodies::endless_chunks),
    Hostile::http(9, "endless-until-close", bodies::endless_until_close),
    Hostile::http(10, "announced-and-stalled", silence::announced_and_stalled),
    Hostile::http(11, "length-too-short", framing::length_too_short),
    Hostile::http(11, "length-too-long", framing::length_too_long),
    Hostile::http(12, "gzip-bomb", codings::gzip_bomb),
    Hostile::http(13, "nested-gzip", codings::nested_gzip),
    Hostile::http(14, "brotli-bomb", codings::brotli_bomb),
    Hostile::http(14, "brotli-huge-window", codings::brotli_huge_window),
    Hostile::http(14, "zstd-unasked", codings::zstd_unasked),
    Hostile::http(15, "coding-unknown", codings::unknown),
    Hostile::http(15, "coding-wrong", codings::wrong),
    Hostile::http(15, "coding-truncated", codings::truncated),
    Hostile::http(16, "redirect-to-itself", redirects::to_itself),
    Hostile::http(16, "redirect-chain", redirects::chain),
    Hostile::http(16, "redirect-to-many-hosts", redirects::to_many_hosts),
    Hostile::http(17, "redirect-to-schemes", redirects::to_schemes),
    Hostile::http(18, "redirect-to-metadata", redirects::to_metadata),
    Hostile::http(19, "redirect-with-growing-cookies", redirects::growing_cookies),
    Hostile::http(22, "json-deep", bodies::json_deep),
    Hostile::http(23, "json-large-and-strange", bodies::json_strange),
    Hostile::http(23, "json-utf16", bodies::json_utf16),
    Hostile::http(24, "html-as-json", bodies::html_as_json),
    Hostile::http(24, "binary-as-json", bodies::binary_as_json),
    Hostile::http(24, "empty-as-json", bodies::empty_as_json),
    Hostile::http(25, "yaml-alias-bomb", bodies::yaml_alias_bomb),
    Hostile::http(26, "xml-entity-bomb", bodies::xml_entity_bomb),
    Hostile::http(27, "next-on-another-host", redirects::next_elsewhere),
    Hostile::http(28, "body-attacks-its-reader", bodies::attacks_reader),
    Hostile::http(29, "regex-killer", bodies::regex_killer),
    Hostile::http(30, "chunked-and-length", framing::chunked_and_length),
    Hostile::http(31, "two-lengths", framing::two_lengths),
    Hostile::http(32, "length-negative", framing::length_negative),
    Hostile::http(32, "length-overflow", framing::length_overflow),
    Hostile::http(32, "length-no-number", framing::length_no_number),
    Hostile::http(33, "chunk-size-overflow", framing::chunk_size_overflow),
    Hostile::http(33, "chunk-without-crlf", framing::chunk_without_crlf),
    Hostile::http(33, "chunk-extensions", framing::chunk_extensions),
    Hostile::http(34, "many-trailers", framing::many_trailers),
    Hostile::http(35, "obsolete-folding", heads::obsolete_folding),
    Hostile::http(35, "bare-line-feeds", heads::bare_line_feeds),
    Hostile::http(35, "nul-in-header", heads::nul_in_header),
    Hostile::http(35, "eight-bit-header", heads::eight_bit),
    Hostile::http(36, "http-0.9", heads::http_09),
    Hostile::http(36, "http-9.9", heads::http_99),
    Hostile::http(36, "no-reason", heads::no_reason),
    Hostile::http(36, "status-out-of-range", heads::status_out_of_range),
    Hostile::http(36, "status-999", heads::status_999),
    Hostile::http(37, "endless-informational", heads::endless_informational),
    Hostile::http(38, "no-content-with-body", framing::no_content_with_body),
    Hostile::http(39, "second-response", framing::second_response),
    Hostile::http(40, "reset-after-headers", framing::reset_after_headers),
    Hostile::http(40, "reset-in-body", framing::reset_in_body),
    Hostile::http(40, "close-without-answer", framing::close_without_answer),
    Hostile::raw(40, "reset-at-connect", framing::reset_at_connect),
    Hostile::raw(40, "half-closed", framing::half_closed),
    Hostile::tls(41, "certificate-expired", tls::expired),
    Hostile::tls(41, "certificate-of-another-host", tls::wrong_host),
    Hostile::tls(41, "certificate-self-signed", tls::self_signed),
    Hostile::tls(41, "certificate-chain-of-10000", tls::long_chain),
    Hostile::tls(41, "tls-1.0-only", tls::only_10),
    Hostile::tls(41, "tls-handshake-stalls", tls::stalls),
    Hostile::tls(41, "tls-without-alpn", tls::no_alpn).healthy(),
    Hostile::tls(42, "plain-on-tls-port", tls::plain_on_tls),
    Hostile::raw(42, "tls-on-plain-port", tls::tls_on_plain),
    Hostile::tls(43, "h2-goaway", h2::goaway),
    Hostile::tls(43, "h2-settings-flood", h2::settings_flood),
    Hostile::tls(43, "h2-ping-flood", h2::ping_flood),
    Hostile::tls(43, "h2-continuation-flood", h2::continuation_flood),
    Hostile::tls(43, "h2-zero-window", h2::zero_window),
    Hostile::tls(43, "h2-reset-storm", h2::reset_storm),
    Hostile::tls(43, "h2-header-bomb", h2::header_bomb),
    Hostile::tls(44, "h2-never-closed", h2::never_closed),
    Hostile::tls(44, "h2-one-byte-frames", h2::one_byte_frames),
    Hostile::http(45, "events-for-ever", bodies::events),
    Hostile::http(45, "event-comments-for-ever", bodies::event_comments),
    Hostile::http(45, "no-newline-for-ever", bodies::no_newline),
    Hostile::http(46, "huge-line", bodies::huge_line),
    Hostile::http(47, "unasked-upgrade", framing::unasked_upgrade),
    Hostile::http(48, "thousand-cookies", heads::thousand_cookies),
    Hostile::http(48, "huge-cookie", heads::huge_cookie),
    Hostile::http(49, "retry-after-for-ever", overload::retry_for_ever),
    Hostile::http(49, "retry-after-garbage", overload::retry_garbage),
    Hostile::http(50, "always-429", overload::always_429),
    Hostile::http(50, "always-503", overload::always_503),
    Hostile::http(50, "alternates", overload::alternates),
    Hostile::http(51, "tarpit", overload::tarpit),
    Hostile::http(52, "knows-scanners", overload::knows_scanners),
    Hostile::raw(53, "same-page", overload::same_page),
    Hostile::http(54, "noise", overload::noise),
    Hostile::http(55, "next-loops", redirects::next_loops),
    Hostile::http(55, "next-is-always-new", redirects::next_always_new),
    Hostile::http(56, "echoes-credentials", bodies::echoes),
    Hostile::raw(58, "dies-and-is-replaced", overload::replaced),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_unique_and_rows_are_many() {
        let names: BTreeSet<_> = ALL.iter().map(|hostile| hostile.name).collect();
        assert_eq!(names.len(), ALL.len());
        let rows: BTreeSet<_> = ALL.iter().map(|hostile| hostile.number).collect();
        assert!(rows.len() >= 50, "{}", rows.len());
        assert!(ALL.is_sorted_by_key(|hostile| hostile.number));
    }

    #[tokio::test]
    #[expect(clippy::disallowed_methods, reason = "the target is the server beside it")]
    async fn the_healthy_operation_is_healthy_on_plain_servers() {
        for hostile in ALL.iter().filter(|hostile| matches!(hostile.kind, Kind::Http(_))) {
            let running = hostile.start().await.unwrap();
            let mut stream = TcpStream::connect(running.address).await.unwrap();
            stream.write_all(b"GET /well HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
            let mut buffer = vec![0; 4_096];
            let n = stream.read(&mut buffer).await.unwrap();
            let text = String::from_utf8_lossy(&buffer[..n]).into_owned();
            assert!(text.starts_with("HTTP/1.1 200 OK\r\n") && text.ends_with(WELL), "{}: {text}", hostile.name);
        }
    }
}
