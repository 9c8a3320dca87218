//! `plimsoll audit SPEC…`.

use std::cell::RefCell;
use std::collections::HashMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use plimsoll_model::Report;
use plimsoll_report::{contract, secrets};
use plimsoll_run::audit::{self, Request, Source, fetch};
use plimsoll_run::config::Config;

use crate::args::{Audit, When};
use crate::commands::scan;
use crate::environment;
use crate::fault::Fault;
use crate::output;
use crate::terms::Terms;

/// The longest document that is taken from standard input; one byte more shows that it is too long.
const LONGEST: u64 = (64 << 20) + 1;
/// So many findings are shown with their lines where not all are asked for.
const DETAILED: usize = 30;
/// The longest line of a document that is shown.
const LINE: usize = 400;

/// Reads and reports.
///
/// # Errors
/// Arguments or configuration cannot be used, a document cannot be read, or nothing can be written.
pub async fn run(args: &Audit, color: When) -> Result<u8, Fault> {
    let (config, folder) = scan::configuration(args.config.as_deref())?;
    let terms = Terms::read(&args.output.gate, &config, &folder)?;
    output::possible(&args.output)?;
    let select = config.audit.select(&args.select, &args.ignore).map_err(Fault::say)?;
    let given = documents(args, &config, &folder)?;
    let (urls, files): (Vec<String>, Vec<String>) = given.into_iter().partition(|name| fetch::is_url(name));
    if let (Some(url), false) = (urls.first(), args.fetch) {
        return Err(Fault::say(format!("{url} is a URL")).hint("--fetch lets it be fetched"));
    }
    let mut sources = Vec::new();
    for name in &files {
        sources.push(if name == "-" { Source::Stdin(standard_input()?) } else { Source::File(PathBuf::from(name)) });
    }
    let version = env!("CARGO_PKG_VERSION").to_owned();
    let request = Request { documents: sources, select, version };
    if args.diff.is_some() && request.documents.len() + urls.len() != 1 {
        return Err(
            Fault::say("--diff compares one document with an earlier one").hint("write plimsoll audit --diff OLD NEW")
        );
    }
    let mut report = if let Some(old) = &args.diff {
        audit::compare(&Source::File(old.clone()), &request).map_err(Fault::usage)?
    } else if urls.is_empty() {
        audit::audit(&request).map_err(Fault::usage)?
    } else {
        fetch::audit(&urls, &request).await.map_err(|error| match error {
            fetch::FetchError::Setup(error) => {
                let code = error.exit_code();
                Fault::usage(error).code(code)
            }
            error => Fault::usage(error),
        })?
    };
    let code = terms.settle(&mut report);
    write(&report, &request, args, color)?;
    Ok(code)
}

/// The documents that are asked for.
fn documents(args: &Audit, config: &Config, folder: &Path) -> Result<Vec<String>, Fault> {
    if !args.documents.is_empty() {
        if args.documents.iter().filter(|name| *name == "-").count() > 1 {
            return Err(Fault::say("standard input can be read once only"));
        }
        return Ok(args.documents.clone());
    }
    let named = if config.audit.documents.is_empty() {
        config.target.contract.iter().cloned().collect()
    } else {
        config.audit.documents.clone()
    };
    if named.is_empty() {
        return Err(
            Fault::say("no document").hint("write plimsoll audit openapi.yaml, or audit.documents in plimsoll.toml")
        );
    }
    Ok(named
        .into_iter()
        .map(|name| if fetch::is_url(&name) { name } else { folder.join(name).display().to_string() })
        .collect())
}

fn standard_input() -> Result<Vec<u8>, Fault> {
    let mut bytes = Vec::new();
    let read = std::io::stdin().lock().take(LONGEST).read_to_end(&mut bytes);
    read.map_err(|error| Fault::say(format!("cannot read standard input: {error}")))?;
    Ok(bytes)
}

/// Writes the report: findings with their lines on a terminal, everything else as other commands do.
fn write(report: &Report, request: &Request, args: &Audit, color: When) -> Result<(), Fault> {
    let texts = Texts::new(&request.documents);
    let line = |file: &str, line: u32| texts.line(file, line).map(|text| secrets::veil(&text).into_owned());
    let options = contract::Options {
        paint: environment::paint(color),
        width: environment::width(),
        detailed: if args.output.all { usize::MAX } else { DETAILED },
        info: args.output.all,
    };
    let shown = |report: &Report| contract::render(report, options, &line);
    let plain = |report: &Report| contract::render(report, contract::Options::PLAIN, &line);
    output::write_with(report, &args.output, &output::Screen { shown: &shown, plain: &plain })
}

/// The texts of the documents, each read when a line of it is shown.
struct Texts<'a> {
    documents: &'a [Source],
    read: RefCell<HashMap<String, Option<Text>>>,
}

struct Text {
    text: String,
    /// Where lines begin.
    starts: Vec<usize>,
}

impl<'a> Texts<'a> {
    fn new(documents: &'a [Source]) -> Self {
        Self { documents, read: RefCell::default() }
    }

    /// A line of a file, from 1; an empty name means the only document.
    fn line(&self, file: &str, line: u32) -> Option<String> {
        let mut read = self.read.borrow_mut();
        if !read.contains_key(file) {
            let bytes = self.bytes(file);
            read.insert(file.to_owned(), bytes.map(|bytes| Text::of(&bytes)));
        }
        let text = read.get(file)?.as_ref()?;
        let row = (line as usize).checked_sub(1)?;
        let start = *text.starts.get(row)?;
        let end = text.starts.get(row + 1).copied().unwrap_or(text.text.len());
        let line = text.text.get(start..end)?.trim_end();
        // A line that nobody can read stands for a document that was not made for reading.
        (line.chars().take(LINE + 1).count() <= LINE).then(|| line.to_owned())
    }

    fn bytes(&self, file: &str) -> Option<Vec<u8>> {
        let own = |source: &&Source| file.is_empty() || source.name() == file;
        match self.documents.iter().find(own) {
            Some(Source::Stdin(bytes) | Source::Bytes { bytes, .. }) => Some(bytes.clone()),
            Some(Source::File(path)) => std::fs::read(path).ok(),
            // Another file of a description is named by its path below the folder of the document.
            None => self.documents.iter().find_map(|source| match source {
                Source::File(path) => std::fs::read(path.parent()?.join(file)).ok(),
                _ => None,
            }),
        }
    }
}

impl Text {
    fn of(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { text, starts }
    }
}
