//! The collaborator: a small listener of our own, to whose address a target can be made to send a request.
//!
//! A check gives a target an address of the listener with a token that nobody can guess; a request with that token shows that the target sends
//! requests where its callers want. It answers everything alike, with a text that only this run knows, keeps no header values but the name of
//! the client's software, and never sends a request itself. What it keeps, and how long it reads, is bounded.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use plimsoll_model::redact;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};

use crate::guard::{self, AddressClass};

/// Calls that are kept.
const CALLS: usize = 256;
/// Connections that are read at the same time.
const CONNECTIONS: usize = 16;
/// Bytes of a request's head, and of its body, that are read.
const HEAD: usize = 16 << 10;
const BODY: usize = 64 << 10;
/// How long one connection may take.
const PATIENCE: Duration = Duration::from_secs(3);
/// Length of a token, in hexadecimal digits.
const TOKEN: usize = 24;
/// Header names of a call that are kept.
const NAMES: usize = 40;

/// Whether and where a run listens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Listen {
    /// Nowhere.
    #[default]
    Off,
    /// On the loopback address, where the target is on one too; nowhere otherwise.
    Auto,
    /// Here; port 0 is any free one.
    At(SocketAddr),
}

/// Where a collaborator listens, and what its tokens are made of. It stands in a recording, so that a replay knows the tokens again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Address and port.
    pub address: SocketAddr,
    /// What tokens are made of: 32 hexadecimal digits, random for each run.
    pub seed: String,
}

/// A request that came in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InboundCall {
    /// Its token.
    pub token: String,
    /// Milliseconds from the beginning of the run's listening.
    pub at_ms: f64,
    /// The method.
    pub method: String,
    /// The request target.
    pub target: String,
    /// From where.
    pub source: IpAddr,
    /// `User-Agent`; empty where there is none.
    pub user_agent: String,
    /// The names of the header fields, in lower case; never their values.
    pub headers: Vec<String>,
}

impl Place {
    /// What is written behind an address to have it answered with a redirect, and where the redirect leads.
    pub const REDIRECT: &'static str = "/redirect";
    /// See [`Self::REDIRECT`].
    pub const LANDED: &'static str = "/landed";

    /// Where a call with this token is redirected: another name of the same place, where it has one.
    fn landing(&self, token: &str) -> String {
        let port = self.address.port();
        let host = if self.address.ip().is_loopback() { format!("localhost:{port}") } else { self.authority() };
        format!("http://{host}/{token}{}", Self::LANDED)
    }

    /// The token for a question, which is named by any text that no other question has.
    pub fn token(&self, question: &str) -> String {
        self.digest("token", question)
    }

    /// The text that a call with this token is answered with. It is in no address that was given away, so only whoever read the answer has it.
    pub fn mark(&self, token: &str) -> String {
        format!("plimsoll-{}", self.digest("mark", token))
    }

    /// Host and port.
    pub fn authority(&self) -> String {
        self.address.to_string()
    }

    /// The address that a call with this token comes to.
    pub fn url(&self, token: &str) -> String {
        format!("http://{}/{token}", self.authority())
    }

    /// Whether the address is one that the outside cannot reach: a call to it crosses a boundary.
    pub fn is_inside(&self) -> bool {
        guard::classify(self.address.ip()) != AddressClass::Public
    }

    fn digest(&self, purpose: &str, text: &str) -> String {
        let key = *blake3::hash(self.seed.as_bytes()).as_bytes();
        let mut hasher = blake3::Hasher::new_keyed(&key);
        hasher.update(purpose.as_bytes()).update(b":").update(text.as_bytes());
        hasher.finalize().to_hex()[..TOKEN].to_owned()
    }
}

/// A listener that runs until it is dropped.
#[derive(Debug)]
pub struct Collaborator {
    place: Place,
    calls: Arc<Mutex<Vec<InboundCall>>>,
    task: JoinHandle<()>,
}

impl Drop for Collaborator {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Collaborator {
    /// Begins to listen with a new seed.
    ///
    /// # Errors
    /// The address cannot be bound, or the system gives no random numbers.
    pub async fn listen(address: SocketAddr) -> std::io::Result<Self> {
        let mut random = [0; 16];
        rustls::crypto::ring::default_provider()
            .secure_random
            .fill(&mut random)
            .map_err(|_| std::io::Error::other("the system gives no random numbers"))?;
        let seed = random.iter().fold(String::new(), |out, byte| out + &format!("{byte:02x}"));
        Self::resume(&Place { address, seed }).await
    }

