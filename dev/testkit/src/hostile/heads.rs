//! Servers whose status lines and headers are too many, too long, or malformed.

use tokio::io::AsyncWriteExt;

use super::{Next, act, answer, flood, pieces};

act! {
    /// Header lines without a blank line.
    endless_lines(stream, _) {
        stream.write_all(b"HTTP/1.1 200 OK\r\n").await?;
        flood(stream, &b"x-header: value\r\n".repeat(100)).await
    }
}

act! {
    /// A header value of 100 MB.
    huge_value(stream, _) {
        stream.write_all(b"HTTP/1.1 200 OK\r\nx-a: ").await?;
        for _ in 0..1_600 {
            stream.write_all(&vec![b'a'; 65_536]).await?;
        }
        stream.write_all(b"\r\ncontent-length: 2\r\n\r\n{}").await?;
        Ok(Next::Keep)
    }
}

act! {
    /// 100,000 small headers.
    many_small(stream, _) {
        stream.write_all(b"HTTP/1.1 200 OK\r\n").await?;
        for n in 0..100_000 {
            stream.write_all(format!("x-{n}: 1\r\n").as_bytes()).await?;
        }
        stream.write_all(b"content-length: 2\r\n\r\n{}").await?;
        Ok(Next::Keep)
    }
}

act! {
    /// A header folded over two lines (RFC 9112 §5.2).
    obsolete_folding(stream, _) { answer(stream, "200 OK", "x-a: one\r\n two\r\n\tthree\r\n", b"{}").await }
}

act! {
    /// Line feeds without carriage returns.
    bare_line_feeds(stream, _) {
        stream.write_all(b"HTTP/1.1 200 OK\ncontent-type: application/json\ncontent-length: 2\n\n{}").await?;
        Ok(Next::Keep)
    }
}

act! {
    /// NUL and other control characters in a value and in a name.
    nul_in_header(stream, _) { answer(stream, "200 OK", "x-a: a\0b\x07\r\nx\0b: 1\r\n", b"{}").await }
}

act! {
    /// Bytes outside of ASCII in a value.
    eight_bit(stream, _) {
        stream.write_all(b"HTTP/1.1 200 OK\r\nx-a: caf\xe9 \xff\xfe\r\ncontent-length: 2\r\n\r\n{}").await?;
        Ok(Next::Keep)
    }
}

act! {
    /// A body without any head.
    http_09(stream, _) {
        stream.write_all(b"<html>welcome to 1991</html>\r\n").await?;
        Ok(Next::Close)
    }
}

act! {
    /// A version that there is not.
    http_99(stream, _) {
        stream.write_all(b"HTTP/9.9 200 OK\r\ncontent-length: 2\r\n\r\n{}").await?;
        Ok(Next::Keep)
    }
}

act! {
    /// No reason phrase, and no space before it.
    no_reason(stream, _) {
        stream.write_all(b"HTTP/1.1 200\r\ncontent-length: 2\r\n\r\n{}").await?;
        Ok(Next::Keep)
    }
}

act! {
    /// Status codes that are none.
    status_out_of_range(stream, asked) {
        let status = ["000", "099", "-1", "20", "2000"][asked.turn % 5];
        stream.write_all(format!("HTTP/1.1 {status} X\r\ncontent-length: 2\r\n\r\n{{}}").as_bytes()).await?;
        Ok(Next::Close)
    }
}

act! {
    /// Three digits of no known class.
    status_999(stream, asked) { answer(stream, ["999 X", "600 X"][asked.turn % 2], "", b"{}").await }
}

act! {
    /// Informational responses without end.
    endless_informational(stream, _) {
        flood(stream, &b"HTTP/1.1 103 Early Hints\r\nlink: </a>; rel=preload\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n".repeat(50)).await
    }
}

act! {
    /// A thousand cookies.
    thousand_cookies(stream, _) {
        let cookies = pieces(0..1_000, |n| format!("set-cookie: c{n}=v; Domain=.com\r\n"));
        answer(stream, "200 OK", &cookies, b"{}").await
    }
}

act! {
    /// A cookie of 1 MB.
    huge_cookie(stream, _) { answer(stream, "200 OK", &format!("set-cookie: c={}\r\n", "v".repeat(1 << 20)), b"{}").await }
}
