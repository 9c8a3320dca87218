//! `plimsoll.toml`: what a project says once, so that nobody has to say it on every command line.
//!
//! Unknown keys are refused with a suggestion, because a misspelt budget that is silently ignored is worse than none.

pub mod emulator;
pub mod gate;
pub mod identities;
pub mod ignore;
pub mod memory;

use std::path::{Path, PathBuf};

use serde::Deserialize;

/// The file.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Roles by what they may, from the one that may least; customary words need no order.
    pub roles: Vec<String>,
    /// What is scanned.
    pub target: Target,
    /// Who requests are sent as, in the order of the file.
    #[serde(deserialize_with = "identities::in_order")]
    pub identity: Vec<identities::Named>,
    /// What a run may spend.
    pub budget: Budget,
    /// How it is scanned.
    pub scan: Scan,
    /// How memory is measured.
    pub memory: memory::Memory,
    /// What is started beside the application.
    pub emulator: emulator::Emulator,
    /// Which contracts are audited.
    pub audit: crate::audit::Audit,
    /// How code is read.
    pub code: crate::code::Code,
    /// When a run fails.
    pub gate: gate::GateConfig,
    /// What the project has decided to live with, in the order of the file.
    pub ignore: Vec<toml::Spanned<ignore::Ignore>>,
}

/// What is scanned.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Target {
    /// The base URL.
    pub url: Option<String>,
    /// The contract: a file (relative to the configuration file) or a path on the target.
    pub contract: Option<String>,
    /// Headers of every request, `Name: value` with `$NAME` for variables of the environment.
    pub headers: Vec<String>,
}

/// What a run may spend.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Budget {
    /// Requests.
    pub requests: Option<u64>,
    /// Time, as in `10m` or `90s`.
    pub time: Option<String>,
    /// Bytes received for one operation, as in `64MiB`.
    pub bytes_per_operation: Option<String>,
    /// Requests a second.
    pub rate: Option<f64>,
    /// Requests in flight.
    pub concurrency: Option<usize>,
}

/// How the target is scanned.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Scan {
    /// Operations that may be called although they write, as in `POST /search`.
    pub allow_writes: Vec<String>,
    /// Whether operations that delete or reset may be called.
    pub allow_destructive: bool,
    /// Checks to leave out.
    pub ignore: Vec<String>,
    /// What else is tried: `injection`, `inventory`.
    pub active: Vec<String>,
    /// Where the target's own requests are waited for: an address with or without a port, `off` or `auto`.
    pub collaborator: Option<String>,
}

/// Why a configuration cannot be used. One line: what, where, what to do.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is no TOML, or holds something that is not known.
    #[error("{place}: {message}")]
    Parse {
        /// File, line and column.
        place: String,
        /// What is wrong, and what was probably meant.
        message: String,
    },
}

impl Config {
    /// Reads a file.
    ///
    /// # Errors
    /// [`ConfigError`] when the file cannot be read or used.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let text =
            std::fs::read_to_string(path).map_err(|source| ConfigError::Read { path: path.to_owned(), source })?;
        Self::parse(&text, &path.display().to_string())
    }

    /// Reads a text; `name` is used in errors.
    ///
    /// # Errors
    /// [`ConfigError::Parse`] when the text cannot be used.
    pub fn parse(text: &str, name: &str) -> Result<Self, ConfigError> {
        let mut config: Self = toml::from_str(text).map_err(|error: toml::de::Error| {
            let (line, column) = place(text, error.span().map_or(0, |span| span.start));
            let mut message = error.message().lines().next().unwrap_or("").to_owned();
            if let Some(meant) = suggestion(&message) {
                message = format!("{message}; did you mean `{meant}`?");
            }
            ConfigError::Parse { place: format!("{name}:{line}:{column}"), message }
        })?;
        for ignore in &mut config.ignore {
            let (line, _) = place(text, ignore.span().start);
            let ignore = ignore.as_mut();
            ignore.place = format!("{name}:{line}");
            if let Some(message) = ignore.fault() {
                return Err(ConfigError::Parse { place: ignore.place.clone(), message: message.to_owned() });
            }
        }
        Ok(config)
    }
}

