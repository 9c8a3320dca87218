//! `plimsoll checks [CHECK]`: the list of checks, or the page of one.

use std::fmt::Write;

use plimsoll_model::exit;
use plimsoll_report::{Colour, explain};
use plimsoll_run::config::closest;

use crate::args::When;
use crate::environment;
use crate::fault::Fault;
use crate::output;

/// Lists the checks, or shows a page.
pub fn run(wanted: Option<&str>, color: When) -> Result<u8, Fault> {
    let paint = environment::paint(color);
    let checks = plimsoll_run::checks();
    let mut out = String::new();
    match wanted {
        Some(wanted) => {
            let found = checks.iter().map(|check| check.meta()).find(|meta| meta.id == wanted);
            let Some(meta) = found else { return Err(unknown(wanted)) };
            // The first block is the title.
            let (title, rest) = meta.page.split_once('\n').unwrap_or((meta.page, ""));
            let _ = writeln!(out, "{}", paint.paint(Colour::Bold, title.trim_start_matches("# ")));
            let facts = meta.weakness.facts();
            let _ = writeln!(out, "looks for {} · {} · since {}\n", facts.id, meta.mode.as_str(), meta.since);
            for section in rest.split("\n## ") {
                let (heading, text) = section.split_once('\n').unwrap_or((section, ""));
                if section.starts_with('\n') {
                    explain::markdown(section, paint, environment::width(), &mut out);
                } else {
                    let _ = writeln!(out, "\n{}", paint.paint(Colour::Bold, heading));
                    explain::markdown(text, paint, environment::width(), &mut out);
                }
            }
        }
        None => {
            let _ = writeln!(out, "{} checks; `plimsoll checks NAME` shows the page of one\n", checks.len());
            for check in checks {
                let meta = check.meta();
                let id = paint.paint(Colour::Bold, &format!("{:<28}", meta.id));
                let _ = writeln!(
                    out,
                    "{id} {:<8} {:<9} {}",
                    meta.mode.as_str(),
                    meta.weakness.facts().severity.as_str(),
                    meta.weakness
                );
            }
        }
    }
    output::print(&out)?;
    Ok(exit::PASSED)
}

/// The fault for a name that no check has.
pub fn unknown(name: &str) -> Fault {
    let checks = plimsoll_run::checks();
    let fault = Fault::say(format!("no check is called {name:?}"));
    match closest(name, checks.iter().map(|check| check.meta().id)) {
        Some(meant) => fault.hint(format!("did you mean `{meant}`?")),
        None => fault.hint("`plimsoll checks` lists them"),
    }
}
