//! Names by imports and definitions alone: what module, class, function or path of a library an expression names, without asking for values.
//! An assignment that only renames (`Base = models.Model`) is followed; everything that has to be computed is refused.

use crate::program::Program;
use crate::program::bindings::Binding;
use crate::program::builtins;
use crate::program::ids::{ClassId, ExprAt, FunctionId, ModuleId, Scope};
use crate::program::module::parent_of;
use crate::syntax::{ExprId, ExprKind, Import, Parent, StmtKind, Sym};

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Symbol {
    /// A module of the program.
    Module(ModuleId),
    /// A class of the program.
    Class(ClassId),
    /// A function of the program.
    Function(FunctionId),
    /// A variable at the top of a module.
    Variable(ModuleId, Sym),
    /// A dotted path outside of the program: `boto3.client`, `builtins.open`.
    External(Sym),
}

/// Imports and renamings that are followed in a row; more than any program has, so that cycles end.
const LONGEST: u8 = 24;

/// Places that bind one name in one scope and are looked at.
const BOUND: usize = 64;

impl Program {
    /// What an expression names: a name, a dotted name, or a generic class with its arguments.
    pub fn resolve(&self, at: ExprAt) -> Option<Symbol> {
        self.resolve_within(at, LONGEST)
    }

    /// The dotted path of a library that an expression names: `functools.lru_cache`.
    pub fn external(&self, at: ExprAt) -> Option<&str> {
        if let Symbol::External(path) = self.resolve(at)? { Some(self.text(path)) } else { None }
    }

    /// What a name stands for where it is read in a scope.
    pub fn resolve_name(&self, scope: Scope, name: Sym) -> Option<Symbol> {
        self.name_within(scope, name, LONGEST)
    }

    /// What a dotted text names, as Django's strings do: `shop.urls`, `shop.views.OrderView.list`. Looked up from a module, whose import root comes
    /// first. None for what lies outside of the program.
    pub fn resolve_dotted(&self, from: ModuleId, dotted: &str) -> Option<Symbol> {
        let mut end = dotted.len();
        loop {
            if let Some(module) = self.find_module(from, &dotted[..end]) {
                let rest = dotted[end..].split('.').filter(|part| !part.is_empty());
                return rest.into_iter().try_fold(Symbol::Module(module), |symbol, part| {
                    self.member_of(symbol, self.names.find(part)?, LONGEST)
                });
            }
            end = dotted[..end].rfind('.')?;
        }
    }

    /// A module by its dotted name, as seen from a module: the same import root first, then the only other one that has it. Well-known libraries
    /// are found in the same root only, so that a copy elsewhere in the tree does not hide them.
    pub fn find_module(&self, from: ModuleId, dotted: &str) -> Option<ModuleId> {
        self.module_named(from, self.names.find(dotted)?)
    }

    fn module_named(&self, from: ModuleId, dotted: Sym) -> Option<ModuleId> {
        let same_root = (self.module(from).root, dotted);
        if let Some(&found) = self.by_root.get(&same_root) {
            return Some(found);
        }
        match self.by_dotted.get(&dotted)?.as_slice() {
            [only] if !builtins::is_library(self.text(dotted)) => Some(*only),
            _ => None,
        }
    }

    /// What an import binds its name to.
    pub fn resolve_import(&self, module: ModuleId, import: &Import) -> Option<Symbol> {
        self.import_within(module, import, LONGEST)
    }

    /// The module or library path that the `from …` or `import …` part names.
    fn import_source(&self, module: ModuleId, import: &Import) -> Option<Symbol> {
        if import.level == 0 {
            return Some(match self.module_named(module, import.module) {
                Some(found) => Symbol::Module(found),
                None => Symbol::External(import.module),
            });
        }
        let here = self.module(module);
        let mut package = self.text(here.name);
        let up = usize::from(import.level) - usize::from(here.is_package);
        for _ in 0..up {
            package = match package.rfind('.') {
                Some(dot) => &package[..dot],
                None if package.is_empty() => return None,
                None => "",
            };
        }
        let rest = self.text(import.module);
        let dotted = match (package.is_empty(), rest.is_empty()) {
            (false, false) => format!("{package}.{rest}"),
            (true, _) => rest.to_owned(),
            (_, true) => package.to_owned(),
        };
        Some(match self.find_module(module, &dotted) {
            Some(found) => Symbol::Module(found),
            // A folder without `__init__`: its members are found by their dotted names.
            None => Symbol::External(self.names.intern(&dotted)),
        })
    }

