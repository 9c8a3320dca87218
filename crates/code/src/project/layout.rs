//! What the files are called: folders, import roots and dotted names, and which file an import means.
//!
//! Python finds modules along a path that nobody writes into the sources. Where a package begins is seen by its `__init__` files; where there are
//! none, or where a whole repository is one name space, the imports themselves are asked: the folder from which most of them can be resolved is the root.

use rustc_hash::FxHashMap;

use super::File;
use super::scan::Scan;
use crate::names::{Names, Sym};
use crate::program::is_library;
use crate::python::FileKind;

/// Where a file stands among the modules.
#[derive(Clone, Debug, Default)]
pub struct Place {
    /// Its dotted name.
    pub name: String,
    /// The folder that the name begins at.
    pub root: u32,
    /// Whether it is an `__init__`.
    pub is_package: bool,
}

/// What a dotted path leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// A module.
    Module(u32),
    /// A package with its `__init__`.
    Package {
        /// The `__init__`.
        init: u32,
        /// Its folder.
        folder: u32,
    },
    /// A folder without `__init__`.
    Namespace(u32),
}

/// The folders of a project and the modules in them.
#[derive(Debug)]
pub struct Layout {
    /// Where each file stands.
    pub places: Vec<Place>,
    folders: Vec<Folder>,
    slots: FxHashMap<(u32, Sym), Slot>,
    /// The folder of each file.
    homes: Vec<u32>,
    /// Roots in which a first segment is found, the first path first.
    tops: FxHashMap<Sym, Vec<u32>>,
    /// Whether the roots are parts of one repository, so that they may import each other.
    linked: bool,
    /// The dotted name of the topmost folder, where imports show that it lies inside of a package.
    above: Vec<Sym>,
}

#[derive(Debug)]
struct Folder {
    parent: Option<u32>,
    name: Option<Sym>,
    init: Option<u32>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    file: Option<u32>,
    folder: Option<u32>,
}

const TOP: u32 = 0;

impl Layout {
    /// Lays out the files; those of one import root get the same number.
    pub fn new(files: &[File], scans: &[Scan], names: &Names, linked: bool) -> Self {
        let mut layout = Self {
            places: Vec::new(),
            folders: vec![Folder { parent: None, name: None, init: None }],
            slots: FxHashMap::default(),
            homes: Vec::with_capacity(files.len()),
            tops: FxHashMap::default(),
            linked,
            above: Vec::new(),
        };
        for (index, file) in files.iter().enumerate() {
            layout.add(index as u32, file, names);
        }
        let roots = layout.roots(scans, names);
        layout.above = layout.above_top(scans, names);
        layout.places =
            (0..files.len()).map(|index| layout.place(&files[index], index as u32, &roots, names)).collect();
        let mut tops: Vec<(Sym, u32, u32)> = Vec::new();
        for (&(folder, name), slot) in &layout.slots {
            let found = slot.file.or_else(|| slot.folder.and_then(|folder| layout.folders[folder as usize].init));
            if let Some(file) = found
                && layout.places[file as usize].root == folder
            {
                tops.push((name, file, folder));
            }
        }
        // Files are in the order of their paths.
        tops.sort_unstable_by_key(|&(_, file, _)| file);
        for (name, _, folder) in tops {
            layout.tops.entry(name).or_default().push(folder);
        }
        layout
    }

    fn add(&mut self, index: u32, file: &File, names: &Names) {
        let (folders, name) = file.path.rsplit_once('/').unwrap_or(("", &file.path));
        let mut home = TOP;
        for part in folders.split('/').filter(|part| !part.is_empty()) {
            let name = names.intern(part);
            let next = self.folders.len() as u32;
            let slot = self.slots.entry((home, name)).or_default();
            let found = *slot.folder.get_or_insert(next);
            if found == next {
                self.folders.push(Folder { parent: Some(home), name: Some(name), init: None });
            }
            home = found;
        }
        self.homes.push(home);
        let stem = match file.kind {
            FileKind::Source | FileKind::Stub => name.rsplit_once('.').map_or(name, |(stem, _)| stem),
            FileKind::Notebook => return,
        };
        // Paths are sorted, so `x.py` comes before `x.pyi`, which only stands in for what is not there.
        if stem == "__init__" {
            self.folders[home as usize].init.get_or_insert(index);
        } else {
            self.slots.entry((home, names.intern(stem))).or_default().file.get_or_insert(index);
        }
    }

