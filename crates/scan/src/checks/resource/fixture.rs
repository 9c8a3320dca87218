//! A small run for unit tests: a contract in YAML and answers to probes, for what a page cannot show.

use plimsoll_http::{Body, Exchange, OpId, Outcome, Probe, Request, Response, Timing};
use plimsoll_spec::{Api, Options, Source};

use crate::seen::Seen;

/// The contract with these paths.
pub fn api(paths: &str) -> Api {
    let text = format!("openapi: 3.1.0\ninfo: {{title: t, version: '1'}}\npaths:\n{paths}");
    plimsoll_spec::load(&Source::Bytes { name: "t".to_owned(), bytes: text.into_bytes() }, &Options::default()).unwrap()
}

/// A run in which the first operation was asked these probes of `base`, with a status and a JSON body each.
pub fn seen(base: &str, answers: &[(Probe, u16, &str)]) -> Seen {
    let mut seen = Seen::default();
    let base = Request::get_target(base);
    for (id, (probe, status, body)) in answers.iter().enumerate() {
        seen.push(Exchange {
            id: id as u32,
            origin: "http://api.example".into(),
            request: probe.build(&base),
            probe: probe.clone(),
            outcome: Outcome::Answer(Response {
                status: *status,
                version: "HTTP/1.1",
                headers: vec![("content-type".to_owned(), "application/json".to_owned())],
                body: Body::whole(body.as_bytes().to_vec()),
            }),
            timing: Timing::default(),
        });
    }
    seen.set_base(OpId(0), base);
    seen
}
