//! The engine's promises, each against a server of its own.

#![expect(clippy::unwrap_used, reason = "a test ends where its setup fails")]

mod common;
mod server;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use common::{get, send, settings};
use plimsoll_http::plan::permit;
use plimsoll_http::{
    AllowWrites, BudgetKind, Credential, Engine, Event, Lane, OpId, Outcome, Planned, Probe, Profile, Request, Secrets,
    SetupError, Stage, StopReason, Transport, Who,
};
use plimsoll_model::{Method, OperationKey};
use server::{Reply, Server, ok, one, status};

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
async fn every_request_says_who_sends_it_and_what_it_takes() {
    let server = Server::start(|_| ok("{}")).await;
    let mut settings = server.settings();
    settings.scan_id = "t-1".to_owned();
    let mut engine = Engine::new(settings).await.unwrap();
    one(&mut engine, "/x").await;
    let head = server.heads().remove(0);
    assert!(head.starts_with("GET /x HTTP/1.1\r\n"), "{head}");
    assert!(head.contains(&format!("host: {}\r\n", server.address)), "{head}");
    assert!(head.contains("(+https://github.com/plimsoll-scan/plimsoll; scan=t-1)"), "{head}");
    assert!(head.contains("x-plimsoll-scan: t-1\r\n"), "{head}");
    assert!(head.contains("accept: application/json, */*;q=0.5\r\n"), "{head}");
    assert!(head.contains("accept-encoding: gzip, br\r\n"), "{head}");
}

