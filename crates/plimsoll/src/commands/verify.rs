//! `plimsoll verify [ISSUE]`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use plimsoll_model::verification::{Again, Outcome, Verification};
use plimsoll_model::{Fingerprint, Issue, Report, Stage, exit, redact};
use plimsoll_report::{Colour, Paint};
use plimsoll_run::Config;
use plimsoll_run::config::closest;
use plimsoll_run::emulator::{Emulator, Plan};
use plimsoll_run::fix::write;
use plimsoll_run::verify::{self, Means};

use crate::args::{Gate, Verify, When};
use crate::commands::scan;
use crate::environment;
use crate::fault::Fault;
use crate::interruption;
use crate::output;
use crate::progress::Progress;
use crate::requests::again;
use crate::state::State;
use crate::terms::Terms;

/// Looks again and says what came of it.
///
/// # Errors
/// There is no report, the issue is unknown, the configuration cannot be used, or the report cannot be written.
pub async fn run(args: Verify, color: When) -> Result<u8, Fault> {
    let (config, folder) = project(args.config.as_deref())?;
    let state = State::of(&folder);
    recover(&state)?;
    let Some(mut report) = state.report()? else {
        let fault = Fault::say(format!("there is no report {}", state.json().display()));
        return Err(fault.hint("plimsoll check makes one"));
    };
    let wanted: Vec<Fingerprint> =
        chosen(&report, args.issue.as_deref())?.into_iter().map(|issue| issue.fingerprint.clone()).collect();
    if wanted.is_empty() {
        output::print("the last report has no issues\n")?;
        return Ok(exit::PASSED);
    }
    let terms = Terms::read(&Gate::default(), &config, &folder)?;
    let (mut means, plan) = again::means(&config, &folder, &state, args.time.as_deref())?;
    state.prepare()?;
    let interrupted = interruption::watch()?;
    let progress = Progress::new(args.quiet);
    let emulator = stand(&mut means, plan, &progress).await?;
    let shown = Arc::clone(&progress);
    let looking = verify::verify(&report, &wanted, &means, interrupted, Arc::new(move |event| shown.show(event)));
    let looked = Box::pin(looking).await;
    if let Some(emulator) = emulator {
        emulator.stop().await;
    }
    progress.finish();
    verify::settle(&mut report, &looked);
    let mut text = String::new();
    let paint = environment::paint(color);
    for (fingerprint, verification) in &looked.verified {
        if let Some(issue) = report.issues.iter().find(|issue| issue.fingerprint == *fingerprint) {
            text.push_str(&told(issue, verification, paint));
        }
    }
    if !looked.interrupted {
        terms.settle(&mut report);
        state.keep(&report, None)?;
    }
    output::print(&text)?;
    Ok(code(looked.verified.iter().map(|(_, verification)| verification.outcome)))
}

/// The exit code of outcomes: what is still there outranks what could not be verified.
fn code(outcomes: impl Iterator<Item = Outcome>) -> u8 {
    match outcomes.max_by_key(|outcome| match outcome {
        Outcome::Fixed => 0,
        Outcome::NotVerified => 1,
        Outcome::StillThere => 2,
    }) {
        Some(Outcome::StillThere) => exit::FINDINGS,
        Some(Outcome::NotVerified) => exit::INCOMPLETE,
        Some(Outcome::Fixed) | None => exit::PASSED,
    }
}

/// The configuration and its folder; where there is none, what is customary in the folder of now.
///
/// # Errors
/// It was named and is not there, or cannot be used.
pub fn project(named: Option<&Path>) -> Result<(Config, PathBuf), Fault> {
    let (config, folder) = scan::configuration(named)?;
    let folder = if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder };
    let whole = folder.canonicalize();
    Ok((config, whole.map_err(|error| Fault::say(format!("cannot tell where {} is: {error}", folder.display())))?))
}

