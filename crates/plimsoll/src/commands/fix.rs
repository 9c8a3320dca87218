//! `plimsoll fix [ISSUE] [--apply] [--verify]`.

use std::path::Path;
use std::sync::Arc;

use plimsoll_model::{Fingerprint, Issue, Report, Stage, exit, redact};
use plimsoll_report::text::{first_sentence, wrap};
use plimsoll_report::{Colour, Paint};
use plimsoll_run::Config;
use plimsoll_run::code::fix::{Refusal, Safety};
use plimsoll_run::code::{self, Request};
use plimsoll_run::fix::git::{self, Standing};
use plimsoll_run::fix::trial::{Trial, TrialError, Tried};
use plimsoll_run::fix::write::Written;
use plimsoll_run::fix::{self, Change, Proposals, Repaired, Why};
use plimsoll_run::verify;

use crate::args::{Fix, Gate, When};
use crate::commands::repair::coloured;
use crate::commands::verify::{chosen, evidence, project, recover, stand, verdict};
use crate::environment;
use crate::fault::Fault;
use crate::interruption;
use crate::output;
use crate::progress::Progress;
use crate::requests::{again, project as possible};
use crate::state::State;
use crate::terms::Terms;

/// An issue with its change, or with the reason why there is none.
type Proposed = (Issue, Result<Change, Why>);

/// Shows, writes and verifies changes.
///
/// # Errors
/// The report or the code cannot be read, the issue is unknown, a file would be overwritten whose changes are not committed, or cannot be written.
pub async fn run(args: Fix, color: When) -> Result<u8, Fault> {
    asked_for(&args)?;
    let (config, folder) = project(args.config.as_deref())?;
    let state = State::of(&folder);
    recover(&state)?;
    let request = possible::code(&config, &folder)?.ok_or_else(|| {
        Fault::say("there is no Python file").hint("code.paths in plimsoll.toml says where the code is")
    })?;
    let (report, kept) = match state.report()? {
        Some(report) => (report, true),
        None => (read(&request)?, false),
    };
    let issues = chosen(&report, args.issue.as_deref())?;
    let named = args.issue.is_some();
    // What nobody looks at must not be written on the way, unless looking again is asked for.
    let daring = match (args.change_contract, named || args.verify || !args.apply) {
        (true, _) => Safety::Contract,
        (false, true) => Safety::Review,
        (false, false) => Safety::Safe,
    };
    let proposed = proposals(&report, &issues, &request, daring, args.apply && !args.verify)?;
    let paint = environment::paint(color);
    if named || !args.apply {
        output::print(&shown(&proposed, named, paint))?;
    }
    let offered: Vec<&Proposed> = proposed.iter().filter(|(_, change)| change.is_ok()).collect();
    if offered.is_empty() {
        return nothing(&proposed, named);
    }
    if !args.apply {
        return Ok(exit::PASSED);
    }
    let files = fix::merged(offered.iter().filter_map(|(_, change)| change.as_ref().ok()));
    let unversioned = guarded(&files, args.force)?;
    if !unversioned.is_empty() {
        eprintln!(
            "no version control holds {}: nothing but a copy of yours brings the old text back",
            unversioned.join(", ")
        );
    }
    if args.verify {
        let wanted: Vec<&Issue> = offered.iter().map(|(issue, _)| issue).collect();
        let project = Project { config: &config, folder: &folder, state: &state, report, request: &request, kept };
        return tried(&args, project, &wanted, named, paint).await;
    }
    Written::write(&files, None).and_then(Written::keep).map_err(Fault::usage)?;
    output::print(&written(&proposed, &files, named, paint))?;
    Ok(exit::PASSED)
}

/// Refuses to change a contract on the way, or to look for the same answers where others are wanted.
fn asked_for(args: &Fix) -> Result<(), Fault> {
    if !args.change_contract || !args.apply {
        return Ok(());
    }
    if args.issue.is_none() {
        return Err(Fault::say("--change-contract --apply changes what callers send and get").hint("name the ISSUE"));
    }
    if args.verify && !args.accept_changed_answers {
        return Err(Fault::say("--change-contract changes answers by design, and --verify takes such changes back")
            .hint("add --accept-changed-answers"));
    }
    Ok(())
}

/// The report of the code lane alone, for a project that was never checked.
fn read(request: &Request) -> Result<Report, Fault> {
    eprintln!("there is no report of a check; the code is read");
    let mut report = code::code(request).map_err(Fault::usage)?.report;
    report.issues.retain(|issue| issue.stage != Stage::Fixed);
    Ok(report)
}