/// Line and column, from 1, of a place in a text.
fn place(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset.min(text.len())).unwrap_or("");
    (before.matches('\n').count() + 1, before.rsplit('\n').next().unwrap_or("").chars().count() + 1)
}

/// The known key that is closest to the unknown one in a message of the form "unknown field `a`, expected one of `b`, `c`".
fn suggestion(message: &str) -> Option<String> {
    if !message.starts_with("unknown field") {
        return None;
    }
    let mut words = message.split('`').skip(1).step_by(2);
    let unknown = words.next()?;
    closest(unknown, words)
}

/// The candidate that is closest to a word, if one is close: at most a third of the letters differ.
pub fn closest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let (distance, best) = candidates.into_iter().map(|candidate| (distance(word, candidate), candidate)).min()?;
    (distance * 3 <= word.len().max(3)).then(|| best.to_owned())
}

/// How many letters must be put in, left out, replaced or swapped with their neighbour (optimal string alignment), in bytes.
fn distance(a: &str, b: &str) -> usize {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut next = vec![i];
        for j in 1..=b.len() {
            let replaced = row[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = replaced.min(row[j] + 1).min(next[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(before[j - 2] + 1);
            }
            next.push(best);
        }
        before = std::mem::replace(&mut row, next);
    }
    row[b.len()]
}

/// Reads a size: `64MiB`, `10MB`, `512k`, `1024`.
///
/// # Errors
/// One line that says how sizes are written.
pub fn size(text: &str) -> Result<u64, String> {
    let (number, unit) = split_unit(text);
    let factor: f64 = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 1.0,
        "k" | "kb" => 1e3,
        "kib" => 1024.0,
        "m" | "mb" => 1e6,
        "mib" => 1024.0 * 1024.0,
        "g" | "gb" => 1e9,
        "gib" => 1024.0 * 1024.0 * 1024.0,
        _ => return Err(format!("{text:?} is no size; write 64MiB, 10MB or a number of bytes")),
    };
    let value = number.parse::<f64>().ok().filter(|n| n.is_finite() && *n > 0.0).map(|n| n * factor);
    match value {
        Some(bytes) if bytes <= 1e15 => Ok(bytes as u64),
        _ => Err(format!("{text:?} is no size above 0 and up to 1 PB; write 64MiB, 10MB or a number of bytes")),
    }
}

/// Reads a duration in seconds: `90s`, `10m`, `1h`, `500ms`, `30`.
///
/// # Errors
/// One line that says how durations are written.
pub fn seconds(text: &str) -> Result<f64, String> {
    let (number, unit) = split_unit(text);
    let factor = match unit {
        "" | "s" => 1.0,
        "ms" => 0.001,
        "m" | "min" => 60.0,
        "h" => 3600.0,
        _ => return Err(format!("{text:?} is no duration; write 90s, 10m or 1h")),
    };
    let value = number.parse::<f64>().ok().map(|n| n * factor).filter(|s| s.is_finite() && *s > 0.0 && *s <= 86_400.0);
    value.ok_or_else(|| format!("{text:?} is no duration above 0 and up to 24h; write 90s, 10m or 1h"))
}

