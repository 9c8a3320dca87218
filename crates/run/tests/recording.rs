//! Recordings that were edited, cut and mixed up: each is refused in one line, or read and judged without a fault.

#![expect(clippy::unwrap_used, reason = "a test ends where its setup fails")]

use std::collections::BTreeSet;
use std::sync::Arc;

use plimsoll_http::recording::RecordingError;
use plimsoll_http::transport::RunStatus;
use plimsoll_http::{Body, Exchange, Failure, OpId, Outcome, Probe, Request, Response, Stage, Timing};
use plimsoll_run::{Header, Record, assemble};
use plimsoll_scan::Seen;
use plimsoll_spec::{Options, Source, load};
use proptest::prelude::*;

const CONTRACT: &str = r##"{"openapi": "3.1.0", "info": {"title": "Yard", "version": "1"}, "paths": {
    "/boats": {"get": {"parameters": [{"name": "limit", "in": "query", "schema": {"type": "integer"}}],
        "responses": {"200": {"description": "ok", "content": {"application/json": {"schema": {"type": "array", "items": {"$ref": "#/components/schemas/Boat"}}}}}}}},
    "/boats/{id}": {"get": {"parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
        "responses": {"200": {"description": "ok", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Boat"}}}}}}}},
    "components": {"schemas": {"Boat": {"type": "object", "properties": {"id": {"type": "string"}, "tender": {"$ref": "#/components/schemas/Boat"}}}}}}"##;

/// A small run: two answered operations and a failure.
fn recording() -> String {
    let api =
        load(&Source::Bytes { name: "/openapi.json".into(), bytes: CONTRACT.into() }, &Options::default()).unwrap();
    let bases = vec![(OpId(0), Request::get("/boats")), (OpId(1), Request::get("/boats/b-1"))];
    let header = Header {
        version: "0.1.0".into(),
        url: "http://127.0.0.1:8000".into(),
        credentials: vec![("authorization".into(), "Bearer $TOKEN".into())],
        transport: vec!["plain HTTP".into()],
        api,
        bases: bases.clone(),
        refused: vec![(OpId(1), "not asked".into())],
        status: RunStatus { requests: 5, ..RunStatus::default() },
        max_requests: 100,
        max_seconds: 10.0,
        ..Header::default()
    };
    let mut seen = Seen::given(header.credentials.clone(), Vec::new());
    for (op, base) in &bases {
        seen.set_base(*op, base.clone());
    }
    let items: Vec<String> = (0..40).map(|n| format!(r#"{{"id":"b-{n}","email":"a{n}@corp.example"}}"#)).collect();
    let list = format!("[{}]", items.join(","));
    let probes = [
        (Probe::of(OpId(0)), Some(list.clone())),
        (Probe::of(OpId(0)).query("limit", "1"), Some(list)),
        (Probe::of(OpId(1)), Some(r#"{"id":"b-1"}"#.to_owned())),
        (Probe::of(OpId(1)).nth(1), None),
        (Probe::of(OpId::NONE).path("/none"), Some("nothing".to_owned())),
    ];
    for (id, (probe, body)) in probes.into_iter().enumerate() {
        let outcome = match body {
            Some(body) => Outcome::Answer(Response {
                status: 200,
                version: "HTTP/1.1",
                headers: vec![("content-type".into(), "application/json".into())],
                body: Body::whole(body.into_bytes()),
            }),
            None => Outcome::Failed(Failure { stage: Stage::Connect, message: "refused".into() }),
        };
        let request = probe.build(&Request::get("/boats"));
        let timing = Timing { sent_ms: id as f64, first_byte_ms: 1.25, total_ms: 1.375 };
        seen.push(Exchange {
            id: id as u32,
            origin: Arc::from("http://127.0.0.1:8000"),
            probe,
            request,
            outcome,
            timing,
        });
    }
    let mut out = Vec::new();
    Record { header, seen }.write(&mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn judge(text: &str) -> Result<String, RecordingError> {
    let mut record = Record::read(&mut text.as_bytes())?;
    Ok(serde_json::to_string(&assemble::report(&mut record)).unwrap())
}

#[test]
fn what_is_written_is_judged_as_it_was() {
    let text = recording();
    let record = Record::read(&mut text.as_bytes()).unwrap();
    let mut again = Vec::new();
    record.write(&mut again).unwrap();
    assert_eq!(String::from_utf8(again).unwrap(), text);
    let report = judge(&text).unwrap();
    assert_eq!(judge(&text).unwrap(), report);
    assert!(report.contains("\"GET\",\"path\":\"/boats\""), "{report}");
}

/// The numbers and short words of a text, as ranges.
fn tokens(text: &str) -> Vec<std::ops::Range<usize>> {
    let bytes = text.as_bytes();
    let mut out = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        while at < bytes.len() && (bytes[at].is_ascii_alphanumeric() || b"./-_".contains(&bytes[at])) {
            at += 1;
        }
        if at > start {
            out.push(start..at);
        }
        at += 1;
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn edited_values_are_refused_or_judged(edits in proptest::collection::vec((any::<prop::sample::Index>(), 0usize..16), 1..6)) {
        const VALUES: [&str; 16] = ["0", "1", "2", "4294967295", "18446744073709551615", "-1", "1e308", "0.5", "null", "true", "\"x\"", "\\u0000", "é", "/", "", "{}"];
        let mut text = recording();
        for (place, value) in edits {
            let tokens = tokens(&text);
            text.replace_range(place.get(&tokens).clone(), VALUES[value]);
        }
        if let Err(error) = judge(&text) {
            prop_assert!(!error.to_string().contains('\n'), "{}", error);
        }
    }

    #[test]
    fn lines_in_any_order_are_refused_or_judged(order in proptest::collection::vec(any::<prop::sample::Index>(), 0..12), cut in any::<prop::sample::Index>()) {
        let text = recording();
        let lines: Vec<&str> = text.lines().collect();
        let mut mixed: Vec<&str> = vec![lines[0]];
        mixed.extend(order.iter().map(|place| *place.get(&lines[1..])));
        // One of them may be cut short.
        let last = mixed.len() - 1;
        let end = cut.index(mixed[last].len() + 1);
        mixed[last] = mixed[last].get(..end).unwrap_or("");
        if let Err(error) = judge(&mixed.join("\n")) {
            prop_assert!(!error.to_string().contains('\n'), "{}", error);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]

    /// Another host (that is local, too: what is plain HTTP elsewhere is a finding of its own), other times, another order of the answers and other counts: the same names.
    #[test]
    fn fingerprints_are_of_the_cause(host in 2u8.., port in 1u16.., factor in 1u32..50, items in 30usize..90, swap in any::<bool>()) {
        let prints = |text: &str| {
            let mut record = Record::read(&mut text.as_bytes()).unwrap();
            let report = assemble::report(&mut record);
            let names: BTreeSet<String> = report.findings.iter().map(|one| &one.fingerprint).chain(report.issues.iter().map(|one| &one.fingerprint)).map(ToString::to_string).collect();
            names
        };
        let plain = recording();
        let known = prints(&plain);
        prop_assert!(!known.is_empty());
        let mut moved = Record::read(&mut plain.as_bytes()).unwrap();
        moved.header.url = format!("http://127.0.0.{host}:{port}");
        let mut seen = Seen::given(moved.header.credentials.clone(), Vec::new());
        for (op, base) in &moved.header.bases {
            seen.set_base(*op, base.clone());
        }
        let mut exchanges: Vec<Exchange> = moved.seen.all().to_vec();
        if swap {
            // The lists first or last: their requests do not depend on each other.
            exchanges.swap(0, 2);
        }
        for (id, mut exchange) in exchanges.into_iter().enumerate() {
            exchange.id = id as u32;
            exchange.origin = Arc::from(moved.header.url.as_str());
            exchange.timing.total_ms *= f64::from(factor);
            if let Outcome::Answer(response) = &mut exchange.outcome
                && exchange.request.path == "/boats"
            {
                let items: Vec<String> = (0..items).map(|n| format!(r#"{{"id":"b-{n}","email":"a{n}@corp.example"}}"#)).collect();
                response.body = Body::whole(format!("[{}]", items.join(",")).into_bytes());
            }
            seen.push(exchange);
        }
        moved.seen = seen;
        let mut text = Vec::new();
        moved.write(&mut text).unwrap();
        prop_assert_eq!(prints(&String::from_utf8(text).unwrap()), known);
    }
}