/// What is proposed for each issue; with `together`, each on top of those before.
fn proposals(
    report: &Report,
    issues: &[&Issue],
    request: &Request,
    daring: Safety,
    together: bool,
) -> Result<Vec<Proposed>, Fault> {
    let mut proposals = Proposals::open(request, daring).map_err(Fault::usage)?;
    let mut out = Vec::new();
    for issue in issues {
        let change = proposals.of(report, issue);
        if let Some(change) = change.as_ref().ok().filter(|_| together) {
            proposals.take(change).map_err(Fault::usage)?;
        }
        out.push(((*issue).clone(), change));
    }
    Ok(out)
}

/// Refuses to write over what version control does not hold. Returns the files that no version control could bring back.
fn guarded(files: &[Repaired], force: bool) -> Result<Vec<String>, Fault> {
    let mut unversioned = Vec::new();
    for file in files {
        let name = &file.file;
        let why = match git::standing(&file.path) {
            Standing::Committed => continue,
            Standing::NoRepository => {
                unversioned.push(name.clone());
                continue;
            }
            Standing::Changed => format!("{name} has changes that are not committed; nothing was written"),
            Standing::Unknown => format!("git does not know {name}; nothing was written"),
        };
        if !force {
            return Err(Fault::say(why).code(exit::REFUSED).hint("commit it, or write over it with --force"));
        }
    }
    Ok(unversioned)
}

/// The exit code where no change can be offered.
fn nothing(proposed: &[Proposed], named: bool) -> Result<u8, Fault> {
    let gone = proposed.iter().all(|(_, change)| matches!(change, Err(Why::Gone)));
    if !named {
        output::print(if gone { "nothing to do\n" } else { "nothing to do that is sure; plimsoll fix shows why\n" })?;
    }
    Ok(if named && !gone { exit::FINDINGS } else { exit::PASSED })
}

/// Changes as diffs, and reasons. An issue that no line of code is known for is counted only, unless it was asked for by name.
fn shown(proposed: &[Proposed], named: bool, paint: Paint) -> String {
    let mut out = String::new();
    let mut elsewhere = 0;
    for (issue, change) in proposed {
        if matches!(change, Err(Why::NoLine)) && !named {
            elsewhere += 1;
            continue;
        }
        out.push_str(&head(issue, paint));
        match change {
            Ok(change) => {
                out.push_str(&what(change, paint));
                out.push_str(&coloured(&change.diff(), paint));
            }
            Err(why) => {
                out.push_str(&format!("  no change is offered: {}\n", redact::one_line(&why.to_string(), 400)));
                if !matches!(why, Why::Gone) {
                    out.push_str(&remedy(issue, named));
                }
            }
        }
        out.push('\n');
    }
    if elsewhere > 0 {
        out.push_str(&format!("no line of code is known for {elsewhere} more\n"));
    }
    out
}

fn head(issue: &Issue, paint: Paint) -> String {
    let title = redact::one_line(&issue.title, 200);
    let place = issue.source.as_ref().map(|source| {
        let symbol = source.symbol.as_ref().map(|symbol| format!(" in {symbol}")).unwrap_or_default();
        format!("  {}:{}{symbol}\n", source.file, source.line)
    });
    format!(
        "{} {title} ({}, {})\n{}",
        paint.paint(Colour::Bold, &issue.id),
        issue.severity,
        issue.stage,
        place.unwrap_or_default()
    )
}

/// What a change does, and what to mind.
fn what(change: &Change, paint: Paint) -> String {
    let look = match change.safety {
        Safety::Safe => String::new(),
        Safety::Review => paint.paint(Colour::Yellow, " (look at it first)"),
        Safety::Contract => paint.paint(Colour::Yellow, " (changes the contract)"),
    };
    let mut out = format!("  {}{look}\n", fix::title(change));
    for line in &change.mind {
        out.push_str(&format!("  mind: {line}\n"));
    }
    for (_, refusal) in &change.left {
        out.push_str(&format!("  left as it is: {refusal}\n"));
    }
    out
}

/// What a person can do where no template can.
fn remedy(issue: &Issue, whole: bool) -> String {
    let facts = issue.weakness.facts();
    let mut out = String::new();
    for (framework, text) in [("FastAPI", facts.fastapi), ("Django", facts.django)] {
        if whole {
            out.push_str(&format!("  {framework}:\n"));
            text.trim_end().lines().for_each(|line| out.push_str(&format!("    {line}\n")));
        } else {
            let sentence = first_sentence(text).split_whitespace().collect::<Vec<_>>().join(" ");
            let lines = wrap(&format!("{framework}: {sentence}"), environment::width().saturating_sub(4).max(40));
            lines.iter().for_each(|line| out.push_str(&format!("    {line}\n")));
        }
    }
    out
}

