//! Which files have to be looked at, and which of them together.
//!
//! A file with a telling word is a seed. Everything that leads to a seed by imports, and everything that these files import, is looked at together; what
//! has no connection to any of it is another group. A package's `__init__` that only hands names on leads to those that are asked for.

use rustc_hash::{FxHashMap, FxHashSet};

use super::File;
use super::imports::TextImport;
use super::layout::{Layout, Target};
use super::scan::{Interest, Scan};
use crate::names::{Names, Sym};
use crate::program::Role;

/// What is wanted of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Want {
    All,
    Name(Sym),
}

/// Puts files into groups that do not depend on each other, in the order of their first files.
pub fn groups(files: &[File], scans: &[Scan], layout: &Layout, names: &Names) -> Vec<Vec<u32>> {
    let graph = Graph { files, scans, layout, names, star: names.find("*") };
    let direct: Vec<Vec<(u32, Want)>> = (0..files.len() as u32).map(|file| graph.imports(file)).collect();
    let judged = |file: usize| matches!(files[file].role, Role::Source | Role::Script | Role::Notebook);
    let seeds = (0..files.len())
        .filter(|file| judged(*file) && scans[*file].interest == Interest::Seed)
        .map(|file| file as u32);
    let kept = backwards(&graph, &direct, seeds.collect());
    let mut reached = Reached {
        full: vec![false; files.len()],
        names: FxHashSet::default(),
        sets: (0..files.len() as u32).collect(),
    };
    let mut todo: Vec<(u32, Want)> = Vec::new();
    let mut touched = vec![false; files.len()];
    for file in kept {
        todo.push((file, Want::All));
        while let Some((at, want)) = todo.pop() {
            touched[at as usize] = true;
            for &(next, want) in &graph.step(at, want, &direct, &mut reached) {
                reached.join(at, next);
                todo.push((next, want));
            }
        }
    }
    let mut groups: FxHashMap<u32, Vec<u32>> = FxHashMap::default();
    for file in 0..files.len() as u32 {
        if touched[file as usize] {
            let set = reached.set(file);
            groups.entry(set).or_default().push(file);
        } else if judged(file as usize) && scans[file as usize].interest == Interest::Local {
            groups.insert(file, vec![file]);
        }
    }
    let mut groups: Vec<Vec<u32>> = groups.into_values().collect();
    groups.sort_unstable();
    groups
}

/// In trees with more source than this, only what imports a seed itself is added: a utility that mentions a library would draw in all of a framework.
const LARGE: u64 = 4 << 20;

/// The seeds and every file that leads to them; tests and migrations lead nowhere.
fn backwards(graph: &Graph<'_>, direct: &[Vec<(u32, Want)>], seeds: Vec<u32>) -> Vec<u32> {
    let mut importers: Vec<Vec<u32>> = vec![Vec::new(); direct.len()];
    let mut seen = FxHashSet::default();
    for (file, wants) in direct.iter().enumerate() {
        if !matches!(graph.files[file].role, Role::Source | Role::Script | Role::Notebook) {
            continue;
        }
        for &(target, want) in wants {
            seen.clear();
            graph.finally(target, want, &mut seen, &mut |end| importers[end as usize].push(file as u32));
        }
    }
    let mut sizes: FxHashMap<u32, u64> = FxHashMap::default();
    for file in graph.files.iter().filter(|file| file.role != Role::Test) {
        *sizes.entry(file.root).or_default() += u64::from(file.bytes);
    }
    let mut kept = vec![false; direct.len()];
    let mut todo: Vec<(u32, bool)> = seeds.into_iter().map(|file| (file, true)).collect();
    // Seeds come first, so that a file is not taken for something that only leads to one.
    while let Some((file, seed)) = todo.pop() {
        if std::mem::replace(&mut kept[file as usize], true) && !seed {
            continue;
        }
        if seed || sizes.get(&graph.files[file as usize].root).is_none_or(|size| *size <= LARGE) {
            todo.extend(
                importers[file as usize]
                    .iter()
                    .filter(|importer| !kept[**importer as usize])
                    .map(|importer| (*importer, false)),
            );
        }
    }
    (0..direct.len() as u32).filter(|file| kept[*file as usize]).collect()
}

struct Reached {
    full: Vec<bool>,
    names: FxHashSet<(u32, Sym)>,
    sets: Vec<u32>,
}

impl Reached {
    fn set(&mut self, file: u32) -> u32 {
        let mut at = file;
        while self.sets[at as usize] != at {
            let above = self.sets[self.sets[at as usize] as usize];
            self.sets[at as usize] = above;
            at = above;
        }
        at
    }

    fn join(&mut self, a: u32, b: u32) {
        let (a, b) = (self.set(a), self.set(b));
        self.sets[a.max(b) as usize] = a.min(b);
    }
}

struct Graph<'a> {
    files: &'a [File],
    scans: &'a [Scan],
    layout: &'a Layout,
    names: &'a Names,
    star: Option<Sym>,
}

