//! What the engine spends, how fast it sends, what it reads and when it stops, each against a server of its own.

#![expect(clippy::unwrap_used, reason = "a test ends where its setup fails")]

mod common;
mod server;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use common::{get, send, settings};
use plimsoll_http::{
    BudgetKind, Engine, Event, Lane, OpId, Outcome, Planned, Probe, Request, Stage, StopReason, Transport,
};
use server::{Reply, Server, ok, one, raw, status};

#[tokio::test]
async fn an_answer_is_recorded_whole() {
    let server = Server::start(|_| status(200, "x-a: 1\r\nX-B: caf\u{e9}\r\n", "{\"a\":[1,2]}")).await;
    let mut engine = server.engine().await;
    let exchange = one(&mut engine, "/x").await;
    let response = exchange.response().unwrap();
    assert_eq!(response.status, 200);
    assert_eq!(response.version, "HTTP/1.1");
    assert_eq!(response.header("x-a"), Some("1"));
    assert_eq!(response.header("x-b"), Some("caf\u{fffd}\u{fffd}"));
    assert!(response.body.is_whole());
    assert_eq!(&*response.body.kept, b"{\"a\":[1,2]}");
    assert_eq!(response.body.digest, plimsoll_http::exchange::digest_of(b"{\"a\":[1,2]}"));
    assert_eq!(response.body.tally.lists[0].len, 2);
    assert_eq!(&*exchange.origin, format!("http://{}", server.address));
    assert!(exchange.timing.first_byte_ms > 0.0 && exchange.timing.total_ms >= exchange.timing.first_byte_ms);
}

#[tokio::test]
async fn the_request_budget_is_hard_also_with_concurrency() {
    let server = Server::start(|_| Reply::After(Duration::from_millis(5), raw("{}"))).await;
    let mut settings = server.settings();
    settings.budgets.max_requests = 25;
    settings.concurrency = Some(16);
    let mut engine = Engine::new(settings).await.unwrap();
    let exchanges = send(&mut engine, (0..60).map(|n| get(n, n % 3, "/x")).collect()).await;
    assert_eq!(exchanges.len(), 25);
    assert_eq!(server.count(), 25);
    let status = engine.status();
    assert_eq!(status.requests, 25);
    assert_eq!(status.stopped, Some(StopReason::Budget(BudgetKind::Requests)));
    assert_eq!(status.skipped.iter().map(|(_, _, count)| count).sum::<u64>(), 35);
    assert!(status.skipped[0].1.contains("requests"), "{status:?}");
    // And nothing more in the next batch.
    assert!(send(&mut engine, vec![get(99, 0, "/x")]).await.is_empty());
    assert_eq!(server.count(), 25);
}

#[tokio::test]
async fn the_time_budget_ends_a_run_that_hangs() {
    let server = Server::start(|_| Reply::Hang(Vec::new())).await;
    let mut settings = server.settings();
    settings.deadlines.first_byte = Duration::from_secs(30);
    settings.deadlines.total = Duration::from_secs(30);
    settings.budgets.max_time = Duration::from_millis(300);
    let mut engine = Engine::new(settings).await.unwrap();
    let begun = Instant::now();
    let exchanges = send(&mut engine, (0..20).map(|n| get(n, n, "/x")).collect()).await;
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    assert!(exchanges.is_empty());
    let status = engine.status();
    assert_eq!(status.stopped, Some(StopReason::Budget(BudgetKind::Time)));
    assert_eq!(status.skipped.iter().map(|(_, _, count)| count).sum::<u64>(), 20);
}

