//! What a project makes possible: every lane's part of `plimsoll.toml`, and why a lane has none.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Parser;
use plimsoll_http::scope::Target;
use plimsoll_model::Vantage;
use plimsoll_run::config::{self, Config};
use plimsoll_run::emulator::Plan;
use plimsoll_run::memory::{Launch, Subject};
use plimsoll_run::{audit, check, code};
use url::Host;

use super::{memory, scan};
use crate::args::{Cli, Command};
use crate::environment;
use crate::fault::Fault;

/// The address of an application that is yet to be started.
const YET: &str = "http://127.0.0.1";

/// What is to be done in a project; `wanted` says which vantages are asked for, `folder` is where its configuration is.
///
/// # Errors
/// The configuration cannot be used.
pub fn request(config: &Config, folder: &Path, wanted: &dyn Fn(Vantage) -> bool) -> Result<check::Request, Fault> {
    let mut left_out = Vec::new();
    let mut possible = |vantage: Vantage, is_possible: bool, hint: &str| {
        let why = if wanted(vantage) { hint } else { "not asked for" };
        if !(is_possible && wanted(vantage)) {
            left_out.push((vantage, why.to_owned()));
        }
        is_possible && wanted(vantage)
    };
    let launch = launch(config, folder)?;
    let starts = launch.is_some() && starts(config)?;
    let code = code(config, folder)?;
    let code = possible(Vantage::Code, code.is_some(), "there is no Python file; code.paths says where the code is")
        .then_some(code)
        .flatten();
    let hint = "target.url says where the API answers, or memory.command how it is started";
    let has_wire = possible(Vantage::Wire, starts || config.target.url.is_some(), hint);
    let hint = "memory.command says how the application is started";
    let has_memory = possible(Vantage::Memory, launch.is_some(), hint);
    let audit = contract(config, folder)?;
    let hint = "audit.documents or target.contract names a contract, or a scan finds it";
    let is_named = !audit.documents.is_empty();
    let audit = possible(Vantage::Contract, is_named || has_wire, hint).then_some(audit);
    let env = launch.as_ref().map(|launch| launch.env.clone()).unwrap_or_default();
    let stands = has_memory || has_wire && starts;
    let emulator = if stands {
        let plan = Plan::read(&config.emulator, folder, &env, &environment::variable);
        plan.map_err(|error| Fault::usage(error).hint("install one, or write emulator.command in plimsoll.toml"))?
    } else {
        None
    };
    let memory_time = config.memory.time.as_deref().map(duration).transpose()?;
    Ok(check::Request {
        scan: if has_wire { Some(scanned(config, folder, starts)?) } else { None },
        start: launch.filter(|_| has_wire && starts),
        emulator,
        audit,
        code,
        memory: if has_memory { Some(measured(config, folder)?) } else { None },
        memory_time,
        most: check::MOST,
        since: None,
        left_out,
        version: env!("CARGO_PKG_VERSION").to_owned(),
    })
}

/// A duration of the command line or the configuration.
///
/// # Errors
/// It is none.
pub fn duration(text: &str) -> Result<Duration, Fault> {
    config::seconds(text).map(Duration::from_secs_f64).map_err(Fault::say)
}

/// Whether the application is started for the wire: the address of the configuration, if there is one, is on this machine.
fn starts(config: &Config) -> Result<bool, Fault> {
    let Some(url) = &config.target.url else { return Ok(true) };
    Ok(match Target::parse(url).map_err(Fault::usage)?.host() {
        Host::Domain(name) => name == "localhost" || name.ends_with(".localhost"),
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    })
}

/// The code of a project; none where there is none.
///
/// # Errors
/// A path does not exist, or a rule is none.
pub fn code(config: &Config, folder: &Path) -> Result<Option<code::Request>, Fault> {
    let paths: Vec<PathBuf> = match config.code.paths.as_slice() {
        [] => vec![folder.to_owned()],
        named => named.iter().map(|path| folder.join(path)).collect(),
    };
    if !code::has_python(&paths, folder).map_err(Fault::usage)? {
        return Ok(None);
    }
    let select = config.code.select(&[], &[], &[]).map_err(Fault::say)?;
    let options = code::Options {
        base: folder.to_owned(),
        select,
        today: Some(environment::today()),
        ..code::Options::default()
    };
    let shown: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
    let version = env!("CARGO_PKG_VERSION").to_owned();
    Ok(Some(code::Request { paths, options, changed: None, version, shown: shown.join(" ") }))
}

/// The contracts that a project names.
///
/// # Errors
/// A rule is none, or a document is a URL.
pub fn contract(config: &Config, folder: &Path) -> Result<audit::Request, Fault> {
    let select = config.audit.select(&[], &[]).map_err(Fault::say)?;
    let named = if config.audit.documents.is_empty() {
        config.target.contract.iter().cloned().collect()
    } else {
        config.audit.documents.clone()
    };
    if let Some(url) = named.iter().find(|name| audit::fetch::is_url(name)) {
        let fault = Fault::say(format!("{url} is a URL"));
        return Err(fault.hint("plimsoll audit --fetch fetches it; a check audits files and what it scans"));
    }
    let documents = named.into_iter().map(|name| audit::Source::File(folder.join(name))).collect();
    Ok(audit::Request { documents, select, version: env!("CARGO_PKG_VERSION").to_owned() })
}

/// How the application is started; none where nothing is said about it.
///
/// # Errors
/// What is said cannot be used.
pub fn launch(config: &Config, folder: &Path) -> Result<Option<Launch>, Fault> {
    if config.memory.command.is_empty() {
        return Ok(None);
    }
    match measured(config, folder)?.subject {
        Subject::Command(launch) => Ok(Some(*launch)),
        _ => Ok(None),
    }
}

/// A scan as `plimsoll scan` without arguments makes it; of an application that is yet to be started where `starts`.
///
/// # Errors
/// The configuration cannot be used.
pub fn scanned(config: &Config, folder: &Path, starts: bool) -> Result<plimsoll_run::scan::Request, Fault> {
    let url = starts.then(|| config.target.url.is_none().then_some(YET)).flatten();
    match plain(["plimsoll", "scan"].into_iter().chain(url))? {
        Command::Scan(args) => scan::request(&args, config, folder),
        _ => Err(misread()),
    }
}

/// A measurement as `plimsoll memory` without arguments makes it.
///
/// # Errors
/// The configuration cannot be used.
pub fn measured(config: &Config, folder: &Path) -> Result<plimsoll_run::memory::Request, Fault> {
    match plain(["plimsoll", "memory"])? {
        Command::Memory(args) => {
            let request = memory::request(&args, config, folder)?;
            Ok(plimsoll_run::memory::Request { folder: folder.to_owned(), ..request })
        }
        _ => Err(misread()),
    }
}

/// The arguments of a command line.
fn plain<'a>(words: impl IntoIterator<Item = &'a str>) -> Result<Command, Fault> {
    let words = words.into_iter().map(OsString::from);
    Ok(Cli::try_parse_from(words).map_err(Fault::usage)?.command)
}

/// A command line that is written above is not what it says.
fn misread() -> Fault {
    Fault::say("a command line is misread").code(plimsoll_model::exit::BUG)
}
