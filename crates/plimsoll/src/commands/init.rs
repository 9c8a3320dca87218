//! `plimsoll init [FOLDER]`.

use std::fmt::Write;

use plimsoll_model::exit;
use plimsoll_report::text::wrap;
use plimsoll_report::{Colour, Paint};
use plimsoll_run::init::{self, Survey};

use crate::args::{Init, When};
use crate::commands::scan::CONFIG;
use crate::environment;
use crate::fault::Fault;
use crate::output;

/// Looks, writes, and says what was found.
///
/// # Errors
/// The folder cannot be read or holds nothing to look at, or there is a configuration already.
pub fn run(args: &Init, color: When) -> Result<u8, Fault> {
    let path = args.folder.join(CONFIG);
    // A link that leads nowhere would be replaced as well.
    let exists = path.symlink_metadata().is_ok();
    if exists && !args.force && !args.print {
        let fault = Fault::say(format!("{} exists", path.display()));
        return Err(fault.hint("--print shows what would be written, --force replaces it"));
    }
    let survey = init::survey(&args.folder).map_err(Fault::usage)?;
    if args.print {
        output::explain(&said(&survey, Paint(false), environment::width()));
        output::print(&survey.config)?;
        return Ok(exit::PASSED);
    }
    output::file(&path, survey.config.as_bytes())?;
    let mut text = said(&survey, environment::paint(color), environment::width());
    let verb = if exists { "replaced" } else { "written" };
    let _ = writeln!(text, "\n{verb}: {}; look it over, then run plimsoll check", path.display());
    output::print(&text)?;
    Ok(exit::PASSED)
}

/// What was found and what is not known.
fn said(survey: &Survey, paint: Paint, width: usize) -> String {
    let mut out = String::new();
    if !survey.found.is_empty() {
        let _ = writeln!(out, "{}", paint.paint(Colour::Bold, "found"));
    }
    let indent = 2 + survey.found.iter().map(|fact| fact.about.len()).max().unwrap_or(0) + 2;
    for fact in &survey.found {
        let mut text = fact.what.clone();
        if let Some(place) = &fact.place {
            let _ = write!(text, "  ({place})");
        }
        let lines = wrap(&text, width.saturating_sub(indent).max(20));
        for (n, line) in lines.iter().enumerate() {
            let about = if n == 0 { fact.about } else { "" };
            let padded = format!("  {about:<pad$}", pad = indent - 2);
            let _ = writeln!(out, "{}{line}", paint.paint(Colour::Dim, &padded));
        }
    }
    if !survey.unknown.is_empty() {
        let gap = if out.is_empty() { "" } else { "\n" };
        let _ = writeln!(out, "{gap}{}", paint.paint(Colour::Bold, "not known"));
    }
    for unknown in &survey.unknown {
        for (n, line) in wrap(unknown, width.saturating_sub(4).max(20)).iter().enumerate() {
            let _ = writeln!(out, "  {} {line}", if n == 0 { "-" } else { " " });
        }
    }
    out
}
