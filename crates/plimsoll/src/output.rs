//! Where a report goes: standard output, and the files beside it. Everything that leaves the program as a report goes through here.

use std::fs::OpenOptions;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use plimsoll_model::Report;
use plimsoll_model::report::RunTime;
use plimsoll_report::{
    Page, Root, csv, defectdojo, github, gitlab, har, html, json, junit, markdown, openvex, pdf, sarif, secrets,
    terminal,
};

use crate::args::{Format, Output, When};
use crate::commands::scan;
use crate::environment;
use crate::fault::Fault;
use crate::print;

/// How a command shows its report to people, where that is not the terminal report of a scan.
pub struct Screen<'a> {
    /// As the user asked, for the terminal.
    pub shown: &'a dyn Fn(&Report) -> String,
    /// Whole and without colour, for a file.
    pub plain: &'a dyn Fn(&Report) -> String,
}

/// Refuses what cannot be written, before anything is done.
///
/// # Errors
/// A path is a folder, or lies in none; or nothing is there that prints a PDF.
pub fn possible(output: &Output) -> Result<(), Fault> {
    output.output.iter().try_for_each(|file| scan::writable(Some(&file.path)))?;
    let mut forms = output.output.iter().map(|file| file.format(output.format)).chain([output.format]);
    if forms.any(|form| form == Format::Pdf) {
        print::browser()?;
    }
    if output.format == Format::Pdf && io::stdout().is_terminal() {
        return Err(Fault::say("a PDF is not for a terminal").hint("write --output report.pdf"));
    }
    Ok(())
}

/// Writes the report of a run that has just ended, as the user asked.
///
/// # Errors
/// A file or standard output cannot be written.
pub fn write(report: &Report, output: &Output, color: When) -> Result<(), Fault> {
    in_general(&dated(report), output, color)
}

/// Writes the report of a recording: it has no time but that of its recording.
///
/// # Errors
/// A file or standard output cannot be written.
pub fn write_again(report: &Report, output: &Output, color: When) -> Result<(), Fault> {
    in_general(&Dated::as_is(report), output, color)
}

fn in_general(report: &Dated<'_>, output: &Output, color: When) -> Result<(), Fault> {
    let shown = |report: &Report| {
        let options = terminal::Options {
            paint: environment::paint(color),
            width: environment::width(),
            detailed: if output.all { usize::MAX } else { 5 },
            info: output.all,
        };
        terminal::render(report, options)
    };
    let plain = |report: &Report| {
        terminal::render(report, terminal::Options { detailed: usize::MAX, info: true, ..terminal::Options::PLAIN })
    };
    every_form(report, output, &Screen { shown: &shown, plain: &plain }, None)
}

/// A report, and when it was made where it does not say so itself. The time is not part of what a run of one vantage says, so that equal runs have
/// equal reports; forms that ask for a time have it.
struct Dated<'r> {
    report: &'r Report,
    time: Option<RunTime>,
}

impl<'r> Dated<'r> {
    fn as_is(report: &'r Report) -> Self {
        Self { report, time: report.time.clone() }
    }
}

/// A report of a run that has just ended.
fn dated(report: &Report) -> Dated<'_> {
    let took = report.cost.seconds.clamp(0.0, 1e9).ceil() as i64;
    let now = || RunTime { started: environment::ago(took), ended: environment::timestamp() };
    Dated { report, time: Some(report.time.clone().unwrap_or_else(now)) }
}

/// Writes a report whose command shows it in its own way.
///
/// # Errors
/// A file or standard output cannot be written.
pub fn write_with(report: &Report, output: &Output, screen: &Screen<'_>) -> Result<(), Fault> {
    write_from(report, output, screen, None)
}

/// The same for a report whose files are named from this folder; none is the folder that the program was started in.
///
/// # Errors
/// A file or standard output cannot be written.
pub fn write_from(report: &Report, output: &Output, screen: &Screen<'_>, folder: Option<&Path>) -> Result<(), Fault> {
    every_form(&dated(report), output, screen, folder)
}

