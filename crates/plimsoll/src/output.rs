//! Where a report goes: standard output, and the files beside it. Everything that leaves the program as a report goes through here.

use std::io::{self, Write};
use std::path::Path;

use plimsoll_model::Report;
use plimsoll_report::{html, json, markdown, terminal};

use crate::args::{Format, Output, When};
use crate::commands::scan;
use crate::environment;
use crate::fault::Fault;

/// How a command shows its report to people, where that is not the terminal report of a scan.
pub struct Screen<'a> {
    /// As the user asked, for the terminal.
    pub shown: &'a dyn Fn(&Report) -> String,
    /// Whole and without colour, for a file.
    pub plain: &'a dyn Fn(&Report) -> String,
}

/// Refuses files that cannot be written, before anything is done.
///
/// # Errors
/// A path is a folder, or lies in none.
pub fn possible(output: &Output) -> Result<(), Fault> {
    output.output.iter().try_for_each(|file| scan::writable(Some(&file.path)))
}

/// Writes a report as the user asked.
///
/// # Errors
/// A file or standard output cannot be written.
pub fn write(report: &Report, output: &Output, color: When) -> Result<(), Fault> {
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
    write_with(report, output, &Screen { shown: &shown, plain: &plain })
}

/// Writes a report whose command shows it in its own way.
///
/// # Errors
/// A file or standard output cannot be written.
pub fn write_with(report: &Report, output: &Output, screen: &Screen<'_>) -> Result<(), Fault> {
    let text = match output.format {
        Format::Terminal => (screen.shown)(report),
        format => render(report, format)?,
    };
    for destination in &output.output {
        let text = match destination.format(output.format) {
            Format::Terminal => (screen.plain)(report),
            format => render(report, format)?,
        };
        file(&destination.path, text.as_bytes())?;
    }
    print(&text)
}

/// Writes an explanation to standard error, where it disturbs no report. That nobody reads it is no error.
pub fn explain(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

fn render(report: &Report, format: Format) -> Result<String, Fault> {
    match format {
        Format::Html => html::render(report).map_err(Fault::usage),
        Format::Markdown => Ok(markdown::render(report)),
        Format::Json | Format::Terminal => json::render(report).map_err(Fault::usage),
    }
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
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Fault::say(format!("cannot write to standard output: {error}")))
        }
        _ => Ok(()),
    }
}
