//! What a diff can have changed: which operations get to a changed function, as far as calls show.
//!
//! Whoever is in doubt looks at everything: a change outside of the functions that operations get to (a constant, a model, a dependency, a template) may
//! reach any of them. Only what cannot change an answer (texts, tests, pictures) is left out of this.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use plimsoll_code::Reach;
use plimsoll_model::{Finding, OperationKey, Report};

use crate::audit::Source;
use crate::code::{self, Changed, ChangedError, ChangedFile};
use crate::only::Only;

/// Ends of names of files that no answer depends on.
const HARMLESS: &[&str] = &[
    ".md",
    ".rst",
    ".adoc",
    ".png",
    ".jpg",
    ".jpeg",
    ".gif",
    ".svg",
    ".ico",
    ".webp",
    ".pyi",
    ".gitignore",
    ".pyc",
    ".gitattributes",
    ".editorconfig",
    ".gitlab-ci.yml",
    ".pre-commit-config.yaml",
    "license",
    "licence",
    "copying",
    "codeowners",
    "plimsoll.baseline.json",
];
/// Folders whose files no answer depends on.
const APART: &[&str] = &["tests", "test", "docs", "doc", ".github", ".gitlab", ".vscode", ".idea"];
/// So many operations are named; the others are counted.
const NAMED: usize = 12;

/// The changes since a revision, and what was known before.
#[derive(Clone, Debug)]
pub struct Since {
    /// The revision, as it was given.
    pub revision: String,
    /// The folder that files are named from.
    pub folder: PathBuf,
    /// What was changed.
    pub changed: Changed,
    /// The report of the last run, whose word is kept for what cannot have changed.
    pub before: Option<Report>,
}

/// What a diff can have changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Touched {
    /// Any operation.
    Everything {
        /// Why.
        why: String,
    },
    /// No operation.
    Nothing {
        /// Why.
        why: String,
    },
    /// These.
    Only(Only),
}

impl Touched {
    /// Whether what is known of an operation is of the time before the change, and holds.
    pub fn spares(&self, key: &OperationKey) -> bool {
        match self {
            Self::Everything { .. } => false,
            Self::Nothing { .. } => true,
            Self::Only(only) => !only.has(key),
        }
    }

    /// One line for the report.
    pub fn told(&self) -> String {
        match self {
            Self::Everything { why } => format!("All operations were looked at: {why}."),
            Self::Nothing { why } => format!("No operation was looked at: {why}."),
            Self::Only(only) => {
                let mut names: Vec<String> = only.operations.iter().take(NAMED).map(ToString::to_string).collect();
                if only.operations.len() > NAMED {
                    names.push(format!("{} more", only.operations.len() - NAMED));
                }
                format!("Looked at, because what they run was changed: {}.", names.join(", "))
            }
        }
    }
}

impl Since {
    /// Asks git what was changed below a folder.
    ///
    /// # Errors
    /// git is not there, or does not know the revision.
    pub fn read(revision: &str, folder: &Path, before: Option<Report>) -> Result<Self, ChangedError> {
        let changed = Changed::since(revision, folder)?;
        Ok(Self { revision: revision.to_owned(), folder: folder.to_owned(), changed, before })
    }

    /// Whether one of these documents was changed.
    pub fn touches_any(&self, documents: &[Source]) -> bool {
        let files = self.changed.files();
        documents.iter().any(|document| match document {
            Source::File(path) => self.shown(path).is_some_and(|shown| files.contains_key(shown.as_str())),
            _ => false,
        })
    }

    /// Whether a finding in code is of the change.
    pub fn touches(&self, finding: &Finding) -> bool {
        self.changed.touches(finding)
    }

    /// A path as the diff shows it.
    fn shown(&self, path: &Path) -> Option<String> {
        let whole = std::fs::canonicalize(self.folder.join(path)).ok()?;
        let folder = std::fs::canonicalize(&self.folder).ok()?;
        Some(whole.strip_prefix(folder).ok()?.to_string_lossy().into_owned())
    }

