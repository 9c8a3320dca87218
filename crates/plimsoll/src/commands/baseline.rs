//! `plimsoll baseline write` and `plimsoll baseline update`.

use std::path::Path;

use plimsoll_model::baseline::Baseline;
use plimsoll_model::report::SCHEMA;
use plimsoll_model::{Report, Stage, exit};
use plimsoll_run::baseline;

use crate::args;
use crate::args::baseline::{Action, Files};
use crate::commands::scan;
use crate::environment;
use crate::fault::Fault;
use crate::output;
use crate::state::STATE;
use crate::terms;

/// Writes the baseline.
///
/// # Errors
/// The report or the baseline cannot be read, or the file cannot be written.
pub fn run(args: &args::Baseline) -> Result<u8, Fault> {
    let (Action::Write(files) | Action::Update(files)) = &args.action;
    let (config, folder) = scan::configuration(files.config.as_deref())?;
    let path = terms::baseline_path(files.baseline.as_deref(), &config, &folder);
    let source = files.report.clone().unwrap_or_else(|| folder.join(STATE).join("report.json"));
    let report = report(&source, files)?;
    let earlier = path.is_file().then(|| baseline::read(&path)).transpose().map_err(Fault::usage)?;
    let now = environment::timestamp();
    let (written, said) = match &args.action {
        Action::Write(_) => {
            // What cannot be seen now must not be forgotten without a word.
            if let Some(why) = report.incomplete.first() {
                let fault = Fault::say(format!("{}: the run is incomplete: {why}", source.display()));
                return Err(fault.hint("a baseline of it would call the rest new; run it again"));
            }
            let written = baseline::write(&report, earlier.as_ref(), &now);
            let said = format!("{} known", issues(written.issues.len()));
            (written, said)
        }
        Action::Update(_) => {
            let Some(earlier) = &earlier else {
                let fault = Fault::say(format!("there is no baseline {}", path.display()));
                return Err(fault.hint("plimsoll baseline write makes one"));
            };
            let written = baseline::update(&report, earlier, &now);
            let said = changes(earlier, &written, &report);
            (written, said)
        }
    };
    let mut text = serde_json::to_string_pretty(&written).map_err(Fault::usage)?;
    text.push('\n');
    output::file(&path, text.as_bytes())?;
    output::print(&format!("{}: {said}\n", path.display()))?;
    Ok(exit::PASSED)
}

/// What an update did.
fn changes(earlier: &Baseline, written: &Baseline, report: &Report) -> String {
    let fixed = |baseline: &Baseline| baseline.issues.iter().filter(|issue| issue.stage == Stage::Fixed).count();
    let gone = fixed(written).saturating_sub(fixed(earlier));
    let known = written.issues.len() - fixed(written);
    let mut compared = report.clone();
    baseline::compare(&mut compared, earlier, "");
    let mut said = format!("{} known, {gone} gone", issues(known));
    let Some(compared) = compared.baseline else { return said };
    if !compared.not_tested.is_empty() {
        said.push_str(&format!(", {} not tested and kept", compared.not_tested.len()));
    }
    if compared.new > 0 {
        said.push_str(&format!(", {} new and not taken in (`plimsoll baseline write` does)", compared.new));
    }
    said
}

fn issues(count: usize) -> String {
    if count == 1 { "1 issue".to_owned() } else { format!("{count} issues") }
}

fn report(path: &Path, files: &Files) -> Result<Report, Fault> {
    let name = path.display();
    let text = std::fs::read_to_string(path).map_err(|error| {
        let fault = Fault::say(format!("cannot read {name}: {error}"));
        if files.report.is_none() { fault.hint("run plimsoll check first, or name a --report") } else { fault }
    })?;
    let form =
        |why: String| Fault::say(format!("{name} is no report of plimsoll: {why}")).hint("make one with --format json");
    let report: Report = serde_json::from_str(&text).map_err(|error| form(error.to_string()))?;
    if report.schema == SCHEMA { Ok(report) } else { Err(form(format!("its form is {:?}", report.schema))) }
}
