//! Any bytes for an answer: the reader ends in time, says what it got in one line, and the next answer is read as it should be.

#![expect(clippy::unwrap_used, reason = "a test ends where its setup fails")]

mod common;
#[expect(dead_code, reason = "the engine's own tests need more of it")]
mod server;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use common::{get, send, settings};
use plimsoll_http::{Engine, Outcome};
use proptest::prelude::*;
use server::{Reply, Server, ok, one};

/// Pieces that answers are made of, whole and broken.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let known: &[&[u8]] = &[
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.0 200 OK\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"HTTP/1.1 204 No Content\r\n",
        b"content-length: 5\r\n",
        b"content-length: 18446744073709551615\r\n",
        b"transfer-encoding: chunked\r\n",
        b"content-encoding: gzip\r\n",
        b"content-encoding: br\r\n",
        b"content-encoding: deflate\r\n",
        b"retry-after: 0\r\n",
        b"connection: close\r\n",
        b"\r\n",
        b"\n",
        b"5\r\nhello\r\n",
        b"0\r\n\r\n",
        b"ffffffffffffffff\r\n",
        b"{\"a\":[1,2,{}]}",
        b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff",
        b"\x78\x9c",
        b"\x8b\x02\x80",
    ];
    prop_oneof![
        4 => proptest::sample::select(known).prop_map(<[u8]>::to_vec),
        1 => proptest::collection::vec(any::<u8>(), 0..40),
    ]
}

fn check(bytes: Vec<u8>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (answer, sound) = (Arc::new(Mutex::new(bytes)), Arc::new(AtomicBool::new(false)));
        let switch = sound.clone();
        let server = Server::start(move |_| {
            if switch.load(Ordering::SeqCst) { ok("{}") } else { Reply::Close(answer.lock().unwrap().clone()) }
        })
        .await;
        let mut settings = settings(&format!("http://{}", server.address));
        settings.deadlines.first_byte = Duration::from_millis(300);
        settings.deadlines.total = Duration::from_millis(400);
        settings.caps.max_decoded = 1 << 20;
        let mut engine = Engine::new(settings).await.unwrap();
        let begun = Instant::now();
        for exchange in send(&mut engine, vec![get(0, 0, "/a"), get(1, 1, "/b")]).await {
            let problem = match &exchange.outcome {
                Outcome::Failed(failure) => Some(failure.message.clone()),
                Outcome::Answer(response) => {
                    assert!(response.body.decoded_len >= response.body.kept.len() as u64);
                    response.body.stopped.clone()
                }
            };
            assert!(
                problem.is_none_or(|line| !line.is_empty() && !line.contains(['\n', '\r', '\u{1b}'])),
                "{exchange:?}"
            );
        }
        assert!(begun.elapsed() < Duration::from_secs(3));
        sound.store(true, Ordering::SeqCst);
        assert!(one(&mut engine, "/c").await.is_success());
    });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_answer_is_read_or_refused(pieces in proptest::collection::vec(piece(), 0..12)) {
        check(pieces.concat());
    }

    #[test]
    fn an_answer_that_begins_well_may_go_on_as_it_likes(pieces in proptest::collection::vec(piece(), 0..8)) {
        check([b"HTTP/1.1 200 OK\r\n".to_vec(), pieces.concat()].concat());
    }
}
