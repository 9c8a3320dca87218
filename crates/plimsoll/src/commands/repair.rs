//! `plimsoll code --fix`: makes fixes in the files, or shows them as a diff.

use std::path::Path;

use plimsoll_report::{Colour, Paint};
use plimsoll_run::code::{Outcome, Request, fixes};

use crate::environment;
use crate::fault::Fault;
use crate::output;

/// Makes the fixes and returns the report of what is left. With `show`, the changes are printed as a diff and nothing is written.
///
/// # Errors
/// The paths cannot be read, or a file cannot be written.
pub fn run(request: &Request, review: bool, show: bool, color: crate::args::When) -> Result<Outcome, Fault> {
    let fixed = fixes(request, review).map_err(Fault::usage)?;
    let paint = environment::paint(color);
    for file in &fixed.files {
        if show {
            output::print(&coloured(&file.diff(), paint))?;
        } else {
            write(&file.path, &file.after)?;
        }
    }
    let done: usize = fixed.files.iter().map(|file| file.done.len()).sum();
    let verb = if show { "would be fixed" } else { "fixed" };
    let mut said = format!("{done} of what was found {verb} in {} files", fixed.files.len());
    if fixed.to_review > 0 && !review {
        said.push_str(&format!("; {} more have fixes that need a look: --unsafe-fixes", fixed.to_review));
    }
    eprintln!("{said}");
    Ok(fixed.outcome)
}

/// Writes a file, whole or not at all, with the permissions and the byte-order mark that it had.
fn write(path: &Path, text: &str) -> Result<(), Fault> {
    let cannot = |error: std::io::Error| Fault::say(format!("cannot write {}: {error}", path.display()));
    let before = std::fs::read(path).map_err(cannot)?;
    let mut bytes = Vec::with_capacity(text.len() + 3);
    if before.starts_with(b"\xef\xbb\xbf") {
        bytes.extend_from_slice(b"\xef\xbb\xbf");
    }
    bytes.extend_from_slice(text.as_bytes());
    let mode = std::fs::metadata(path).map_err(cannot)?.permissions();
    output::file(path, &bytes)?;
    std::fs::set_permissions(path, mode).map_err(cannot)
}

/// A diff in the colours that are customary.
pub fn coloured(diff: &str, paint: Paint) -> String {
    let line = |line: &str| {
        let colour = match line.as_bytes().first() {
            Some(b'+') => Colour::Green,
            Some(b'-') => Colour::Red,
            Some(b'@') => Colour::Cyan,
            _ => return format!("{line}\n"),
        };
        format!("{}\n", paint.paint(colour, line))
    };
    diff.lines().map(line).collect()
}
