//! Where a report goes: standard output, and a file beside it.

use std::io::{self, Write};
use std::path::Path;

use plimsoll_model::Report;
use plimsoll_report::{html, json, markdown, terminal};

use crate::args::{Format, Output};
use crate::environment;
use crate::fault::Fault;

/// Writes a report as the user asked.
///
/// # Errors
/// A file or standard output cannot be written.
pub fn write(report: &Report, output: &Output, color: crate::args::When) -> Result<(), Fault> {
    let text = match output.format {
        Format::Terminal => {
            let options = terminal::Options {
                paint: environment::paint(color),
                width: environment::width(),
                detailed: if output.all { usize::MAX } else { 5 },
                info: output.all,
            };
            terminal::render(report, options)
        }
        format => render(report, format)?,
    };
    if let Some(path) = &output.output {
        let format = match (output.format, path.extension().and_then(|end| end.to_str())) {
            (Format::Terminal, Some("json")) => Format::Json,
            (Format::Terminal, Some("html" | "htm")) => Format::Html,
            (format, _) => format,
        };
        let text = if format == Format::Terminal && is_markdown(path) {
            markdown::render(report)
        } else if format == Format::Terminal {
            terminal::render(report, terminal::Options { detailed: usize::MAX, info: true, ..terminal::Options::PLAIN })
        } else {
            render(report, format)?
        };
        file(path, text.as_bytes())?;
    }
    print(&text)
}

/// Writes an explanation to standard error, where it disturbs no report. That nobody reads it is no error.
pub fn explain(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// Whether a file's name asks for the summary that pull requests and jobs show.
fn is_markdown(path: &Path) -> bool {
    path.extension().is_some_and(|end| end == "md")
}

fn render(report: &Report, format: Format) -> Result<String, Fault> {
    match format {
        Format::Html => html::render(report).map_err(Fault::usage),
        Format::Json | Format::Terminal => json::render(report).map_err(Fault::usage),
    }
}

/// Writes a report to a file whose name says the form; `terminal` gives the text for every other name.
///
/// # Errors
/// The file cannot be written.
pub fn beside(path: &Path, report: &Report, terminal: impl FnOnce() -> String) -> Result<(), Fault> {
    let text = match path.extension().and_then(|end| end.to_str()) {
        Some("json") => render(report, Format::Json)?,
        Some("html" | "htm") => render(report, Format::Html)?,
        Some("md") => markdown::render(report),
        _ => terminal(),
    };
    file(path, text.as_bytes())
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