    fn import_within(&self, module: ModuleId, import: &Import, left: u8) -> Option<Symbol> {
        let left = left.checked_sub(1)?;
        let Some(name) = import.name else {
            if import.alias.is_some() {
                return self.import_source(module, import);
            }
            let first = self.text(import.module).split('.').next().unwrap_or_default();
            let first = self.names.intern(first);
            return Some(match self.module_named(module, first) {
                Some(found) => Symbol::Module(found),
                None => Symbol::External(first),
            });
        };
        match self.import_source(module, import)? {
            Symbol::External(path) if self.text(path).is_empty() => Some(self.outside(module, name)),
            Symbol::External(path) => {
                let dotted = format!("{}.{}", self.text(path), self.text(name));
                Some(self.outside(module, self.names.intern(&dotted)))
            }
            // `from . import name` in a package looks for a sibling before it looks at what the package itself is about to import.
            Symbol::Module(source) if source == module => {
                self.submodule(source, name).or_else(|| self.member_within(source, name, left))
            }
            source => self.member_of(source, name, left),
        }
    }

    fn outside(&self, from: ModuleId, dotted: Sym) -> Symbol {
        match self.module_named(from, dotted) {
            Some(found) => Symbol::Module(found),
            None => Symbol::External(dotted),
        }
    }

    fn submodule(&self, module: ModuleId, name: Sym) -> Option<Symbol> {
        let package = self.module(module);
        if !package.is_package {
            return None;
        }
        let dotted = format!("{}.{}", self.text(package.name), self.text(name));
        let found = self.by_root.get(&(package.root, self.names.find(&dotted)?))?;
        Some(Symbol::Module(*found))
    }

    /// What an attribute of a module, class or library path names.
    pub fn member(&self, of: Symbol, name: Sym) -> Option<Symbol> {
        self.member_of(of, name, LONGEST)
    }

    fn member_of(&self, of: Symbol, name: Sym, left: u8) -> Option<Symbol> {
        let left = left.checked_sub(1)?;
        match of {
            Symbol::Module(module) => self.member_within(module, name, left),
            Symbol::External(path) => {
                let dotted = self.names.intern(&format!("{}.{}", self.text(path), self.text(name)));
                // A folder without `__init__` is no module, but what lies in it may be.
                let found = self.by_dotted.get(&dotted).filter(|_| !builtins::is_library(self.text(path)));
                Some(match found.map(Vec::as_slice) {
                    Some([only]) => Symbol::Module(*only),
                    _ => Symbol::External(dotted),
                })
            }
            Symbol::Class(class) => {
                let at = self.class_binding(class, name)?;
                self.bound(Scope::Class(at.0), at.1, name, left)
            }
            Symbol::Function(_) | Symbol::Variable(..) => None,
        }
    }

    fn member_within(&self, module: ModuleId, name: Sym, left: u8) -> Option<Symbol> {
        let left = left.checked_sub(1)?;
        let scope = Scope::Module(module);
        let found = self.best(scope, name).and_then(|binding| self.bound(scope, binding, name, left));
        found.or_else(|| self.submodule(module, name)).or_else(|| self.star_member(scope, name, left))
    }

    fn star_member(&self, scope: Scope, name: Sym, left: u8) -> Option<Symbol> {
        let left = left.checked_sub(1)?;
        let module = scope.module();
        let stars = self.module(module).bindings.stars(parent_of(scope));
        let mut outside = None;
        for import in stars {
            match self.import_source(module, import) {
                Some(Symbol::Module(source)) if source != module => {
                    if let Some(found) = self.member_within(source, name, left) {
                        return Some(found);
                    }
                }
                Some(Symbol::External(path)) if outside.is_none() => outside = Some(path),
                _ => {}
            }
        }
        let path = outside.filter(|_| !builtins::is_builtin(self.text(name)))?;
        Some(Symbol::External(self.names.intern(&format!("{}.{}", self.text(path), self.text(name)))))
    }

    /// The binding that names something best: an import that is executed, then the last definition, then an assignment.
    fn best(&self, scope: Scope, name: Sym) -> Option<Binding> {
        let all = self.module(scope.module()).bindings.of(parent_of(scope), name);
        let rank = |binding: &Binding| match binding {
            Binding::Import(import) if !import.type_checking => 0,
            Binding::Function(_) | Binding::Class(_) => 1,
            Binding::Import(_) => 2,
            _ => 3,
        };
        let few = &all[..all.len().min(BOUND)];
        let first = few.iter().map(|(.., binding)| binding).min_by_key(|binding| rank(binding))?;
        if rank(first) == 1 {
            return all.iter().rev().take(BOUND).map(|(.., binding)| *binding).find(|binding| rank(binding) == 1);
        }
        Some(*first)
    }

