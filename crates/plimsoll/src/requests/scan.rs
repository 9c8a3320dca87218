//! What a scan is to do.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use plimsoll_http::scope::Target;
use plimsoll_http::settings::{AllowWrites, Settings};
use plimsoll_model::OperationKey;
use plimsoll_run::config::{self, Config};
use plimsoll_run::credentials::Credentials;
use plimsoll_run::identities::Identities;
use plimsoll_run::scan;

use crate::args::Scan;
use crate::commands::checks;
use crate::environment;
use crate::fault::Fault;

/// What a scan is to do, from the command line and from a configuration whose paths are relative to `folder`.
///
/// # Errors
/// Something in them cannot be used.
pub fn request(args: &Scan, config: &Config, folder: &Path) -> Result<scan::Request, Fault> {
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
        only: None,
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