    fn init(&self, folder: u32) -> Option<u32> {
        self.folders[folder as usize].init
    }

    fn parent(&self, folder: u32) -> Option<u32> {
        self.folders[folder as usize].parent
    }

    /// A folder and those above it.
    fn upwards(&self, folder: u32) -> impl Iterator<Item = u32> {
        std::iter::successors(Some(folder), |folder| self.parent(*folder))
    }

    /// The folder above the topmost package that a folder belongs to; itself outside of packages.
    fn above_packages(&self, folder: u32) -> u32 {
        let mut at = folder;
        while let Some(parent) = self.parent(at) {
            if self.init(at).is_none() && self.init(parent).is_none() {
                break;
            }
            at = parent;
        }
        at
    }

    /// For each folder in which packages begin: the folder from which most imports of them can be resolved.
    fn roots(&self, scans: &[Scan], names: &Names) -> FxHashMap<u32, u32> {
        let mut votes: FxHashMap<(u32, u32), u32> = FxHashMap::default();
        for (scan, &home) in scans.iter().zip(&self.homes) {
            for import in scan.imports.iter().filter(|import| import.level == 0) {
                let segments = segments(names, names.text(import.module));
                let Some((from, target)) = self.nearest(home, &segments) else { continue };
                let file = match target {
                    Target::Module(file) | Target::Package { init: file, .. } => Some(file),
                    Target::Namespace(folder) => {
                        let mut imported = import.names.iter().flatten();
                        imported.find_map(|(name, _)| self.slots.get(&(folder, *name))?.file)
                    }
                };
                if let Some(file) = file {
                    *votes.entry((self.above_packages(self.homes[file as usize]), from)).or_default() += 1;
                }
            }
        }
        let mut roots: FxHashMap<u32, (u32, u32)> = FxHashMap::default();
        let mut votes: Vec<_> = votes.into_iter().collect();
        // Of equally many votes those for the lower folder count.
        votes.sort_unstable_by_key(|&((group, root), count)| (group, count, root));
        for ((group, root), count) in votes {
            if self.upwards(group).any(|folder| folder == root) {
                let best = roots.entry(group).or_insert((root, count));
                if count >= best.1 {
                    *best = (root, count);
                }
            }
        }
        roots.into_iter().map(|(group, (root, _))| (group, root)).collect()
    }

    /// The package that the topmost folder is inside of: what stands before imports that resolve from there once it is taken away.
    fn above_top(&self, scans: &[Scan], names: &Names) -> Vec<Sym> {
        let mut counts: FxHashMap<Vec<Sym>, usize> = FxHashMap::default();
        if self.init(TOP).is_none() {
            return Vec::new();
        }
        for (scan, &home) in scans.iter().zip(&self.homes) {
            for import in scan.imports.iter().filter(|import| import.level == 0) {
                let text = names.text(import.module);
                // Nothing may be called by the first parts, so they are no names yet.
                let segments: Vec<_> = text.split('.').map(|part| Some(names.intern(part))).collect();
                if segments.len() < 2 || is_library(text) || self.nearest(home, &segments).is_some() {
                    continue;
                }
                for cut in 1..segments.len().min(4) {
                    if let Some(Target::Module(_) | Target::Package { .. }) = self.down(TOP, &segments[cut..])
                        && let Some(prefix) = segments[..cut].iter().copied().collect::<Option<Vec<Sym>>>()
                    {
                        *counts.entry(prefix).or_default() += 1;
                        break;
                    }
                }
            }
        }
        let text = |prefix: &[Sym]| prefix.iter().map(|name| names.text(*name).to_owned()).collect::<Vec<_>>();
        counts
            .into_iter()
            .max_by_key(|(prefix, count)| (*count, std::cmp::Reverse(text(prefix))))
            .map(|(prefix, _)| prefix)
            .unwrap_or_default()
    }