#[tokio::test]
async fn redirects_are_recorded_and_not_followed() {
    for location in ["/other", "http://169.254.169.254/latest/meta-data", "file:///etc/passwd", "//evil.example/"] {
        let header = format!("location: {location}\r\n");
        let server = Server::start(move |_| status(302, &header, "")).await;
        let mut engine = server.engine().await;
        let exchange = one(&mut engine, "/x").await;
        assert_eq!(exchange.status(), Some(302));
        assert_eq!(exchange.response().unwrap().header("location"), Some(location));
        assert_eq!(server.count(), 1);
        assert_eq!(engine.status().requests, 1);
    }
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
async fn writes_need_a_permit_for_that_operation_and_method() {
    let server = Server::start(|_| ok("{}")).await;
    let mut settings = server.settings();
    let key = OperationKey::new(Method::Post, "/search");
    assert!(permit(&key, None, "", false, &settings).is_err());
    let marked = permit(&key, None, "", true, &settings).unwrap();
    let planned = |id: u32, method: Method, permit| {
        let mut base = Request::get("/search");
        base.method = method;
        Planned::new(id, Probe::of(OpId(id)), base).under(permit)
    };
    let mut engine = Engine::new(settings.clone()).await.unwrap();
    let exchanges = send(
        &mut engine,
        vec![
            planned(0, Method::Post, marked),
            planned(1, Method::Post, plimsoll_http::Permit::SAFE),
            planned(2, Method::Delete, marked),
            planned(3, Method::Put, marked),
            planned(4, Method::Options, plimsoll_http::Permit::SAFE),
        ],
    )
    .await;
    assert_eq!(exchanges.iter().map(|exchange| exchange.id).collect::<Vec<_>>(), [0, 4]);
    assert_eq!(engine.status().skipped.len(), 3);
    assert_eq!(server.count(), 2);
    // Naming the operation is enough for a write, and not for a DELETE.
    settings.allow_writes = AllowWrites::Only([key.clone(), OperationKey::new(Method::Delete, "/x")].into());
    assert!(permit(&key, None, "", false, &settings).is_ok());
    assert!(permit(&OperationKey::new(Method::Post, "/other"), None, "", false, &settings).is_err());
    assert!(permit(&OperationKey::new(Method::Delete, "/x"), None, "", true, &settings).is_err());
    settings.allow_destructive = true;
    let deletes = permit(&OperationKey::new(Method::Delete, "/x"), None, "", false, &settings).unwrap();
    // Even then a probe's edit cannot turn one operation's permit into another method.
    let mut engine = Engine::new(settings).await.unwrap();
    let batch =
        vec![planned(0, Method::Delete, deletes), planned(1, Method::Put, deletes), planned(2, Method::Delete, marked)];
    let exchanges = send(&mut engine, batch).await;
    assert_eq!(exchanges.iter().map(|exchange| exchange.id).collect::<Vec<_>>(), [0]);
}

#[tokio::test]
async fn a_get_that_resets_something_never_leaves() {
    let server = Server::start(|_| ok("{}")).await;
    let mut engine = server.engine().await;
    let exchanges = send(
        &mut engine,
        vec![get(0, 0, "/admin/reset"), get(1, 1, "/admin/%72eset"), get(2, 2, "/presets"), get(3, 3, "/createdb")],
    )
    .await;
    assert_eq!(exchanges.iter().map(|exchange| exchange.id).collect::<Vec<_>>(), [2]);
    assert_eq!(server.count(), 1);
    assert!(engine.status().skipped.iter().all(|(_, why, _)| why.contains("--allow-destructive")));
}

#[tokio::test]
async fn credentials_go_with_the_given_identity_only_and_are_never_recorded() {
    let server = Server::start(|head| {
        let echo: String =
            head.lines().filter(|line| line.starts_with("authorization") || line.starts_with("x-key")).collect();
        status(200, "x-echo: Bearer s3cret-token\r\n", &format!("{{\"echo\":\"{echo} {}\"}}", "s3cret-token"))
    })
    .await;
    let mut settings = server.settings();
    settings.credentials = vec![Credential::new("Authorization", "Bearer s3cret-token")];
    settings.extra_headers =
        vec![("x-api-key".to_owned(), "s3cret-token".to_owned()), ("x-plain".to_owned(), "1".to_owned())];
    let mut secrets = Secrets::default();
    secrets.add("TOKEN", "s3cret-token");
    settings.secrets = Arc::new(secrets);
    assert!(!format!("{settings:?}").contains("s3cret"));
    let mut engine = Engine::new(settings).await.unwrap();
    let mut anonymous = get(1, 0, "/x");
    anonymous.probe = anonymous.probe.who(Who::Anonymous);
    let mut with_header = get(2, 0, "/x");
    with_header.request.set_header("x-token", "s3cret-token");
    with_header.request.set_query("t", "s3cret-token");
    let exchanges = send(&mut engine, vec![get(0, 0, "/x"), anonymous, with_header]).await;
    let heads = server.heads();
    let given = heads.iter().filter(|head| head.contains("authorization: Bearer s3cret-token")).count();
    assert_eq!((heads.len(), given), (3, 2));
    assert_eq!(heads.iter().filter(|head| head.contains("x-api-key")).count(), 2);
    assert_eq!(heads.iter().filter(|head| head.contains("x-plain")).count(), 3);
    for exchange in &exchanges {
        assert!(!format!("{exchange:?}").contains("s3cret"), "{exchange:?}");
        let response = exchange.response().unwrap();
        assert!(exchange.text().contains("$TOKEN"));
        assert!(response.body.is_whole());
        assert!(!format!("{:?}", response.body.tally).contains("s3cret"));
        assert!(!String::from_utf8_lossy(&response.body.kept).contains("s3cret"));
    }
    assert_eq!(exchanges[2].request.query_value("t"), Some("$TOKEN"));
}

#[tokio::test]
async fn a_probe_cannot_set_what_frames_a_message_or_names_its_host() {
    let server = Server::start(|_| ok("{}")).await;
    let mut engine = server.engine().await;
    let mut batch = Vec::new();
    for (id, name) in ["host", "content-length", "transfer-encoding", "connection", "upgrade", "te"].iter().enumerate()
    {
        let mut planned = get(u32::try_from(id).unwrap(), 100 + u32::try_from(id).unwrap(), "/x");
        planned.request.set_header(name, "1");
        batch.push(planned);
    }
    let mut split = get(50, 50, "/x");
    split.request.set_header("x-a", "1\r\nhost: evil.example");
    batch.push(split);
    for (id, path) in
        [(51, "http://evil.example/"), (52, "x"), (53, "/a b"), (54, "/a\r\nhost: e"), (55, "/a?b"), (56, "*")]
    {
        batch.push(get(id, id, path));
    }
    let exchanges = send(&mut engine, batch).await;
    assert_eq!(server.count(), 0);
    assert_eq!(exchanges.len(), 13);
    for exchange in &exchanges {
        assert!(matches!(&exchange.outcome, Outcome::Failed(failure) if failure.stage == Stage::Guard), "{exchange:?}");
    }
}

#[tokio::test]
async fn a_path_that_looks_like_a_host_stays_on_the_target() {
    let server = Server::start(|_| ok("{}")).await;
    let mut engine = server.engine().await;
    assert!(one(&mut engine, "//evil.example/x").await.is_success());
    assert!(server.heads()[0].starts_with("GET //evil.example/x HTTP/1.1\r\n"), "{:?}", server.heads());
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
async fn proxies_of_the_environment_are_not_used() {
    // Nothing in the crate reads the environment; a run in a child process with hostile proxy variables shows it.
    let server = Server::start(|_| ok("{}")).await;
    if std::env::var_os("PLIMSOLL_TEST_CHILD").is_some() {
        let target = std::env::var_os("PLIMSOLL_TEST_TARGET").unwrap().into_string().unwrap();
        let mut engine = Engine::new(settings(&target)).await.unwrap();
        assert!(one(&mut engine, "/through").await.is_success());
        return;
    }
    let target = format!("http://{}", server.address);
    let mut child = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "proxies_of_the_environment_are_not_used"])
        .env("PLIMSOLL_TEST_CHILD", "1")
        .env("PLIMSOLL_TEST_TARGET", target)
        .envs(
            ["http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"]
                .map(|name| (name, "http://127.0.0.1:1")),
        )
        .env_remove("no_proxy")
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let status = tokio::task::spawn_blocking(move || child.wait()).await.unwrap().unwrap();
    assert!(status.success());
    assert_eq!(server.count(), 1);
}

