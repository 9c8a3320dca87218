//! What bench/engine.sh measures of the engine with the checks: each mode prints one line of JSON.
//!
//! `measure passive URL N C`  sends N requests with C in flight, then lets every passive check judge what came back
//! `measure inflight URL N`   keeps N requests in flight at once (URL should answer slowly): memory for each
//! `measure queue N`          holds N planned probes: memory for each
//! `measure judge N`          lets every check judge N operations with ten answers each: time for each answer, and the dearest checks

use std::time::{Duration, Instant};

use plimsoll_http::{
    Body, Engine, Exchange, OpId, Outcome, Planned, Probe, Request, Response, Settings, Target, Timing, Transport,
};
use plimsoll_model::Method;
use plimsoll_scan::judge::judge;
use plimsoll_scan::{Check, Mode, Seen};
use plimsoll_spec::{Api, Operation, Origin};

type Fallible<T> = Result<T, Box<dyn std::error::Error>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Fallible<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number =
        |index: usize| arguments.get(index).and_then(|text| text.parse::<u32>().ok()).ok_or("a number is missing");
    let line = match arguments.first().map(String::as_str) {
        Some("passive") => passive(&arguments[1], number(2)?, number(3)? as usize).await?,
        Some("inflight") => inflight(&arguments[1], number(2)?).await?,
        Some("queue") => queue(number(1)?),
        Some("judge") => judging(number(1)?),
        _ => return Err("measure passive URL N C | inflight URL N | queue N | judge N".into()),
    };
    std::io::Write::write_all(&mut std::io::stdout(), format!("{line}\n").as_bytes())?;
    Ok(())
}

async fn engine(url: &str, concurrency: usize) -> Fallible<(Engine, Request)> {
    let target = Target::parse(url)?;
    let base = Request::get_target(&target.url()[url::Position::BeforePath..url::Position::AfterQuery]);
    let mut settings = Settings::new(target);
    settings.concurrency = Some(concurrency);
    settings.budgets.max_requests = u64::MAX;
    settings.budgets.max_bytes_per_operation = u64::MAX;
    settings.budgets.max_time = Duration::from_hours(1);
    settings.rate = Some(f64::INFINITY);
    Ok((Engine::new(settings).await?, base))
}

async fn passive(url: &str, count: u32, concurrency: usize) -> Fallible<String> {
    let (mut engine, base) = engine(url, concurrency).await?;
    let checks: Vec<&'static dyn Check> =
        plimsoll_scan::checks::all().into_iter().filter(|check| check.meta().mode == Mode::Passive).collect();
    let api =
        Api { operations: vec![Operation::found(Method::Get, base.path.clone(), Origin::Contract)], ..Api::default() };
    let (cpu, begun) = (cpu_seconds(), Instant::now());
    let mut sending = Duration::ZERO;
    let mut findings = 0;
    // As in a scan of many operations: a thousand exchanges at a time are kept and judged.
    for from in (0..count).step_by(1_000) {
        let mut seen = Seen::default();
        seen.set_base(OpId(0), base.clone());
        let repeat = |id: u32| Probe::of(OpId(0)).nth((id % 1_000) as u16);
        let mut batch = (from..count.min(from + 1_000)).map(|id| Planned::new(id, repeat(id), base.clone()));
        let sent = Instant::now();
        let answers = engine.send(&mut batch).await;
        sending += sent.elapsed();
        for exchange in answers {
            seen.push(exchange);
        }
        findings += judge(&api, &mut seen, &checks).len();
    }
    let (cpu, wall) = (cpu_seconds() - cpu, begun.elapsed());
    Ok(format!(
        "{{\"requests\":{count},\"checks\":{},\"findings\":{findings},\"cpu_us\":{:.1},\"per_second\":{:.0},\"sending_per_second\":{:.0}}}",
        checks.len(),
        cpu / f64::from(count) * 1e6,
        f64::from(count) / wall.as_secs_f64(),
        f64::from(count) / sending.as_secs_f64(),
    ))
}

