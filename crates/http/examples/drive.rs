//! Drives one URL: `drive URL [N] [CONCURRENCY]`, and prints what a request costs the client.
//!
//! CPU time is that of the whole process, read from `/proc/self/stat`; start-up is measured apart, by a first batch that warms the connections.

use std::time::{Duration, Instant};

use plimsoll_http::{Engine, OpId, Planned, Probe, Request, Settings, Target, Transport};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let target = Target::parse(&arguments.next().ok_or("drive URL [N] [CONCURRENCY]")?)?;
    let count: u32 = arguments.next().map_or(Ok(20_000), |n| n.parse())?;
    let concurrency: usize = arguments.next().map_or(Ok(32), |n| n.parse())?;
    let base = Request::get_target(&target.url()[url::Position::BeforePath..url::Position::AfterQuery]);
    let mut settings = Settings::new(target);
    settings.concurrency = Some(concurrency);
    settings.rate = Some(f64::INFINITY);
    settings.budgets.max_requests = u64::MAX;
    settings.budgets.max_bytes_per_operation = u64::MAX;
    settings.budgets.max_time = Duration::from_hours(1);
    let mut engine = Engine::new(settings).await?;
    let batch = |from: u32, to: u32| {
        let base = &base;
        (from..to).map(move |id| Planned::new(id, Probe::of(OpId(0)), base.clone())).collect::<Vec<_>>().into_iter()
    };
    engine.send(&mut batch(0, 500)).await;
    let (cpu, begun) = (cpu_seconds(), Instant::now());
    let (mut answered, mut from) = (0, 500);
    while from < count + 500 {
        let to = (from + 5_000).min(count + 500);
        answered += engine.send(&mut batch(from, to)).await.iter().filter(|exchange| exchange.is_success()).count();
        from = to;
    }
    let (cpu, wall) = (cpu_seconds() - cpu, begun.elapsed().as_secs_f64());
    let each = f64::from(count);
    let line = format!(
        "{{\"requests\":{count},\"answered\":{answered},\"cpu_us_per_request\":{:.1},\"requests_per_second\":{:.0},\"peak_rss_kib\":{}}}\n",
        cpu / each * 1e6,
        each / wall,
        peak_kib()
    );
    std::io::Write::write_all(&mut std::io::stdout(), line.as_bytes())?;
    Ok(())
}

/// User and system time; Linux counts it in hundredths of a second.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or("").split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|text| text.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(11) + ticks(12)) / 100.0
}

fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or("");
    line.split_whitespace().nth(1).and_then(|text| text.parse().ok()).unwrap_or(0)
}
