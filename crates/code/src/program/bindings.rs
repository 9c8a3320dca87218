//! What names are bound to, per scope: every assignment, import, definition, parameter and handler name, in the order of the source. Says where a
//! value comes from, not what it is.

use crate::program::links;
use crate::syntax::{ClassIx, ExprId, FunctionIx, Import, Parent, StmtId, Sym};

/// One place that binds a name.
#[derive(Clone, Copy, Debug)]
pub enum Binding {
    /// An import; `import a.b` binds `a`, `import a.b as c` binds `c` to `a.b`.
    Import(Import),
    /// A `def`.
    Function(FunctionIx),
    /// A `class`.
    Class(ClassIx),
    /// The name as a target: of an assignment (also an augmented or a merely declaring one), `for`, `with`, `:=`. The tree above it says which.
    Target(ExprId),
    /// The n-th parameter of the function.
    Param(u32),
    /// `except exceptions as name`.
    Handler {
        /// The exceptions.
        exceptions: Option<ExprId>,
        /// The `try` statement.
        stmt: StmtId,
    },
    /// A name that a pattern of `match` captures.
    Capture {
        /// What is matched.
        subject: ExprId,
        /// The `match` statement.
        stmt: StmtId,
    },
}

/// What the names of a module's scopes are bound to.
#[derive(Clone, Debug, Default)]
pub struct Bindings {
    all: Vec<(u32, Sym, Binding)>,
    declared: Vec<(u32, Sym, bool)>,
    stars: Vec<(u32, Import)>,
}

impl Bindings {
    pub(super) fn add(&mut self, scope: Parent, name: Sym, binding: Binding) {
        self.all.push((links::pack(scope), name, binding));
    }

    pub(super) fn declare(&mut self, scope: Parent, name: Sym, global: bool) {
        self.declared.push((links::pack(scope), name, global));
    }

    pub(super) fn add_star(&mut self, scope: Parent, import: Import) {
        self.stars.push((links::pack(scope), import));
    }

    /// Moves what was bound under `global` and `nonlocal` to the scope that it belongs to, and sorts. `outer` gives the functions around a scope, the
    /// innermost first.
    pub(super) fn finish(&mut self, outer: impl Fn(u32) -> Vec<u32>) {
        self.declared.sort_unstable_by_key(|&(scope, name, _)| (scope, name.number()));
        self.declared.dedup_by_key(|&mut (scope, name, _)| (scope, name));
        if !self.declared.is_empty() {
            let moved: Vec<(usize, u32)> = (self.all.iter().enumerate())
                .filter_map(|(n, &(scope, name, _))| {
                    let target = if self.declaration(scope, name)? {
                        0
                    } else {
                        let bound = |outer: u32| self.all.iter().any(|&(at, other, _)| at == outer && other == name);
                        outer(scope).into_iter().find(|&outer| bound(outer))?
                    };
                    Some((n, target))
                })
                .collect();
            for (n, target) in moved {
                self.all[n].0 = target;
            }
        }
        self.all.sort_by_key(|&(scope, name, _)| (scope, name.number()));
        self.all.shrink_to_fit();
    }

    fn declaration(&self, scope: u32, name: Sym) -> Option<bool> {
        let key = (scope, name.number());
        let at = self.declared.binary_search_by_key(&key, |&(scope, name, _)| (scope, name.number())).ok()?;
        Some(self.declared[at].2)
    }

    /// Whether a function declares a name `global`.
    pub fn is_global(&self, scope: Parent, name: Sym) -> bool {
        self.declaration(links::pack(scope), name) == Some(true)
    }

    /// Whether a function declares a name `nonlocal`.
    pub fn is_nonlocal(&self, scope: Parent, name: Sym) -> bool {
        self.declaration(links::pack(scope), name) == Some(false)
    }

    /// What a name is bound to in a scope, in the order of the source; what functions bind under `global` counts to the module.
    pub fn of(&self, scope: Parent, name: Sym) -> &[(u32, Sym, Binding)] {
        let key = (links::pack(scope), name.number());
        let start = self.all.partition_point(|&(scope, name, _)| (scope, name.number()) < key);
        let rest = &self.all[start..];
        // Most names are bound once or twice; a generated file may bind one a hundred thousand times.
        let end = match rest.get(4) {
            Some(&(scope, name, _)) if (scope, name.number()) == key => {
                rest.partition_point(|&(scope, name, _)| (scope, name.number()) <= key)
            }
            _ => rest.iter().take_while(|&&(scope, name, _)| (scope, name.number()) == key).count(),
        };
        &rest[..end]
    }

    /// The names that a scope binds, each once, with the first place that binds it; in no order.
    pub fn names(&self, scope: Parent) -> impl Iterator<Item = (Sym, Binding)> {
        let scope = links::pack(scope);
        let start = self.all.partition_point(|&(at, ..)| at < scope);
        let mut last = None;
        self.all[start..]
            .iter()
            .take_while(move |&&(at, ..)| at == scope)
            .filter_map(move |&(_, name, binding)| (last.replace(name) != Some(name)).then_some((name, binding)))
    }

    /// Every name with every place that binds it, in all scopes; in no order.
    pub fn all(&self) -> impl Iterator<Item = (Sym, Binding)> {
        self.all.iter().map(|&(_, name, binding)| (name, binding))
    }

    /// The `from module import *` of a scope.
    pub fn stars(&self, scope: Parent) -> impl Iterator<Item = &Import> {
        let scope = links::pack(scope);
        self.stars.iter().filter(move |(at, _)| *at == scope).map(|(_, import)| import)
    }
}