    /// The operations that the diff can have changed; `code` is what reading the code brought.
    pub fn touched(&self, code: Option<&code::Outcome>, contracts: &[PathBuf]) -> Touched {
        let revision = &self.revision;
        let apart: Vec<String> = contracts.iter().filter_map(|path| self.shown(path)).collect();
        let files = self.changed.files();
        let files = files.iter().filter(|(file, _)| !is_harmless(file) && apart.iter().all(|own| own != *file));
        let mut found: BTreeSet<OperationKey> = BTreeSet::new();
        let mut any = false;
        for (file, changed) in files {
            any = true;
            let reached = code.and_then(|code| {
                let text = std::fs::read_to_string(self.folder.join(file)).unwrap_or_default();
                operations(&code.reach, file, *changed, &text)
            });
            match reached {
                Some(operations) => found.extend(operations),
                None => return Touched::Everything { why: format!("{file} was changed since {revision}") },
            }
        }
        let kept = if self.before.is_some() { "; kept from the last report" } else { "" };
        if found.is_empty() {
            let what = if any { "that an operation runs " } else { "" };
            return Touched::Nothing { why: format!("nothing {what}was changed since {revision}{kept}") };
        }
        let why = format!("nothing that it runs was changed since {revision}{kept}");
        Touched::Only(Only { operations: found.into_iter().collect(), why })
    }
}

/// The operations that get to what was changed in a file; none where that cannot be told.
fn operations(reach: &Reach, file: &str, changed: ChangedFile<'_>, text: &str) -> Option<BTreeSet<OperationKey>> {
    let lines: Vec<&str> = text.lines().collect();
    // A file that is gone, or that nothing known lies in.
    if lines.is_empty() || changed == ChangedFile::default() {
        return None;
    }
    let last = lines.len() as u32;
    let mut found = BTreeSet::new();
    let mut add = |line: u32| {
        let symbol = reach.at(file, line)?;
        let reached = reach.operations(&symbol.file, &symbol.name);
        // What runs at the start, or without a request, has its hand in everything.
        (!reached.is_empty()).then(|| found.extend(reached.into_iter().map(|(key, _)| key.clone())))
    };
    for line in changed.lines.iter().flat_map(|range| *range.start()..=(*range.end()).min(last)) {
        let is_said = lines.get(line as usize - 1).is_some_and(|text| {
            let text = text.trim();
            !text.is_empty() && !text.starts_with('#')
        });
        if is_said {
            add(line)?;
        }
    }
    for line in changed.cut {
        // Between the lines of one function something was taken out of it.
        let (before, after) = (reach.at(file, *line)?, reach.at(file, line + 1)?);
        if before != after {
            return None;
        }
        add(*line)?;
    }
    Some(found)
}

