//! A server that answers a ClientHello as it is told to, and goes no further: old versions and weak suites without a library that speaks them.

use std::io;

use rustls::pki_types::CertificateDer;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::Running;

/// What a server agrees to.
#[derive(Clone, Debug)]
pub struct Script {
    /// The oldest and the newest version, as in `0x0301` for TLS 1.0.
    pub versions: (u16, u16),
    /// Its suites in the order of its preference.
    pub suites: Vec<u16>,
    /// Its certificates.
    pub chain: Vec<CertificateDer<'static>>,
    /// The bits of the prime of its Diffie-Hellman group, for suites that have one.
    pub prime: usize,
}

/// Suites with ephemeral Diffie-Hellman over a finite field.
const FINITE_FIELD: &[u16] = &[0x0014, 0x0015, 0x0016, 0x0033, 0x0039, 0x0067, 0x006b, 0x009e, 0x009f];

impl Script {
    /// Starts the server on a free port of loopback.
    ///
    /// # Errors
    /// No port could be bound.
    pub async fn start(self) -> io::Result<Running> {
        super::listen(move |stream| {
            let script = self.clone();
            async move { script.converse(stream).await }
        })
        .await
    }

    async fn converse(&self, mut stream: TcpStream) -> io::Result<()> {
        let mut head = [0; 5];
        stream.read_exact(&mut head).await?;
        let mut hello = vec![0; usize::from(u16::from_be_bytes([head[3], head[4]]))];
        stream.read_exact(&mut hello).await?;
        let answer = self.answer(&hello).unwrap_or_else(|alert| record(21, 0x0301, &[2, alert]));
        stream.write_all(&answer).await?;
        stream.shutdown().await
    }

    /// The records of the answer, or an alert (RFC 8446 §6.2).
    fn answer(&self, hello: &[u8]) -> Result<Vec<u8>, u8> {
        const DECODE_ERROR: u8 = 50;
        let at = |index: usize| hello.get(index).copied().ok_or(DECODE_ERROR);
        let offered = u16::from_be_bytes([at(4)?, at(5)?]);
        let version = offered.min(self.versions.1);
        if version < self.versions.0 {
            return Err(70);
        }
        let begin = 39 + usize::from(at(38)?);
        let length = usize::from(u16::from_be_bytes([at(begin)?, at(begin + 1)?]));
        let suites = hello.get(begin + 2..begin + 2 + length).ok_or(DECODE_ERROR)?;
        let suites: Vec<u16> = suites.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
        let suite = *self.suites.iter().find(|suite| suites.contains(suite)).ok_or(40)?;
        let mut content = version.to_be_bytes().to_vec();
        content.extend([0x11; 32]);
        content.push(0);
        content.extend(suite.to_be_bytes());
        content.push(0);
        let mut out = record(22, version, &message(2, &content));
        let mut list: Vec<u8> = Vec::new();
        for der in &self.chain {
            list.extend(&(der.len() as u32).to_be_bytes()[1..]);
            list.extend(der.iter());
        }
        let mut content = (list.len() as u32).to_be_bytes()[1..].to_vec();
        content.extend(list);
        out.extend(record(22, version, &message(11, &content)));
        if FINITE_FIELD.contains(&suite) {
            let mut content = ((self.prime / 8) as u16).to_be_bytes().to_vec();
            content.extend(std::iter::repeat_n(0xff, self.prime / 8));
            content.extend([0, 1, 2, 0, 1, 5, 0, 0]);
            out.extend(record(22, version, &message(12, &content)));
        }
        out.extend(record(22, version, &message(14, &[])));
        Ok(out)
    }
}

fn record(kind: u8, version: u16, content: &[u8]) -> Vec<u8> {
    let mut out = vec![kind];
    out.extend(version.to_be_bytes());
    out.extend((content.len() as u16).to_be_bytes());
    out.extend(content);
    out
}

fn message(kind: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![kind];
    out.extend(&(content.len() as u32).to_be_bytes()[1..]);
    out.extend(content);
    out
}
