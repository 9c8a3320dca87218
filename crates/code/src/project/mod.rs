//! What belongs to a project: its files, what they are called, and which of them have to be looked at together.
//!
//! Files are found ([`walk`]), looked through as text for imports and telling words ([`scan`]), given module names ([`layout`]) and put into groups
//! that can be analysed on their own ([`reach`]). Nothing is parsed here but by [`Project::load`], one group at a time, so that memory is bounded by the
//! largest group. Everything is in the order of paths, whatever order threads finish in.

pub mod imports;
pub mod layout;
pub mod reach;
pub mod role;
pub mod scan;
pub mod walk;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use rayon::prelude::*;

use crate::names::{Interner, Names};
use crate::program::{ParsedModule, Role};
use crate::python::{self, FileKind};
use crate::source::{self, Lines, Source, SourceError};
use layout::Layout;
use scan::Scan;
use walk::Walked;

/// Something that the user should know about a file or a folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Note {
    /// The file or folder.
    pub path: String,
    /// The line, where there is one.
    pub line: Option<u32>,
    /// What is to be known, as a lower-case fragment.
    pub message: String,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        write!(f, ": {}", self.message)
    }
}

/// Where a file's text comes from.
#[derive(Clone, Debug)]
pub enum Origin {
    /// The disk.
    Disk(PathBuf),
    /// An editor, a test, or standard input.
    Memory(Arc<str>),
}

/// A file that was found.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its path as it is shown, with `/`.
    pub path: String,
    /// Where its text is.
    pub origin: Origin,
    /// What it holds.
    pub kind: FileKind,
}

impl Entry {
    /// Reads the file.
    ///
    /// # Errors
    /// [`SourceError`] when it cannot be read.
    pub fn read(&self) -> Result<Source, SourceError> {
        match &self.origin {
            Origin::Disk(path) => source::read(path, self.kind),
            Origin::Memory(text) => source::decode(text.as_bytes().to_vec(), self.kind),
        }
    }
}

/// A file of the project.
#[derive(Debug)]
pub struct File {
    /// Its path as it is shown, with `/`.
    pub path: String,
    /// Where its text is.
    pub origin: Origin,
    /// What it holds.
    pub kind: FileKind,
    /// What it is for.
    pub role: Role,
    /// Its dotted name.
    pub module: String,
    /// The folder that its name begins at; files with the same number import each other by name.
    pub root: u32,
    /// Whether it is an `__init__`.
    pub is_package: bool,
    /// Whether it holds the word that accepts findings.
    pub accepts: bool,
    /// How long its text is.
    pub bytes: u32,
    /// How many lines it has.
    pub lines: u32,
}

impl File {
    /// Where to read it.
    pub fn entry(&self) -> Entry {
        Entry { path: self.path.clone(), origin: self.origin.clone(), kind: self.kind }
    }
}

/// The files of a project, with the groups that are analysed together.
#[derive(Debug, Default)]
pub struct Project {
    /// The files that could be read, in the order of their paths.
    pub files: Vec<File>,
    /// Indexes of files, in groups that do not depend on each other; files that no rule can say anything about are in none.
    pub groups: Vec<Vec<u32>>,
    /// What could not be read, and why.
    pub notes: Vec<Note>,
}

/// What was seen in the files of a project, kept for when one of them changes.
#[derive(Debug)]
pub struct Scans {
    names: Names,
    scans: Vec<Scan>,
    linked: bool,
}

/// A group of files that were read.
#[derive(Debug)]
pub struct Loaded {
    /// The names in the trees.
    pub names: Names,
    /// The modules, in the order of the group.
    pub modules: Vec<ParsedModule>,
    /// The lines of every module.
    pub lines: Vec<Lines>,
    /// What could not be understood.
    pub notes: Vec<Note>,
}

impl Project {
    /// Looks through the files that a walk found.
    pub fn of(walked: Walked) -> Self {
        Self::scanned(walked).0
    }

    /// Looks through the files that a walk found, and keeps what was seen so that a change of one file is cheap.
    pub fn scanned(walked: Walked) -> (Self, Scans) {
        Self::grouped(walked.entries, walked.notes, walked.linked)
    }

    /// Looks through files of one repository, whose parts may import each other by name.
    pub fn open(entries: Vec<Entry>, notes: Vec<Note>) -> Self {
        Self::grouped(entries, notes, true).0
    }

