//! A program: the modules of an analysis with their names, scopes, imports, classes and an index of what happens where. Everything here follows from
//! the text alone; what an expression may be at run time is asked of [`crate::values`].

mod bindings;
mod builtins;
mod classes;
mod collect;
mod ids;
mod index;
mod links;
mod module;
mod resolve;
mod sites;
#[cfg(test)]
mod tests;

use rayon::prelude::*;
use rustc_hash::FxHashMap;

pub use bindings::{Binding, Bindings};
pub(crate) use builtins::is_library;
pub use classes::Base;
pub use ids::{ClassId, ExprAt, FunctionId, ModuleId, Scope, StmtAt};
pub use links::{Links, Owner, Part};
pub use module::{Module, ParsedModule, Role};
pub use resolve::Symbol;
pub use sites::{
    Around, AttributeStore, AugAssign, CallSite, Decorated, Decorator, Delete, Exit, ExitKind, Sites, SubscriptStore,
};

use crate::names::Names;
use crate::syntax::{Arg, Class, Expr, ExprKind, Function, Param, Stmt, Sym, Tree};
use classes::Hierarchy;
use index::Index;
use module::parent_of;

/// The modules of an analysis.
#[derive(Debug)]
pub struct Program {
    /// The names of all modules.
    pub names: Names,
    /// The modules; a [`ModuleId`] is an index.
    pub modules: Vec<Module>,
    by_root: FxHashMap<(u32, Sym), ModuleId>,
    by_dotted: FxHashMap<Sym, Vec<ModuleId>>,
    index: Index,
    hierarchy: Hierarchy,
}

impl Program {
    /// Puts modules together. `names` are those that the trees were made with.
    pub fn build(names: Names, parsed: Vec<ParsedModule>) -> Self {
        let modules: Vec<Module> = (parsed.into_par_iter().enumerate())
            .map(|(n, parsed)| Module::new(ModuleId(n as u32), parsed, &names))
            .collect();
        let mut by_root: FxHashMap<(u32, Sym), ModuleId> = FxHashMap::default();
        let mut by_dotted: FxHashMap<Sym, Vec<ModuleId>> = FxHashMap::default();
        for module in &modules {
            // A stub only stands in where there is no source.
            let known = by_root.entry((module.root, module.name)).or_insert(module.id);
            if modules[known.0 as usize].role == Role::Stub {
                *known = module.id;
            }
            by_dotted.entry(module.name).or_default().push(module.id);
        }
        for same in by_dotted.values_mut() {
            if same.iter().any(|id| modules[id.0 as usize].role != Role::Stub) {
                same.retain(|id| modules[id.0 as usize].role != Role::Stub);
            }
        }
        let index = Index::new(&modules);
        let mut program = Self { names, modules, by_root, by_dotted, index, hierarchy: Hierarchy::default() };
        program.hierarchy = Hierarchy::new(&program);
        program
    }

    /// Puts another text in the place of a module that keeps its name; everything that follows from the modules together is found anew.
    pub fn replace(&mut self, id: ModuleId, parsed: ParsedModule) {
        self.modules[id.0 as usize] = Module::new(id, parsed, &self.names);
        self.index = Index::new(&self.modules);
        self.hierarchy = Hierarchy::default();
        self.hierarchy = Hierarchy::new(self);
    }

    /// The text of a name.
    pub fn text(&self, sym: Sym) -> &str {
        self.names.text(sym)
    }

    /// A module.
    pub fn module(&self, id: ModuleId) -> &Module {
        &self.modules[id.0 as usize]
    }

    /// The tree of a module.
    pub fn tree(&self, id: ModuleId) -> &Tree {
        &self.module(id).tree
    }

    /// A function.
    pub fn function(&self, id: FunctionId) -> &Function {
        &self.tree(id.module)[id.ix]
    }

    /// The parameters of a function.
    pub fn params(&self, id: FunctionId) -> &[Param] {
        &self.tree(id.module)[self.function(id).params]
    }

    /// A class.
    pub fn class(&self, id: ClassId) -> &Class {
        &self.tree(id.module)[id.ix]
    }

    /// An expression.
    pub fn expr(&self, at: ExprAt) -> &Expr {
        &self.tree(at.module)[at.expr]
    }

