//! Servers that frame messages wrongly, or break connections off.

use std::io;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::{Next, act, answer, connection, flood, pieces};

/// Closes with a reset instead of an end.
fn reset(stream: &TcpStream) -> io::Result<Next> {
    stream.set_zero_linger()?;
    Err(io::ErrorKind::ConnectionReset.into())
}

act! {
    /// The body goes on after its length.
    length_too_short(stream, _) {
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}{\"smuggled\":true}").await?;
        Ok(Next::Keep)
    }
}

act! {
    /// The body ends before its length.
    length_too_long(stream, _) {
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 200\r\n\r\n{\"a\":1").await?;
        Ok(Next::Close)
    }
}

act! {
    /// Both ways to say where a body ends (RFC 9112 §6.3).
    chunked_and_length(stream, _) {
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 50\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n").await?;
        Ok(Next::Keep)
    }
}

act! {
    /// Two lengths.
    two_lengths(stream, _) {
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 7\r\n\r\n{}12345").await?;
        Ok(Next::Keep)
    }
}

act! {
    /// A negative length.
    length_negative(stream, _) {
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n{}").await?;
        Ok(Next::Close)
    }
}

act! {
    /// A length of 2^64.
    length_overflow(stream, _) {
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 18446744073709551616\r\n\r\n{}").await?;
        Ok(Next::Close)
    }
}

act! {
    /// A length that is no number.
    length_no_number(stream, _) {
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: two\r\n\r\n{}").await?;
        Ok(Next::Close)
    }
}

act! {
    /// A chunk of 2^68 bytes.
    chunk_size_overflow(stream, _) {
        stream.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n100000000000000000\r\n{}\r\n0\r\n\r\n").await?;
        Ok(Next::Close)
    }
}

act! {
    /// A chunk without an end of line.
    chunk_without_crlf(stream, _) {
        stream.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}0\r\n\r\n").await?;
        Ok(Next::Close)
    }
}

act! {
    /// Chunk extensions of 1 MB.
    chunk_extensions(stream, _) {
        stream.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2;x=").await?;
        stream.write_all(&vec![b'x'; 1 << 20]).await?;
        stream.write_all(b"\r\n{}\r\n0\r\n\r\n").await?;
        Ok(Next::Keep)
    }
}

act! {
    /// 10,000 trailers.
    many_trailers(stream, _) {
        stream.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n").await?;
        let trailers = pieces(0..10_000, |n| format!("x-{n}: 1\r\n"));
        stream.write_all(trailers.as_bytes()).await?;
        stream.write_all(b"\r\n").await?;
        Ok(Next::Keep)
    }
}

act! {
    /// 204 and 304 with a body, which is then read as the next answer.
    no_content_with_body(stream, asked) {
        let status = ["204 No Content", "304 Not Modified"][asked.turn % 2];
        answer(stream, status, "content-type: application/json\r\n", b"{\"id\":1}").await
    }
}

act! {
    /// An answer that nobody asked for, after one that somebody did.
    second_response(stream, _) {
        answer(stream, "200 OK", "", b"{}").await?;
        answer(stream, "200 OK", "", b"{\"unasked\":true}").await
    }
}

act! {
    /// A reset after the head.
    reset_after_headers(stream, _) {
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n").await?;
        tokio::time::sleep(Duration::from_millis(10)).await;
        reset(stream)
    }
}

act! {
    /// A reset in the body.
    reset_in_body(stream, _) {
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"a\":").await?;
        tokio::time::sleep(Duration::from_millis(10)).await;
        reset(stream)
    }
}

act! {
    /// The end of the connection instead of an answer.
    close_without_answer(_stream, _) { Ok(Next::Close) }
}

connection! {
    /// A reset before anything.
    reset_at_connect(; stream, _) {
        stream.set_zero_linger()
    }
}

connection! {
    /// Closes its half before it was asked, and goes on reading.
    half_closed(mut; stream, _) {
        stream.shutdown().await?;
        super::hang(&mut stream).await.map(drop)
    }
}

act! {
    /// 101 to a client that asked for no upgrade, then bytes of another protocol.
    unasked_upgrade(stream, _) {
        stream.write_all(b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n").await?;
        flood(stream, b"\x81\x05hello").await
    }
}
