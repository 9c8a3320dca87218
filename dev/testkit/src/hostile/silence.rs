//! Servers that keep a client waiting.

use tokio::io::AsyncWriteExt;

use super::{act, drip, hang};

act! {
    /// Accepts and never sends a byte.
    never_answers(stream, _) { hang(stream).await }
}

act! {
    /// A status line that never ends, a byte at a time.
    status_line_drips(stream, _) {
        stream.write_all(b"HTTP/1.1 200 ").await?;
        drip(stream, b"still thinking ").await
    }
}

act! {
    /// Headers that never end, a byte at a time.
    headers_drip(stream, _) {
        stream.write_all(b"HTTP/1.1 200 OK\r\n").await?;
        drip(stream, b"x-a: b\r\n").await
    }
}

act! {
    /// A body that never ends, a byte at a time: no inactivity time-out fires.
    body_drips(stream, _) {
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1000000\r\n\r\n[").await?;
        drip(stream, b"1,").await
    }
}

act! {
    /// 10 GB announced, ten bytes sent.
    announced_and_stalled(stream, _) {
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 10000000000\r\n\r\n[1,2,3,4,5").await?;
        hang(stream).await
    }
}
