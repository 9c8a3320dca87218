//! The only place that looks at the process's environment, its terminal and its clock.

use std::io::IsTerminal;
use std::time::{SystemTime, UNIX_EPOCH};

use jiff::Timestamp;
use plimsoll_report::Paint;

use crate::args::When;

/// A variable of the environment; none where it is not set or not Unicode.
#[expect(clippy::disallowed_methods, reason = "the home of environment lookups")]
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Seconds since the epoch; 0 for a clock before 1970.
#[expect(clippy::disallowed_methods, reason = "the home of the clock")]
pub fn now() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |elapsed| i64::try_from(elapsed.as_secs()).unwrap_or(i64::MAX))
}

/// The time of now, in UTC.
fn instant() -> Timestamp {
    Timestamp::from_second(now()).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// Now, as RFC 3339 has it: `YYYY-MM-DDTHH:MM:SSZ`.
pub fn timestamp() -> String {
    instant().to_string()
}

/// So many seconds ago, as RFC 3339 has it.
pub fn ago(seconds: i64) -> String {
    Timestamp::from_second(now().saturating_sub(seconds)).unwrap_or(Timestamp::UNIX_EPOCH).to_string()
}

/// The day, as `YYYY-MM-DD` in UTC.
pub fn today() -> String {
    instant().strftime("%Y-%m-%d").to_string()
}

/// The time of day, as `HH:MM:SS` in UTC.
pub fn time() -> String {
    instant().strftime("%H:%M:%S").to_string()
}

/// The folder that the program was started in.
///
/// # Errors
/// It was removed, or may not be read.
pub fn folder() -> std::io::Result<std::path::PathBuf> {
    std::env::current_dir()?.canonicalize()
}

/// The Chromium that is installed: the one that `PLIMSOLL_CHROMIUM` names, else the first on the path.
pub fn browser() -> Option<std::path::PathBuf> {
    const NAMES: [&str; 5] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];
    if let Some(named) = variable("PLIMSOLL_CHROMIUM").filter(|named| !named.is_empty()) {
        return Some(named.into()).filter(|named: &std::path::PathBuf| named.is_file());
    }
    let path = variable("PATH")?;
    let folders: Vec<_> = std::env::split_paths(&path).collect();
    NAMES.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name))).find(|file| file.is_file())
}

/// Whether this process runs as root, as in most containers.
pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Whether to write colours on standard output.
pub fn paint(when: When) -> Paint {
    Paint(match when {
        When::Always => true,
        When::Never => false,
        When::Auto => {
            let refused = variable("NO_COLOR").is_some_and(|value| !value.is_empty())
                || variable("TERM").as_deref() == Some("dumb");
            std::io::stdout().is_terminal() && !refused
        }
    })
}

/// Whether a person sees what goes to standard error.
pub fn is_watched() -> bool {
    std::io::stderr().is_terminal()
}

/// The width of the terminal in columns, from `COLUMNS` or the terminal itself; 80 where there is none.
pub fn width() -> usize {
    let stated = variable("COLUMNS").and_then(|value| value.parse().ok()).filter(|width| (20..=500).contains(width));
    stated.unwrap_or_else(|| console::Term::stdout().size_checked().map_or(80, |(_, columns)| usize::from(columns)))
}
