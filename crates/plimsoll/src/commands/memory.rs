//! `plimsoll memory -- COMMAND`.

use std::path::Path;
use std::sync::Arc;

use plimsoll_model::Report;
use plimsoll_run::memory::{self, Request};

use crate::args::{Memory, When};
use crate::commands::scan;
use crate::fault::Fault;
use crate::interruption;
use crate::output;
use crate::progress::Progress;
use crate::requests;
use crate::terms::Terms;

/// Measures and reports.
///
/// # Errors
/// Arguments or configuration cannot be used, the target cannot be started, reached or is refused, or nothing can be written.
pub async fn run(args: Memory, color: When) -> Result<u8, Fault> {
    let (config, folder) = scan::configuration(args.config.as_deref())?;
    let terms = Terms::read(&args.output.gate, &config, &folder)?;
    output::possible(&args.output)?;
    let before = args.compare.as_deref().map(earlier).transpose()?;
    let request = Request { before, ..requests::memory::request(&args, &config, &folder)? };
    // The target may delete the folder that this process runs in; a report that was asked for is written all the same.
    let mut wanted = args.output;
    for file in &mut wanted.output {
        file.path = std::path::absolute(&file.path).unwrap_or_else(|_| file.path.clone());
    }
    let progress = Progress::new(wanted.quiet);
    let shown = Arc::clone(&progress);
    // Boxed, because all that it holds would lie in the futures of every command.
    let measuring =
        Box::pin(memory::measure(request, interruption::watch()?, Arc::new(move |event| shown.show(event))));
    let report = measuring.await;
    progress.finish();
    let mut report = report.map_err(|error| {
        let code = error.exit_code();
        Fault::usage(error).code(code)
    })?;
    let code = terms.settle(&mut report);
    output::write(&report, &wanted, color)?;
    Ok(code)
}

/// An earlier report to compare with.
fn earlier(path: &Path) -> Result<Report, Fault> {
    let name = path.display();
    let text = std::fs::read_to_string(path).map_err(|error| Fault::say(format!("cannot read {name}: {error}")))?;
    let report: Report = serde_json::from_str(&text).map_err(|error| {
        Fault::say(format!("{name} is no report of plimsoll: {error}")).hint("make one with --format json")
    })?;
    if report.memory.is_empty() {
        return Err(Fault::say(format!("{name} holds no measurement of memory")));
    }
    Ok(report)
}