#[tokio::test]
async fn the_byte_budget_ends_one_operation_and_not_the_others() {
    let body = "x".repeat(50_000);
    let server = Server::start(move |head| if head.contains("/big") { ok(&body) } else { ok("{}") }).await;
    let mut settings = server.settings();
    settings.budgets.max_bytes_per_operation = 120_000;
    settings.concurrency = Some(1);
    let mut engine = Engine::new(settings).await.unwrap();
    let mut batch: Vec<Planned> = (0..6).map(|n| get(n, 0, "/big")).collect();
    batch.push(get(6, 1, "/small"));
    let exchanges = send(&mut engine, batch).await;
    let small = exchanges.iter().find(|exchange| exchange.id == 6).unwrap();
    assert!(small.is_success());
    let big: Vec<_> = exchanges.iter().filter(|exchange| exchange.probe.op == OpId(0)).collect();
    assert_eq!(big.len(), 3, "two whole bodies and one that was cut off");
    assert!(!big[2].response().unwrap().body.complete);
    assert!(big[2].response().unwrap().body.stopped.as_ref().unwrap().contains("budget"));
    let status = engine.status();
    assert_eq!(status.stopped, None);
    assert_eq!(status.skipped, [(OpId(0), "the bytes of the operation's budget are spent".to_owned(), 3)]);
}

#[tokio::test]
async fn the_kill_switch_stops_sending_at_once() {
    let server = Server::start(|_| Reply::After(Duration::from_millis(20), raw("{}"))).await;
    let mut engine = server.engine().await;
    let stopper = engine.stopper();
    let stopped_at = Arc::new(Mutex::new(0));
    let (seen, at) = (server.seen.clone(), stopped_at.clone());
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(200)).await;
        stopper.stop();
        *at.lock().unwrap() = seen.lock().unwrap().len();
    });
    let begun = Instant::now();
    send(&mut engine, (0..5_000).map(|n| get(n % 60_000, n % 7, "/x")).collect()).await;
    assert!(begun.elapsed() < Duration::from_millis(1_200), "{:?}", begun.elapsed());
    tokio::time::sleep(Duration::from_millis(300)).await;
    let late = server.count() - *stopped_at.lock().unwrap();
    assert!(late <= 8, "{late} requests after the stop: more than were on their way");
    assert_eq!(engine.status().stopped, Some(StopReason::Interrupted));
    let (before, paid) = (server.count(), engine.status().requests);
    assert!(send(&mut engine, vec![get(0, 0, "/x")]).await.is_empty());
    assert_eq!(engine.status().requests, paid);
    assert_eq!(server.count(), before);
}

#[tokio::test]
async fn quiet_probes_are_alone_and_in_order() {
    let server = Server::start(|_| Reply::After(Duration::from_millis(10), raw("{}"))).await;
    let mut engine = server.engine().await;
    let quiet = |n: u32| {
        let mut planned = get(n, 0, &format!("/q{n}"));
        planned.probe = planned.probe.lane(Lane::Quiet);
        planned
    };
    let exchanges = send(&mut engine, (0..6).map(quiet).collect()).await;
    assert_eq!(exchanges.len(), 6);
    assert_eq!(server.peak.load(Ordering::SeqCst), 1);
    let order: Vec<_> = server.heads().iter().map(|head| head.split(' ').nth(1).unwrap().to_owned()).collect();
    assert_eq!(order, ["/q0", "/q1", "/q2", "/q3", "/q4", "/q5"]);
    // A normal one before must have ended first.
    let mut batch = vec![get(10, 1, "/n1"), get(11, 1, "/n2")];
    batch.push(quiet(12));
    let exchanges = send(&mut engine, batch).await;
    let ends = exchanges[0].timing.sent_ms + exchanges[0].timing.total_ms;
    assert!(exchanges[2].timing.sent_ms >= ends - 0.5, "{exchanges:?}");
}

#[tokio::test]
async fn requests_share_the_wire_up_to_the_concurrency() {
    let server = Server::start(|_| Reply::After(Duration::from_millis(30), raw("{}"))).await;
    let mut settings = server.settings();
    settings.concurrency = Some(5);
    let mut engine = Engine::new(settings).await.unwrap();
    send(&mut engine, (0..30).map(|n| get(n, n, "/x")).collect()).await;
    assert_eq!(server.peak.load(Ordering::SeqCst), 5);
    assert_eq!(server.connections.load(Ordering::SeqCst), 5, "connections are kept");
}

