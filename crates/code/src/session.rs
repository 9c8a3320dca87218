//! A project that is analysed again and again while somebody edits it: only what a change can reach is done anew.
//!
//! A changed file is looked through; as long as it imports the same, only its group is judged again, and of that group only the changed file is parsed.

use std::path::{Path, PathBuf};

use crate::analysis::{self, Analysis, Options, Part};
use crate::names::Interner;
use crate::program::{ModuleId, Program};
use crate::project::walk::{self, WalkError};
use crate::project::{Note, Origin, Project, Scans};
use crate::source::Lines;

/// After so many changes a group is read anew, so that names of texts that are gone do not pile up.
const CHANGES: u32 = 200;

/// A project with what was found out about it.
#[derive(Debug)]
pub struct Session {
    paths: Vec<PathBuf>,
    options: Options,
    project: Project,
    scans: Scans,
    left_out: std::collections::BTreeMap<&'static str, u32>,
    parts: Vec<Part>,
    warm: Option<Warm>,
}

/// The group that was changed last, in memory.
#[derive(Debug)]
struct Warm {
    group: Vec<u32>,
    program: Program,
    lines: Vec<Lines>,
    notes: Vec<Vec<Note>>,
    changes: u32,
}

impl Session {
    /// Reads and judges everything once.
    ///
    /// # Errors
    /// [`WalkError`] for a path that cannot be analysed at all.
    pub fn open(paths: Vec<PathBuf>, options: Options) -> Result<Self, WalkError> {
        let mut walked = walk::walk(&paths, &options.base)?;
        analysis::overlay(&mut walked, &options);
        let left_out = std::mem::take(&mut walked.left_out);
        let (project, scans, parts) = analysis::on_large_stacks(|| {
            let (project, scans) = Project::scanned(walked);
            let parts = analysis::parts(&project, &options);
            (project, scans, parts)
        });
        Ok(Self { paths, options, project, scans, left_out, parts, warm: None })
    }

    /// What is known now.
    pub fn analysis(&self) -> Analysis {
        let mut analysis = analysis::assemble(&self.project, self.parts.clone(), &self.options);
        analysis.coverage.left_out.clone_from(&self.left_out);
        analysis
    }

    /// How a path is shown in findings.
    pub fn shown(&self, path: &Path) -> String {
        let top = self.paths.iter().find(|top| path.starts_with(top));
        walk::relative(path, &self.options.base, top.map_or(path, PathBuf::as_path))
    }

    /// Where a file is and its text as it is now; none for a file that cannot be edited without losing something.
    pub fn editable(&self, shown: &str) -> Option<(PathBuf, String)> {
        let file = self.project.file(shown)?;
        let source = file.entry().read().ok().filter(|source| source.editable)?;
        let path = match &file.origin {
            Origin::Disk(path) => path.clone(),
            Origin::Memory(_) => self.options.base.join(shown),
        };
        Some((path, source.text))
    }

    /// The Python files whose text holds a word and that can be edited, with their texts, in the order of paths.
    pub fn mentioning(&self, word: &str) -> Vec<(String, String)> {
        let finder = memchr::memmem::Finder::new(word.as_bytes());
        let sources = self.project.files.iter().filter(|file| file.kind == crate::python::FileKind::Source);
        let read = |file: &crate::project::File| {
            let source = file.entry().read().ok()?;
            finder.find(source.text.as_bytes())?;
            Some((file.path.clone(), source.text))
        };
        sources.filter_map(read).collect()
    }

    /// A file was saved, made or removed.
    ///
    /// # Errors
    /// [`WalkError`] when the paths cannot be walked any more.
    pub fn saved(&mut self, path: &Path) -> Result<(), WalkError> {
        let shown = self.shown(path);
        self.options.overlay.remove(&shown);
        self.change(&shown, Origin::Disk(path.to_owned()))
    }

    /// A file's text was changed and not saved yet.
    ///
    /// # Errors
    /// [`WalkError`] when the paths cannot be walked any more.
    pub fn edited(&mut self, path: &Path, text: String) -> Result<(), WalkError> {
        let shown = self.shown(path);
        let origin = Origin::Memory(text.as_str().into());
        self.options.overlay.insert(shown.clone(), text);
        self.change(&shown, origin)
    }

