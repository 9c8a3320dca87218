//! Something long-lived across the files of a project: who makes it, and by which names others know it.

use super::Refusal;
use super::holder::{Holder, Home, Use, uses};
use super::site::{self, Site};
use super::source::{FILE, Source};
use crate::program::{Binding, Scope};
use crate::python::FileKind;
use crate::syntax::{ExprKind, Import, StmtKind};

/// What one file does with something long-lived.
pub(super) struct Part<'a> {
    /// The file; none for that of the finding.
    pub(super) file: Option<&'a str>,
    /// Its text.
    pub(super) source: &'a Source<'a>,
    /// Its uses.
    pub(super) holder: Holder,
}

impl Holder {
    /// Refuses when another file of the project uses it, or when the project is not known.
    pub(super) fn is_own(&self, site: &Site<'_>) -> Result<(), Refusal> {
        let texts = site.others(&self.name).ok_or_else(unknown)?;
        let sources = read(&texts);
        for part in self.elsewhere(site.file, &site.source, &sources)? {
            if let Some(one) = part.holder.uses.first() {
                return Err(Refusal::OtherUsers {
                    name: self.name.clone(),
                    place: place(&part, site, one),
                    why: "another module depends on it".to_owned(),
                });
            }
        }
        Ok(())
    }

    /// What the module that makes it calls it: a word that every file that uses it holds.
    pub(super) fn original(&self, source: &Source<'_>) -> String {
        let import = if self.home == Home::Imported { source.import_of(&self.name) } else { None };
        import
            .and_then(|import| import.name)
            .map_or_else(|| self.name.clone(), |name| source.program.text(name).to_owned())
    }

    /// What all files of the project do with it, the finding's first.
    pub(super) fn everywhere<'a>(
        self,
        site: &'a Site<'a>,
        sources: &'a [(&'a str, Source<'a>)],
    ) -> Result<Vec<Part<'a>>, Refusal> {
        let mut parts = self.elsewhere(site.file, &site.source, sources)?;
        parts.insert(0, Part { file: None, source: &site.source, holder: self });
        Ok(parts)
    }

    /// What other files do with it.
    fn elsewhere<'a>(
        &self,
        own: &str,
        source: &Source<'_>,
        sources: &'a [(&'a str, Source<'a>)],
    ) -> Result<Vec<Part<'a>>, Refusal> {
        let unsure = || Refusal::shape(format!("it is not sure which module makes `{}`", self.name));
        // The module that makes it, and what it is called there.
        let (module, name) = match &self.home {
            Home::Imported => {
                let import = source.import_of(&self.name).ok_or_else(unsure)?;
                (
                    last(source.program.text(import.module)).to_owned(),
                    import.name.map(|name| source.program.text(name).to_owned()),
                )
            }
            Home::Member(alias) => {
                let import = source.import_of(alias).ok_or_else(unsure)?;
                let module = import.name.unwrap_or(import.module);
                (last(source.program.text(module)).to_owned(), Some(self.name.clone()))
            }
            _ => (site::module_name(own).to_owned(), Some(self.name.clone())),
        };
        let name = name.ok_or_else(unsure)?;
        let mut parts = Vec::new();
        for (file, other) in sources {
            let mut found: Vec<Home> = Vec::new();
            match &self.home {
                Home::Class(_) | Home::State => found.push(self.home.clone()),
                Home::Instance(_) => {
                    // An object of the class may be known by any name, but not by `self` of another class.
                    if let Some(line) = used_on_objects(other, &name) {
                        return Err(Refusal::OtherUsers {
                            name: self.name.clone(),
                            place: format!("{file}:{line}"),
                            why: "another module may depend on it".to_owned(),
                        });
                    }
                }
                Home::Module | Home::Imported | Home::Member(_) => {
                    let made_here = other.program.names.find(&name).is_some_and(|name| {
                        let mut all = other.program.bindings(Scope::Module(FILE), name).peekable();
                        all.peek().is_some() && all.all(|binding| matches!(binding, Binding::Target(_)))
                    });
                    if !matches!(self.home, Home::Module) && site::module_name(file) == module && made_here {
                        found.push(Home::Module);
                    }
                    found.extend(other.homes_of(&module, &name));
                }
            }
            for home in found {
                let local = match &home {
                    Home::Imported => other.alias_of(&module, &name).unwrap_or_else(|| name.clone()),
                    _ => name.clone(),
                };
                let Some(sym) = other.program.names.find(&local) else { continue };
                let uses = uses(other, sym, &home);
                if !uses.is_empty() {
                    let holder = Self { name: local, home, uses };
                    parts.push(Part { file: Some(file), source: other, holder });
                }
            }
        }
        if parts.iter().filter(|part| part.holder.home == Home::Module).count() > 1 {
            return Err(Refusal::Ambiguous { what: "module".to_owned() });
        }
        Ok(parts)
    }
}