#[tokio::test]
async fn a_rate_is_kept() {
    let server = Server::start(|_| ok("{}")).await;
    let mut settings = server.settings();
    settings.rate = Some(50.0);
    let mut engine = Engine::new(settings).await.unwrap();
    let begun = Instant::now();
    send(&mut engine, (0..26).map(|n| get(n, n, "/x")).collect()).await;
    // The bucket holds five; 21 more take 0.42 s.
    assert!(begun.elapsed() >= Duration::from_millis(380), "{:?}", begun.elapsed());
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_burst_ignores_the_rate_and_does_not_slow_the_rest() {
    let server = Server::start(|_| status(429, "", "")).await;
    let mut settings = server.settings();
    settings.rate = Some(2.0);
    let mut engine = Engine::new(settings).await.unwrap();
    let batch = (0..16).map(|n| get(n, 0, "/x")).map(|mut planned| {
        planned.probe = planned.probe.lane(Lane::Burst);
        planned
    });
    let begun = Instant::now();
    let exchanges = send(&mut engine, batch.collect()).await;
    assert_eq!(exchanges.len(), 16);
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    assert!(engine.status().slowed.is_empty());
    assert_eq!(engine.status().stopped, None);
}

#[tokio::test]
async fn who_is_turned_away_waits_and_asks_once_more() {
    let turns = AtomicUsize::new(0);
    let server = Server::start(move |_| {
        if turns.fetch_add(1, Ordering::SeqCst) == 0 { status(429, "retry-after: 1\r\n", "") } else { ok("{}") }
    })
    .await;
    let mut engine = server.engine().await;
    let begun = Instant::now();
    let exchange = one(&mut engine, "/x").await;
    assert_eq!(exchange.status(), Some(200));
    assert!(begun.elapsed() >= Duration::from_millis(950), "{:?}", begun.elapsed());
    assert_eq!(engine.status().requests, 2, "both are paid for");
    assert_eq!(engine.status().slowed.len(), 1);
}

#[tokio::test]
async fn a_wait_beyond_the_time_budget_ends_the_run() {
    for value in ["999999999", "Fri, 31 Dec 9999 23:59:59 GMT", "99999999999999999999999999"] {
        let header = format!("retry-after: {value}\r\n");
        let server = Server::start(move |_| status(429, &header, "")).await;
        let mut engine = server.engine().await;
        let begun = Instant::now();
        let exchange = one(&mut engine, "/x").await;
        assert_eq!(exchange.status(), Some(429));
        assert!(begun.elapsed() < Duration::from_secs(2));
        assert!(matches!(engine.status().stopped, Some(StopReason::Distress(_))), "{:?}", engine.status());
    }
}

#[tokio::test]
async fn a_port_that_nobody_listens_on_is_unreachable() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let mut engine = Engine::new(settings(&format!("http://{address}"))).await.unwrap();
    let exchanges = send(&mut engine, (0..40).map(|n| get(n, n, "/x")).collect()).await;
    assert!(
        exchanges.iter().all(|exchange| matches!(&exchange.outcome, Outcome::Failed(f) if f.stage == Stage::Connect))
    );
    assert!(matches!(engine.status().stopped, Some(StopReason::Unreachable(_))), "{:?}", engine.status());
    assert!(exchanges.len() <= 5 + 8);
}

#[tokio::test]
async fn a_target_that_dies_in_the_middle_is_distress_and_not_clean() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        for _ in 0..10 {
            let (mut stream, _) = listener.accept().await.unwrap();
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}").await;
        }
    });
    let mut settings = settings(&format!("http://{address}"));
    settings.concurrency = Some(1);
    let mut engine = Engine::new(settings).await.unwrap();
    let exchanges = send(&mut engine, (0..60).map(|n| get(n, n % 6, "/x")).collect()).await;
    assert_eq!(exchanges.iter().filter(|exchange| exchange.is_success()).count(), 10);
    assert_eq!(exchanges.len(), 15, "five more connections were tried");
    let status = engine.status();
    assert!(matches!(status.stopped, Some(StopReason::Distress(_))), "{status:?}");
    assert_eq!(status.skipped.iter().map(|(_, _, count)| count).sum::<u64>(), 45, "what was left out is said");
}