    /// Files are read in parallel and dropped at once.
    fn grouped(mut entries: Vec<Entry>, mut notes: Vec<Note>, linked: bool) -> (Self, Scans) {
        entries.sort_by(|a, b| a.path.cmp(&b.path));
        entries.dedup_by(|a, b| a.path == b.path);
        let names = Names::default();
        let read: Vec<(Entry, Result<Scan, SourceError>)> = entries
            .into_par_iter()
            .map_init(
                || Interner::new(&names),
                |interner, entry| {
                    let scan = entry.read().map(|source| scan::scan(interner, &source));
                    (entry, scan)
                },
            )
            .collect();
        let mut files = Vec::with_capacity(read.len());
        let mut scans = Vec::with_capacity(read.len());
        for (entry, scan) in read {
            let scan = match scan {
                Ok(scan) => scan,
                Err(error) => {
                    notes.push(Note { path: entry.path, line: None, message: error.to_string() });
                    continue;
                }
            };
            notes.extend(scan.odd.iter().map(|odd| Note {
                path: entry.path.clone(),
                line: None,
                message: odd.clone(),
            }));
            files.push(File {
                role: role::of(&entry.path, entry.kind, &scan),
                path: entry.path,
                origin: entry.origin,
                kind: entry.kind,
                module: String::new(),
                root: 0,
                is_package: false,
                accepts: scan.accepts,
                bytes: scan.bytes,
                lines: scan.lines,
            });
            scans.push(scan);
        }
        notes.sort();
        let mut project = Self { files, groups: Vec::new(), notes };
        let scans = Scans { names, scans, linked };
        project.group(&scans);
        (project, scans)
    }

    /// Names the modules and groups the files.
    fn group(&mut self, scans: &Scans) {
        let Scans { names, scans, linked } = scans;
        let layout = Layout::new(&self.files, scans, names, *linked);
        for (file, place) in self.files.iter_mut().zip(&layout.places) {
            file.module.clone_from(&place.name);
            file.root = place.root;
            file.is_package = place.is_package;
        }
        self.groups = reach::groups(&self.files, scans, &layout, names);
    }

    /// The file that is shown by this path.
    pub fn file(&self, path: &str) -> Option<&File> {
        let index = self.files.binary_search_by(|file| file.path.as_str().cmp(path)).ok()?;
        self.files.get(index)
    }

    /// Puts another text in the place of a file's; says whether the groups may have changed with it. None for a file that is not known or cannot be
    /// read.
    pub fn change(&mut self, scans: &mut Scans, path: &str, origin: Origin) -> Option<(u32, bool)> {
        let index = self.files.binary_search_by(|file| file.path.as_str().cmp(path)).ok()?;
        let file = &mut self.files[index];
        file.origin = origin;
        let source = file.entry().read().ok()?;
        let scan = scan::scan(&mut Interner::new(&scans.names), &source);
        file.accepts = scan.accepts;
        file.bytes = scan.bytes;
        file.lines = scan.lines;
        let role = role::of(path, file.kind, &scan);
        let before = &scans.scans[index];
        let same = role == file.role
            && scan.interest == before.interest
            && scan.imports == before.imports
            && scan.strings == before.strings;
        file.role = role;
        scans.scans[index] = scan;
        if !same {
            self.group(scans);
        }
        Some((index as u32, !same))
    }

    /// The files of a group.
    pub fn members(&self, group: &[u32]) -> Vec<&File> {
        group.iter().map(|file| &self.files[*file as usize]).collect()
    }

    /// Reads and parses the files of a group, in parallel; the parser's trees and the texts are dropped as soon as a file is lowered.
    pub fn load(&self, group: &[u32]) -> Loaded {
        let names = Names::default();
        let read: Vec<_> = group
            .par_iter()
            .map_init(|| Interner::new(&names), |interner, &index| self.read(interner, &self.files[index as usize]))
            .collect();
        let mut loaded = Loaded { names, modules: Vec::new(), lines: Vec::new(), notes: Vec::new() };
        for (module, lines, notes) in read {
            loaded.modules.push(module);
            loaded.lines.push(lines);
            loaded.notes.extend(notes);
        }
        loaded
    }

    /// Reads and parses one file.
    pub fn read(&self, interner: &mut Interner<'_>, file: &File) -> (ParsedModule, Lines, Vec<Note>) {
        let (tree, lines, notes) = match file.entry().read() {
            Ok(source) => {
                let parsed = python::read_with(interner, &source.text, file.kind);
                let note = |error: python::SyntaxError| Note {
                    path: file.path.clone(),
                    line: Some(source.lines.line(error.span.start)),
                    message: error.message,
                };
                let notes = parsed.errors.into_iter().map(note).collect();
                (parsed.tree, source.lines, notes)
            }
            // It was there when it was looked through.
            Err(error) => {
                let note = Note {
                    path: file.path.clone(),
                    line: None,
                    message: format!("changed while it was analysed: {error}"),
                };
                (crate::syntax::Tree::default(), Lines::of(""), vec![note])
            }
        };
        let module = ParsedModule {
            path: file.path.clone(),
            name: file.module.clone(),
            root: file.root,
            is_package: file.is_package,
            role: file.role,
            tree,
        };
        (module, lines, notes)
    }
}

#[cfg(test)]
mod tests;
