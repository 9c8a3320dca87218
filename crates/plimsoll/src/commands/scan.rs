//! `plimsoll scan URL`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use plimsoll_run::config::Config;
use plimsoll_run::scan::{self, ScanError};
use plimsoll_run::{assemble, budget};

use crate::args::{Scan, When};
use crate::fault::Fault;
use crate::output;
use crate::progress::Progress;
use crate::requests;
use crate::terms::Terms;

/// The configuration that is read without being named.
pub const CONFIG: &str = "plimsoll.toml";

/// Scans and reports.
///
/// # Errors
/// Arguments or configuration cannot be used, the target is refused, or nothing can be written.
pub async fn run(args: Scan, color: When) -> Result<u8, Fault> {
    let (config, folder) = configuration(args.config.as_deref())?;
    let terms = Terms::read(&args.output.gate, &config, &folder)?;
    writable(args.record.as_deref())?;
    output::possible(&args.output)?;
    let request = requests::scan::request(&args, &config, &folder)?;
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
    let mut report = assemble::report(&mut record);
    let code = terms.settle(&mut report);
    output::write(&report, &args.output, color)?;
    if args.explain_budget {
        output::explain(&budget::explain(&record));
    }
    Ok(code)
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