#[tokio::test]
async fn a_target_that_is_overloaded_is_sent_fewer_requests_at_once() {
    let turns = AtomicUsize::new(0);
    let server = Server::start(move |_| match turns.fetch_add(1, Ordering::SeqCst) {
        40..48 => status(503, "", ""),
        _ => Reply::After(Duration::from_millis(10), raw("{}")),
    })
    .await;
    let mut engine = server.engine().await;
    send(&mut engine, (0..40).map(|n| get(n, n, "/x")).collect()).await;
    assert_eq!(server.peak.swap(0, Ordering::SeqCst), 8);
    send(&mut engine, (40..48).map(|n| get(n, n, "/x")).collect()).await;
    server.peak.store(0, Ordering::SeqCst);
    send(&mut engine, (48..60).map(|n| get(n, n, "/x")).collect()).await;
    assert!(server.peak.load(Ordering::SeqCst) <= 4, "{:?}", server.peak);
    assert_eq!(engine.status().slowed.iter().map(|(why, _)| why.as_str()).collect::<Vec<_>>(), ["answered 503"]);
}

#[tokio::test]
async fn an_operation_that_hangs_is_left_alone_and_the_others_are_answered() {
    let server = Server::start(|head| if head.contains("/hang") { Reply::Hang(Vec::new()) } else { ok("{}") }).await;
    let mut settings = server.settings();
    settings.deadlines.first_byte = Duration::from_millis(300);
    settings.concurrency = Some(2);
    let mut engine = Engine::new(settings).await.unwrap();
    let batch = (0..40).map(|n| if n % 2 == 0 { get(n, 0, "/hang") } else { get(n, 1, "/well") }).collect();
    let exchanges = send(&mut engine, batch).await;
    assert_eq!(exchanges.iter().filter(|exchange| exchange.is_success()).count(), 20);
    let status = engine.status();
    assert_eq!(status.stopped, None);
    assert!(
        status.skipped.iter().any(|(op, why, count)| *op == OpId(0) && why.contains("left alone") && *count >= 15),
        "{status:?}"
    );
}

#[tokio::test]
async fn bad_input_that_is_answered_with_500_does_not_stop_the_run() {
    let server = Server::start(|head| if head.contains("bad") { status(500, "", "oops") } else { ok("{}") }).await;
    let mut engine = server.engine().await;
    let batch = (0..200)
        .map(|n| {
            let base = Request::get("/x");
            let probe = Probe::of(OpId(n % 9)).nth(u16::try_from(n).unwrap());
            let probe = if n % 3 == 0 { probe } else { probe.query("q", "bad") };
            let request = probe.build(&base);
            Planned::new(n, probe, request)
        })
        .collect();
    let exchanges = send(&mut engine, batch).await;
    assert_eq!(exchanges.len(), 200);
    assert_eq!(engine.status().stopped, None);
}

#[tokio::test]
async fn operations_that_answered_well_and_then_fail_stop_the_run() {
    let turns = AtomicUsize::new(0);
    let server =
        Server::start(move |_| if turns.fetch_add(1, Ordering::SeqCst) < 20 { ok("{}") } else { status(500, "", "") })
            .await;
    let mut engine = server.engine().await;
    let exchanges = send(&mut engine, (0..200).map(|n| get(n, n % 5, "/x")).collect()).await;
    assert!(exchanges.len() < 60, "{}", exchanges.len());
    assert!(matches!(engine.status().stopped, Some(StopReason::Distress(_))), "{:?}", engine.status());
    assert!(!engine.status().is_complete());
}

#[tokio::test]
async fn bodies_beyond_what_is_kept_are_counted() {
    let rows = format!("[{}]", vec!["{\"id\":1}"; 20_000].join(","));
    let (len, digest) = (rows.len() as u64, plimsoll_http::exchange::digest_of(rows.as_bytes()));
    let server = Server::start(move |_| ok(&rows)).await;
    let mut settings = server.settings();
    settings.keep.per_body = 10_000;
    settings.keep.total = 15_000;
    settings.keep.per_body_after = 1_000;
    settings.concurrency = Some(1);
    let mut engine = Engine::new(settings).await.unwrap();
    let exchanges = send(&mut engine, (0..4).map(|n| get(n, 0, "/x")).collect()).await;
    let kept: Vec<_> = exchanges.iter().map(|exchange| exchange.response().unwrap().body.kept.len()).collect();
    assert_eq!(kept, [10_000, 10_000, 1_000, 1_000]);
    for exchange in &exchanges {
        let body = &exchange.response().unwrap().body;
        assert_eq!((body.decoded_len, body.wire_len, body.complete), (len, len, true));
        assert_eq!(body.digest, digest);
        assert_eq!(body.tally.longest().unwrap().len, 20_000);
    }
}