/// What was written, and what was left.
fn written(proposed: &[Proposed], files: &[Repaired], named: bool, paint: Paint) -> String {
    let mut out = String::new();
    if !named {
        for (issue, change) in proposed {
            if let Ok(change) = change {
                out.push_str(&head(issue, paint));
                out.push_str(&what(change, paint));
            }
        }
        for file in files {
            out.push_str(&coloured(&file.diff(), paint));
        }
        let review = |change: &Result<Change, Why>| matches!(change, Err(Why::Refused(Refusal::NeedsReview { .. })));
        let ids: Vec<&str> =
            proposed.iter().filter(|(_, change)| review(change)).map(|(issue, _)| issue.id.as_str()).collect();
        if !ids.is_empty() {
            out.push_str(&format!("look at these first, or add --verify: plimsoll fix {}\n", ids.join(", ")));
        }
    }
    let names: Vec<&str> = files.iter().map(|file| file.file.as_str()).collect();
    out.push_str(&format!("written: {}; plimsoll verify says whether it helped\n", names.join(", ")));
    out
}

/// A project with its last report.
struct Project<'a> {
    config: &'a Config,
    folder: &'a Path,
    state: &'a State,
    report: Report,
    request: &'a Request,
    /// Whether the report is that of a check, and is brought up to date.
    kept: bool,
}

/// Writes, verifies, and takes back what did not help.
async fn tried(args: &Fix, project: Project<'_>, wanted: &[&Issue], named: bool, paint: Paint) -> Result<u8, Fault> {
    let Project { config, folder, state, mut report, request, kept } = project;
    let terms = Terms::read(&Gate::default(), config, folder)?;
    let (mut means, plan) = again::means(config, folder, state, args.time.as_deref())?;
    state.prepare()?;
    let interrupted = interruption::watch()?;
    let progress = Progress::new(args.quiet);
    let emulator = stand(&mut means, plan, &progress).await?;
    let shown = Arc::clone(&progress);
    let trial = Trial {
        report: &report,
        code: request,
        means: &means,
        journal: &state.journal(),
        daring: if args.change_contract { Safety::Contract } else { Safety::Review },
        accept_changed_answers: args.accept_changed_answers,
        interrupted,
        watch: Arc::new(move |event| shown.show(event)),
    };
    let tried = Box::pin(trial.run(wanted)).await;
    if let Some(emulator) = emulator {
        emulator.stop().await;
    }
    progress.finish();
    let tried = tried.map_err(|error| {
        let code = match &error {
            TrialError::Unchanged(_) | TrialError::Interrupted => exit::INCOMPLETE,
            TrialError::Code(_) | TrialError::Write(_) => exit::USAGE,
        };
        Fault::usage(error).code(code)
    })?;
    verify::settle(&mut report, &tried.looked);
    if kept {
        terms.settle(&mut report);
        state.keep(&report, None)?;
    }
    output::print(&outcome(&report, &tried, named, paint))?;
    Ok(if tried.taken_back.is_empty() { exit::PASSED } else { exit::FINDINGS })
}

/// What became of the changes.
fn outcome(report: &Report, tried: &Tried, named: bool, paint: Paint) -> String {
    let mut out = String::new();
    let issue = |fingerprint: &Fingerprint| report.issues.iter().find(|issue| issue.fingerprint == *fingerprint);
    for kept in &tried.kept {
        let Some(issue) = issue(&kept.issue) else { continue };
        let found = tried.looked.verified.iter().find(|(of, _)| *of == kept.issue);
        let Some((_, verification)) = found else { continue };
        out.push_str(&format!("{}\n", verdict(issue, verification, paint)));
        if let Some(change) = kept.change.as_ref().filter(|_| !named) {
            out.push_str(&what(change, paint));
        }
        if let Some(why) = &kept.why {
            let why = if *why == Why::Gone { "another one settles it".to_owned() } else { why.to_string() };
            out.push_str(&format!("  no change of its own: {}\n", redact::one_line(&why, 400)));
        }
        out.push_str(&evidence(verification, paint));
    }
    if !named {
        for file in &tried.files {
            out.push_str(&coloured(&file.diff(), paint));
        }
    }
    for back in &tried.taken_back {
        let Some(issue) = issue(&back.issue) else { continue };
        out.push_str(&head(issue, paint));
        out.push_str(&format!("  {}: {}\n", paint.paint(Colour::Red, "taken back"), redact::one_line(&back.why, 600)));
        for line in back.verification.iter().filter_map(|said| said.answers.as_ref()).flat_map(|said| &said.different) {
            out.push_str(&format!("    {}\n", redact::one_line(line, 300)));
        }
    }
    if let Some(why) = &tried.unasked {
        out.push_str(&format!("answers were not compared: {why}\n"));
    }
    let names: Vec<&str> = tried.files.iter().map(|file| file.file.as_str()).collect();
    if names.is_empty() {
        out.push_str("the files are as they were\n");
    } else {
        out.push_str(&format!("written: {}\n", names.join(", ")));
    }
    out
}
