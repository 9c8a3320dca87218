//! `plimsoll scan URL`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use plimsoll_http::scope::Target;
use plimsoll_http::settings::{AllowWrites, Settings};
use plimsoll_model::{OperationKey, Severity};
use plimsoll_run::config::{self, Config};
use plimsoll_run::credentials::Credentials;
use plimsoll_run::identities::Identities;
use plimsoll_run::scan::{self, ScanError};
use plimsoll_run::{Gate, assemble, budget};

use crate::args::{Output, Scan, When};
use crate::commands::checks;
use crate::environment;
use crate::fault::Fault;
use crate::output;
use crate::progress::Progress;

/// The configuration that is read without being named.
const CONFIG: &str = "plimsoll.toml";

/// Scans and reports.
///
/// # Errors
/// Arguments or configuration cannot be used, the target is refused, or nothing can be written.
pub async fn run(args: Scan, color: When) -> Result<u8, Fault> {
    let (config, folder) = configuration(args.config.as_deref())?;
    let gate = gate(&args.output, config.gate.fail_on.as_deref())?;
    writable(args.record.as_deref())?;
    output::possible(&args.output)?;
    let request = request(&args, &config, &folder)?;
    let progress = Progress::new(args.output.quiet);
    let shown = Arc::clone(&progress);
    let control = |stopper: plimsoll_http::Stopper| {
        tokio::spawn(async move {
            if tokio::signal::ctrl_c().await.is_ok() {
                stopper.stop();
            }
        });
    };
    let record = scan::scan(request, control, Arc::new(move |event| shown.show(event))).await;
    progress.finish();
    let mut record = record.map_err(|error| match error {
        ScanError::Setup(error) => {
            let code = error.exit_code();
            Fault::usage(error).code(code)
        }
        ScanError::Login(error) => {
            let code = error.exit_code();
            Fault::usage(error).code(code)
        }
        error => Fault::usage(error),
    })?;
    if let Some(path) = &args.record {
        let mut file = Vec::new();
        record.write(&mut file).map_err(|error| Fault::say(format!("cannot write the recording: {error}")))?;
        output::file(path, &file)?;
    }
    let report = assemble::report(&mut record);
    output::write(&report, &args.output, color)?;
    if args.explain_budget {
        output::explain(&budget::explain(&record));
    }
    Ok(gate.exit_code(&report))
}

/// The configuration and the folder that its paths are relative to.
///
/// # Errors
/// The configuration cannot be read or used.
///
/// # Errors
/// It was named, or is there, and cannot be used.
pub fn configuration(named: Option<&Path>) -> Result<(Config, PathBuf), Fault> {
    let path = named.unwrap_or(Path::new(CONFIG));
    if named.is_none() && !path.is_file() {
        return Ok((Config::default(), PathBuf::new()));
    }
    let config = Config::read(path).map_err(Fault::usage)?;
    Ok((config, path.parent().map(Path::to_owned).unwrap_or_default()))
}

/// The gate that flags and configuration ask for.
///
/// # Errors
/// The severity is none.
pub fn gate(output: &Output, configured: Option<&str>) -> Result<Gate, Fault> {
    let word = output.fail_on.as_deref().or(configured);
    let fail_on = match word {
        None => Gate::default().fail_on,
        Some("never") => None,
        Some(word) => Some(word.parse::<Severity>().map_err(|_| {
            let known = Severity::ALL.iter().map(|severity| severity.as_str()).chain(["never"]);
            let fault = Fault::say(format!("--fail-on {word:?} is no severity"));
            match config::closest(word, known) {
                Some(meant) => fault.hint(format!("did you mean `{meant}`?")),
                None => fault.hint("it is one of critical, high, medium, low, info, never"),
            }
        })?),
    };
    Ok(Gate { fail_on: fail_on.filter(|_| !output.exit_zero) })
}