#[tokio::test]
async fn a_kept_connection_that_the_peer_closed_is_replaced() {
    let server = Server::start(|_| Reply::Close(raw("{}"))).await;
    let mut settings = server.settings();
    settings.concurrency = Some(1);
    let mut engine = Engine::new(settings).await.unwrap();
    let exchanges = send(&mut engine, (0..10).map(|n| get(n, 0, "/x")).collect()).await;
    assert!(exchanges.iter().all(plimsoll_http::Exchange::is_success), "{exchanges:?}");
    assert_eq!(server.connections.load(Ordering::SeqCst), 10);
}

#[tokio::test]
async fn everything_that_happens_is_an_event() {
    let server = Server::start(|_| ok("{}")).await;
    let mut settings = server.settings();
    settings.budgets.max_requests = 2;
    let mut engine = Engine::new(settings).await.unwrap();
    let events = Arc::new(Mutex::new(Vec::new()));
    let sink = events.clone();
    engine.observe(move |event| {
        sink.lock().unwrap().push(match event {
            Event::Sent { requests, .. } => format!("sent {requests}"),
            Event::Answered { status, bytes, .. } => format!("answered {status:?} {bytes}"),
            Event::Dropped { reason, .. } => format!("dropped {reason}"),
            Event::Slowed { why } => format!("slowed {why}"),
            Event::Stopped { why } => format!("stopped {why}"),
        });
    });
    send(&mut engine, vec![get(0, 0, "/admin/wipe"), get(1, 1, "/x"), get(2, 2, "/x"), get(3, 3, "/x")]).await;
    let mut events = events.lock().unwrap().clone();
    events.sort();
    assert_eq!(
        events,
        [
            "answered Some(200) 2",
            "answered Some(200) 2",
            "dropped its path says `wipe`: called only with --allow-destructive",
            "dropped the budget of requests is spent",
            "sent 1",
            "sent 2",
            "stopped the budget of requests is spent"
        ]
    );
}

#[tokio::test]
async fn a_batch_is_built_as_it_is_sent() {
    let server = Server::start(|_| Reply::After(Duration::from_millis(5), raw("{}"))).await;
    let mut engine = server.engine().await;
    let built = Arc::new(AtomicUsize::new(0));
    let (ahead, seen) = (Arc::new(AtomicUsize::new(0)), server.seen.clone());
    let (count, most) = (built.clone(), ahead.clone());
    let mut batch = (0..200).map(move |n| {
        let built = count.fetch_add(1, Ordering::SeqCst) + 1;
        most.fetch_max(built.saturating_sub(seen.lock().unwrap().len()), Ordering::SeqCst);
        get(n, n % 5, "/x")
    });
    assert_eq!(engine.send(&mut batch).await.len(), 200);
    assert_eq!(built.load(Ordering::SeqCst), 200);
    assert!(ahead.load(Ordering::SeqCst) <= 20, "{ahead:?} requests were built ahead of the server");
}

#[tokio::test]
async fn http2_is_spoken_where_it_is_offered_over_one_connection() {
    let running = plimsoll_testkit::hostile::sound_h2().await.unwrap();
    let mut engine = Engine::new(settings(&running.url)).await.unwrap();
    let exchanges = send(&mut engine, (0..50).map(|n| get(n, n % 5, "/x")).collect()).await;
    assert_eq!(exchanges.len(), 50);
    for exchange in &exchanges {
        assert_eq!(exchange.response().unwrap().version, "HTTP/2", "{exchange:?}");
        assert_eq!(exchange.text(), plimsoll_testkit::hostile::WELL);
    }
    assert_eq!(engine.tls().unwrap().alpn.as_deref(), Some("h2"));
}