    /// A statement.
    pub fn stmt(&self, at: StmtAt) -> &Stmt {
        &self.tree(at.module)[at.stmt]
    }

    /// The callee and the arguments of a call; none for another expression.
    pub fn call(&self, at: ExprAt) -> Option<(ExprAt, &[Arg])> {
        match self.expr(at).kind {
            ExprKind::Call { callee, args } => Some((at.beside(callee), &self.tree(at.module)[args])),
            _ => None,
        }
    }

    /// What a method is called on: `rows` in `rows.append(x)`.
    pub fn receiver(&self, call: ExprAt) -> Option<ExprAt> {
        match self.expr(self.call(call)?.0).kind {
            ExprKind::Attribute { base, .. } => Some(call.beside(base)),
            _ => None,
        }
    }

    /// The value of a call's keyword argument.
    pub fn keyword(&self, call: ExprAt, keyword: &str) -> Option<ExprAt> {
        let (_, args) = self.call(call)?;
        let found = args.iter().find(|arg| arg.keyword.is_some_and(|name| self.text(name) == keyword))?;
        Some(call.beside(found.value))
    }

    /// The value of a call's n-th positional argument, where no `*value` stands before it.
    pub fn positional(&self, call: ExprAt, n: usize) -> Option<ExprAt> {
        match self.expr(call).kind {
            ExprKind::Call { args, .. } => Some(call.beside(self.tree(call.module).positional(args, n)?)),
            _ => None,
        }
    }

    /// The value of an argument that may be given by position or by keyword.
    pub fn argument(&self, call: ExprAt, n: usize, keyword: &str) -> Option<ExprAt> {
        self.keyword(call, keyword).or_else(|| self.positional(call, n))
    }

    /// The scope that an expression is evaluated in. Decorators, defaults and bases belong to the scope around.
    pub fn scope_of(&self, at: ExprAt) -> Scope {
        let module = self.module(at.module);
        match module.links.stmt_of(at.expr) {
            Some(stmt) => module.scope(module.links.scope(stmt)),
            None => Scope::Module(at.module),
        }
    }

    /// The scope that a statement is executed in.
    pub fn scope_of_stmt(&self, at: StmtAt) -> Scope {
        let module = self.module(at.module);
        module.scope(module.links.scope(at.stmt))
    }

    /// What a name is bound to in exactly this scope, in the order of the source.
    pub fn bindings(&self, scope: Scope, name: Sym) -> impl Iterator<Item = Binding> {
        self.module(scope.module()).bindings.of(parent_of(scope), name).iter().map(|&(.., binding)| binding)
    }

    /// The scope that binds a name which is read in a scope, from the inside out. Bodies of classes count for themselves only.
    pub fn binding_scope(&self, scope: Scope, name: Sym) -> Option<Scope> {
        let module = self.module(scope.module());
        let mut at = scope;
        loop {
            let visible = at == scope || !matches!(at, Scope::Class(_));
            if visible && !module.bindings.of(parent_of(at), name).is_empty() {
                return Some(at);
            }
            at = module.scope(self.enclosing(at)?);
        }
    }

    /// A dotted name that people know a function by: `shop.orders.OrderView.list`.
    pub fn qualified(&self, function: FunctionId) -> String {
        self.dotted(Scope::Function(function))
    }

    /// A dotted name that people know a scope by.
    pub fn dotted(&self, scope: Scope) -> String {
        let module = self.module(scope.module());
        let mut parts = Vec::new();
        let mut at = scope;
        loop {
            let (name, parent) = match at {
                Scope::Module(_) => break,
                Scope::Function(id) => (self.function(id).name, self.function(id).parent),
                Scope::Class(id) => (self.class(id).name, self.class(id).parent),
            };
            parts.push(self.text(name));
            at = module.scope(parent);
        }
        parts.push(self.text(module.name));
        parts.reverse();
        parts.retain(|part| !part.is_empty());
        parts.join(".")
    }

    /// Every call whose callee's last segment is the name, in the order of modules and source.
    pub fn calls_named(&self, name: &str) -> impl ExactSizeIterator<Item = &CallSite> {
        self.calls_of(self.names.find(name))
    }

