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
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs() as i64)
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

/// The width of the terminal in columns, from `COLUMNS` or the terminal itself; 80 where there is none.
pub fn width() -> usize {
    let stated = variable("COLUMNS").and_then(|value| value.parse().ok()).filter(|width| (20..=500).contains(width));
    stated.unwrap_or_else(|| {
        let (_, columns) = indicatif_width();
        usize::from(columns)
    })
}

fn indicatif_width() -> (u16, u16) {
    let term = console::Term::stdout();
    term.size_checked().unwrap_or((24, 80))
}