    fn place(&self, file: &File, index: u32, roots: &FxHashMap<u32, u32>, names: &Names) -> Place {
        let home = self.homes[index as usize];
        let group = self.above_packages(home);
        let root = roots.get(&group).copied().unwrap_or(group);
        let mut parts: Vec<&str> = Vec::new();
        let stem = file.path.rsplit('/').next().unwrap_or("");
        let stem = stem.rsplit_once('.').map_or(stem, |(stem, _)| stem);
        let is_package = stem == "__init__";
        if !is_package {
            parts.push(stem);
        }
        let inside = self.upwards(home).take_while(|folder| *folder != root);
        parts.extend(inside.filter_map(|folder| self.folders[folder as usize].name).map(|name| names.text(name)));
        if root == TOP {
            parts.extend(self.above.iter().rev().map(|name| names.text(*name)));
        }
        parts.reverse();
        Place { name: parts.join("."), root, is_package }
    }

    /// The files that an absolute import may mean, seen from a file: what the nearest folder above has; else, but for well-known libraries, what
    /// any root has.
    pub fn absolute(&self, from: u32, dotted: &str, names: &Names) -> Vec<Target> {
        let segments = segments(names, dotted);
        if let Some((_, target)) = self.nearest(self.homes[from as usize], &segments) {
            return vec![target];
        }
        if !self.above.is_empty()
            && segments.len() > self.above.len()
            && segments.iter().zip(&self.above).all(|(a, b)| *a == Some(*b))
        {
            return self.down(TOP, &segments[self.above.len()..]).into_iter().collect();
        }
        if is_library(dotted) || !self.linked {
            return Vec::new();
        }
        let Some(Some(first)) = segments.first() else { return Vec::new() };
        let roots = self.tops.get(first).map(Vec::as_slice).unwrap_or_default();
        roots.iter().filter_map(|root| self.down(*root, &segments)).collect()
    }

    /// The file that a relative import means.
    pub fn relative(&self, from: u32, level: u8, dotted: &str, names: &Names) -> Option<Target> {
        let folder = self.upwards(self.homes[from as usize]).nth(usize::from(level).checked_sub(1)?)?;
        if dotted.is_empty() {
            return Some(self.folder(folder));
        }
        self.down(folder, &segments(names, dotted))
    }

    /// What a name leads to inside of a folder.
    pub fn child(&self, folder: u32, name: Sym) -> Option<Target> {
        let slot = self.slots.get(&(folder, name))?;
        // A package hides a module of the same name.
        match (slot.folder, slot.file) {
            (Some(folder), _) if self.init(folder).is_some() => Some(self.folder(folder)),
            (_, Some(file)) => Some(Target::Module(file)),
            (Some(folder), None) => Some(Target::Namespace(folder)),
            (None, None) => None,
        }
    }

    fn folder(&self, folder: u32) -> Target {
        match self.init(folder) {
            Some(init) => Target::Package { init, folder },
            None => Target::Namespace(folder),
        }
    }

    fn down(&self, folder: u32, segments: &[Option<Sym>]) -> Option<Target> {
        let mut target = self.folder(folder);
        for segment in segments {
            let (Target::Namespace(folder) | Target::Package { folder, .. }) = target else { return None };
            target = self.child(folder, (*segment)?)?;
        }
        Some(target)
    }

    /// The nearest folder above, or its `src`, from which a dotted path leads somewhere.
    fn nearest(&self, home: u32, segments: &[Option<Sym>]) -> Option<(u32, Target)> {
        let mut fallback = None;
        for folder in self.upwards(home) {
            // Inside of a package its own folder is not on the path, unless a file of it is started as a program.
            match self.down(folder, segments) {
                Some(Target::Namespace(_)) | None => {}
                Some(target) if self.init(folder).is_some() => {
                    fallback.get_or_insert((folder, target));
                }
                Some(target) => return Some((folder, target)),
            }
        }
        if fallback.is_some() {
            return fallback;
        }
        // A folder without `__init__` counts only where nothing else does.
        self.upwards(home).find_map(|folder| match self.down(folder, segments)? {
            target @ Target::Namespace(_) if segments.len() > 1 => Some((folder, target)),
            // `from shop import db` inside of the folder `shop`.
            target @ Target::Namespace(named) if self.upwards(home).any(|above| above == named) => {
                Some((folder, target))
            }
            _ => None,
        })
    }
}

/// The parts of a dotted name; none for a part that no file or folder is called by.
fn segments(names: &Names, dotted: &str) -> Vec<Option<Sym>> {
    dotted.split('.').map(|part| names.find(part)).collect()
}