    /// Every call whose callee's last segment is the name.
    pub fn calls_of(&self, name: Option<Sym>) -> impl ExactSizeIterator<Item = &CallSite> {
        let refs = name.map(|name| self.index.calls.of(name)).unwrap_or_default();
        refs.iter().map(|&(module, n)| &self.module(module).sites.calls[n as usize])
    }

    /// Every call that is executed in exactly this scope (bodies of nested functions and lambdas are scopes of their own), in the order of the source.
    pub fn calls_in(&self, scope: Scope) -> &[CallSite] {
        self.module(scope.module()).sites.calls_in(parent_of(scope))
    }

    /// Every store `….name = value`.
    pub fn attribute_stores(&self, name: &str) -> impl ExactSizeIterator<Item = &AttributeStore> {
        self.attribute_stores_of(self.names.find(name))
    }

    /// Every store `….name = value`.
    pub fn attribute_stores_of(&self, name: Option<Sym>) -> impl ExactSizeIterator<Item = &AttributeStore> {
        let refs = name.map(|name| self.index.attribute_stores.of(name)).unwrap_or_default();
        refs.iter().map(|&(module, n)| &self.module(module).sites.attribute_stores[n as usize])
    }

    /// Every store `base[index] = value`.
    pub fn subscript_stores(&self) -> impl Iterator<Item = &SubscriptStore> {
        self.modules.iter().flat_map(|module| &module.sites.subscript_stores)
    }

    /// Every augmented assignment.
    pub fn aug_assigns(&self) -> impl Iterator<Item = &AugAssign> {
        self.modules.iter().flat_map(|module| &module.sites.aug_assigns)
    }

    /// Every target of a `del`.
    pub fn deletes(&self) -> impl Iterator<Item = &Delete> {
        self.modules.iter().flat_map(|module| &module.sites.deletes)
    }

    /// Every decorator whose last segment is the name.
    pub fn decorators_named(&self, name: &str) -> impl ExactSizeIterator<Item = &Decorator> {
        let refs = self.names.find(name).map(|name| self.index.decorators.of(name)).unwrap_or_default();
        refs.iter().map(|&(module, n)| &self.module(module).sites.decorators[n as usize])
    }

    /// The decorators of a function, the outermost first.
    pub fn decorators_of(&self, function: FunctionId) -> impl Iterator<Item = ExprAt> {
        let tree = self.tree(function.module);
        tree[tree[function.ix].decorators].iter().map(move |&decorator| function.module.expr(decorator))
    }

    /// The path or symbol that a decorator names, whether it is called or not.
    pub fn decorator(&self, at: ExprAt) -> Option<Symbol> {
        match self.call(at) {
            Some((callee, _)) => self.resolve(callee),
            None => self.resolve(at),
        }
    }

    /// Whether a function has a decorator that names a path outside of the program for which the test holds.
    pub fn is_decorated(&self, function: FunctionId, is: impl Fn(&str) -> bool) -> bool {
        self.decorators_of(function).any(|decorator| match self.decorator(decorator) {
            Some(Symbol::External(path)) => is(self.text(path)),
            _ => false,
        })
    }

    /// The returns and yields of a function, in the order of the source.
    pub fn exits(&self, function: FunctionId) -> &[Exit] {
        self.module(function.module).sites.exits_in(parent_of(Scope::Function(function)))
    }

    /// Functions and methods with this name.
    pub fn functions_named(&self, name: Sym) -> &[FunctionId] {
        self.index.functions.get(&name).map(Vec::as_slice).unwrap_or_default()
    }

    /// Classes with this name.
    pub fn classes_named(&self, name: Sym) -> &[ClassId] {
        self.index.classes.get(&name).map(Vec::as_slice).unwrap_or_default()
    }

    /// All functions, methods and lambdas.
    pub fn functions(&self) -> impl Iterator<Item = (FunctionId, &Function)> {
        self.modules
            .iter()
            .flat_map(|module| module.tree.functions().map(|(ix, function)| (module.id.function(ix), function)))
    }

    /// All classes.
    pub fn classes(&self) -> impl Iterator<Item = (ClassId, &Class)> {
        self.modules.iter().flat_map(|module| module.tree.classes().map(|(ix, class)| (module.id.class(ix), class)))
    }
}