async fn inflight(url: &str, count: u32) -> Fallible<String> {
    let (mut engine, base) = engine(url, count as usize).await?;
    let before = status_kib("VmRSS");
    let mut batch = (0..count).map(|id| Planned::new(id, Probe::of(OpId(0)).nth(id as u16), base.clone()));
    let answers = engine.send(&mut batch).await;
    let peak = status_kib("VmHWM");
    let answered = answers.iter().filter(|exchange| exchange.is_success()).count();
    let bytes = peak.saturating_sub(before) * 1024 / u64::from(count.max(1));
    Ok(format!("{{\"in_flight\":{count},\"answered\":{answered},\"bytes_each\":{bytes}}}"))
}

fn queue(count: u32) -> String {
    let before = status_kib("VmRSS");
    let probes: Vec<Probe> = (0..count)
        .map(|n| Probe::of(OpId(n / 16)).query("limit", &(n % 1_000).to_string()).nth((n % 4) as u16))
        .collect();
    let bytes = status_kib("VmRSS").saturating_sub(before) * 1024 / u64::from(count.max(1));
    format!("{{\"queued\":{},\"bytes_each\":{bytes}}}", probes.len())
}

/// Time is that of the whole judging; the checks that took most of it are named with their share.
fn judging(count: u32) -> String {
    const ANSWERS: u32 = 10;
    let template =
        |n: u32| if n.is_multiple_of(2) { format!("/things{n}") } else { format!("/things{}/{{id}}", n - 1) };
    let operations = (0..count).map(|n| Operation::found(Method::Get, template(n), Origin::Contract)).collect();
    let api = Api { operations, format: Some("3.1.0".to_owned()), ..Api::default() };
    let mut seen = Seen::default();
    for n in 0..count * ANSWERS {
        let (op, repeat) = (OpId(n / ANSWERS), n % ANSWERS);
        let base = Request::get(&template(op.0).replace("{id}", "t-0"));
        let elements = if op.0.is_multiple_of(2) { 20 } else { 1 };
        let probe = if repeat == 0 { Probe::of(op) } else { Probe::of(op).query("filter", &repeat.to_string()) };
        seen.push(answer(n, probe.clone(), probe.build(&base), elements));
        seen.set_base(op, base);
    }
    let checks = plimsoll_scan::checks::all();
    let each = |micros: f64| micros / f64::from(count * ANSWERS);
    let mut timed = |checks: &[&'static dyn Check]| {
        let begun = Instant::now();
        let findings = judge(&api, &mut seen, checks).len();
        (begun.elapsed().as_secs_f64() * 1e6, findings)
    };
    let (whole, findings) = timed(&checks);
    let mut by_check: Vec<(f64, &str)> = checks.iter().map(|check| (timed(&[*check]).0, check.meta().id)).collect();
    by_check.sort_by(|a, b| b.0.total_cmp(&a.0));
    let dearest: Vec<String> =
        by_check.iter().take(6).map(|(micros, id)| format!("\"{id}\":{:.2}", each(*micros))).collect();
    format!(
        "{{\"operations\":{count},\"findings\":{findings},\"judge_us\":{:.1},\"dearest_us\":{{{}}}}}",
        each(whole),
        dearest.join(",")
    )
}

/// An answer with a list of this many elements, or with one element alone.
fn answer(id: u32, probe: Probe, request: Request, elements: u32) -> Exchange {
    let element = |n: u32| {
        format!(
            r#"{{"id":"t-{n}","name":"Thing {n} of many","note":"Made of wood, in four colours.","price":{n},"tags":["a","b"]}}"#
        )
    };
    let body = if elements == 1 {
        element(id)
    } else {
        format!(r#"{{"items":[{}],"total":60}}"#, (0..elements).map(element).collect::<Vec<_>>().join(","))
    };
    let headers = [("content-type", "application/json"), ("allow", "GET, POST"), ("server", "uvicorn")];
    Exchange {
        id,
        origin: "http://api.example".into(),
        probe,
        request,
        outcome: Outcome::Answer(Response {
            status: 200,
            version: "HTTP/1.1",
            headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
            body: Body::whole(body.into_bytes()),
        }),
        timing: Timing::default(),
    }
}

/// User and system time of this process; Linux counts it in hundredths of a second.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or("").split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|text| text.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(11) + ticks(12)) / 100.0
}

fn status_kib(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap_or("");
    line.split_whitespace().nth(1).and_then(|text| text.parse().ok()).unwrap_or(0)
}