impl Graph<'_> {
    /// The files that a file's imports and texts name, with what is wanted of them.
    fn imports(&self, file: u32) -> Vec<(u32, Want)> {
        let mut out = Vec::new();
        let scan = &self.scans[file as usize];
        // A package that names everything it has for type checkers has not imported it; who uses it has.
        let package = self.is_package(file);
        for import in scan.imports.iter().filter(|import| !(package && import.types_only)) {
            for target in self.targets(file, import) {
                self.wanted(target, import, &mut out);
            }
        }
        for text in &scan.strings {
            self.named(file, self.names.text(*text), &mut out);
        }
        out.retain(|(target, _)| *target != file);
        out.sort_unstable_by_key(|(target, want)| {
            (*target, if let Want::Name(name) = want { Some(self.names.text(*name)) } else { None })
        });
        out.dedup();
        out
    }

    fn targets(&self, file: u32, import: &TextImport) -> Vec<Target> {
        let dotted = self.names.text(import.module);
        match import.level {
            0 => self.layout.absolute(file, dotted, self.names),
            level => self.layout.relative(file, level, dotted, self.names).into_iter().collect(),
        }
    }

    fn wanted(&self, target: Target, import: &TextImport, out: &mut Vec<(u32, Want)>) {
        let (folder, init) = match target {
            Target::Module(file) => {
                out.push((file, Want::All));
                return;
            }
            Target::Package { init, folder } => (folder, Some(init)),
            Target::Namespace(folder) => (folder, None),
        };
        let Some(names) = &import.names else {
            out.extend(init.map(|init| (init, Want::All)));
            return;
        };
        for &(name, _) in names {
            let all = Some(name) == self.star;
            out.extend(init.map(|init| (init, if all { Want::All } else { Want::Name(name) })));
            match self.layout.child(folder, name) {
                Some(Target::Module(file)) => out.push((file, Want::All)),
                Some(Target::Package { init, .. }) => out.push((init, Want::All)),
                _ => {}
            }
        }
    }

    /// `shop.urls`, `shop.views.OrderView`, `shop:app`: the longest beginning that is a module; an application's package with what Django takes from it.
    fn named(&self, file: u32, text: &str, out: &mut Vec<(u32, Want)>) {
        let text = text.replace(':', ".");
        let mut end = text.len();
        loop {
            for target in self.layout.absolute(file, &text[..end], self.names) {
                match target {
                    Target::Module(file) => out.push((file, Want::All)),
                    Target::Package { init, folder } => {
                        out.push((init, Want::All));
                        for part in ["apps", "models", "urls", "views", "signals", "admin", "tasks", "middleware"] {
                            let child = self.names.find(part).and_then(|part| self.layout.child(folder, part));
                            if let Some(Target::Module(file) | Target::Package { init: file, .. }) = child {
                                out.push((file, Want::All));
                            }
                        }
                    }
                    Target::Namespace(_) => continue,
                }
                return;
            }
            match text[..end].rfind('.') {
                Some(dot) => end = dot,
                None => return,
            }
        }
    }

    fn is_package(&self, file: u32) -> bool {
        self.layout.places[file as usize].is_package
    }

    /// The imports of an `__init__` that bind a name; none if it is not an import that does.
    fn binders(&self, init: u32, name: Sym) -> Option<Vec<(u32, Want)>> {
        let mut out = Vec::new();
        let mut bound = false;
        for import in self.scans[init as usize].imports.iter().filter(|import| !import.types_only) {
            for &(original, alias) in import.names.iter().flatten() {
                let star = Some(original) == self.star;
                if alias == name || star {
                    bound |= !star;
                    let asked = TextImport {
                        level: import.level,
                        module: import.module,
                        names: Some(vec![(if star { name } else { original }, name)]),
                        types_only: false,
                    };
                    for target in self.targets(init, import) {
                        self.wanted(target, &asked, &mut out);
                    }
                }
            }
        }
        (bound || !out.is_empty()).then_some(out)
    }

    fn step(&self, file: u32, want: Want, direct: &[Vec<(u32, Want)>], reached: &mut Reached) -> Vec<(u32, Want)> {
        if reached.full[file as usize] {
            return Vec::new();
        }
        if let (Want::Name(name), true) = (want, self.is_package(file)) {
            if !reached.names.insert((file, name)) {
                return Vec::new();
            }
            if let Some(binders) = self.binders(file, name) {
                return binders;
            }
        }
        reached.full[file as usize] = true;
        direct[file as usize].clone()
    }

    /// The files that a name comes from in the end: through `__init__` files that only hand it on.
    fn finally(&self, file: u32, want: Want, seen: &mut FxHashSet<(u32, Want)>, each: &mut impl FnMut(u32)) {
        if !seen.insert((file, want)) {
            return;
        }
        match want {
            Want::Name(name) if self.is_package(file) => match self.binders(file, name) {
                Some(binders) => {
                    for (next, want) in binders {
                        self.finally(next, want, seen, each);
                    }
                }
                None => each(file),
            },
            _ => each(file),
        }
    }
}
