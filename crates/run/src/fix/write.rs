//! Writing changes: several files together or not at all, each whole, with the permissions and the byte-order mark that it had.
//!
//! Until a change is kept, a journal beside the report holds the earlier texts. Whatever ends the process, the next run takes the change back.

use std::io;
use std::path::{Path, PathBuf};

use plimsoll_code::repair::Repaired;
use serde::{Deserialize, Serialize};

const MARK: &[u8] = b"\xef\xbb\xbf";

/// Why files were not written, or not brought back. One line: what, where.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// A file cannot be read or written.
    #[error("cannot write {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file may not be written.
    #[error("{} is read-only; nothing was written", .0.display())]
    ReadOnly(PathBuf),
    /// Somebody else wrote it since it was read.
    #[error("{} was changed since it was read; nothing was written", .0.display())]
    Changed(PathBuf),
}

/// A file before and after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Saved {
    path: PathBuf,
    #[serde(with = "bytes")]
    before: Vec<u8>,
    #[serde(with = "bytes")]
    after: Vec<u8>,
}

/// Changes that are written and not kept yet. Dropped, they are taken back.
#[derive(Debug)]
#[must_use = "changes that are not kept are taken back"]
pub struct Written {
    files: Vec<Saved>,
    journal: Option<PathBuf>,
}

impl Written {
    /// Writes changes. The journal is a file in a folder that exists; it is gone when the changes are kept or taken back.
    ///
    /// # Errors
    /// [`WriteError`]; then every file is as it was.
    pub fn write(files: &[Repaired], journal: Option<&Path>) -> Result<Self, WriteError> {
        let mut saved = Vec::with_capacity(files.len());
        for file in files {
            saved.push(read(file)?);
        }
        if let Some(journal) = journal {
            let text = serde_json::to_vec(&saved).map_err(|error| failed(journal)(error.into()))?;
            replace(journal, &text)?;
        }
        let mut this = Self { files: Vec::new(), journal: journal.map(Path::to_owned) };
        for file in saved {
            let written = replace(&file.path, &file.after);
            // It may have been replaced although its permissions could not be set.
            this.files.push(file);
            written?;
        }
        Ok(this)
    }

    /// Leaves the files as they are now.
    ///
    /// # Errors
    /// The journal cannot be removed; the next run would take the changes back.
    pub fn keep(mut self) -> Result<(), WriteError> {
        self.files.clear();
        self.forget()
    }

    /// Brings the earlier texts back.
    ///
    /// # Errors
    /// A file cannot be written. The journal stays then.
    pub fn restore(mut self) -> Result<(), WriteError> {
        self.bring_back()?;
        self.files.clear();
        self.forget()
    }

    fn bring_back(&self) -> Result<(), WriteError> {
        self.files.iter().try_for_each(|file| replace(&file.path, &file.before))
    }

    fn forget(&mut self) -> Result<(), WriteError> {
        match self.journal.take() {
            Some(journal) => std::fs::remove_file(&journal).map_err(failed(&journal)),
            None => Ok(()),
        }
    }
}

impl Drop for Written {
    fn drop(&mut self) {
        // What cannot be brought back now stays in the journal.
        if self.bring_back().is_ok() {
            drop(self.forget());
        }
    }
}

/// What became of the files of a run that did not end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recovered {
    /// Their earlier text is back.
    pub back: Vec<PathBuf>,
    /// Somebody has changed them since, and they are left as they are.
    pub left: Vec<PathBuf>,
}

/// Takes back what a run that did not end left behind. None without a journal.
///
/// # Errors
/// A file cannot be written, or the journal cannot be read.
pub fn recover(journal: &Path) -> Result<Option<Recovered>, WriteError> {
    let text = match std::fs::read(journal) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(journal)(error)),
    };
    // A journal that is cut short was not finished before the files would have been written.
    let saved: Vec<Saved> = serde_json::from_slice(&text).unwrap_or_default();
    let mut recovered = Recovered::default();
    for file in saved {
        match std::fs::read(&file.path) {
            Ok(now) if now == file.before => {}
            Ok(now) if now == file.after => {
                replace(&file.path, &file.before)?;
                recovered.back.push(file.path);
            }
            _ => recovered.left.push(file.path),
        }
    }
    std::fs::remove_file(journal).map_err(failed(journal))?;
    Ok(Some(recovered))
}

/// The file as it is and as it will be.
fn read(file: &Repaired) -> Result<Saved, WriteError> {
    // A link stays one: what it leads to is written.
    let path = file.path.canonicalize().map_err(failed(&file.path))?;
    let before = std::fs::read(&path).map_err(failed(&path))?;
    if std::fs::metadata(&path).map_err(failed(&path))?.permissions().readonly() {
        return Err(WriteError::ReadOnly(file.path.clone()));
    }
    let mark = if before.starts_with(MARK) { MARK } else { b"" };
    if before[mark.len()..] != *file.before.as_bytes() {
        return Err(WriteError::Changed(file.path.clone()));
    }
    let after = [mark, file.after.as_bytes()].concat();
    Ok(Saved { path, before, after })
}