#[tokio::test]
async fn a_service_refuses_loopback_unless_it_is_listed() {
    let mut settings = settings("http://127.0.0.1:9");
    settings.profile = Profile::Service(Vec::new());
    let error = Engine::new(settings.clone()).await.err().unwrap();
    assert!(matches!(error, SetupError::Refused(_)));
    assert_eq!(error.exit_code(), 4);
    settings.profile = Profile::Service(vec![("127.0.0.1".to_owned(), "127.0.0.0/8".parse().unwrap())]);
    assert!(Engine::new(settings.clone()).await.is_ok());
    settings.profile = Profile::Service(vec![("other.example".to_owned(), "127.0.0.0/8".parse().unwrap())]);
    assert!(Engine::new(settings).await.is_err());
}

#[tokio::test]
async fn a_credential_with_a_line_break_is_refused_without_showing_it() {
    let mut settings = settings("http://127.0.0.1:9");
    settings.credentials = vec![Credential::new("authorization", "Bearer abc\r\nx: y")];
    let error = Engine::new(settings).await.err().unwrap();
    assert_eq!(error.exit_code(), 2);
    assert!(!error.to_string().contains("abc"), "{error}");
}

fn raw(body: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}", body.len())
        .into_bytes()
}

fn hostile(name: &str) -> &'static plimsoll_testkit::hostile::Hostile {
    plimsoll_testkit::hostile::ALL.iter().find(|hostile| hostile.name == name).unwrap()
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

#[tokio::test]
async fn the_facts_of_a_certificate_are_recorded() {
    let running = hostile("certificate-expired").start().await.unwrap();
    let mut engine = Engine::new(settings(&running.url)).await.unwrap();
    assert_eq!(engine.tls(), None);
    assert!(one(&mut engine, "/well").await.is_success(), "a loopback target is scanned all the same");
    let facts = engine.tls().unwrap().clone();
    assert_eq!((facts.version.as_str(), facts.alpn.as_deref(), facts.chain), ("TLSv1.3", Some("http/1.1"), 1));
    assert_eq!((facts.not_before, facts.not_after), (1_546_300_800, 1_577_836_800));
    assert!(facts.subject.contains("hostile.invalid") && facts.self_signed, "{facts:?}");
    assert_eq!(facts.names, ["localhost", "127.0.0.1"]);
    assert!(facts.unverified.is_some_and(|why| why.to_lowercase().contains("expired") || why.contains("certificate")));
}
