//! Servers that turn clients away, slow down, change their mind, or are not what they were.

use std::time::Duration;

use tokio::io::AsyncWriteExt;

use super::{WELL, act, answer, connection, read_head, well};

act! {
    /// Come back in thirty years.
    retry_for_ever(stream, asked) {
        let wait = ["999999999", "Fri, 31 Dec 9999 23:59:59 GMT"][asked.turn % 2];
        answer(stream, "429 Too Many Requests", &format!("retry-after: {wait}\r\n"), b"").await
    }
}

act! {
    /// Come back at no time.
    retry_garbage(stream, asked) {
        let wait = ["-5", "soon", "Sun, 06 Nov 1994 08:49:37 GMT", "1e9", ""][asked.turn % 5];
        answer(stream, "429 Too Many Requests", &format!("retry-after: {wait}\r\n"), b"").await
    }
}

act! {
    /// Too many requests, always.
    always_429(stream, _) { answer(stream, "429 Too Many Requests", "", b"{}").await }
}

act! {
    /// Out of service, always.
    always_503(stream, _) { answer(stream, "503 Service Unavailable", "", b"{}").await }
}

act! {
    /// 200 and 500 in turn.
    alternates(stream, asked) { answer(stream, ["200 OK", "500 Internal Server Error"][asked.turn % 2], "", b"{}").await }
}

act! {
    /// Takes twice as long each time.
    tarpit(stream, asked) {
        tokio::time::sleep(Duration::from_millis(10 << asked.turn.min(16))).await;
        answer(stream, "200 OK", "", b"{}").await
    }
}

act! {
    /// Empty for scanners, something for everybody else.
    knows_scanners(stream, asked) {
        let head = asked.head.to_ascii_lowercase();
        let scanner = head.lines().any(|line| line.starts_with("user-agent:") && line.contains("plimsoll"));
        answer(stream, "200 OK", "content-type: application/json\r\n", if scanner { b"" } else { WELL.as_bytes() }).await
    }
}

connection! {
    /// The same page for every path there is.
    same_page(mut; stream, _) {
        let mut buffer = Vec::new();
        while read_head(&mut stream, &mut buffer).await?.is_some() {
            let page = b"<!doctype html><title>Welcome</title><p>Nothing to see";
            answer(&mut stream, "200 OK", "content-type: text/html\r\n", page).await?;
        }
        Ok(())
    }
}

act! {
    /// Another status, size and body each time.
    noise(stream, asked) {
        let n = asked.turn.wrapping_mul(2_654_435_761) % 1_000_003;
        let status = [200, 201, 204, 301, 400, 404, 418, 500][n % 8];
        let body = if status == 204 { String::new() } else { format!("{n}").repeat(n % 5_000) };
        answer(stream, &format!("{status} X"), "content-type: application/json\r\n", body.as_bytes()).await
    }
}

connection! {
    /// Dies after the first connections, and something else answers on the port.
    replaced(mut; stream, turn) {
        let mut buffer = Vec::new();
        let mut answered = 0;
        while let Some(head) = read_head(&mut stream, &mut buffer).await? {
            if turn < 4 && answered < 1 {
                well(&mut stream, &head).await?;
                answered += 1;
            } else if turn < 4 {
                return Ok(());
            } else {
                stream.write_all(b"SSH-2.0-OpenSSH_9.2\r\n").await?;
                return stream.shutdown().await;
            }
        }
        Ok(())
    }
}