    /// Begins to listen at the place of an earlier run.
    ///
    /// # Errors
    /// The address cannot be bound.
    pub async fn resume(place: &Place) -> std::io::Result<Self> {
        let listener = TcpListener::bind(place.address).await?;
        let place = Place { address: listener.local_addr()?, seed: place.seed.clone() };
        let calls = Arc::new(Mutex::new(Vec::new()));
        let task = tokio::spawn(serve(listener, place.clone(), Arc::clone(&calls)));
        Ok(Self { place, calls, task })
    }

    /// Where it listens.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// The calls so far, in the order of their arrival.
    pub fn calls(&self) -> Vec<InboundCall> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits for this long, for calls that a target sends after it has answered.
    pub async fn wait(&self, time: Duration) {
        sleep(time).await;
    }
}

async fn serve(listener: TcpListener, place: Place, calls: Arc<Mutex<Vec<InboundCall>>>) {
    let start = Instant::now();
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let Ok(permit) = Arc::clone(&room).acquire_owned().await else { return };
        let Ok((stream, from)) = listener.accept().await else {
            // Out of descriptors, most likely: a moment later there may be some.
            sleep(Duration::from_millis(50)).await;
            continue;
        };
        let (place, calls) = (place.clone(), Arc::clone(&calls));
        tokio::spawn(async move {
            let at_ms = (start.elapsed().as_secs_f64() * 10_000.0).round() / 10.0;
            let _ended = timeout(PATIENCE, answer(stream, from.ip(), at_ms, &place, &calls)).await;
            drop(permit);
        });
    }
}

