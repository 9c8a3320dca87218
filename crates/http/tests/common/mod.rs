//! Settings with short deadlines, and requests by number.

use std::time::Duration;

use plimsoll_http::{Engine, Exchange, OpId, Planned, Probe, Request, Settings, Target, Transport};

/// Settings for this target, with deadlines that a test can wait for.
pub fn settings(url: &str) -> Settings {
    let mut settings = Settings::new(Target::parse(url).unwrap());
    settings.deadlines.connect = Duration::from_secs(2);
    settings.deadlines.first_byte = Duration::from_secs(2);
    settings.deadlines.total = Duration::from_secs(3);
    settings.budgets.max_time = Duration::from_secs(20);
    settings
}

/// The probe `n` of an operation: a GET of this path.
pub fn get(id: u32, op: u32, path: &str) -> Planned {
    let base = Request::get(path);
    let probe = Probe::of(OpId(op)).nth(u16::try_from(id).unwrap());
    let request = probe.build(&base);
    Planned::new(id, probe, request)
}

/// Sends these and returns the exchanges.
pub async fn send(engine: &mut Engine, batch: Vec<Planned>) -> Vec<Exchange> {
    engine.send(&mut batch.into_iter()).await
}
