//! What looking again needs, from `plimsoll.toml` and from what the last check left.

use std::fs::File;
use std::io::{BufReader, ErrorKind};
use std::path::Path;

use plimsoll_model::Vantage;
use plimsoll_run::config::{self, Config};
use plimsoll_run::emulator::Plan;
use plimsoll_run::replay::Callers;
use plimsoll_run::verify::{Means, Wire};
use plimsoll_run::{Record, check};

use super::project;
use crate::fault::Fault;
use crate::state::State;

/// The means of every vantage that a project makes possible, and what the application stands on. `time` is that of the measurement of memory.
///
/// # Errors
/// The configuration or the recording cannot be used.
pub fn means(
    config: &Config,
    folder: &Path,
    state: &State,
    time: Option<&str>,
) -> Result<(Means, Option<Plan>), Fault> {
    let check::Request { scan, start, emulator, audit, code, memory, left_out, .. } =
        project::request(config, folder, &|_| true)?;
    let mut means = Means { code, audit, memory, lacking: left_out, ..Means::default() };
    if let Some(options) = means.memory.as_mut().map(|memory| &mut memory.options) {
        match time {
            Some(text) => (options.time, options.each) = (project::duration(text)?, None),
            // What is to be told apart is closer together than nothing and a leak.
            None => options.each = options.each.map(|each| each * 2),
        }
    }
    let bound = config.gate.max_bytes_per_request.as_deref();
    means.bound = bound.map(config::size).transpose().map_err(Fault::say)?;
    let Some(scan) = scan else { return Ok((means, emulator)) };
    let Some(record) = recording(state)? else {
        means.lacking.push((Vantage::Wire, "there is no recording of a scan; plimsoll check makes one".to_owned()));
        return Ok((means, emulator));
    };
    let same = |n: usize| scan.identities.seen.get(n).map(|seen| &seen.name);
    let gone = record.header.identities.iter().enumerate().filter(|(n, seen)| same(*n) != Some(&seen.name));
    let missing = gone.map(|(n, seen)| (n, format!("the configuration has no identity {} any more", seen.name)));
    let missing = missing.collect();
    let callers = Callers { credentials: scan.credentials, identities: scan.identities, missing };
    means.wire = Some(Wire { record, settings: scan.settings, callers, start });
    Ok((means, emulator))
}

/// The recording of the last scan, where there is one.
fn recording(state: &State) -> Result<Option<Record>, Fault> {
    let path = state.recording();
    let name = path.display();
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Fault::say(format!("cannot read {name}: {error}"))),
    };
    let record = Record::read(&mut BufReader::new(file));
    record.map(Some).map_err(|error| Fault::say(format!("{name}: {error}")).hint("plimsoll check writes a new one"))
}