    fn bound(&self, scope: Scope, binding: Binding, name: Sym, left: u8) -> Option<Symbol> {
        let left = left.checked_sub(1)?;
        let module = scope.module();
        match binding {
            Binding::Import(import) => self.import_within(module, &import, left),
            Binding::Function(ix) => Some(Symbol::Function(module.function(ix))),
            Binding::Class(ix) => Some(Symbol::Class(module.class(ix))),
            Binding::Target(target) => {
                let renamed = self.only_value(scope, name, target).filter(|&value| {
                    let kind = self.module(module).tree[value].kind;
                    matches!(kind, ExprKind::Name(_) | ExprKind::Attribute { .. })
                });
                let symbol = renamed.and_then(|value| self.resolve_within(module.expr(value), left));
                match (symbol, scope) {
                    (Some(symbol), _) => Some(symbol),
                    (None, Scope::Module(module)) => Some(Symbol::Variable(module, name)),
                    (None, _) => None,
                }
            }
            Binding::Param(_) | Binding::Handler { .. } | Binding::Capture { .. } => None,
        }
    }

    /// The value of the only assignment to a name.
    fn only_value(&self, scope: Scope, name: Sym, target: ExprId) -> Option<ExprId> {
        let module = self.module(scope.module());
        if module.bindings.of(parent_of(scope), name).len() != 1 {
            return None;
        }
        let stmt = match module.links.owner(target)? {
            crate::program::links::Owner::Stmt(stmt) => stmt,
            crate::program::links::Owner::Expr(_) => return None,
        };
        if let StmtKind::Assign { value, .. } = module.tree[stmt].kind { value } else { None }
    }

    fn resolve_within(&self, at: ExprAt, left: u8) -> Option<Symbol> {
        let left = left.checked_sub(1)?;
        match self.expr(at).kind {
            ExprKind::Name(name) => {
                if self.comprehension_target(at, name).is_some() {
                    return None;
                }
                self.name_within(self.scope_of(at), name, left)
            }
            ExprKind::Attribute { base, name } => {
                let base = self.resolve_within(at.beside(base), left)?;
                self.member_of(base, name, left)
            }
            ExprKind::Subscript { base, .. } => match self.resolve_within(at.beside(base), left)? {
                generic @ (Symbol::Class(_) | Symbol::External(_)) => Some(generic),
                _ => None,
            },
            _ => None,
        }
    }

    fn name_within(&self, scope: Scope, name: Sym, left: u8) -> Option<Symbol> {
        let module = self.module(scope.module());
        let mut at = scope;
        loop {
            let found = if at == scope || !matches!(at, Scope::Class(_)) { self.best(at, name) } else { None };
            if let Some(binding) = found {
                return self.bound(at, binding, name, left);
            }
            if matches!(at, Scope::Module(_)) {
                break;
            }
            if let Some(symbol) = self.star_member(at, name, left) {
                return Some(symbol);
            }
            at = module.scope(self.enclosing(at)?);
        }
        if let Some(symbol) = self.star_member(at, name, left) {
            return Some(symbol);
        }
        let text = self.text(name);
        builtins::is_builtin(text).then(|| Symbol::External(self.names.intern(&format!("builtins.{text}"))))
    }

    /// The scope around a scope; none around a module.
    pub fn enclosing(&self, scope: Scope) -> Option<Parent> {
        match scope {
            Scope::Module(_) => None,
            Scope::Function(function) => Some(self.function(function).parent),
            Scope::Class(class) => Some(self.class(class).parent),
        }
    }

    /// Where the clause of a comprehension around an expression binds a name: the target's name. Comprehensions hide names of their scope.
    pub fn comprehension_target(&self, at: ExprAt, name: Sym) -> Option<ExprId> {
        let module = self.module(at.module);
        let mut child = at.expr;
        while let Some(parent) = module.links.parent(child) {
            if let ExprKind::Comprehension { clauses, .. } = module.tree[parent].kind {
                let clauses = &module.tree[clauses];
                // The first iterable is evaluated outside of the comprehension.
                if clauses.first().is_none_or(|first| first.iter != child) {
                    let target = clauses.iter().find_map(|clause| named_in(&module.tree, clause.target, name));
                    if target.is_some() {
                        return target;
                    }
                }
            }
            child = parent;
        }
        None
    }
}

/// The name within an assignment's target.
fn named_in(tree: &crate::syntax::Tree, target: ExprId, name: Sym) -> Option<ExprId> {
    match tree[target].kind {
        ExprKind::Name(found) if found == name => Some(target),
        ExprKind::Tuple(parts) | ExprKind::List(parts) => {
            tree[parts].iter().find_map(|&part| named_in(tree, part, name))
        }
        ExprKind::Starred(inner) => named_in(tree, inner, name),
        _ => None,
    }
}