/// Refuses a path that cannot be written before anything is done.
///
/// # Errors
/// The path is a folder, or lies in none.
///
/// # Errors
/// It cannot be written.
pub fn writable(path: Option<&Path>) -> Result<(), Fault> {
    let Some(path) = path else { return Ok(()) };
    if path.is_dir() {
        return Err(Fault::say(format!("cannot write {}: it is a folder", path.display())));
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !folder.is_dir() {
        return Err(Fault::say(format!("cannot write {}: there is no folder {}", path.display(), folder.display())));
    }
    Ok(())
}

fn request(args: &Scan, config: &Config, folder: &Path) -> Result<scan::Request, Fault> {
    let url = args.url.as_deref().or(config.target.url.as_deref()).ok_or_else(|| {
        Fault::say("no target").hint("write plimsoll scan http://127.0.0.1:8000, or target.url in plimsoll.toml")
    })?;
    let target = Target::parse(url).map_err(Fault::usage)?;
    let headers: Vec<String> =
        if args.headers.is_empty() { config.target.headers.clone() } else { args.headers.clone() };
    let credentials = Credentials::read(&headers, &environment::variable).map_err(Fault::usage)?;
    let mut settings = Settings::new(target);
    settings.credentials.clone_from(&credentials.headers);
    let identities =
        Identities::read(&args.identity.identities, &config.identity, &config.roles, &environment::variable)
            .map_err(Fault::usage)?;
    settings.identities.clone_from(&identities.sent);
    let mut secrets = credentials.secrets.clone();
    secrets.extend(&identities.secrets);
    settings.secrets = Arc::new(secrets);
    let budget = &config.budget;
    if let Some(requests) = args.budget.max_requests.or(budget.requests) {
        settings.budgets.max_requests = requests;
    }
    if settings.budgets.max_requests == 0 {
        return Err(Fault::say("a budget of 0 requests tests nothing"));
    }
    if let Some(text) = args.budget.max_time.as_deref().or(budget.time.as_deref()) {
        settings.budgets.max_time = Duration::from_secs_f64(config::seconds(text).map_err(Fault::say)?);
    }
    if let Some(text) = args.budget.max_bytes.as_deref().or(budget.bytes_per_operation.as_deref()) {
        settings.budgets.max_bytes_per_operation = config::size(text).map_err(Fault::say)?;
    }
    settings.rate = args.budget.rate.or(budget.rate);
    if settings.rate.is_some_and(|rate| !(rate.is_finite() && rate > 0.0 && rate <= 100_000.0)) {
        return Err(Fault::say("the rate is a number of requests a second above 0 and up to 100,000"));
    }
    settings.concurrency = args.budget.concurrency.map(usize::from).or(budget.concurrency);
    if settings.concurrency.is_some_and(|limit| !(1..=256).contains(&limit)) {
        return Err(Fault::say("the concurrency is a number from 1 to 256"));
    }
    settings.allow_writes = writes(&args.permission.allow_writes, config)?;
    settings.allow_destructive = args.permission.allow_destructive || config.scan.allow_destructive;
    settings.insecure = args.permission.insecure;
    settings.authorities = authorities(args.permission.ca.as_deref())?;
    settings.listen = args.active.listen(config.scan.collaborator.as_deref()).map_err(Fault::say)?;
    let injection = args.active.injection(&config.scan.active).map_err(Fault::say)?;
    let inventory = args.active.inventory(&config.scan.active).map_err(Fault::say)?;
    let ignored: Vec<String> = args.ignore.iter().chain(&config.scan.ignore).cloned().collect();
    for id in &ignored {
        let of_contract = || plimsoll_run::audit::rules().into_iter().any(|rule| rule.scan && rule.id == id);
        if !plimsoll_run::checks().iter().any(|check| check.meta().id == id) && !of_contract() {
            return Err(checks::unknown(id));
        }
    }
    let contract = args.spec.clone().or_else(|| config.target.contract.as_ref().map(|path| folder.join(path)));
    let watched = !args.output.quiet && environment::is_watched();
    Ok(scan::Request {
        settings,
        credentials,
        identities,
        contract,
        ignored,
        now: environment::now(),
        injection,
        inventory,
        watched,
    })
}

/// The authorities in a file, as DER.
///
/// # Errors
/// The file cannot be read, or holds no certificate.
pub fn authorities(path: Option<&Path>) -> Result<Vec<Vec<u8>>, Fault> {
    let Some(path) = path else { return Ok(Vec::new()) };
    let text = std::fs::read(path).map_err(|error| Fault::say(format!("cannot read {}: {error}", path.display())))?;
    plimsoll_http::tls::certificates(&text)
        .ok_or_else(|| Fault::say(format!("{}: there is no certificate in it", path.display())).hint("--ca wants PEM"))
}

/// The writing operations that command line and configuration allow.
///
/// # Errors
/// One of them is no operation.
pub fn writes(given: &[String], config: &Config) -> Result<AllowWrites, Fault> {
    let named: Result<BTreeSet<OperationKey>, Fault> = given
        .iter()
        .chain(&config.scan.allow_writes)
        .map(|text| text.parse().map_err(|error| Fault::say(format!("{text:?}: {error}"))))
        .collect();
    Ok(AllowWrites::Only(named?))
}
