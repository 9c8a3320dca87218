//! What services say when a request of theirs fails: which kind of failure, and that there was a request at all.

use plimsoll_http::Exchange;

/// How a request that the service sent came to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// Nobody listens there, or nobody answers: something was connected to.
    Connect,
    /// The name has no address: it was looked up.
    Lookup,
    /// The file does not exist: it was opened.
    File,
}

/// Words of HTTP clients and of the systems below them, in lower case.
const WORDS: &[(Failure, &[&str])] = &[
    (
        Failure::Lookup,
        &[
            "name or service not known",
            "nodename nor servname",
            "getaddrinfo",
            "enotfound",
            "eai_again",
            "no such host",
            "temporary failure in name resolution",
            "could not resolve host",
            "couldn't resolve host",
            "no address associated with hostname",
            "unknownhostexception",
            "name resolution",
            "failed to resolve",
            "name does not resolve",
        ],
    ),
    (
        Failure::Connect,
        &[
            "connection refused",
            "econnrefused",
            "errno 111",
            "errno 61",
            "actively refused",
            "failed to establish a new connection",
            "all connection attempts failed",
            "connect call failed",
            "cannot connect to host",
            "could not connect to server",
            "couldn't connect to server",
            "connectexception",
            "max retries exceeded with url",
            "connect timeout",
            "connecttimeout",
        ],
    ),
    (
        Failure::File,
        &["no such file or directory", "enoent", "filenotfounderror", "couldn't open file", "failed to open stream"],
    ),
];

/// How a request that the service sent failed, as far as its answer tells.
pub fn failure(answer: &Exchange) -> Option<Failure> {
    let text: String = answer.text().chars().take(8_000).collect::<String>().to_ascii_lowercase();
    WORDS.iter().find(|(_, words)| words.iter().any(|word| text.contains(word))).map(|(failure, _)| *failure)
}

/// Whether the answer says that a server behind did not answer (RFC 9110 §15.6.3, §15.6.5).
pub fn is_gateway(answer: &Exchange) -> bool {
    matches!(answer.status(), Some(502 | 504))
}