fn is_harmless(file: &str) -> bool {
    let lower = file.to_ascii_lowercase();
    let name = lower.rsplit('/').next().unwrap_or_default();
    let is_test = name.starts_with("test_") || name.ends_with("_test.py") || name == "conftest.py";
    is_test
        || HARMLESS.iter().any(|end| lower.ends_with(end))
        || lower.split('/').rev().skip(1).any(|folder| APART.contains(&folder))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use plimsoll_code::Options;

    use super::*;

    const APP: &str = "from fastapi import FastAPI\n\nfrom store import rows\n\napp = FastAPI()\nLIMIT = 5\n\n\n\
        @app.get('/a')\ndef a():\n    return rows(1)\n\n\n@app.get('/b/{x}')\ndef b(x):\n    return {'x': x}\n\n\n\
        @app.get('/c')\ndef c():\n    return rows(2)\n";
    const STORE: &str = "def rows(n):\n    return list(range(n))\n\n\ndef unused():\n    return 1\n";

    struct Repository(tempfile::TempDir);

    impl Repository {
        fn new() -> Self {
            let this = Self(tempfile::tempdir().unwrap());
            this.write("app.py", APP);
            this.write("store.py", STORE);
            this.write("openapi.yaml", "openapi: 3.1.0\n");
            for command in [
                &["init", "-q"][..],
                &["add", "."],
                &["-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-q", "-m", "all"],
            ] {
                assert!(Command::new("git").arg("-C").arg(this.0.path()).args(command).status().unwrap().success());
            }
            this
        }

        fn write(&self, file: &str, text: &str) {
            let path = self.0.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }

        fn touched(&self) -> Touched {
            let since = Since::read("HEAD", self.0.path(), None).unwrap();
            let options = Options { base: self.0.path().canonicalize().unwrap(), ..Options::default() };
            let request = code::Request { paths: vec![self.0.path().to_owned()], options, ..code::Request::default() };
            let code = code::code(&request).unwrap();
            since.touched(Some(&code), &[self.0.path().join("openapi.yaml")])
        }

        fn names(&self) -> Vec<String> {
            match self.touched() {
                Touched::Only(only) => only.operations.iter().map(ToString::to_string).collect(),
                Touched::Nothing { .. } => vec!["nothing".to_owned()],
                Touched::Everything { .. } => vec!["everything".to_owned()],
            }
        }
    }

    #[test]
    fn a_change_in_a_function_touches_what_runs_it() {
        let repository = Repository::new();
        assert_eq!(repository.names(), ["nothing"]);
        repository.write("app.py", &APP.replace("{'x': x}", "{'x': x, 'y': 1}"));
        assert_eq!(repository.names(), ["GET /b/{x}"]);
        repository.write("app.py", APP);
        repository.write("store.py", &STORE.replace("list(range(n))", "[*range(n)]"));
        assert_eq!(repository.names(), ["GET /a", "GET /c"]);
        assert!(repository.touched().spares(&"GET /b/{y}".parse().unwrap()));
    }

    #[test]
    fn what_was_taken_out_of_a_function_was_changed_too() {
        let repository = Repository::new();
        let longer = STORE.replace("    return list", "    n += 1\n    n -= 1\n    return list");
        repository.write("store.py", &longer);
        let command = ["-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-qam", "longer"];
        let git = Command::new("git").arg("-C").arg(repository.0.path()).args(command).status();
        assert!(git.unwrap().success());
        repository.write("store.py", &longer.replace("    n -= 1\n", ""));
        assert_eq!(repository.names(), ["GET /a", "GET /c"]);
    }

    #[test]
    fn what_cannot_be_told_touches_everything_and_texts_nothing() {
        let repository = Repository::new();
        for file in ["README.md", "tests/test_app.py", "docs/a.html", "openapi.yaml"] {
            repository.write(file, "x = 1\n");
        }
        assert_eq!(repository.names(), ["nothing"]);
        for (file, text) in [
            ("app.py", APP.replace("LIMIT = 5", "LIMIT = 50")),
            ("settings.py", "DEBUG = True\n".to_owned()),
            ("requirements.txt", "fastapi\n".to_owned()),
        ] {
            let repository = Repository::new();
            repository.write(file, &text);
            assert_eq!(repository.names(), ["everything"], "{file}");
        }
        std::fs::remove_file(repository.0.path().join("store.py")).unwrap();
        assert_eq!(repository.names(), ["everything"]);
    }

    #[test]
    fn a_contract_is_known_by_its_path() {
        let repository = Repository::new();
        let contract = [Source::File(repository.0.path().join("openapi.yaml"))];
        let since = |repository: &Repository| Since::read("HEAD", repository.0.path(), None).unwrap();
        assert!(!since(&repository).touches_any(&contract));
        repository.write("openapi.yaml", "openapi: 3.0.0\n");
        assert!(since(&repository).touches_any(&contract));
    }
}
