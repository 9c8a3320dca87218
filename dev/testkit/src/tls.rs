//! TLS servers with one fault each, after the public lists of bad servers, and sound ones beside them.
//!
//! Chains are made when they are needed; no key is kept in the repository. What sound libraries refuse to speak (old versions, RC4, NULL) is spoken by a
//! server that answers a ClientHello and goes no further.

mod authority;
mod script;

pub use authority::{Authority, Chain, Leaf};
pub use script::Script;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

/// A server that is running; it ends when this is dropped.
#[derive(Debug)]
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    task: JoinHandle<()>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Which versions a sound library offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Versions {
    /// TLS 1.2 and 1.3.
    Both,
    /// TLS 1.2 alone.
    Only12,
    /// TLS 1.3 alone.
    Only13,
}

/// Starts a sound server with this chain; every request is answered with `answer`, a whole HTTP/1.1 response.
///
/// # Errors
/// No port could be bound, or the chain's key cannot be used.
pub async fn serve(chain: &Chain, versions: Versions, answer: &'static str) -> io::Result<Running> {
    let wanted: &[&rustls::SupportedProtocolVersion] = match versions {
        Versions::Both => rustls::ALL_VERSIONS,
        Versions::Only12 => &[&rustls::version::TLS12],
        Versions::Only13 => &[&rustls::version::TLS13],
    };
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_protocol_versions(wanted)
        .map_err(io::Error::other)?
        .with_no_client_auth()
        .with_single_cert(
            chain.certificates.clone(),
            PrivateKeyDer::try_from(chain.key.clone()).map_err(io::Error::other)?,
        )
        .map_err(io::Error::other)?;
    let acceptor = TlsAcceptor::from(Arc::new(config));
    listen(move |stream| {
        let acceptor = acceptor.clone();
        async move {
            let mut stream = acceptor.accept(stream).await?;
            answers(&mut stream, answer).await
        }
    })
    .await
}

/// Starts a server without TLS that answers every request with this.
///
/// # Errors
/// No port could be bound.
pub async fn plain(answer: &'static str) -> io::Result<Running> {
    listen(move |mut stream| async move { answers(&mut stream, answer).await }).await
}

async fn answers(stream: &mut (impl AsyncReadExt + AsyncWriteExt + Unpin), answer: &str) -> io::Result<()> {
    let mut head = Vec::new();
    let mut chunk = [0; 4_096];
    loop {
        let read = stream.read(&mut chunk).await?;
        if read == 0 {
            return Ok(());
        }
        head.extend_from_slice(&chunk[..read]);
        if head.windows(4).any(|window| window == b"\r\n\r\n") {
            head.clear();
            stream.write_all(answer.as_bytes()).await?;
            stream.flush().await?;
        }
    }
}

async fn listen<F>(connection: impl Fn(TcpStream) -> F + Send + 'static) -> io::Result<Running>
where
    F: Future<Output = io::Result<()>> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let task = tokio::spawn(async move {
        let mut open = tokio::task::JoinSet::new();
        while let Ok((stream, _)) = listener.accept().await {
            let handled = connection(stream);
            // A client that has had enough closes the connection: that is no error of the server.
            open.spawn(async move {
                let _ = handled.await;
            });
            while open.try_join_next().is_some() {}
        }
    });
    Ok(Running { address, task })
}