/// Reads one request, keeps what is worth keeping, and answers.
async fn answer(
    mut stream: TcpStream,
    source: IpAddr,
    at_ms: f64,
    place: &Place,
    calls: &Mutex<Vec<InboundCall>>,
) -> std::io::Result<()> {
    let mut head = Vec::new();
    let end = loop {
        if let Some(end) = head.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
        if head.len() >= HEAD || stream.read_buf(&mut head).await? == 0 {
            return Ok(());
        }
    };
    let text = String::from_utf8_lossy(&head[..end]).into_owned();
    let field = |wanted: &str| fields(&text).find(|(name, _)| name == wanted).map(|(_, value)| value);
    let call = call(&text, source, at_ms);
    let token = call.as_ref().map(|call| call.token.clone());
    let redirect =
        call.as_ref().filter(|call| call.target.ends_with(Place::REDIRECT)).map(|call| place.landing(&call.token));
    if let Some(call) = call {
        let mut kept = calls.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() < CALLS {
            kept.push(call);
        }
    }
    let announced: usize = field("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut rest = head.len() - (end + 4);
    let mut thrown_away = Vec::new();
    while rest < announced.min(BODY) {
        thrown_away.clear();
        match stream.read_buf(&mut thrown_away).await? {
            0 => break,
            read => rest += read,
        }
    }
    let mark = token.map_or_else(String::new, |token| place.mark(&token));
    let is_page = field("accept").is_some_and(|accept| accept.contains("text/html"));
    let (media_type, body) = if is_page {
        ("text/html", format!("<!doctype html><html><head><title>{mark}</title></head><body>{mark}</body></html>"))
    } else {
        ("application/json", format!("{{\"title\":\"<title>{mark}</title>\",\"mark\":\"{mark}\"}}"))
    };
    let length = body.len();
    let body = if text.starts_with("HEAD ") { String::new() } else { body };
    let first = redirect.map_or_else(|| "200 OK".to_owned(), |to| format!("302 Found\r\nlocation: {to}"));
    let out = format!(
        "HTTP/1.1 {first}\r\ncontent-type: {media_type}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    );
    stream.write_all(out.as_bytes()).await?;
    stream.shutdown().await
}

/// The call in a request's head; none where its target holds no token.
fn call(head: &str, source: IpAddr, at_ms: f64) -> Option<InboundCall> {
    let mut words = head.lines().next()?.split(' ');
    let (method, target) = (words.next()?, words.next()?);
    let token = target.split(['/', '?', '&', '=', '#']).find(|part| is_token(part))?.to_owned();
    let fields: Vec<(String, String)> = fields(head).collect();
    let user_agent = fields.iter().find(|(name, _)| name == "user-agent").map_or("", |(_, value)| value);
    Some(InboundCall {
        token,
        at_ms,
        method: redact::one_line(method, 16),
        target: redact::one_line(target, 200),
        source,
        user_agent: redact::one_line(user_agent, 120),
        headers: fields.iter().take(NAMES).map(|(name, _)| redact::one_line(name, 60)).collect(),
    })
}

fn is_token(text: &str) -> bool {
    text.len() == TOKEN && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Name, in lower case, and value of each header field.
fn fields(head: &str) -> impl Iterator<Item = (String, String)> {
    head.lines().skip(1).filter_map(|line| {
        let (name, value) = line.split_once(':')?;
        Some((name.trim().to_ascii_lowercase(), value.trim().to_owned()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn listening() -> Collaborator {
        Collaborator::listen(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap()
    }

    #[expect(clippy::disallowed_methods, reason = "the test is the target that sends a request")]
    async fn send(collaborator: &Collaborator, request: &str) -> String {
        let mut stream = TcpStream::connect(collaborator.place().address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        // What is not read to its end is answered with a reset.
        let _reset = stream.read_to_string(&mut answer).await;
        answer
    }

    #[tokio::test]
    async fn a_call_is_kept_and_answered_with_its_mark() {
        let collaborator = listening().await;
        let place = collaborator.place().clone();
        let token = place.token("GET /preview url");
        let request = format!(
            "GET /{token}/a?b=1 HTTP/1.1\r\nHost: x\r\nUser-Agent: fetcher/1\r\nAuthorization: Bearer inner\r\n\r\n"
        );
        let answer = send(&collaborator, &request).await;
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.contains(&place.mark(&token)), "{answer}");
        let calls = collaborator.calls();
        assert_eq!(calls.len(), 1);
        assert_eq!((calls[0].token.as_str(), calls[0].method.as_str()), (token.as_str(), "GET"));
        assert_eq!(calls[0].user_agent, "fetcher/1");
        assert_eq!(calls[0].headers, ["host", "user-agent", "authorization"]);
        assert!(!serde_json::to_string(&calls).unwrap().contains("inner"), "values are never kept");
    }

    #[tokio::test]
    async fn a_request_with_a_body_is_answered_and_one_without_a_token_is_not_kept() {
        let collaborator = listening().await;
        let token = collaborator.place().token("POST /hooks url");
        let body = "x".repeat(5_000);
        let request = format!("POST /{token} HTTP/1.1\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        assert!(send(&collaborator, &request).await.contains("200 OK"));
        let away = send(&collaborator, &format!("GET /{token}/redirect HTTP/1.1\r\n\r\n")).await;
        let to = format!("location: http://localhost:{}/{token}/landed\r\n", collaborator.place().address.port());
        assert!(away.starts_with("HTTP/1.1 302") && away.contains(&to), "{away}");
        assert!(send(&collaborator, "GET /favicon.ico HTTP/1.1\r\n\r\n").await.contains("200 OK"));
        let endless = format!("GET /{token} HTTP/1.1\r\nx: {}", "y".repeat(HEAD));
        assert_eq!(send(&collaborator, &endless).await, "");
        assert_eq!(collaborator.calls().len(), 2);
    }

    #[tokio::test]
    async fn tokens_are_those_of_the_run() {
        let (a, b) = (listening().await, listening().await);
        let (a, b) = (a.place(), b.place());
        assert_eq!(a.token("x"), a.clone().token("x"));
        assert_ne!(a.token("x"), b.token("x"));
        assert_ne!(a.token("x"), a.token("y"));
        assert!(a.is_inside() && is_token(&a.token("x")) && !a.mark(&a.token("x")).contains(&a.token("x")));
    }

    #[tokio::test]
    async fn the_place_of_an_earlier_run() {
        let first = listening().await;
        let place = first.place().clone();
        assert!(Collaborator::resume(&place).await.is_err(), "it is still taken");
        drop(first);
        for _ in 0..50 {
            if let Ok(again) = Collaborator::resume(&place).await {
                assert_eq!(*again.place(), place);
                return;
            }
            sleep(Duration::from_millis(20)).await;
        }
        panic!("the address was not given back");
    }
}
