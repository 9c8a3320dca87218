//! The engine against every hostile server: it ends by itself within its budget, says in one line what was wrong, does not grow, and the healthy
//! operation on the same server is answered.

#![expect(clippy::unwrap_used, reason = "a test ends where its setup fails")]

mod common;

use std::sync::Arc;
use std::time::{Duration, Instant};

use common::{get, send, settings};
use plimsoll_http::{Credential, Engine, Exchange, OpId, Outcome, Planned, Secrets, Stage, Transport};
use plimsoll_testkit::hostile::{ALL, Hostile, WELL};

/// More than any run needs beside the bodies that it keeps.
const GROWTH: u64 = 64 << 20;

/// What must come of a request to `/bad`.
enum Expect {
    /// No answer, at this stage, for this reason.
    Fails(Stage, &'static str),
    /// An answer that is cut off, for this reason.
    Cut(&'static str),
    /// An answer that is whole, with this status; none where it changes.
    Whole(Option<u16>),
    /// An answer or none.
    Either,
}

fn expect(name: &str) -> Expect {
    use Expect::{Cut, Either, Fails, Whole};
    match name {
        "never-answers" | "status-line-drips" | "headers-drip" | "h2-zero-window" => {
            Fails(Stage::FirstByte, "no answer within")
        }
        "endless-header-lines" | "huge-header-value" | "many-small-headers" | "huge-cookie" | "thousand-cookies" => {
            Fails(Stage::Header, "over the limits")
        }
        "body-drips" | "announced-and-stalled" | "events-for-ever" | "h2-never-closed" => Cut("stalled"),
        // At line rate either the cap or the deadline is first.
        "endless-chunks"
        | "endless-until-close"
        | "event-comments-for-ever"
        | "no-newline-for-ever"
        | "huge-line"
        | "json-large-and-strange" => Cut(""),
        "length-too-long"
        | "reset-after-headers"
        | "reset-in-body"
        | "chunk-size-overflow"
        | "chunk-without-crlf"
        | "chunk-extensions"
        | "many-trailers" => Cut("broken off"),
        "gzip-bomb" | "brotli-bomb" => Cut("inflated"),
        "nested-gzip" => Cut("nested"),
        "brotli-huge-window" | "coding-wrong" | "coding-truncated" => Cut("content encoding is broken"),
        "zstd-unasked" | "coding-unknown" => Cut("was not asked for"),
        "two-lengths"
        | "length-negative"
        | "length-overflow"
        | "length-no-number"
        | "http-0.9"
        | "http-9.9"
        | "status-out-of-range"
        | "nul-in-header"
        | "tls-on-plain-port" => Fails(Stage::Header, "malformed"),
        // Answered or not, depending on which connection it meets.
        "tarpit" | "dies-and-is-replaced" | "h2-one-byte-frames" | "endless-informational" => Either,
        "close-without-answer" => Fails(Stage::FirstByte, "closed"),
        "half-closed" => Either,
        "reset-at-connect" => Fails(Stage::FirstByte, "reset"),
        "certificate-chain-of-10000" | "tls-1.0-only" | "tls-handshake-stalls" => Fails(Stage::Tls, ""),
        "plain-on-tls-port" => Fails(Stage::Tls, "does not speak TLS"),
        "h2-goaway" | "h2-continuation-flood" | "h2-header-bomb" => Fails(Stage::FirstByte, "excessive load"),
        "h2-reset-storm" => Fails(Stage::FirstByte, "stream error"),
        "h2-settings-flood" | "h2-ping-flood" => Fails(Stage::FirstByte, ""),
        "unasked-upgrade" => Whole(Some(101)),
        "retry-after-for-ever" | "retry-after-garbage" | "always-429" => Whole(Some(429)),
        "always-503" => Whole(Some(503)),
        "alternates" | "noise" | "status-999" | "no-content-with-body" => Whole(None),
        name if name.starts_with("redirect-") => Whole(None),
        _ => Whole(Some(200)),
    }
}

fn bad(exchange: &Exchange) -> bool {
    exchange.probe.op == OpId(0)
}

async fn check(hostile: &Hostile) {
    let name = hostile.name;
    let running = hostile.start().await.unwrap();
    let mut settings = settings(&running.url);
    settings.deadlines.connect = Duration::from_secs(1);
    settings.deadlines.first_byte = Duration::from_millis(500);
    settings.deadlines.total = Duration::from_millis(900);
    settings.budgets.max_requests = 30;
    settings.budgets.max_time = Duration::from_secs(6);
    settings.caps.max_decoded = 16 << 20;
    settings.concurrency = Some(4);
    settings.credentials = vec![Credential::new("authorization", "Bearer hunter2-hunter2")];
    let mut secrets = Secrets::default();
    secrets.add("TOKEN", "hunter2-hunter2");
    settings.secrets = Arc::new(secrets);
    let mut engine = Engine::new(settings).await.unwrap();
    let (_, resident) = memory();
    reset_peak();
    let begun = Instant::now();
    let first: Vec<Planned> = vec![get(0, 0, "/bad"), get(1, 1, "/well"), get(2, 0, "/bad"), get(3, 1, "/well")];
    let mut exchanges = send(&mut engine, first).await;
    exchanges.extend(
        send(&mut engine, (4..12).map(|id| get(id, id % 2, ["/bad", "/well"][id as usize % 2])).collect()).await,
    );
    let took = begun.elapsed();
    let (peak, _) = memory();
    let status = engine.status();

    assert!(took < Duration::from_secs(7), "{name}: took {took:?}");
    assert!(status.requests <= 30, "{name}: {} requests", status.requests);
    let growth = peak.saturating_sub(resident);
    assert!(growth < GROWTH, "{name}: grew by {} MiB", growth >> 20);

    let seen: Vec<&Exchange> = exchanges.iter().filter(|exchange| bad(exchange)).collect();
    assert!(!seen.is_empty(), "{name}: nothing was recorded; {status:?}");
    for exchange in &seen {
        judge(name, exchange);
    }
    for exchange in &exchanges {
        assert!(!format!("{exchange:?}").contains("hunter2"), "{name}: the credential was recorded");
    }
    if hostile.healthy {
        let well: Vec<&Exchange> = exchanges.iter().filter(|exchange| !bad(exchange)).collect();
        let answered = well.iter().filter(|exchange| exchange.is_success() && exchange.text() == WELL).count();
        // A target that turns clients away, or asks for a pause beyond the budget, ends the run; one healthy answer came before that.
        let enough = if status.stopped.is_some() { 1 } else { 6 };
        assert!(answered >= enough, "{name}: {answered} healthy answers; {status:?}; {well:?}");
    }
}

fn judge(name: &str, exchange: &Exchange) {
    let problem = match &exchange.outcome {
        Outcome::Failed(failure) => Some(failure.message.clone()),
        Outcome::Answer(response) => {
            assert_eq!(response.body.complete, response.body.stopped.is_none(), "{name}: {exchange:?}");
            response.body.stopped.clone()
        }
    };
    if let Some(line) = &problem {
        assert!(!line.is_empty() && line.len() <= 400 && !line.contains(['\n', '\u{1b}']), "{name}: {line:?}");
    }
    match (expect(name), &exchange.outcome) {
        (Expect::Fails(stage, why), Outcome::Failed(failure)) => {
            assert!(failure.stage == stage && failure.message.contains(why), "{name}: {failure:?}");
        }
        (Expect::Cut(why), Outcome::Answer(_)) => {
            assert!(problem.as_ref().is_some_and(|line| line.contains(why)), "{name}: {exchange:?}");
        }
        (Expect::Whole(status), Outcome::Answer(response)) => {
            assert_eq!(problem, None, "{name}");
            assert!(status.is_none_or(|status| response.status == status), "{name}: {}", response.status);
        }
        (Expect::Either, _) => {}
        (_, outcome) => panic!("{name}: {:.600}", format!("{outcome:?}")),
    }
}

/// The greatest and the present resident size in bytes.
fn memory() -> (u64, u64) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let field = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() << 10
    };
    (field("VmHWM"), field("VmRSS"))
}

