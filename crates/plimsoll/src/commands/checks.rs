//! `plimsoll checks [CHECK]`: the list of checks, or the page of one.

use std::fmt::Write;

use plimsoll_model::{Severity, Weakness, exit};
use plimsoll_report::{Colour, Paint, explain};
use plimsoll_run::config::closest;

use crate::args::When;
use crate::environment;
use crate::fault::Fault;
use crate::output;

/// A check or a rule, as a user sees it.
#[derive(Clone, Copy, Debug)]
pub struct Check {
    /// Its name.
    pub id: &'static str,
    /// How it looks: `passive` and `active` on the wire, `contract` in the document, `code` in the source.
    pub mode: &'static str,
    /// What it looks for.
    pub weakness: Weakness,
    severity: Severity,
    since: &'static str,
    page: &'static str,
}

/// Every check and every rule, in the order of the handbook.
pub fn all() -> Vec<Check> {
    let wire = plimsoll_run::checks().into_iter().map(|check| {
        let meta = check.meta();
        Check {
            id: meta.id,
            mode: meta.mode.as_str(),
            weakness: meta.weakness,
            severity: meta.weakness.facts().severity,
            since: meta.since,
            page: meta.page,
        }
    });
    let code = plimsoll_run::code::rules().into_iter().map(|meta| Check {
        id: meta.id,
        mode: "code",
        weakness: meta.weakness,
        severity: meta.severity,
        since: meta.since,
        page: meta.page,
    });
    let contract = plimsoll_run::audit::rules().into_iter().map(|meta| Check {
        id: meta.id,
        mode: "contract",
        weakness: meta.weakness,
        severity: meta.severity,
        since: meta.since,
        page: meta.page,
    });
    wire.chain(contract).chain(code).collect()
}

/// Lists the checks, or shows a page.
///
/// # Errors
/// No check has this name, or nothing can be written.
pub fn run(wanted: Option<&str>, color: When) -> Result<u8, Fault> {
    let paint = environment::paint(color);
    let text = match wanted {
        Some(wanted) => {
            page(&all().into_iter().find(|check| check.id == wanted).ok_or_else(|| unknown(wanted))?, paint)
        }
        None => list(paint),
    };
    output::print(&text)?;
    Ok(exit::PASSED)
}

fn list(paint: Paint) -> String {
    let checks = all();
    let mut out = format!("{} checks; `plimsoll checks NAME` shows the page of one\n\n", checks.len());
    for check in checks {
        let id = paint.paint(Colour::Bold, &format!("{:<30}", check.id));
        let _ = writeln!(out, "{id} {:<8} {:<9} {}", check.mode, check.severity, check.weakness);
    }
    out
}

fn page(check: &Check, paint: Paint) -> String {
    let (title, rest) = check.page.split_once('\n').unwrap_or((check.page, ""));
    let mut out = format!(
        "{}\nlooks for {} · {} · since {}\n\n",
        paint.paint(Colour::Bold, title.trim_start_matches("# ")),
        check.weakness.id(),
        check.mode,
        check.since,
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

/// Whether a check of some vantage has this name.
pub fn is_known(name: &str) -> bool {
    all().iter().any(|check| check.id == name)
}

/// The fault for a name that no check has.
pub fn unknown(name: &str) -> Fault {
    let fault = Fault::say(format!("no check is called {name:?}"));
    match closest(name, all().iter().map(|check| check.id)) {
        Some(meant) => fault.hint(format!("did you mean `{meant}`?")),
        None => fault.hint("`plimsoll checks` lists them"),
    }
}
