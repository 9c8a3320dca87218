//! Readings from a metrics page on loopback.

use plimsoll_http::{Settings, Target};
use plimsoll_memory::sample::{Collect, Gauge, MetricsGauge, Reading, SampleError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// A server that answers with one page after the other, the last one for ever.
async fn pages(status: &'static str, bodies: &'static [&'static str]) -> Gauge {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        for served in 0.. {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(stream.read_u8().await.unwrap());
            }
            assert!(head.starts_with(b"GET /metrics?name=shop HTTP/1.1\r\n"));
            let body = bodies[served.min(bodies.len() - 1)];
            let length = body.len();
            let answer = format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}");
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    let target = Target::parse(&format!("http://{address}/metrics?name=shop")).unwrap();
    Gauge::metrics(MetricsGauge::new(Settings::new(target)).await.unwrap())
}

async fn read(gauge: &mut Gauge) -> Result<Reading, SampleError> {
    gauge.read(Collect::Nothing).await
}

#[tokio::test]
async fn a_page_is_read_and_a_restart_noticed() {
    const FIRST: &str = "process_resident_memory_bytes 4.0e+07\nprocess_open_fds 12\nprocess_cpu_seconds_total 1.5\nprocess_start_time_seconds 1000.5\n";
    const SECOND: &str = "process_resident_memory_bytes 3.0e+07\nprocess_start_time_seconds 2000.5\n";
    let mut gauge = pages("200 OK", &[FIRST, FIRST, SECOND]).await;
    assert!(!gauge.sees_processes());
    let reading = read(&mut gauge).await.unwrap();
    assert_eq!((reading.rss, reading.fds, reading.cpu.as_millis()), (40_000_000, 12, 1_500));
    assert_eq!((reading.uss, reading.processes, reading.generation), (None, 1, 0));
    assert_eq!(read(&mut gauge).await.unwrap().generation, 0);
    assert_eq!(read(&mut gauge).await.unwrap().generation, 1);
}

#[tokio::test]
async fn several_processes_behind_one_page_are_refused() {
    const A: &str = "process_resident_memory_bytes 4e7\nprocess_start_time_seconds 1000.5\n";
    const B: &str = "process_resident_memory_bytes 5e7\nprocess_start_time_seconds 1000.7\n";
    let mut gauge = pages("200 OK", &[A, B, A]).await;
    assert!(read(&mut gauge).await.is_ok());
    assert!(read(&mut gauge).await.is_ok());
    let error = read(&mut gauge).await.unwrap_err().to_string();
    assert!(error.starts_with("the metrics page is answered by several processes in turn"), "{error}");
}

#[tokio::test]
async fn what_is_no_metrics_page_is_refused() {
    let error = read(&mut pages("200 OK", &["<html>"]).await).await.unwrap_err().to_string();
    assert_eq!(error, "the metrics page has no `process_resident_memory_bytes`");
    let error = read(&mut pages("404 Not Found", &[""]).await).await.unwrap_err().to_string();
    assert_eq!(error, "the metrics page answers with status 404");
}