/// The issues that are asked for: the one whose id begins so, or all.
///
/// # Errors
/// There is no such issue, or there are several.
pub fn chosen<'a>(report: &'a Report, id: Option<&str>) -> Result<Vec<&'a Issue>, Fault> {
    let Some(id) = id else { return Ok(report.issues.iter().collect()) };
    let named = |issue: &Issue| !id.is_empty() && (issue.id.starts_with(id) || issue.fingerprint.as_str() == id);
    let matching: Vec<&Issue> = report.issues.iter().filter(|issue| named(issue)).collect();
    if let Some(suppressed) = report.suppressed.iter().find(|suppressed| named(&suppressed.issue)) {
        let (place, reason) = (&suppressed.place, redact::one_line(&suppressed.reason, 200));
        return Err(Fault::say(format!("{id} is accepted at {place}: {reason}")).hint("take it out there first"));
    }
    match matching.as_slice() {
        [_] => Ok(matching),
        [] => {
            let known: Vec<&str> = report.issues.iter().map(|issue| issue.id.as_str()).collect();
            let fault = Fault::say(format!("the last report has no issue {:?}", redact::one_line(id, 80)));
            Err(match (closest(id, known.iter().copied()), known.len()) {
                (Some(meant), _) => fault.hint(format!("did you mean {meant}?")),
                (None, 0) => fault.hint("it has none at all"),
                (None, many) => fault.hint(format!(
                    "it has {}{}",
                    known[..many.min(8)].join(", "),
                    if many > 8 { format!(" and {} more", many - 8) } else { String::new() }
                )),
            })
        }
        several => Err(Fault::say(format!("{id:?} names {} issues; write more of the id", several.len()))),
    }
}

/// Takes back what a run of `fix` that was killed left behind.
///
/// # Errors
/// A file cannot be written.
pub fn recover(state: &State) -> Result<(), Fault> {
    let recovered = write::recover(&state.journal()).map_err(Fault::usage)?.unwrap_or_default();
    let names = |files: &[PathBuf]| files.iter().map(|file| file.display().to_string()).collect::<Vec<_>>().join(", ");
    if !recovered.back.is_empty() {
        eprintln!("an earlier fix was cut short; taken back: {}", names(&recovered.back));
    }
    if !recovered.left.is_empty() {
        eprintln!("an earlier fix was cut short; changed since, and left as they are: {}", names(&recovered.left));
    }
    Ok(())
}

/// Starts what the application stands on.
///
/// # Errors
/// It does not start.
pub async fn stand(means: &mut Means, plan: Option<Plan>, progress: &Progress) -> Result<Option<Emulator>, Fault> {
    let Some(plan) = plan else { return Ok(None) };
    progress.show(plimsoll_run::Event::Note(format!("starting {}", plan.line())));
    let emulator = plan.start().await.map_err(|error| Fault::usage(error).code(exit::INCOMPLETE))?;
    means.stand_on(&emulator);
    Ok(Some(emulator))
}

/// What became of an issue, for people: its line, then what each vantage says.
pub fn told(issue: &Issue, verification: &Verification, paint: Paint) -> String {
    format!("{}\n{}", verdict(issue, verification, paint), evidence(verification, paint))
}

/// An issue with its outcome, one line.
pub fn verdict(issue: &Issue, verification: &Verification, paint: Paint) -> String {
    let (colour, word) = match (verification.outcome, issue.stage) {
        (Outcome::Fixed, _) => (Colour::Green, "fixed"),
        (Outcome::StillThere, Stage::Regressed) => (Colour::Red, "regressed"),
        (Outcome::StillThere, _) => (Colour::Red, "still there"),
        (Outcome::NotVerified, _) => (Colour::Yellow, "not verified"),
    };
    let title = redact::one_line(&issue.title, 200);
    format!("{} {title}: {}", paint.paint(Colour::Bold, &issue.id), paint.paint(colour, word))
}

/// What each vantage says, and how the answers compare.
pub fn evidence(verification: &Verification, paint: Paint) -> String {
    let mut out: String = verification.again.iter().map(|again| seen(again, paint)).collect();
    if let Some(answers) = &verification.answers {
        let compared = plimsoll_report::text::grouped(answers.compared);
        let line = match answers.different.first() {
            None => format!("{compared} compared, none differs"),
            Some(first) => format!("{compared} compared, these differ: {}", redact::one_line(first, 300)),
        };
        out.push_str(&format!("  {:<9}{line}\n", "answers"));
    }
    out
}

fn seen(again: &Again, paint: Paint) -> String {
    let (colour, mark) = match (again.ran, again.still) {
        (true, false) => (Colour::Green, "gone"),
        (true, true) => (Colour::Red, "there"),
        (false, _) => (Colour::Yellow, "open"),
    };
    let why = redact::one_line(&again.why, 600);
    format!("  {:<9}{}  {why}\n", again.vantage.as_str(), paint.paint(colour, &format!("{mark:<5}")))
}
