//! `plimsoll explain WEAKNESS`.

use plimsoll_model::{Weakness, exit};
use plimsoll_report::explain;
use plimsoll_run::config::closest;

use crate::args::When;
use crate::commands::checks;
use crate::environment;
use crate::fault::Fault;
use crate::output;

/// Explains a weakness, named by its id or by a check that looks for it.
///
/// # Errors
/// Nothing has this name, or nothing can be written.
pub fn run(name: &str, color: When) -> Result<u8, Fault> {
    let checks = checks::all();
    let by_check = || checks.iter().find(|check| check.id == name).map(|check| check.weakness);
    let Some(weakness) = name.parse::<Weakness>().ok().or_else(by_check) else {
        let fault = Fault::say(format!("no weakness is called {name:?}"));
        return Err(match closest(name, Weakness::ALL.iter().map(|weakness| weakness.id())) {
            Some(meant) => fault.hint(format!("did you mean `{meant}`?")),
            None => fault.hint("`plimsoll checks` lists the checks with their weaknesses"),
        });
    };
    let looking = checks.iter().filter(|check| check.weakness == weakness);
    let looking: Vec<(&str, &str)> = looking.map(|check| (check.id, check.mode)).collect();
    output::print(&explain::render(weakness, &looking, environment::paint(color), environment::width().min(110)))?;
    Ok(exit::PASSED)
}
