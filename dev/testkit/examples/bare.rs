//! The yardstick of bench/engine.sh: a bare reqwest client that gets one URL N times with C in flight and reads every body.
//! `cargo run --release -p plimsoll-testkit --example bare -- URL N C` prints requests a second and CPU microseconds a request as JSON.

#![expect(clippy::print_stdout, reason = "a measuring program")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let url: Arc<str> = args.next().ok_or("URL N C")?.into();
    let requests: usize = args.next().ok_or("URL N C")?.parse()?;
    let concurrency: usize = args.next().ok_or("URL N C")?.parse()?;
    let client = reqwest::Client::builder().build()?;
    let next = Arc::new(AtomicUsize::new(0));
    let began = Instant::now();
    let workers: Vec<_> = (0..concurrency)
        .map(|_| {
            let (client, url, next) = (client.clone(), url.clone(), next.clone());
            tokio::spawn(async move {
                while next.fetch_add(1, Ordering::Relaxed) < requests {
                    if let Ok(response) = client.get(&*url).send().await {
                        drop(response.bytes().await);
                    }
                }
            })
        })
        .collect();
    for worker in workers {
        worker.await?;
    }
    let seconds = began.elapsed().as_secs_f64();
    let cpu = cpu_seconds()?;
    println!(
        "{{\"requests\": {requests}, \"per_second\": {:.0}, \"cpu_us\": {:.1}}}",
        requests as f64 / seconds,
        cpu * 1e6 / requests as f64
    );
    Ok(())
}

/// User and system time of this process, from the kernel's accounting in clock ticks of 10 ms.
fn cpu_seconds() -> std::io::Result<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or("").split(' ').collect();
    let ticks = |index: usize| fields.get(index).and_then(|text| text.parse::<f64>().ok()).unwrap_or(0.0);
    Ok((ticks(11) + ticks(12)) / 100.0)
}
