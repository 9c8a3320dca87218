//! The files of a project that are not Python: what is there, by its path, as git sees it.
//!
//! Hidden folders, installed packages and what git ignores are left out; no link is followed, and nothing large is read.

use std::path::{Path, PathBuf};

use ignore::WalkBuilder;

use super::InitError;

/// Deeper folders hold nothing that says how a project is started.
const DEEPEST: usize = 8;
/// So many entries are looked at; a larger tree is told as cut off.
const MOST: usize = 200_000;
/// Larger files are not written by people.
const LARGEST: u64 = 4 << 20;

/// The files of a project.
#[derive(Debug, Default)]
pub(super) struct Files {
    top: PathBuf,
    /// Paths relative to the top, with `/`, the shallow ones first and then by name.
    pub(super) paths: Vec<String>,
    /// Paths that could not be looked at.
    pub(super) unreadable: Vec<String>,
    /// Whether there were more than were looked at.
    pub(super) cut: bool,
}

impl Files {
    /// Looks at a folder.
    pub(super) fn below(top: &Path) -> Result<Self, InitError> {
        let shown = || top.display().to_string();
        let facts = std::fs::metadata(top).map_err(|source| InitError::Folder { path: shown(), source })?;
        if !facts.is_dir() {
            return Err(InitError::NoFolder { path: shown() });
        }
        // The walk would only note it, and call the folder empty.
        drop(std::fs::read_dir(top).map_err(|source| InitError::Folder { path: shown(), source })?);
        let mut files = Self { top: top.to_owned(), ..Self::default() };
        let mut builder = WalkBuilder::new(top);
        builder.require_git(false).follow_links(false).max_depth(Some(DEEPEST)).filter_entry(|entry| {
            let name = entry.file_name().to_str().unwrap_or_default();
            let foreign = matches!(name, "node_modules" | "site-packages" | "__pycache__" | "bower_components");
            !(foreign || entry.path().join("pyvenv.cfg").is_file())
        });
        for (seen, entry) in builder.build().enumerate() {
            if seen >= MOST {
                files.cut = true;
                break;
            }
            match entry {
                Ok(entry) if entry.file_type().is_some_and(|kind| kind.is_file()) => {
                    files.paths.push(relative(entry.path(), top));
                }
                Ok(_) => {}
                Err(error) => files.unreadable.push(said(&error, top)),
            }
        }
        files.paths.sort_by(|a, b| (a.matches('/').count(), a).cmp(&(b.matches('/').count(), b)));
        files.unreadable.sort();
        Ok(files)
    }

    /// The files with a name for which the test holds.
    pub(super) fn named(&self, is: impl Fn(&str) -> bool) -> impl Iterator<Item = &str> {
        self.paths.iter().map(String::as_str).filter(move |path| is(name(path)))
    }

    /// Whether there is such a file, in a folder that a walk leaves out or not.
    pub(super) fn has(&self, path: &str) -> bool {
        self.top.join(path).is_file()
    }

    /// The text of a file; none where it is large, no text, or cannot be read.
    pub(super) fn text(&self, path: &str) -> Option<String> {
        String::from_utf8(self.bytes(path)?).ok()
    }

    /// The bytes of a file; none where it is large or cannot be read.
    pub(super) fn bytes(&self, path: &str) -> Option<Vec<u8>> {
        let path = self.top.join(path);
        let facts = std::fs::metadata(&path).ok()?;
        (facts.is_file() && facts.len() <= LARGEST).then(|| std::fs::read(&path).ok())?
    }
}

/// The last part of a path.
pub(super) fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The folder of a path; empty for the top.
pub(super) fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// A path in a folder; the folder may be empty for the top.
pub(super) fn join(folder: &str, path: &str) -> String {
    if folder.is_empty() { path.to_owned() } else { format!("{folder}/{path}") }
}

fn relative(path: &Path, top: &Path) -> String {
    let short = path.strip_prefix(top).unwrap_or(path);
    let parts: Vec<_> = short.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    parts.join("/")
}

/// An error of the walk, without the path of the machine before it.
fn said(error: &ignore::Error, top: &Path) -> String {
    let text = error.to_string();
    let top = format!("{}/", top.display());
    plimsoll_model::redact::one_line(&text.replace(&top, ""), 200)
}