fn every_form(
    Dated { report, time }: &Dated<'_>,
    output: &Output,
    screen: &Screen<'_>,
    folder: Option<&Path>,
) -> Result<(), Fault> {
    let report = secrets::masked(report).map_err(Fault::usage)?;
    let root = root(folder);
    let form = |format: Format| {
        if format.has_time() && report.time != *time {
            let mut dated = report.clone().into_owned();
            dated.time.clone_from(time);
            return render(&dated, format, &root);
        }
        render(&report, format, &root)
    };
    let text = match output.format {
        Format::Terminal => (screen.shown)(&report).into_bytes(),
        format => form(format)?,
    };
    for destination in &output.output {
        let format = destination.format(output.format);
        let text = match format {
            Format::Terminal => (screen.plain)(&report).into_bytes(),
            format => form(format)?,
        };
        // Several steps of a job write one summary.
        let append = format == Format::GithubSummary && destination.path.is_file();
        if append { add(&destination.path, &text)? } else { file(&destination.path, &text)? }
    }
    print_bytes(&text)
}

/// Where the repository is: the nearest folder above that holds `.git`, which is a file in a worktree.
fn root(folder: Option<&Path>) -> Root {
    let here = folder.map_or_else(environment::folder, Path::canonicalize).unwrap_or_default();
    let repository =
        here.ancestors().find(|folder| folder.join(".git").exists()).map_or_else(|| here.clone(), Path::to_owned);
    let text = |path: PathBuf| path.to_string_lossy().into_owned();
    Root::new(text(repository), text(here))
}

/// Writes an explanation to standard error, where it disturbs no report. That nobody reads it is no error.
pub fn explain(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// A report in a form for machines, files or pages. What did not fit is said on standard error.
fn render(report: &Report, format: Format, root: &Root) -> Result<Vec<u8>, Fault> {
    let page = |page: Page| {
        for notice in page.notices {
            explain(&format!("note: {notice}\n"));
        }
        page.text
    };
    Ok(match format {
        Format::Html => html::render(report).map_err(Fault::usage)?,
        Format::Pdf => return print::pdf(&pdf::page(&html::render(report).map_err(Fault::usage)?)),
        Format::Markdown => markdown::render(report),
        Format::Sarif => page(sarif::render(report, root)),
        Format::Junit => junit::render(report, root),
        Format::Csv => csv::render(report, root),
        Format::Har => har::render(report),
        Format::GitlabDast => gitlab::dast::render(report, root),
        Format::GitlabSast => gitlab::sast::render(report, root),
        Format::GitlabCodequality => gitlab::code_quality::render(report, root),
        Format::Github => page(github::annotations::render(report, root)),
        Format::GithubSummary => page(github::summary::render(report)),
        Format::GithubComment => page(github::comment::render(report)),
        Format::Defectdojo => defectdojo::render(report, root),
        Format::Openvex => openvex::render(report),
        Format::Json | Format::Terminal => json::render(report).map_err(Fault::usage)?,
    }
    .into_bytes())
}

/// Adds to a file.
fn add(path: &Path, content: &[u8]) -> Result<(), Fault> {
    let written = OpenOptions::new().append(true).open(path).and_then(|mut file| file.write_all(content));
    written.map_err(|error| Fault::say(format!("cannot write {}: {error}", path.display())))
}

/// Writes a file, whole or not at all: to a neighbour first, which then takes its name.
///
/// # Errors
/// It cannot be written.
pub fn file(path: &Path, content: &[u8]) -> Result<(), Fault> {
    let cannot = |error: io::Error| Fault::say(format!("cannot write {}: {error}", path.display()));
    if path.is_dir() {
        return Err(Fault::say(format!("cannot write {}: it is a folder", path.display())));
    }
    // A device such as /dev/stdout or /dev/null is written to as it is.
    if path.exists() && !path.is_file() {
        return std::fs::write(path, content).map_err(cannot);
    }
    let mut name = path.as_os_str().to_owned();
    name.push(".part");
    let part = Path::new(&name);
    let written = std::fs::write(part, content).and_then(|()| std::fs::rename(part, path));
    written.map_err(|error| {
        // Nothing half-written stays; that the neighbour may not exist is no further error.
        drop(std::fs::remove_file(part));
        cannot(error)
    })
}

/// Writes to standard output. A reader that went away is no error.
///
/// # Errors
/// It cannot be written.
pub fn print(text: &str) -> Result<(), Fault> {
    print_bytes(text.as_bytes())
}

fn print_bytes(bytes: &[u8]) -> Result<(), Fault> {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Fault::say(format!("cannot write to standard output: {error}")))
        }
        _ => Ok(()),
    }
}
