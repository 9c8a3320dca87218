//! A module: its tree with what the one walk over it found.

use crate::names::Names;
use crate::program::bindings::Bindings;
use crate::program::collect::{self, Collected};
use crate::program::ids::{ModuleId, Scope};
use crate::program::links::Links;
use crate::program::sites::Sites;
use crate::syntax::{Parent, Sym, Tree};

/// What a file is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Role {
    /// Code of the application.
    #[default]
    Source,
    /// A test or what only tests use.
    Test,
    /// A migration.
    Migration,
    /// A stub (`.pyi`).
    Stub,
    /// A notebook.
    Notebook,
    /// A program that is started by hand.
    Script,
    /// Written by a generator.
    Generated,
}

/// A file that was read, with what the discovery says of it.
#[derive(Debug)]
pub struct ParsedModule {
    /// Its path from the top of what is analysed, with `/`.
    pub path: String,
    /// Its dotted name; a package has the name of its folder.
    pub name: String,
    /// Which of the import roots it belongs to. Names are looked up in the same root first.
    pub root: u32,
    /// Whether it is an `__init__`.
    pub is_package: bool,
    /// What it is for.
    pub role: Role,
    /// Its tree.
    pub tree: Tree,
}

/// A module of a program.
#[derive(Debug)]
pub struct Module {
    /// Its id.
    pub id: ModuleId,
    /// Its path from the top of what is analysed, with `/`.
    pub path: String,
    /// Its dotted name.
    pub name: Sym,
    /// Which of the import roots it belongs to.
    pub root: u32,
    /// Whether it is an `__init__`.
    pub is_package: bool,
    /// What it is for.
    pub role: Role,
    /// Its tree.
    pub tree: Tree,
    /// The way up in the tree.
    pub links: Links,
    /// What its names are bound to.
    pub bindings: Bindings,
    /// Its calls, stores and other sites.
    pub sites: Sites,
}

impl Module {
    pub(super) fn new(id: ModuleId, parsed: ParsedModule, names: &Names) -> Self {
        let ParsedModule { path, name, root, is_package, role, tree } = parsed;
        let Collected { links, bindings, sites } = collect::collect(&tree, id, names);
        Self { id, path, name: names.intern(&name), root, is_package, role, tree, links, bindings, sites }
    }

    /// A scope of this module.
    pub fn scope(&self, parent: Parent) -> Scope {
        match parent {
            Parent::Module => Scope::Module(self.id),
            Parent::Function(ix) => Scope::Function(self.id.function(ix)),
            Parent::Class(ix) => Scope::Class(self.id.class(ix)),
        }
    }
}

/// A scope as its module's tree names it.
pub(super) fn parent_of(scope: Scope) -> Parent {
    match scope {
        Scope::Module(_) => Parent::Module,
        Scope::Function(function) => Parent::Function(function.ix),
        Scope::Class(class) => Parent::Class(class.ix),
    }
}