/// Writes a file through a neighbour that takes its name, with the permissions of the old one.
fn replace(path: &Path, content: &[u8]) -> Result<(), WriteError> {
    let mut name = path.as_os_str().to_owned();
    name.push(".plimsoll-part");
    let part = PathBuf::from(name);
    let mode = std::fs::metadata(path).map(|metadata| metadata.permissions()).ok();
    let write = || {
        std::fs::write(&part, content)?;
        if let Some(mode) = mode {
            std::fs::set_permissions(&part, mode)?;
        }
        std::fs::rename(&part, path)
    };
    write().map_err(|error| {
        // Nothing half-written stays; that the neighbour may not exist is no further error.
        drop(std::fs::remove_file(&part));
        failed(path)(error)
    })
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> WriteError {
    let path = path.to_owned();
    move |source| WriteError::Io { path, source }
}

/// Bytes in base64.
mod bytes {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use serde::{Deserialize, Deserializer, Serializer, de};

    pub fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(bytes))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(deserializer)?;
        STANDARD.decode(text).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    struct Tree(tempfile::TempDir);

    impl Tree {
        fn new() -> Self {
            let this = Self(tempfile::tempdir().unwrap());
            std::fs::write(this.path("a.py"), b"\xef\xbb\xbfx = 1\r\n").unwrap();
            std::fs::set_permissions(this.path("a.py"), std::fs::Permissions::from_mode(0o750)).unwrap();
            std::fs::write(this.path("b.py"), "y = 1\n").unwrap();
            this
        }

        fn path(&self, name: &str) -> PathBuf {
            self.0.path().join(name)
        }

        fn read(&self, name: &str) -> Vec<u8> {
            std::fs::read(self.path(name)).unwrap()
        }

        fn change(&self, name: &str, before: &str, after: &str) -> Repaired {
            let text = |text: &str| text.to_owned();
            Repaired {
                file: text(name),
                path: self.path(name),
                before: text(before),
                after: text(after),
                done: Vec::new(),
            }
        }

        fn both(&self) -> [Repaired; 2] {
            [self.change("a.py", "x = 1\r\n", "x = 2\r\n"), self.change("b.py", "y = 1\n", "y = 2\n")]
        }

        /// The names of all files.
        fn names(&self) -> Vec<String> {
            let entries = std::fs::read_dir(self.0.path()).unwrap();
            let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
            names.sort();
            names
        }
    }

    #[test]
    fn marks_and_permissions_stay() {
        let tree = Tree::new();
        Written::write(&tree.both(), Some(&tree.path("undo.json"))).unwrap().keep().unwrap();
        assert_eq!(tree.read("a.py"), b"\xef\xbb\xbfx = 2\r\n");
        assert_eq!(std::fs::metadata(tree.path("a.py")).unwrap().permissions().mode() & 0o777, 0o750);
        assert_eq!(tree.names(), ["a.py", "b.py"]);
    }

    #[test]
    fn what_is_not_kept_is_taken_back() {
        let tree = Tree::new();
        let journal = tree.path("undo.json");
        drop(Written::write(&tree.both(), Some(&journal)).unwrap());
        assert_eq!((tree.read("a.py"), tree.read("b.py")), (b"\xef\xbb\xbfx = 1\r\n".to_vec(), b"y = 1\n".to_vec()));
        Written::write(&tree.both(), Some(&journal)).unwrap().restore().unwrap();
        assert_eq!(tree.read("b.py"), b"y = 1\n");
        assert_eq!(tree.names(), ["a.py", "b.py"]);
    }

    #[test]
    fn all_or_none() {
        let tree = Tree::new();
        // The second file is another one than the fix was made for.
        let stale = [tree.both()[0].clone(), tree.change("b.py", "y = 0\n", "y = 2\n")];
        assert!(matches!(Written::write(&stale, None), Err(WriteError::Changed(_))));
        assert_eq!(tree.read("a.py"), b"\xef\xbb\xbfx = 1\r\n");
        std::fs::set_permissions(tree.path("b.py"), std::fs::Permissions::from_mode(0o444)).unwrap();
        assert!(matches!(Written::write(&tree.both(), None), Err(WriteError::ReadOnly(_))));
        assert_eq!(tree.read("a.py"), b"\xef\xbb\xbfx = 1\r\n");
        std::fs::set_permissions(tree.path("b.py"), std::fs::Permissions::from_mode(0o644)).unwrap();
        // The neighbour of the second file cannot be made.
        std::fs::create_dir(tree.path("b.py.plimsoll-part")).unwrap();
        assert!(matches!(Written::write(&tree.both(), None), Err(WriteError::Io { .. })));
        assert_eq!(tree.read("a.py"), b"\xef\xbb\xbfx = 1\r\n");
    }

    #[test]
    fn what_a_killed_run_left_is_taken_back() {
        let tree = Tree::new();
        let journal = tree.path("undo.json");
        assert!(recover(&journal).unwrap().is_none());
        std::mem::forget(Written::write(&tree.both(), Some(&journal)).unwrap());
        // Somebody went on with one of the files: it is theirs.
        std::fs::write(tree.path("b.py"), "y = 3\n").unwrap();
        let recovered = recover(&journal).unwrap().unwrap();
        assert_eq!((recovered.back.len(), recovered.left.len()), (1, 1));
        assert_eq!((tree.read("a.py"), tree.read("b.py")), (b"\xef\xbb\xbfx = 1\r\n".to_vec(), b"y = 3\n".to_vec()));
        assert_eq!(tree.names(), ["a.py", "b.py"]);
    }
}