fn split_unit(text: &str) -> (&str, &str) {
    let text = text.trim();
    let at = text.find(|c: char| c.is_ascii_alphabetic() && c != 'e' && c != 'E').unwrap_or(text.len());
    (text[..at].trim(), &text[at..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_file() {
        let text = "[target]\nurl = \"http://127.0.0.1:8000\"\nheaders = [\"Authorization: Bearer $TOKEN\"]\n[budget]\nrequests = 500\ntime = \"2m\"\n[gate]\nfail_on = \"high\"\n";
        let config = Config::parse(text, "plimsoll.toml").unwrap();
        assert_eq!(config.budget.requests, Some(500));
        assert_eq!(config.gate.fail_on.as_deref(), Some("high"));
    }

    #[test]
    fn what_is_accepted_has_a_reason_and_is_named_by_its_line() {
        let whole = "[gate]\nfail_on = \"high\"\n\n[[ignore]]\nweakness = \"unbounded-read\"\nreason = \"ten rows\"\nuntil = \"2027-01-31\"\n";
        let config = Config::parse(whole, "plimsoll.toml").unwrap();
        assert_eq!(config.ignore[0].as_ref().place, "plimsoll.toml:4");
        for (text, meant) in [
            ("[[ignore]]\nweakness = \"x\"\n", "reason"),
            ("[[ignore]]\nreason = \"why\"\n", "names an issue"),
            ("[[ignore]]\ncheck = \"x\"\nreason = \"why\"\nuntil = \"soon\"\n", "until is a day"),
            ("[[ignore]]\ncheck = \"x\"\nreasn = \"why\"\n", "did you mean `reason`?"),
        ] {
            let error = Config::parse(text, "p").unwrap_err().to_string();
            assert!(error.starts_with("p:") && error.contains(meant), "{error}");
        }
    }

    #[test]
    fn identities_keep_their_order() {
        let text = "roles = [\"crew\", \"captain\"]\n[identity.zoe]\nrole = \"crew\"\nheader = \"X-Key: $ZOE\"\n[identity.anna]\nquery = \"key=$ANNA\"\n";
        let config = Config::parse(text, "plimsoll.toml").unwrap();
        let names: Vec<&str> = config.identity.iter().map(|named| named.name.as_str()).collect();
        assert_eq!(names, ["zoe", "anna"]);
        assert_eq!(config.identity[1].config.query, ["key=$ANNA"]);
        let error = Config::parse("[identity.zoe]\nheadr = \"X: y\"\n", "p").unwrap_err().to_string();
        assert!(error.ends_with("did you mean `header`?"), "{error}");
    }

    #[test]
    fn a_misspelt_key_is_refused_with_a_suggestion() {
        let error = Config::parse("[budget]\nreqests = 5\n", "plimsoll.toml").unwrap_err().to_string();
        assert!(error.starts_with("plimsoll.toml:2:1: unknown field `reqests`"), "{error}");
        assert!(error.ends_with("did you mean `requests`?"), "{error}");
    }

    #[test]
    fn a_wrong_type_and_a_duplicate_are_one_line() {
        for text in [
            "[budget]\nrequests = \"many\"\n",
            "[budget]\nrequests = 1\nrequests = 2\n",
            "[budget\n",
            "[budget]\nrequests = -1",
        ] {
            let error = Config::parse(text, "p").unwrap_err().to_string();
            assert!(error.starts_with("p:") && !error.contains('\n'), "{error}");
        }
    }

    #[test]
    fn two_swapped_letters_are_one_mistake() {
        assert_eq!((distance("hihg", "high"), distance("", "abc"), distance("kitten", "sitting")), (1, 3, 3));
        assert_eq!(closest("hihg", ["low", "high"]).as_deref(), Some("high"));
        assert_eq!(closest("xyzzy", ["low", "high"]), None);
    }

    #[test]
    fn sizes_and_durations() {
        assert_eq!(size("64MiB"), Ok(64 << 20));
        assert_eq!(size("10MB"), Ok(10_000_000));
        assert_eq!(seconds("10m"), Ok(600.0));
        assert_eq!(seconds("500ms"), Ok(0.5));
        for bad in ["0", "-5", "1e30", "10 parsecs", "", "NaN"] {
            assert!(size(bad).is_err(), "{bad}");
            assert!(seconds(bad).is_err(), "{bad}");
        }
    }
}
