//! Servers that send a client somewhere else, or round in circles.

use super::{act, answer, pieces};

act! {
    /// To itself.
    to_itself(stream, _) { answer(stream, "302 Found", "location: /bad\r\n", b"").await }
}

act! {
    /// A chain of a thousand.
    chain(stream, asked) { answer(stream, "307 Temporary Redirect", &format!("location: /bad/{}\r\n", (asked.turn + 1) % 1_000), b"").await }
}

act! {
    /// To another host each time, twenty of them.
    to_many_hosts(stream, asked) {
        let location = format!("location: http://host-{}.invalid/bad\r\n", asked.turn % 20);
        answer(stream, "302 Found", &location, b"").await
    }
}

act! {
    /// To schemes that are not the web's.
    to_schemes(stream, asked) {
        let to = ["file:///etc/passwd", "gopher://127.0.0.1:6379/_INFO", "data:text/html,x", "javascript:alert(1)"][asked.turn % 4];
        answer(stream, "301 Moved Permanently", &format!("location: {to}\r\n"), b"").await
    }
}

act! {
    /// To the metadata service, to a local port, to ssh.
    to_metadata(stream, asked) {
        let to = ["http://169.254.169.254/latest/meta-data/", "http://localhost:22/", "http://[::ffff:a9fe:a9fe]/", "//0x7f.1:22/"][asked.turn % 4];
        answer(stream, "302 Found", &format!("location: {to}\r\n"), b"").await
    }
}

act! {
    /// From http to https and back with ever more cookies.
    growing_cookies(stream, asked) {
        let cookies = pieces(0..=asked.turn.min(100), |n| format!("set-cookie: c{n}={}\r\n", "v".repeat(200)));
        let to = ["https://127.0.0.1/bad", "http://127.0.0.1/bad"][asked.turn % 2];
        answer(stream, "302 Found", &format!("location: {to}\r\n{cookies}"), b"").await
    }
}

act! {
    /// The next page lies on another host.
    next_elsewhere(stream, _) {
        let headers = "content-type: application/json\r\nlink: <http://169.254.169.254/latest/>; rel=\"next\"\r\n";
        answer(stream, "200 OK", headers, b"{\"items\":[{\"id\":1}],\"next\":\"http://127.0.0.1:22/?page=2\",\"_links\":{\"next\":{\"href\":\"//evil.invalid/\"}}}").await
    }
}

act! {
    /// The next page is this page.
    next_loops(stream, _) {
        answer(stream, "200 OK", "content-type: application/json\r\n", b"{\"items\":[{\"id\":1}],\"next\":\"/bad?cursor=abc\",\"next_cursor\":\"abc\"}").await
    }
}

act! {
    /// There is always another page.
    next_always_new(stream, asked) {
        let body = format!("{{\"items\":[{{\"id\":{0}}}],\"next\":\"/bad?cursor=c{0}\",\"next_cursor\":\"c{0}\"}}", asked.turn);
        answer(stream, "200 OK", "content-type: application/json\r\n", body.as_bytes()).await
    }
}
