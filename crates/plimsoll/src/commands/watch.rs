//! `plimsoll code --watch`: the report again whenever a Python file below the paths changes.

use std::path::PathBuf;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use notify::{EventKind, RecursiveMode, Watcher};
use plimsoll_model::exit;
use plimsoll_report::diagnostics;
use plimsoll_run::code::{self, Request, Session};

use crate::environment;
use crate::fault::Fault;
use crate::output;

/// Editors write a file in several steps; after so long without another one it is read.
const QUIET: Duration = Duration::from_millis(15);

/// Clears the terminal and goes to its top (ECMA-48 ED and CUP).
const CLEAR: &str = "\u{1b}[2J\u{1b}[H";

/// Watches until it is interrupted, or until standard output is closed.
///
/// # Errors
/// The paths cannot be read or watched.
pub fn run(request: &Request, options: diagnostics::Options) -> Result<u8, Fault> {
    let (sender, receiver) = mpsc::channel();
    let mut watcher = notify::recommended_watcher(move |event| drop(sender.send(event)))
        .map_err(|error| Fault::say(format!("cannot watch: {error}")))?;
    for path in &request.paths {
        watcher
            .watch(path, RecursiveMode::Recursive)
            .map_err(|error| Fault::say(format!("cannot watch {}: {error}", path.display())))?;
    }
    let start = Instant::now();
    let mut session = Session::open(request.paths.clone(), request.options.clone()).map_err(Fault::usage)?;
    show(&session, request, options, start)?;
    loop {
        let mut changed = Vec::new();
        match receiver.recv() {
            Ok(event) => add(event, &mut changed)?,
            Err(_) => return Ok(exit::PASSED),
        }
        while let Ok(event) = receiver.recv_timeout(QUIET) {
            add(event, &mut changed)?;
        }
        if changed.is_empty() {
            continue;
        }
        let start = Instant::now();
        for path in changed {
            session.saved(&path).map_err(Fault::usage)?;
        }
        show(&session, request, options, start)?;
    }
}

/// The Python files of an event that changed them.
fn add(event: notify::Result<notify::Event>, changed: &mut Vec<PathBuf>) -> Result<(), Fault> {
    let event = event.map_err(|error| Fault::say(format!("cannot watch any more: {error}")))?;
    if matches!(event.kind, EventKind::Access(_)) {
        return Ok(());
    }
    for path in event.paths {
        if code::is_python(&path) && !changed.contains(&path) {
            changed.push(path);
        }
    }
    Ok(())
}

fn show(session: &Session, request: &Request, options: diagnostics::Options, start: Instant) -> Result<(), Fault> {
    let outcome = code::outcome(session.analysis(), request);
    let took = start.elapsed();
    let source = |file: &str| code::text(file, &request.paths, &request.options.base);
    let mut text = if options.paint.0 { CLEAR.to_owned() } else { String::new() };
    text.push_str(&diagnostics::render(&outcome.report, options, &source));
    text.push_str(&format!(
        "Checked in {} ms at {} UTC; waiting for changes.\n",
        took.as_millis(),
        environment::time()
    ));
    output::print(&text)
}
