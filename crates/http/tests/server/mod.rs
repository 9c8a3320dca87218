//! A server that answers with the very bytes that a test wants, on loopback.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use plimsoll_http::{Engine, Exchange, Settings, Transport};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::common::{get, send, settings};

/// What the server does with a request.
pub enum Reply {
    /// Writes this and reads the next request.
    Keep(Vec<u8>),
    /// Writes this and closes.
    Close(Vec<u8>),
    /// Writes this and then nothing, for ever.
    Hang(Vec<u8>),
    /// Waits, writes this and reads the next request.
    After(Duration, Vec<u8>),
}

/// A complete answer.
pub fn ok(body: &str) -> Reply {
    status(200, "", body)
}

/// A complete answer with a status and further header lines, each ending in CRLF.
pub fn status(status: u16, headers: &str, body: &str) -> Reply {
    Reply::Keep(
        format!(
            "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\n{headers}\r\n{body}",
            body.len()
        )
        .into_bytes(),
    )
}

/// A complete 200 of JSON as bytes.
pub fn raw(body: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}", body.len())
        .into_bytes()
}

/// A running server; it ends with the test's runtime.
pub struct Server {
    pub address: SocketAddr,
    /// The heads of all requests, in order of arrival.
    pub seen: Arc<Mutex<Vec<String>>>,
    pub connections: Arc<AtomicUsize>,
    /// The most requests that were being answered at once.
    pub peak: Arc<AtomicUsize>,
}

impl Server {
    /// Answers each request, given its head, with what `reply` says.
    pub async fn start(reply: impl Fn(&str) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self {
            address: listener.local_addr().unwrap(),
            seen: Arc::default(),
            connections: Arc::default(),
            peak: Arc::default(),
        };
        let (seen, connections, peak) = (server.seen.clone(), server.connections.clone(), server.peak.clone());
        let busy = Arc::new(AtomicUsize::new(0));
        let reply = Arc::new(reply);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                connections.fetch_add(1, Ordering::SeqCst);
                let (seen, reply, busy, peak) = (seen.clone(), reply.clone(), busy.clone(), peak.clone());
                tokio::spawn(async move {
                    serve(stream, &*reply, &seen, &busy, &peak).await;
                });
            }
        });
        server
    }

    pub fn heads(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }

    pub fn count(&self) -> usize {
        self.seen.lock().unwrap().len()
    }

    pub fn settings(&self) -> Settings {
        settings(&format!("http://{}", self.address))
    }

    pub async fn engine(&self) -> Engine {
        Engine::new(self.settings()).await.unwrap()
    }
}

async fn serve(
    mut stream: TcpStream,
    reply: &(impl Fn(&str) -> Reply + Sync),
    seen: &Mutex<Vec<String>>,
    busy: &AtomicUsize,
    peak: &AtomicUsize,
) {
    let mut buffer = Vec::new();
    loop {
        let end = loop {
            if let Some(at) = buffer.windows(4).position(|w| w == b"\r\n\r\n") {
                break at + 4;
            }
            let mut chunk = [0; 4096];
            match stream.read(&mut chunk).await {
                Ok(0) | Err(_) => return,
                Ok(n) => buffer.extend_from_slice(&chunk[..n]),
            }
        };
        let mut head = String::from_utf8_lossy(&buffer[..end]).into_owned();
        buffer.drain(..end);
        // The body of a request stands below its head.
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.trim().parse::<usize>().ok());
        while let Some(missing) =
            length.and_then(|length| length.checked_sub(buffer.len())).filter(|missing| *missing > 0)
        {
            let mut chunk = vec![0; missing];
            match stream.read(&mut chunk).await {
                Ok(0) | Err(_) => return,
                Ok(n) => buffer.extend_from_slice(&chunk[..n]),
            }
        }
        let body: Vec<u8> = buffer.drain(..length.unwrap_or(0)).collect();
        head.push_str(&String::from_utf8_lossy(&body));
        seen.lock().unwrap().push(head.clone());
        peak.fetch_max(busy.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        let reply = reply(&head);
        match reply {
            Reply::Keep(bytes) => {
                busy.fetch_sub(1, Ordering::SeqCst);
                if stream.write_all(&bytes).await.is_err() {
                    return;
                }
            }
            Reply::Close(bytes) => {
                busy.fetch_sub(1, Ordering::SeqCst);
                let _ = stream.write_all(&bytes).await;
                let _ = stream.shutdown().await;
                return;
            }
            Reply::Hang(bytes) => {
                let _ = stream.write_all(&bytes).await;
                let mut sink = [0; 64];
                // Until the client gives up.
                while matches!(stream.read(&mut sink).await, Ok(n) if n > 0) {}
                busy.fetch_sub(1, Ordering::SeqCst);
                return;
            }
            Reply::After(wait, bytes) => {
                tokio::time::sleep(wait).await;
                busy.fetch_sub(1, Ordering::SeqCst);
                if stream.write_all(&bytes).await.is_err() {
                    return;
                }
            }
        }
    }
}

/// Sends one GET.
pub async fn one(engine: &mut Engine, path: &str) -> Exchange {
    let mut exchanges = send(engine, vec![get(0, 0, path)]).await;
    assert_eq!(exchanges.len(), 1, "{:?}", engine.status());
    exchanges.remove(0)
}
