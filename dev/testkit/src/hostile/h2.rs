//! Servers that abuse HTTP/2 (RFC 9113). Frames are written by hand: no library would send them.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

use super::{connection, flood, hang, tls};

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;
/// `:status: 200`, from the static table (RFC 7541, appendix A).
const STATUS_200: u8 = 0x88;

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(9 + payload.len());
    // A frame is shorter than 2^24 bytes; the three low bytes of its length are all of it.
    out.extend_from_slice(&(payload.len() as u32).to_be_bytes()[1..]);
    out.extend_from_slice(&[kind, flags]);
    out.extend_from_slice(&stream.to_be_bytes());
    out.extend_from_slice(payload);
    out
}

/// Shakes hands, reads the client's preface and sends settings.
async fn open(stream: TcpStream, settings: &[u8]) -> io::Result<TlsStream<TcpStream>> {
    let mut stream = tls::accept(stream, &[b"h2"]).await?;
    let mut preface = [0; 24];
    stream.read_exact(&mut preface).await?;
    stream.write_all(&frame(SETTINGS, 0, 0, settings)).await?;
    stream.flush().await?;
    Ok(stream)
}

/// Reads frames up to the next request, and gives its stream.
async fn request(stream: &mut TlsStream<TcpStream>) -> io::Result<u32> {
    loop {
        let mut head = [0; 9];
        stream.read_exact(&mut head).await?;
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        let mut payload = vec![0; length as usize];
        stream.read_exact(&mut payload).await?;
        if head[3] == SETTINGS && head[4] & 1 == 0 {
            stream.write_all(&frame(SETTINGS, 1, 0, &[])).await?;
        }
        if head[3] == HEADERS {
            return Ok(u32::from_be_bytes([head[5], head[6], head[7], head[8]]) & 0x7fff_ffff);
        }
    }
}

connection! {
    /// Answers every request.
    sound(; stream, _) {
        let mut stream = open(stream, &[]).await?;
        loop {
            let id = request(&mut stream).await?;
            stream.write_all(&frame(HEADERS, END_HEADERS, id, &[STATUS_200])).await?;
            stream.write_all(&frame(DATA, END_STREAM, id, super::WELL.as_bytes())).await?;
            stream.flush().await?;
        }
    }
}

connection! {
    /// Goes away at every request.
    goaway(; stream, _) {
        let mut stream = open(stream, &[]).await?;
        request(&mut stream).await?;
        // Last stream 0, ENHANCE_YOUR_CALM.
        stream.write_all(&frame(GOAWAY, 0, 0, &[0, 0, 0, 0, 0, 0, 0, 0xb])).await?;
        stream.shutdown().await
    }
}

connection! {
    /// Changes settings without end; each change wants an acknowledgement.
    settings_flood(; stream, _) {
        let mut stream = open(stream, &[]).await?;
        request(&mut stream).await?;
        flood(&mut stream, &frame(SETTINGS, 0, 0, &[0, 4, 0, 1, 0, 0]).repeat(500)).await.map(drop)
    }
}

connection! {
    /// Pings without end; each wants an answer.
    ping_flood(; stream, _) {
        let mut stream = open(stream, &[]).await?;
        request(&mut stream).await?;
        flood(&mut stream, &frame(PING, 0, 0, &[7; 8]).repeat(500)).await.map(drop)
    }
}

connection! {
    /// A header section that goes on in frame after frame (CVE-2024-27316).
    continuation_flood(; stream, _) {
        let mut stream = open(stream, &[]).await?;
        let id = request(&mut stream).await?;
        stream.write_all(&frame(HEADERS, 0, id, &[STATUS_200])).await?;
        // A literal field without indexing: `x-a: bbbb`.
        let field = b"\x00\x03x-a\x04bbbb".repeat(100);
        flood(&mut stream, &frame(CONTINUATION, 0, id, &field)).await.map(drop)
    }
}

connection! {
    /// Lets the client open no stream, and gives it no window.
    zero_window(; stream, _) {
        // MAX_CONCURRENT_STREAMS 0, INITIAL_WINDOW_SIZE 0.
        let mut stream = open(stream, &[0, 3, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0]).await?;
        hang(&mut stream).await.map(drop)
    }
}

connection! {
    /// Resets every stream.
    reset_storm(; stream, _) {
        let mut stream = open(stream, &[]).await?;
        loop {
            let id = request(&mut stream).await?;
            // INTERNAL_ERROR.
            stream.write_all(&frame(RST_STREAM, 0, id, &[0, 0, 0, 2])).await?;
            stream.flush().await?;
        }
    }
}

connection! {
    /// A field of 4,000 bytes in the dynamic table, then references to it: 16 KiB that become 64 MB.
    header_bomb(; stream, _) {
        let mut stream = open(stream, &[]).await?;
        let id = request(&mut stream).await?;
        // A literal field with incremental indexing; 3,950 as a prefixed integer is 0x7f, then 3,823 in groups of seven bits.
        let mut block = vec![STATUS_200, 0x40, 3];
        block.extend_from_slice(b"x-a\x7f\xef\x1d");
        block.extend(std::iter::repeat_n(b'a', 3_950));
        block.extend(std::iter::repeat_n(0xbe, 12_000));
        stream.write_all(&frame(HEADERS, END_HEADERS, id, &block)).await?;
        stream.flush().await?;
        hang(&mut stream).await.map(drop)
    }
}

connection! {
    /// A stream that begins and never ends.
    never_closed(; stream, _) {
        let mut stream = open(stream, &[]).await?;
        loop {
            let id = request(&mut stream).await?;
            stream.write_all(&frame(HEADERS, END_HEADERS, id, &[STATUS_200])).await?;
            stream.write_all(&frame(DATA, 0, id, b"{\"a\":")).await?;
            stream.flush().await?;
        }
    }
}

connection! {
    /// Frames of one byte.
    one_byte_frames(; stream, _) {
        let mut stream = open(stream, &[]).await?;
        let id = request(&mut stream).await?;
        stream.write_all(&frame(HEADERS, END_HEADERS, id, &[STATUS_200])).await?;
        loop {
            stream.write_all(&frame(DATA, 0, id, b"1").repeat(20)).await?;
            stream.flush().await?;
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}