/// The project is not known.
pub(super) fn unknown() -> Refusal {
    Refusal::shape("it needs a look at the whole project")
}

/// Files as the fixes see them.
pub(super) fn read(texts: &[(String, String)]) -> Vec<(&str, Source<'_>)> {
    texts.iter().map(|(file, text)| (file.as_str(), Source::read(text, FileKind::Source))).collect()
}

/// Where a use stands.
pub(super) fn place(part: &Part<'_>, site: &Site<'_>, one: &Use) -> String {
    let line = part.source.line(part.source.tree()[one.at].span.start);
    format!("{}:{line}", part.file.unwrap_or(site.file))
}

fn last(dotted: &str) -> &str {
    dotted.rsplit('.').next().unwrap_or(dotted)
}

/// The line in which an attribute of this name is used of anything but `self`.
fn used_on_objects(other: &Source<'_>, name: &str) -> Option<u32> {
    let tree = other.tree();
    let name = other.program.names.find(name)?;
    let found = other.exprs().find(|&expr| {
        let ExprKind::Attribute { base, name: attribute } = tree[expr].kind else { return false };
        let own = matches!(tree[base].kind, ExprKind::Name(root) if matches!(other.program.text(root), "self" | "cls"));
        attribute == name && !own
    })?;
    Some(other.line(tree[found].span.start))
}

impl Source<'_> {
    /// The import that binds a name at the top of the file.
    fn import_of(&self, name: &str) -> Option<Import> {
        let name = self.program.names.find(name)?;
        let mut bindings = self.program.bindings(Scope::Module(FILE), name);
        match (bindings.next(), bindings.next()) {
            (Some(Binding::Import(import)), None) => Some(import),
            _ => None,
        }
    }

    /// The ways in which a file may write a name of another module.
    fn homes_of(&self, module: &str, name: &str) -> Vec<Home> {
        let mut found = Vec::new();
        for import in self.imports() {
            let from = last(self.program.text(import.module));
            let imported = import.name.map(|name| self.program.text(name));
            match imported {
                Some(imported) if from == module && (imported == name || imported == "*") => found.push(Home::Imported),
                Some(imported) if imported == module => {
                    found
                        .push(Home::Member(import.alias.map_or(imported, |alias| self.program.text(alias)).to_owned()));
                }
                None if from == module => {
                    // `import a.b` is written `a.b.NAME`.
                    let written = import.alias.map_or(from, |alias| self.program.text(alias));
                    found.push(Home::Member(written.to_owned()));
                }
                _ => {}
            }
        }
        found.dedup();
        found
    }

    /// What a file calls a name that it imports from a module.
    fn alias_of(&self, module: &str, name: &str) -> Option<String> {
        self.imports().into_iter().find_map(|import| {
            let same = last(self.program.text(import.module)) == module
                && import.name.is_some_and(|found| self.program.text(found) == name);
            let alias = import.alias.filter(|_| same)?;
            Some(self.program.text(alias).to_owned())
        })
    }

    fn imports(&self) -> Vec<Import> {
        let tree = self.tree();
        let imports = self.all_statements().into_iter().filter_map(|stmt| match tree[stmt].kind {
            StmtKind::Import(imports) => Some(imports),
            _ => None,
        });
        imports.flat_map(|imports| tree[imports].to_vec()).collect()
    }
}
