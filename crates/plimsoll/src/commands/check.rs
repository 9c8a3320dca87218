//! `plimsoll check`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use plimsoll_model::report::RunTime;
use plimsoll_model::{Report, Vantage};
use plimsoll_report::Paint;
use plimsoll_run::check::{self, Since};
use plimsoll_run::{Config, code, fix, verify};

use crate::args::{Check, When};
use crate::environment;
use crate::fault::Fault;
use crate::interruption;
use crate::output::{self, Screen};
use crate::progress::Progress;
use crate::requests::project;
use crate::state::State;
use crate::terms::Terms;

/// The configuration that is read without being named.
const CONFIG: &str = "plimsoll.toml";

/// Looks, joins and reports.
///
/// # Errors
/// There is no configuration, it cannot be used or makes nothing possible, the target is refused, or nothing can be written.
pub async fn run(args: Check, color: When) -> Result<u8, Fault> {
    let (config, folder) = configuration(args.config.as_deref())?;
    let terms = Terms::read(&args.output.gate, &config, &folder)?;
    output::possible(&args.output)?;
    let mut request = project::request(&config, &folder, &|vantage| args.wants(vantage))?;
    is_possible(&args, &request)?;
    if let Some(text) = &args.max_time {
        request.most = project::duration(text)?;
        // What the command line says of everything outranks what the configuration says of a part.
        request.memory_time = request.memory_time.filter(|time| *time < request.most / 2);
    }
    let state = State::of(&folder);
    if let Some(revision) = &args.changed_since {
        // What cannot be read is as good as none: it would only have been kept.
        let before = state.report().ok().flatten();
        request.since = Some(Since::read(revision, &folder, before).map_err(Fault::usage)?);
    }
    state.prepare()?;
    let reading = request.code.clone();
    // The target may delete the folder that this process runs in; a report that was asked for is written all the same.
    let mut wanted = args.output;
    for file in &mut wanted.output {
        file.path = std::path::absolute(&file.path).unwrap_or_else(|_| file.path.clone());
    }
    let started = environment::timestamp();
    let interrupted = interruption::watch()?;
    let progress = Progress::new(wanted.quiet);
    let shown = Arc::clone(&progress);
    let checking = Box::pin(check::check(request, interrupted.clone(), Arc::new(move |event| shown.show(event))));
    let outcome = checking.await;
    progress.finish();
    let outcome = outcome.map_err(|error| {
        let code = error.exit_code();
        Fault::usage(error).code(code)
    })?;
    let was_interrupted = *interrupted.borrow();
    let mut report = outcome.report;
    // What was verified to be gone and is seen again is back. A report that cannot be read knows of nothing.
    if let Ok(Some(earlier)) = state.report() {
        verify::carry_over(&mut report, &earlier);
    }
    report.time = Some(RunTime { started, ended: environment::timestamp() });
    if !was_interrupted {
        propose(&mut report, reading.as_ref());
    }
    let code = terms.settle(&mut report);
    // What was cut short is no state to go on from.
    if !was_interrupted {
        state.keep(&report, outcome.record.as_ref())?;
    }
    write(&report, &wanted, color, &folder)?;
    if args.explain {
        output::explain(&plimsoll_report::joins::render(&report, Paint(false), environment::width()));
    }
    if !was_interrupted && !wanted.quiet {
        output::explain(&format!("  the report for the browser: {}\n", shorter(&state.html()).display()));
    }
    Ok(code)
}

/// The configuration, and the folder that it is in.
///
/// # Errors
/// There is none, or it cannot be used.
pub fn configuration(named: Option<&Path>) -> Result<(Config, PathBuf), Fault> {
    let path = named.unwrap_or(Path::new(CONFIG));
    if !path.exists() {
        let fault = Fault::say(format!("there is no {}", path.display()));
        return Err(if named.is_none() { fault.hint("plimsoll init writes one") } else { fault });
    }
    let config = Config::read(path).map_err(Fault::usage)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder = folder.canonicalize();
    let folder = folder.map_err(|error| Fault::say(format!("cannot tell where {} is: {error}", path.display())))?;
    Ok((config, folder))
}

/// Refuses to do nothing, and to leave out what was asked for by name.
fn is_possible(args: &Check, request: &check::Request) -> Result<(), Fault> {
    let named = |vantage: Vantage| !args.only.is_empty() && args.wants(vantage);
    let why = |vantage: Vantage| request.left_out.iter().find(|(left_out, _)| *left_out == vantage);
    for vantage in Vantage::ALL.iter().copied().filter(|vantage| named(*vantage)) {
        if let Some((_, why)) = why(vantage) {
            return Err(Fault::say(format!("plimsoll.toml does not make {vantage} possible")).hint(why));
        }
    }
    if request.left_out.len() == Vantage::ALL.len() {
        let fault = Fault::say("plimsoll.toml gives nothing to look at");
        return Err(fault.hint("write target.url, memory.command, code.paths or audit.documents, or run plimsoll init"));
    }
    Ok(())
}

/// What is proposed for the issues, where code was read.
fn propose(report: &mut Report, request: Option<&code::Request>) {
    let Some(request) = request else { return };
    if let Err(error) = fix::propose_all(report, request) {
        report.notes.push(format!("No changes are proposed: {error}."));
    }
}

fn write(report: &Report, wanted: &crate::args::Output, color: When, folder: &Path) -> Result<(), Fault> {
    let terminal = |paint, width, all| {
        move |report: &Report| {
            let detailed = if all { usize::MAX } else { 5 };
            let options = plimsoll_report::terminal::Options { paint, width, detailed, info: all };
            plimsoll_report::terminal::render(report, options)
        }
    };
    let shown = terminal(environment::paint(color), environment::width(), wanted.all);
    let plain = plimsoll_report::terminal::Options::PLAIN;
    let plain = terminal(plain.paint, plain.width, true);
    output::write_from(report, wanted, &Screen { shown: &shown, plain: &plain }, Some(folder))
}

/// A path as short as it can be told from where the program was started.
fn shorter(path: &Path) -> PathBuf {
    let here = environment::folder().unwrap_or_default();
    path.strip_prefix(&here).map_or_else(|_| path.to_owned(), Path::to_owned)
}
