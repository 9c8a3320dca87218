//! Finding the files: folders are walked as git sees them, without what others installed or a build made.
//!
//! Symbolic links below the given folder are not followed: what they lead to is either found anyway or not part of the project.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ignore::{DirEntry, WalkBuilder};

use super::{Entry, Note, Origin};
use crate::source::kind_of;

/// What a walk found.
#[derive(Debug, Default)]
pub struct Walked {
    /// The files.
    pub entries: Vec<Entry>,
    /// What could not be looked at.
    pub notes: Vec<Note>,
    /// What was left out, with how many there were.
    pub left_out: BTreeMap<&'static str, u32>,
    /// Whether the files belong to one repository.
    pub linked: bool,
}

/// Why a path cannot be analysed at all.
#[derive(Debug, thiserror::Error)]
pub enum WalkError {
    /// There is no such thing.
    #[error("{path}: {source}")]
    Missing {
        /// The path as it was given.
        path: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// It is neither a folder nor a Python file.
    #[error("{path} is neither a folder nor a Python file (.py, .pyi, .pyw, .ipynb)")]
    NoPython {
        /// The path as it was given.
        path: String,
    },
}

/// The files below the paths. They are shown relative to `base` where they lie in it, and relative to the given path otherwise.
///
/// # Errors
/// [`WalkError`] for a path that cannot be analysed at all.
pub fn walk(paths: &[PathBuf], base: &Path) -> Result<Walked, WalkError> {
    let mut walked = Walked::default();
    for path in paths {
        let shown = path.display().to_string();
        let real = path.canonicalize().map_err(|source| WalkError::Missing { path: shown.clone(), source })?;
        walked.linked |= is_workspace(&real) || (real.starts_with(base) && is_workspace(base));
        if real.is_dir() {
            folder(&real, base, &mut walked);
        } else if let Some(kind) = kind_of(&real).filter(|_| real.is_file()) {
            let origin = Origin::Disk(real.clone());
            let top = real.parent().unwrap_or(&real);
            walked.entries.push(Entry { path: relative(&real, base, top), origin, kind });
        } else {
            return Err(WalkError::NoPython { path: shown });
        }
    }
    walked.notes.sort();
    Ok(walked)
}

/// What lies at the top of a repository or project, but not in a folder where packages of others were put side by side.
const MARKERS: [&str; 16] = [
    ".git",
    ".hg",
    "pyproject.toml",
    "setup.py",
    "setup.cfg",
    "manage.py",
    "requirements.txt",
    "Pipfile",
    "plimsoll.toml",
    "Makefile",
    "Dockerfile",
    "docker-compose.yml",
    "compose.yaml",
    "tox.ini",
    "package.json",
    "README.md",
];

/// Whether a folder looks like the top of a repository or project.
pub fn is_workspace(folder: &Path) -> bool {
    MARKERS.iter().any(|marker| folder.join(marker).exists())
}

/// A path as it is shown.
pub fn relative(path: &Path, base: &Path, top: &Path) -> String {
    let short = path.strip_prefix(base).or_else(|_| path.strip_prefix(top)).unwrap_or(path);
    let parts: Vec<_> = short.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    parts.join("/")
}

fn folder(top: &Path, base: &Path, walked: &mut Walked) {
    let mut builder = WalkBuilder::new(top);
    builder.require_git(false).follow_links(false).sort_by_file_name(std::ffi::OsStr::cmp);
    let root = top.to_owned();
    builder.filter_entry(move |entry| entry.path() == root || !is_foreign(entry));
    for entry in builder.build() {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                walked.notes.push(note(&error, base, top));
                continue;
            }
        };
        let Some(file_type) = entry.file_type() else { continue };
        let path = entry.path();
        let kind = kind_of(path);
        if file_type.is_symlink() {
            *walked.left_out.entry("symbolic links").or_default() += 1;
        } else if file_type.is_file() {
            match kind {
                Some(kind) => {
                    let origin = Origin::Disk(path.to_owned());
                    walked.entries.push(Entry { path: relative(path, base, top), origin, kind });
                }
                None => {
                    if let Some(what) = other(path) {
                        *walked.left_out.entry(what).or_default() += 1;
                    }
                }
            }
        } else if !file_type.is_dir() && kind.is_some() {
            let message = "is no regular file".to_owned();
            walked.notes.push(Note { path: relative(path, base, top), line: None, message });
        }
    }
}

/// What looks like Python but is not read.
fn other(path: &Path) -> Option<&'static str> {
    let name = path.file_name()?.to_str()?;
    match path.extension()?.to_str()? {
        "pyx" | "pxd" => Some("Cython files"),
        "egg" | "whl" => Some("packed packages"),
        "j2" | "jinja" | "jinja2" | "tmpl" | "tpl" if name.contains(".py.") => Some("templates of Python files"),
        _ => None,
    }
}

/// Whether a folder holds what others wrote: installed packages, dependencies of other languages, results of builds.
fn is_foreign(entry: &DirEntry) -> bool {
    if !entry.file_type().is_some_and(|kind| kind.is_dir()) {
        return false;
    }
    let Some(name) = entry.file_name().to_str() else { return false };
    let path = entry.path();
    match name {
        "node_modules" | "site-packages" | "dist-packages" | "__pycache__" | "__pypackages__" | "bower_components" => {
            true
        }
        // `build` is also a good name for a package.
        "build" | "dist" | "eggs" | "wheels" | "develop-eggs" => {
            !path.join("__init__.py").is_file() && path.parent().is_some_and(is_distribution)
        }
        _ => {
            name.ends_with(".egg")
                || name.ends_with(".egg-info")
                || name.ends_with(".dist-info")
                || path.join("pyvenv.cfg").is_file()
        }
    }
}

/// Whether a folder is one that distributions are built in.
fn is_distribution(folder: &Path) -> bool {
    ["setup.py", "setup.cfg", "pyproject.toml"].iter().any(|name| folder.join(name).is_file())
}

fn note(error: &ignore::Error, base: &Path, top: &Path) -> Note {
    let path = path_of(error).map_or_else(|| top.display().to_string(), |path| relative(path, base, top));
    let message = match error.io_error() {
        Some(io) => format!("cannot be read: {io}"),
        None => error.to_string(),
    };
    Note { path, line: None, message }
}

fn path_of(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => path_of(err),
        ignore::Error::Loop { child, .. } => Some(child),
        _ => None,
    }
}
