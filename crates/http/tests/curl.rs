//! The printed command is run by a shell, and what it sends is what was sent.

#![expect(clippy::unwrap_used, reason = "a test ends where its setup fails")]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use plimsoll_http::curl;
use plimsoll_http::request::{Body, Request};
use plimsoll_model::Method;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

/// A request as it arrived.
#[derive(Debug, PartialEq, Eq)]
struct Arrived {
    method: String,
    target: Vec<u8>,
    headers: BTreeMap<String, Vec<u8>>,
    body: Vec<u8>,
}

/// A server on loopback that hands over every request that arrives.
struct Echo {
    address: SocketAddr,
    arrived: Receiver<Arrived>,
}

impl Echo {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, arrived) = channel();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                take(stream.unwrap(), &sender);
            }
        });
        Self { address, arrived }
    }

    /// Runs the command for a request in a shell, and returns what arrived.
    fn run(&self, request: &Request, credentials: &[(String, String)], variables: &[(&str, &str)]) -> Arrived {
        let command = curl::of_request(&format!("http://{}", self.address), request, credentials);
        let mut shell = Command::new("sh");
        // A name that hostile values try to have filled in.
        shell
            .args(["-c", &format!("{command} --max-time 10 -o /dev/null")])
            .env("LEAK", "leaked")
            .envs(variables.iter().copied());
        for name in ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "HOME"] {
            shell.env_remove(name);
        }
        let output = shell.output().unwrap();
        assert!(output.status.success() && output.stderr.is_empty(), "{command}: {output:?}");
        self.arrived.recv_timeout(Duration::from_secs(10)).unwrap()
    }
}