/// Lets the greatest resident size begin anew (proc(5), `clear_refs`).
fn reset_peak() {
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
}

async fn rows(from: u8, to: u8) {
    let mut count = 0;
    for hostile in ALL.iter().filter(|hostile| (from..=to).contains(&hostile.number)) {
        let begun = Instant::now();
        check(hostile).await;
        eprintln!("{:>2} {:<32} {:>5} ms", hostile.number, hostile.name, begun.elapsed().as_millis());
        count += 1;
    }
    assert!(count > 0);
}

#[tokio::test]
async fn silence_and_floods() {
    rows(1, 9).await;
}

#[tokio::test]
async fn lengths_and_codings() {
    rows(10, 15).await;
}

#[tokio::test]
async fn redirects_and_strange_bodies() {
    rows(16, 29).await;
}

#[tokio::test]
async fn framing_and_heads() {
    rows(30, 40).await;
}

#[tokio::test]
async fn tls_is_wrong() {
    rows(41, 42).await;
}

#[tokio::test]
async fn http2_is_abused() {
    rows(43, 44).await;
}

#[tokio::test]
async fn streams_and_cookies() {
    rows(45, 48).await;
}

#[tokio::test]
async fn overload_and_changes() {
    rows(49, 58).await;
}

/// A target that ignores a range and sends without end is read no further than what was asked for.
#[tokio::test]
async fn a_range_bounds_what_is_read() {
    let hostile = ALL.iter().find(|hostile| hostile.name == "endless-until-close").unwrap();
    let running = hostile.start().await.unwrap();
    let mut engine = Engine::new(settings(&running.url)).await.unwrap();
    let mut planned = get(0, 0, "/bad");
    planned.request.set_header("range", "bytes=0-2047");
    let exchanges = send(&mut engine, vec![planned]).await;
    let response = exchanges[0].response().unwrap();
    assert_eq!((response.body.decoded_len, response.body.complete), (2_048, false), "{:?}", response.body.stopped);
    assert!(engine.status().bytes < 1 << 20, "{} bytes", engine.status().bytes);
}