    fn change(&mut self, shown: &str, origin: Origin) -> Result<(), WalkError> {
        let before = std::mem::take(&mut self.project.groups);
        self.project.groups.clone_from(&before);
        let Some((file, regrouped)) = self.project.change(&mut self.scans, shown, origin) else {
            // A file came or went: names and groups may all be others.
            *self = Self::open(std::mem::take(&mut self.paths), std::mem::take(&mut self.options))?;
            return Ok(());
        };
        if regrouped {
            let (project, options) = (&self.project, &self.options);
            let known: std::collections::HashMap<Vec<u32>, Part> =
                before.into_iter().zip(std::mem::take(&mut self.parts)).collect();
            self.warm = None;
            self.parts = analysis::on_large_stacks(|| {
                let part = |group: &Vec<u32>| match known.get(group) {
                    Some(part) if !group.contains(&file) => part.clone(),
                    _ => analysis::part(project, group, options),
                };
                project.groups.iter().map(part).collect()
            });
            return Ok(());
        }
        if let Some(index) = self.project.groups.iter().position(|group| group.contains(&file)) {
            self.parts[index] = self.again(index, file);
        }
        Ok(())
    }

    /// Judges a group again of which one file changed.
    fn again(&mut self, index: usize, file: u32) -> Part {
        let group = self.project.groups[index].clone();
        let warm = self.warm.take().filter(|warm| warm.group == group && warm.changes < CHANGES);
        let (project, options) = (&self.project, &self.options);
        let (warm, part) = analysis::on_large_stacks(move || {
            let warm = if let Some(mut warm) = warm {
                let at = group.iter().position(|member| *member == file).unwrap_or_default();
                let member = &project.files[file as usize];
                let (module, lines, notes) = project.read(&mut Interner::new(&warm.program.names), member);
                warm.program.replace(ModuleId(at as u32), module);
                warm.lines[at] = lines;
                warm.notes[at] = notes;
                warm.changes += 1;
                warm
            } else {
                let loaded = project.load(&group);
                let mut notes = vec![Vec::new(); group.len()];
                for note in loaded.notes {
                    let at = group.iter().position(|member| project.files[*member as usize].path == note.path);
                    notes[at.unwrap_or_default()].push(note);
                }
                let program = Program::build(loaded.names, loaded.modules);
                Warm { group, program, lines: loaded.lines, notes, changes: 0 }
            };
            let members = project.members(&warm.group);
            let part = analysis::judge(&warm.program, &members, &warm.lines, warm.notes.concat(), options);
            (warm, part)
        });
        self.warm = Some(warm);
        part
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(session: &Session) -> Vec<(String, String, u32)> {
        let place = |finding: &plimsoll_model::Finding| {
            let source = finding.source.as_ref().unwrap();
            (finding.check.clone(), source.file.clone(), source.line)
        };
        session.analysis().findings.iter().map(place).collect()
    }

    const LEAK: &str = "from fastapi import FastAPI\nfrom store import keep\napp = FastAPI()\n\n@app.get('/x/{y}')\ndef x(y: str):\n    keep(y)\n    return y\n";

    #[test]
    fn an_edit_says_what_a_fresh_look_says() {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path().canonicalize().unwrap();
        let write = |name: &str, text: &str| std::fs::write(top.join(name), text).unwrap();
        write("app.py", LEAK);
        write("store.py", "SEEN = []\n\ndef keep(x):\n    SEEN.append(x)\n");
        write("other.py", "import boto3\n");
        let options = || Options { base: top.clone(), ..Options::default() };
        let fresh = || found(&Session::open(vec![top.clone()], options()).unwrap());
        let mut session = Session::open(vec![top.clone()], options()).unwrap();
        let leaking = found(&session);
        assert!(leaking.iter().any(|(_, file, line)| file == "store.py" && *line == 4), "{leaking:?}");
        // Not saved yet: nothing is kept any more, and two lines further down.
        session.edited(&top.join("store.py"), "def keep(x):\n    return x\n".to_owned()).unwrap();
        assert_eq!(found(&session), []);
        session
            .edited(&top.join("store.py"), "\n\nSEEN = []\n\ndef keep(x):\n    SEEN.append(x)\n".to_owned())
            .unwrap();
        assert!(found(&session).iter().any(|(_, file, line)| file == "store.py" && *line == 6));
        session.saved(&top.join("store.py")).unwrap();
        assert_eq!(found(&session), leaking);
        // Another import, another group.
        write("app.py", &LEAK.replace("from store import keep", "from other import keep"));
        session.saved(&top.join("app.py")).unwrap();
        assert_eq!(found(&session), fresh());
        // Files come and go.
        write("new.py", LEAK);
        session.saved(&top.join("new.py")).unwrap();
        assert_eq!(found(&session), fresh());
        std::fs::remove_file(top.join("store.py")).unwrap();
        session.saved(&top.join("store.py")).unwrap();
        assert_eq!(found(&session), fresh());
    }
}
