//! What a project keeps of its last check, in `.plimsoll/` beside plimsoll.toml: the report for machines and for people, and the recording of the scan.
//!
//! Nothing in it is meant for version control, and it says so itself. No credential is in it.

use std::fs;
use std::path::{Path, PathBuf};

use plimsoll_model::Report;
use plimsoll_model::report::SCHEMA;
use plimsoll_report::{html, json, secrets};
use plimsoll_run::Record;

use crate::fault::Fault;
use crate::output;

/// The folder.
pub const STATE: &str = ".plimsoll";

/// The state of a project.
#[derive(Clone, Debug)]
pub struct State {
    folder: PathBuf,
}

impl State {
    /// That of the project whose configuration is in this folder.
    pub fn of(project: &Path) -> Self {
        Self { folder: project.join(STATE) }
    }

    /// The last report.
    pub fn json(&self) -> PathBuf {
        self.folder.join("report.json")
    }

    /// The same for the browser.
    pub fn html(&self) -> PathBuf {
        self.folder.join("report.html")
    }

    /// The recording of its scan.
    pub fn recording(&self) -> PathBuf {
        self.folder.join("scan.ndjson")
    }

    /// The texts of files that a fix on trial has changed.
    pub fn journal(&self) -> PathBuf {
        self.folder.join("undo.json")
    }

    /// The last report, where there is one.
    ///
    /// # Errors
    /// There is one, and it cannot be read or is none of this version.
    pub fn report(&self) -> Result<Option<Report>, Fault> {
        let path = self.json();
        let name = path.display();
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Fault::say(format!("cannot read {name}: {error}"))),
        };
        let report: Report = serde_json::from_str(&text).map_err(|error| {
            Fault::say(format!("{name} is no report: {error}")).hint("plimsoll check writes a new one")
        })?;
        if report.schema != SCHEMA {
            let fault = Fault::say(format!("{name} is of another version ({})", report.schema));
            return Err(fault.hint("plimsoll check writes a new one"));
        }
        Ok(Some(report))
    }

    /// Refuses a folder that cannot be written, before anything is done.
    ///
    /// # Errors
    /// It cannot be made or written.
    pub fn prepare(&self) -> Result<(), Fault> {
        let cannot = |error: std::io::Error| Fault::say(format!("cannot write {}: {error}", self.folder.display()));
        fs::create_dir_all(&self.folder).map_err(cannot)?;
        // Git takes this file itself for ignored as well.
        output::file(&self.folder.join(".gitignore"), b"*\n")
    }

    /// Keeps a report, and the recording of its scan where there is one.
    ///
    /// # Errors
    /// A file cannot be written.
    pub fn keep(&self, report: &Report, record: Option<&Record>) -> Result<(), Fault> {
        self.prepare()?;
        let report = secrets::masked(report).map_err(Fault::usage)?;
        output::file(&self.json(), json::render(&report).map_err(Fault::usage)?.as_bytes())?;
        output::file(&self.html(), html::render(&report).map_err(Fault::usage)?.as_bytes())?;
        if let Some(record) = record {
            let mut file = Vec::new();
            record.write(&mut file).map_err(|error| Fault::say(format!("cannot write the recording: {error}")))?;
            output::file(&self.recording(), &file)?;
        }
        Ok(())
    }
}
