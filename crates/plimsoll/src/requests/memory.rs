//! What a measurement of memory is to do.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use plimsoll_http::scope::Target;
use plimsoll_http::settings::Settings;
use plimsoll_run::config::{self, Config};
use plimsoll_run::credentials::Credentials;
use plimsoll_run::identities::Identities;
use plimsoll_run::memory::{Launch, Options, Request, Subject, Wanted};

use crate::args::Memory;
use crate::environment;
use crate::fault::Fault;

/// What a measurement is to do, from the command line and from a configuration whose paths are relative to `folder`.
///
/// # Errors
/// Something in them cannot be used.
pub fn request(args: &Memory, config: &Config, folder: &Path) -> Result<Request, Fault> {
    let url = args.url.as_deref().or(config.target.url.as_deref().filter(|_| asks_elsewhere(args)));
    let url = url.map(Target::parse).transpose().map_err(Fault::usage)?;
    let headers = if args.headers.is_empty() { config.target.headers.clone() } else { args.headers.clone() };
    let credentials = Credentials::read(&headers, &environment::variable).map_err(Fault::usage)?;
    // The target takes the place of this one once it is known where it answers.
    let unknown = Target::parse("http://127.0.0.1").map_err(Fault::usage)?;
    let mut settings = Settings::new(url.clone().unwrap_or(unknown));
    settings.credentials.clone_from(&credentials.headers);
    settings.secrets = Arc::new(credentials.secrets.clone());
    let identities = Identities::read(&[], &config.identity, &config.roles, &environment::variable);
    let identities = identities.map_err(Fault::usage)?;
    settings.rate = config.budget.rate;
    settings.allow_writes = super::scan::writes(&args.permission.allow_writes, config)?;
    settings.allow_destructive = args.permission.allow_destructive || config.scan.allow_destructive;
    settings.insecure = args.permission.insecure;
    let operations = if args.operation.is_empty() { &config.memory.operations } else { &args.operation };
    let har = args.har.clone().or_else(|| config.memory.har.as_ref().map(|path| folder.join(path)));
    let wanted = Wanted::read(operations, &config.memory.requests, har.as_deref()).map_err(Fault::usage)?;
    let contract = args.spec.clone().or_else(|| config.target.contract.as_ref().map(|path| folder.join(path)));
    Ok(Request {
        subject: subject(args, config, folder)?,
        url,
        settings,
        credentials,
        identities,
        contract,
        wanted,
        options: options(args, config)?,
        agent: !args.no_agent,
        pythonpath: environment::variable("PYTHONPATH").map(OsString::from),
        before: None,
        folder: project(args, config, folder),
    })
}

/// The folder that files are named from: where the configuration is, or where the application starts.
fn project(args: &Memory, config: &Config, folder: &Path) -> PathBuf {
    let configured = args.config.is_some() || *config != Config::default();
    let named = if configured { folder } else { args.cwd.as_deref().unwrap_or(Path::new("")) };
    // An empty path is the folder that this process runs in; where it has none, files keep their whole path.
    let named = if named.as_os_str().is_empty() { Path::new(".") } else { named };
    std::fs::canonicalize(named).unwrap_or_default()
}

/// Whether the target is found by its URL alone. The URL of the configuration is that of a scan; a command says itself where it answers.
fn asks_elsewhere(args: &Memory) -> bool {
    args.cgroup.is_some() || args.metrics_url.is_some() || args.pid.is_some()
}

fn subject(args: &Memory, config: &Config, folder: &Path) -> Result<Subject, Fault> {
    if let Some(pid) = args.pid {
        return Ok(Subject::Process(pid));
    }
    if let Some(group) = &args.cgroup {
        return Ok(Subject::Group(group.clone()));
    }
    if let Some(page) = &args.metrics_url {
        return Ok(Subject::Metrics(Target::parse(page).map_err(Fault::usage)?));
    }
    let configured: Vec<OsString> = config.memory.command.iter().map(OsString::from).collect();
    let from_config = args.command.is_empty();
    let command = if from_config { configured } else { args.command.clone() };
    if command.is_empty() {
        let hint = "write plimsoll memory -- COMMAND, or memory.command in plimsoll.toml; --pid, --cgroup and --metrics-url measure what runs";
        return Err(Fault::say("nothing to measure").hint(hint));
    }
    let mut launch = Launch::new(command);
    launch.env = environment_of(&args.env, config)?;
    let beside = || folder.parent().map_or_else(PathBuf::new, |_| folder.to_owned());
    launch.cwd = args.cwd.clone().or_else(|| {
        // What the configuration says is relative to it, and so is the command that it names.
        let configured = config.memory.cwd.as_ref().map(|cwd| folder.join(cwd));
        configured.or_else(|| from_config.then(beside)).filter(|folder| !folder.as_os_str().is_empty())
    });
    launch.port = args.port.or(config.memory.port);
    let limit = args.effort.memory_limit.as_deref().or(config.memory.memory_limit.as_deref());
    launch.memory_limit = limit.map(config::size).transpose().map_err(Fault::say)?;
    if let Some(text) = args.ready_within.as_deref().or(config.memory.ready_within.as_deref()) {
        launch.ready_within = duration(text)?;
    }
    Ok(Subject::Command(Box::new(launch)))
}

/// Variables from the configuration, then those of the command line.
fn environment_of(given: &[String], config: &Config) -> Result<Vec<(OsString, OsString)>, Fault> {
    let mut out = Vec::new();
    for (name, value) in &config.memory.env {
        let value = match value.strip_prefix('$') {
            Some(variable) => environment::variable(variable)
                .ok_or_else(|| Fault::say(format!("memory.env: the environment has no variable {variable}")))?,
            None => value.clone(),
        };
        out.push((OsString::from(name), OsString::from(value)));
    }
    for text in given {
        let (name, value) = text
            .split_once('=')
            .filter(|(name, _)| !name.is_empty())
            .ok_or_else(|| Fault::say(format!("--env {text:?} is not of the form NAME=VALUE")))?;
        out.push((OsString::from(name), OsString::from(value)));
    }
    Ok(out)
}

fn options(args: &Memory, config: &Config) -> Result<Options, Fault> {
    let mut options = Options::default();
    let memory = &config.memory;
    if let Some(text) = args.effort.limit.as_deref().or(memory.limit.as_deref()) {
        options.limit = config::size(text).map_err(Fault::say)?;
    }
    if let Some(text) = args.effort.time.as_deref().or(memory.time.as_deref()) {
        (options.time, options.each) = (duration(text)?, None);
    }
    if let Some(requests) = args.effort.requests.or(memory.max_requests) {
        options.most_requests = requests;
    }
    if let Some(text) = &args.effort.smallest {
        options.target = Some(config::size(text).map_err(Fault::say)? as f64);
    }
    let concurrency = if args.effort.concurrency.is_empty() { &memory.concurrency } else { &args.effort.concurrency };
    if let Some(most) = concurrency.iter().max() {
        if !(1..=256).contains(most) {
            return Err(Fault::say("memory.concurrency holds numbers from 1 to 256"));
        }
        options.concurrency = *most;
    }
    Ok(options)
}

fn duration(text: &str) -> Result<Duration, Fault> {
    config::seconds(text).map(Duration::from_secs_f64).map_err(Fault::say)
}
