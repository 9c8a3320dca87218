//! `plimsoll explain WEAKNESS`.

use plimsoll_model::{Weakness, exit};
use plimsoll_report::explain;
use plimsoll_run::config::closest;

use crate::args::When;
use crate::environment;
use crate::fault::Fault;
use crate::output;

/// Explains a weakness, named by its id or by a check that looks for it.
///
/// # Errors
/// Nothing has this name, or nothing can be written.
pub fn run(name: &str, color: When) -> Result<u8, Fault> {
    let checks = plimsoll_run::checks();
    let by_check = || checks.iter().map(|check| check.meta()).find(|meta| meta.id == name).map(|meta| meta.weakness);
    let Some(weakness) = name.parse::<Weakness>().ok().or_else(by_check) else {
        let fault = Fault::say(format!("no weakness is called {name:?}"));
        return Err(match closest(name, Weakness::ALL.iter().map(|weakness| weakness.id())) {
            Some(meant) => fault.hint(format!("did you mean `{meant}`?")),
            None => fault.hint("`plimsoll checks` lists the checks with their weaknesses"),
        });
    };
    let looking: Vec<(&str, &str)> = checks
        .iter()
        .map(|check| check.meta())
        .filter(|meta| meta.weakness == weakness)
        .map(|meta| (meta.id, meta.mode.as_str()))
        .collect();
    output::print(&explain::render(weakness, &looking, environment::paint(color), environment::width().min(110)))?;
    Ok(exit::PASSED)
}
