//! Whole scans of every hostile server: they end by themselves within their budget, and what could not be looked at stands in the report.
//! None of them is called clean that did not let itself be looked at.

#![expect(clippy::unwrap_used, reason = "a test ends where its setup fails")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use plimsoll_http::{Settings, Target};
use plimsoll_model::Report;
use plimsoll_run::scan::{self, Request};
use plimsoll_run::{Record, assemble};
use plimsoll_testkit::hostile::{ALL, Hostile};

/// Servers that are strange and answer all the same: HTTP lets every client read them, so what is said of `/bad` is what was read.
const READABLE: &[&str] = &[
    "length-too-short",
    "json-deep",
    "json-utf16",
    "html-as-json",
    "binary-as-json",
    "empty-as-json",
    "yaml-alias-bomb",
    "xml-entity-bomb",
    "next-on-another-host",
    "body-attacks-its-reader",
    "regex-killer",
    "chunked-and-length",
    "obsolete-folding",
    "bare-line-feeds",
    "eight-bit-header",
    "no-reason",
    "no-content-with-body",
    "second-response",
    "tls-without-alpn",
    "next-loops",
    "next-is-always-new",
    "echoes-credentials",
    "alternates",
    "h2-one-byte-frames",
    "tarpit",
    "noise",
];

async fn scanned(hostile: &Hostile) -> (Report, Duration) {
    let running = hostile.start().await.unwrap();
    let mut settings = Settings::new(Target::parse(&running.url).unwrap());
    settings.deadlines.connect = Duration::from_millis(500);
    settings.deadlines.first_byte = Duration::from_millis(300);
    settings.deadlines.total = Duration::from_millis(600);
    settings.budgets.max_requests = 250;
    settings.budgets.max_time = Duration::from_secs(12);
    settings.caps.max_decoded = 4 << 20;
    let request = Request {
        settings,
        credentials: plimsoll_run::credentials::Credentials::default(),
        identities: plimsoll_run::identities::Identities::default(),
        contract: None,
        ignored: Vec::new(),
        now: 0,
        only: None,
        injection: false,
        inventory: false,
        watched: false,
    };
    let begun = Instant::now();
    let mut record: Record = scan::scan(request, |_| {}, Arc::new(|_| {})).await.unwrap();
    let took = begun.elapsed();
    (assemble::report(&mut record), took)
}

fn judge(hostile: &Hostile, report: &Report, took: Duration) {
    let name = hostile.name;
    assert!(took < Duration::from_secs(20), "{name}: {took:?}");
    assert!(report.cost.requests <= 250, "{name}: {} requests", report.cost.requests);
    let bad = report.operations.iter().find(|facts| facts.operation.path == "/bad");
    let said = report.coverage.skipped.iter().filter(|skipped| skipped.what.ends_with("/bad"));
    let mut lines: Vec<&str> = said.map(|skipped| skipped.why.as_str()).collect();
    lines.extend(bad.and_then(|facts| facts.reason.as_deref()));
    lines.extend(report.incomplete.iter().map(String::as_str));
    for line in &lines {
        assert!(!line.is_empty() && line.len() <= 500 && !line.contains(['\n', '\u{1b}']), "{name}: {line:?}");
    }
    let readable = READABLE.contains(&name) || name.starts_with("certificate-") && report.complete;
    assert!(
        readable || !lines.is_empty(),
        "{name}: nothing is said of what could not be read: {:?}",
        report.operations
    );
    if hostile.healthy && report.complete {
        let well = report.operations.iter().find(|facts| facts.operation.path == "/well");
        assert!(well.is_some_and(|facts| facts.reached), "{name}: the healthy operation was not looked at");
    }
}

/// A scan on a thread of its own, with the server that it looks at.
fn alone(hostile: &Hostile) -> (Report, Duration) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(scanned(hostile))
}

fn rows(from: u8, to: u8) {
    let wanted: Vec<&Hostile> = ALL.iter().filter(|hostile| (from..=to).contains(&hostile.number)).collect();
    assert!(!wanted.is_empty());
    // Most of the time is spent waiting.
    for several in wanted.chunks(4) {
        std::thread::scope(|scope| {
            let running: Vec<_> = several.iter().map(|hostile| (hostile, scope.spawn(|| alone(hostile)))).collect();
            for (hostile, one) in running {
                let (report, took) = one.join().unwrap();
                eprintln!(
                    "{:>2} {:<32} {:>5} ms {:?}",
                    hostile.number,
                    hostile.name,
                    took.as_millis(),
                    report.incomplete
                );
                judge(hostile, &report, took);
            }
        });
    }
}

#[test]
fn silence_floods_and_codings() {
    rows(1, 15);
}

#[test]
fn redirects_and_bodies() {
    rows(16, 29);
}

#[test]
fn framing_and_heads() {
    rows(30, 40);
}

#[test]
fn tls_and_http2() {
    rows(41, 44);
}

#[test]
fn streams_overload_and_changes() {
    rows(45, 58);
}

#[test]
fn who_shows_scanners_an_empty_house_is_not_called_clean() {
    let hostile = ALL.iter().find(|hostile| hostile.name == "knows-scanners").unwrap();
    let (report, _) = alone(hostile);
    assert!(!report.complete);
    assert!(report.incomplete.iter().any(|line| line.contains("otherwise than others")), "{:?}", report.incomplete);
}
