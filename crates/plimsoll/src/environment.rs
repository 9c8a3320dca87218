//! The only place that looks at the process's environment, its terminal and its clock.

use std::io::IsTerminal;
use std::time::{SystemTime, UNIX_EPOCH};

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

/// The day, as `YYYY-MM-DD` in UTC.
pub fn today() -> String {
    let days = now().div_euclid(86_400);
    // Days since 1970 to year, month and day of the Gregorian calendar (Howard Hinnant, "chrono-compatible low-level date algorithms").
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

/// The time of day, as `HH:MM:SS` in UTC.
pub fn time() -> String {
    let seconds = now().rem_euclid(86_400);
    format!("{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60)
}

/// The folder that the program was started in.
///
/// # Errors
/// It was removed, or may not be read.
pub fn folder() -> std::io::Result<std::path::PathBuf> {
    std::env::current_dir()?.canonicalize()
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
