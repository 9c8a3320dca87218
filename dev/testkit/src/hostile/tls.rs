//! Servers whose TLS is wrong. Certificates are made when the server starts; none is kept in the repository.

use std::io;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::{connection, hang, read_head, well};

/// What the certificate of a server is like.
struct Certificate {
    names: &'static [&'static str],
    expired: bool,
    chain: usize,
}

const SOUND: Certificate = Certificate { names: &["localhost", "127.0.0.1"], expired: false, chain: 1 };

fn config(certificate: &Certificate, alpn: &[&[u8]]) -> io::Result<ServerConfig> {
    let key = rcgen::KeyPair::generate().map_err(io::Error::other)?;
    let names: Vec<String> = certificate.names.iter().map(|name| (*name).to_owned()).collect();
    let mut parameters = rcgen::CertificateParams::new(names).map_err(io::Error::other)?;
    parameters.distinguished_name.push(rcgen::DnType::CommonName, "hostile.invalid");
    if certificate.expired {
        parameters.not_before = rcgen::date_time_ymd(2019, 1, 1);
        parameters.not_after = rcgen::date_time_ymd(2020, 1, 1);
    }
    let der: CertificateDer<'static> = parameters.self_signed(&key).map_err(io::Error::other)?.der().clone();
    let chain = vec![der; certificate.chain];
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let mut config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(io::Error::other)?;
    config.alpn_protocols = alpn.iter().map(|protocol| protocol.to_vec()).collect();
    Ok(config)
}

/// Shakes hands with a sound, self-signed certificate.
pub(super) async fn accept(stream: TcpStream, alpn: &[&[u8]]) -> io::Result<TlsStream<TcpStream>> {
    TlsAcceptor::from(Arc::new(config(&SOUND, alpn)?)).accept(stream).await
}

/// Answers every request as it should over a handshake with this certificate.
async fn serve(stream: TcpStream, certificate: &Certificate, alpn: &[&[u8]]) -> io::Result<()> {
    let mut stream = TlsAcceptor::from(Arc::new(config(certificate, alpn)?)).accept(stream).await?;
    let mut buffer = Vec::new();
    while let Some(head) = read_head(&mut stream, &mut buffer).await? {
        well(&mut stream, &head).await?;
    }
    Ok(())
}

connection! {
    /// Expired years ago.
    expired(; stream, _) { serve(stream, &Certificate { expired: true, ..SOUND }, &[b"http/1.1"]).await }
}

connection! {
    /// For another host.
    wrong_host(; stream, _) { serve(stream, &Certificate { names: &["other.invalid"], ..SOUND }, &[b"http/1.1"]).await }
}

connection! {
    /// Signed by itself.
    self_signed(; stream, _) { serve(stream, &SOUND, &[b"http/1.1"]).await }
}

connection! {
    /// A chain of 10,000 certificates.
    long_chain(; stream, _) { serve(stream, &Certificate { chain: 10_000, ..SOUND }, &[b"http/1.1"]).await }
}

connection! {
    /// A server that does not know ALPN.
    no_alpn(; stream, _) { serve(stream, &SOUND, &[]).await }
}

connection! {
    /// Refuses everything newer than TLS 1.0: a fatal alert `protocol_version` (RFC 8446 §6.2).
    only_10(mut; stream, _) {
        stream.write_all(&[0x15, 3, 1, 0, 2, 2, 70]).await?;
        hang(&mut stream).await.map(drop)
    }
}

connection! {
    /// Accepts the connection and never says hello.
    stalls(mut; stream, _) { hang(&mut stream).await.map(drop) }
}

connection! {
    /// Speaks plain HTTP on a port that is given as https.
    plain_on_tls(mut; stream, _) {
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").await?;
        hang(&mut stream).await.map(drop)
    }
}

connection! {
    /// Speaks TLS on a port that is given as http: to a plain request it answers with an alert.
    tls_on_plain(; stream, _) { serve(stream, &SOUND, &[b"http/1.1"]).await }
}
