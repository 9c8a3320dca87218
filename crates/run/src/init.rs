//! `init`: looks at a project and writes down how it is started, where its contract is and what it keeps its data in.
//!
//! Nothing is run and nothing is sent: everything is read from files, and every statement has the place that it was read from. What the files do
//! not say is told as not known rather than made up. Values of secrets are never taken over, only the names of their variables.

mod code;
mod contracts;
mod files;
mod hints;
mod server;
mod service;
mod shell;
mod survey;
mod write;
mod yaml;

use std::path::Path;

pub use survey::{Fact, Survey};

/// A place in a file of the project.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file, relative to the project's folder.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", plimsoll_model::redact::one_line(&self.file, 120), self.line)
    }
}

/// Why a folder cannot be looked at, or holds nothing to look at.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// It cannot be read.
    #[error("cannot read {path}: {source}")]
    Folder {
        /// The path as it was given.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// It is a file.
    #[error("{path} is no folder")]
    NoFolder {
        /// The path as it was given.
        path: String,
    },
    /// It holds no application.
    #[error(
        "{path} holds no Python file and no OpenAPI document, and nothing that starts a server: there is nothing to write down"
    )]
    Nothing {
        /// The path as it was given.
        path: String,
    },
    /// Its Python files cannot be read.
    #[error(transparent)]
    Code(#[from] plimsoll_code::project::walk::WalkError),
}

/// Looks at a project.
///
/// # Errors
/// [`InitError`] when the folder cannot be read, or there is nothing in it that could be looked at.
pub fn survey(folder: &Path) -> Result<Survey, InitError> {
    let files = files::Files::below(folder)?;
    let code = code::Code::below(folder)?;
    let hints = hints::of(&files);
    let contracts = contracts::of(&files);
    if code.files == 0 && contracts.is_empty() && hints.servers.is_empty() {
        return Err(InitError::Nothing { path: folder.display().to_string() });
    }
    let services = service::all(&files, &code, &hints);
    Ok(survey::of(&files, &code, &hints, &contracts, &services))
}
