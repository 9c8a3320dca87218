//! `plimsoll checks [CHECK]`: the list of checks, or the page of one.

use std::fmt::Write;

use plimsoll_model::exit;
use plimsoll_report::{Colour, Paint, explain};
use plimsoll_run::Meta;
use plimsoll_run::config::closest;

use crate::args::When;
use crate::environment;
use crate::fault::Fault;
use crate::output;

/// Lists the checks, or shows a page.
///
/// # Errors
/// No check has this name, or nothing can be written.
pub fn run(wanted: Option<&str>, color: When) -> Result<u8, Fault> {
    let paint = environment::paint(color);
    let text = match wanted {
        Some(wanted) => {
            let checks = plimsoll_run::checks();
            let meta = checks.iter().map(|check| check.meta()).find(|meta| meta.id == wanted);
            page(meta.ok_or_else(|| unknown(wanted))?, paint)
        }
        None => list(paint),
    };
    output::print(&text)?;
    Ok(exit::PASSED)
}

fn list(paint: Paint) -> String {
    let checks = plimsoll_run::checks();
    let mut out = format!("{} checks; `plimsoll checks NAME` shows the page of one\n\n", checks.len());
    for meta in checks.iter().map(|check| check.meta()) {
        let id = paint.paint(Colour::Bold, &format!("{:<28}", meta.id));
        let severity = meta.weakness.facts().severity;
        let _ = writeln!(out, "{id} {:<8} {severity:<9} {}", meta.mode.as_str(), meta.weakness);
    }
    out
}

fn page(meta: &Meta, paint: Paint) -> String {
    let (title, rest) = meta.page.split_once('\n').unwrap_or((meta.page, ""));
    let facts = meta.weakness.facts();
    let mut out = format!(
        "{}\nlooks for {} · {} · since {}\n\n",
        paint.paint(Colour::Bold, title.trim_start_matches("# ")),
        facts.id,
        meta.mode.as_str(),
        meta.since,
    );
    for section in rest.split("\n## ") {
        let (heading, text) = section.split_once('\n').unwrap_or((section, ""));
        if section.starts_with('\n') {
            explain::markdown(section, paint, environment::width(), &mut out);
        } else {
            let _ = writeln!(out, "\n{}", paint.paint(Colour::Bold, heading));
            explain::markdown(text, paint, environment::width(), &mut out);
        }
    }
    out
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