fn take(stream: TcpStream, sender: &Sender<Arrived>) {
    let mut reader = BufReader::new(&stream);
    let mut line = || {
        let mut line = Vec::new();
        reader.read_until(b'\n', &mut line).unwrap();
        line.truncate(line.len().saturating_sub(2));
        line
    };
    let first = line();
    let mut words = first.split(|&b| b == b' ');
    let method = String::from_utf8(words.next().unwrap().to_vec()).unwrap();
    let target = words.next().unwrap().to_vec();
    let mut headers = BTreeMap::new();
    loop {
        let line = line();
        let Some(at) = line.iter().position(|&b| b == b':') else { break };
        let name = String::from_utf8(line[..at].to_ascii_lowercase()).unwrap();
        let known = headers.insert(name, line[at + 1..].trim_ascii().to_vec());
        assert_eq!(known, None, "a header came twice");
    }
    let length = headers.get("content-length").map_or(0, |text| String::from_utf8_lossy(text).parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    (&stream).write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").unwrap();
    sender.send(Arrived { method, target, headers, body }).unwrap();
}

/// What must arrive for a request without credentials, beside the headers that curl always sends.
fn sent(request: &Request) -> Arrived {
    let mut headers: BTreeMap<String, Vec<u8>> =
        request.headers.iter().map(|(name, value)| (name.clone(), value.trim().as_bytes().to_vec())).collect();
    if let Some(body) = &request.body {
        headers.insert("content-type".to_owned(), body.media_type.as_bytes().to_vec());
    }
    let body = request.body.as_ref().map(|body| body.content.clone().into_bytes()).unwrap_or_default();
    Arrived { method: request.method.as_str().to_owned(), target: request.target().into_bytes(), headers, body }
}

fn check(echo: &Echo, request: &Request) {
    let mut arrived = echo.run(request, &[], &[]);
    for own in ["host", "user-agent", "accept", "content-length"] {
        if !request.headers.iter().any(|(name, _)| name == own) {
            arrived.headers.remove(own);
        }
    }
    assert_eq!(arrived, sent(request), "{}", curl::of_request("http://a.test", request, &[]));
}

fn with_body(method: Method, content: &str) -> Request {
    let body = Body { media_type: "application/json".to_owned(), content: content.to_owned() };
    Request { method, body: Some(body), ..Request::get("/orders") }
}

/// Everything that a shell, curl or a URL parser might act on.
const HOSTILE: &[&str] = &[
    "it's",
    "\"quoted\"",
    "$LEAK ${LEAK} $(id) `id`",
    "a;b|c&d>e<f",
    "\\ \\n \\' \\\\",
    "{a,b}[1-3]*?~!#%",
    "--output=x",
    "-o",
    "@/etc/hostname",
    "<file",
    "é ü 漢字 🦀",
    "!!",
    "=",
    "''",
    "  ",
    "%00%0a%27",
    "a: b",
    "trailing\\",
];

#[test]
fn hostile_values_arrive_as_they_are() {
    let echo = Echo::start();
    for value in HOSTILE {
        let mut request = Request::get("/a");
        request.query = vec![((*value).to_owned(), (*value).to_owned()), ("e".to_owned(), String::new())];
        request.set_header("x-value", value);
        check(&echo, &request);
        check(&echo, &with_body(Method::Post, value));
    }
    for content in ["", "a\nb\r\n", "{\"a\": [\"it's\"]}\n", "@-", "a=b&c=d"] {
        check(&echo, &with_body(Method::Put, content));
    }
    for path in ["/a/../b", "/./a//b", "/%2e%2e/%00/%27", "/a'b", "/{id}/[1-3]", "/a;b=c/@x/$LEAK"] {
        check(&echo, &Request::get(path));
    }
}

#[test]
fn every_method_arrives() {
    let echo = Echo::start();
    for method in [
        Method::Get,
        Method::Head,
        Method::Options,
        Method::Post,
        Method::Put,
        Method::Patch,
        Method::Delete,
        Method::Trace,
    ] {
        check(&echo, &Request { method, ..Request::get("/a") });
    }
    for method in [Method::Get, Method::Post, Method::Delete] {
        check(&echo, &with_body(method, "{}"));
    }
}

#[test]
fn headers_replace_those_of_curl_and_may_be_empty() {
    let echo = Echo::start();
    let mut request = Request::get("/a");
    for (name, value) in [("accept", "text/csv"), ("user-agent", "x"), ("origin", "null"), ("x-empty", "")] {
        request.set_header(name, value);
    }
    check(&echo, &request);
}

#[test]
fn credentials_come_from_the_environment_of_the_shell() {
    let echo = Echo::start();
    let shown = [("authorization", "Bearer $TOKEN"), ("x-key", "${key}s $LEAK' $ $1"), ("cookie", "a=$TOKEN")];
    let shown = shown.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let mut request = Request::get("/a");
    request.set_header("cookie", "b=$LEAK");
    let arrived = echo.run(&request, &shown, &[("TOKEN", "s3'cr \"et$LEAK"), ("key", "k")]);
    let header = |name: &str| String::from_utf8_lossy(&arrived.headers[name]).into_owned();
    assert_eq!(header("authorization"), "Bearer s3'cr \"et$LEAK");
    assert_eq!(header("x-key"), "ks leaked' $ $1");
    assert_eq!(header("cookie"), "a=s3'cr \"et$LEAK; b=$LEAK");
}

#[test]
fn any_request_arrives_as_it_was_sent() {
    let echo = Echo::start();
    let text = || "[ -~éЖ漢🦀]{0,20}";
    // Values are trimmed on their way, whoever sends them.
    let headers = proptest::collection::btree_map("x-[a-z]{1,8}", text(), 0..4);
    let query = proptest::collection::vec((text(), text()), 0..4);
    let body = proptest::option::of("[ -~éЖ漢🦀\n\r\t]{0,60}");
    let segment = "[a-zA-Z0-9._~!$&'()*+,;=:@%-]{0,12}";
    let method = prop_oneof![Just(Method::Get), Just(Method::Post), Just(Method::Patch), Just(Method::Delete)];
    let strategy = (method, segment, query, headers, body);
    let mut runner = TestRunner::new(Config { cases: 48, failure_persistence: None, ..Config::default() });
    runner
        .run(&strategy, |(method, segment, query, headers, content)| {
            let body = content.map(|content| Body { media_type: "text/plain".to_owned(), content });
            check(
                &echo,
                &Request { method, path: format!("/{segment}"), query, headers: headers.into_iter().collect(), body },
            );
            Ok(())
        })
        .unwrap();
}
