//! What of the code is to be read.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use plimsoll_run::code::{self, Changed, Options, Request};
use plimsoll_run::config::Config;

use crate::args::Code;
use crate::environment;
use crate::fault::Fault;

/// The longest text that is taken from standard input.
const LONGEST: u64 = 64 << 20;

/// What the arguments and the configuration ask for.
///
/// # Errors
/// Something in them cannot be used, or standard input cannot be read.
pub fn request(args: &Code, config: &Config, folder: &Path) -> Result<Request, Fault> {
    let base =
        environment::folder().map_err(|error| Fault::say(format!("cannot tell which folder this is: {error}")))?;
    let configured: Vec<PathBuf> = config.code.paths.iter().map(|path| folder.join(path)).collect();
    let mut overlay = BTreeMap::new();
    let paths = match &args.stdin_filename {
        Some(name) => {
            let mut text = Vec::new();
            let read = std::io::stdin().lock().take(LONGEST).read_to_end(&mut text);
            read.map_err(|error| Fault::say(format!("cannot read standard input: {error}")))?;
            overlay.insert(code::shown(name, &base), String::from_utf8_lossy(&text).into_owned());
            if args.paths.is_empty() { code::surroundings(name, &base) } else { args.paths.clone() }
        }
        None if !args.paths.is_empty() => args.paths.clone(),
        None if !configured.is_empty() => configured,
        None => vec![PathBuf::from(".")],
    };
    let choice = &args.choice;
    let select = config.code.select(&choice.select, &choice.ignore, &choice.exclude).map_err(Fault::say)?;
    let changed = match choice.diff.as_deref().filter(|base| !base.is_empty()) {
        Some(revision) => Some(Changed::since(revision, &base).map_err(Fault::usage)?),
        None => None,
    };
    let shown: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
    let options = Options { base, select, today: Some(environment::today()), overlay, accepted: false };
    let version = env!("CARGO_PKG_VERSION").to_owned();
    Ok(Request { paths, options, changed, version, shown: shown.join(" ") })
}
