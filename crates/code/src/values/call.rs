//! Calls: what calling something gives, what functions return, and where that is born.
//!
//! What a function makes and only returns is born where the function is called: two calls make two objects. What it also keeps (in a global, an
//! attribute, a container, under a caching decorator) stays born where it is made.

use rustc_hash::FxHashSet;

use crate::program::{ClassId, ExitKind, ExprAt, FunctionId, Owner, Scope};
use crate::syntax::{ExprId, ExprKind, FunctionIx, StmtKind, Sym};

use super::kind::{How, Kind, Object, ObjectId, Value};
use super::sets::Gathered;
use super::solve::Node;
use super::{SetId, Values};

/// Returns and yields of a function that are looked at.
const EXITS: usize = 40;

/// Local names of a module's functions whose value is also kept elsewhere.
pub(super) type KeptNames = FxHashSet<(FunctionIx, Sym)>;

impl Values<'_> {
    pub(super) fn call(&self, at: ExprAt, callee: ExprAt) -> Gathered {
        let mut found = Gathered::default();
        for value in self.eval(callee) {
            self.call_value(*value, at, &mut found);
        }
        if found.is_empty() && self.eval(callee).is_empty() {
            self.guessed_call(at, callee, &mut found);
        }
        found
    }

    /// What calling a value gives; `at` is the call, or what stands for it.
    pub(super) fn call_value(&self, value: Value, at: ExprAt, found: &mut Gathered) {
        match value {
            Value::Class(class) => self.construct(class, at, found),
            Value::Function(function) | Value::Bound(function, _) => self.call_function(function, at, found),
            Value::External(path) => self.call_external(path, at, found),
            Value::Method(object, name) => self.call_method(object, name, at, found),
            Value::Inherited(class, name) => self.call_inherited(class, name, at, found),
            Value::Instance(class) => self.call_instance(class, at, found),
            Value::Object(id) => match self.object(id).kind {
                Kind::Instance(class) => self.call_instance(class, at, found),
                Kind::Made(_) => self.call_made(self.object(id).made, at, found),
                Kind::Partial => found.extend(self.arena.set(SetId(self.solve(Node::Applied(id, at))))),
                _ => {}
            },
            Value::Module(_) | Value::Const(_) => {}
        }
    }

    /// What calling a partial gives. A question of its own, because a partial may wrap itself: `f = partial(f, 1)`.
    pub(super) fn applied(&self, partial: ObjectId, at: ExprAt) -> Gathered {
        let made = self.object(partial).made;
        let is_singleton = self.program.call(made).and_then(|(callee, _)| self.program.external(callee));
        // A provider of dependency_injector that makes one thing, once.
        let at = if is_singleton.is_some_and(|path| path.ends_with("Singleton")) { made } else { at };
        let function = self.program.positional(made, 0);
        function.map(|function| self.called_result(function, at)).unwrap_or_default()
    }

    /// What calling the result of a library's function gives: `lru_cache(maxsize=9)(load)` is `load`, `cache_page(60)(view)` is `view`, and calling
    /// what was made of a function calls the function.
    fn call_made(&self, made: ExprAt, at: ExprAt, found: &mut Gathered) {
        let functions = |call: ExprAt| {
            let first = self.program.positional(call, 0).map(|first| self.eval(first)).unwrap_or_default();
            first.iter().filter(|value| matches!(value, Value::Function(_) | Value::Bound(..))).copied()
        };
        functions(at).for_each(|function| found.add(function));
        if found.is_empty() && made != at {
            for function in functions(made) {
                if let Value::Function(function) | Value::Bound(function, _) = function {
                    self.call_function(function, at, found);
                }
            }
        }
    }

    fn call_instance(&self, class: ClassId, at: ExprAt, found: &mut Gathered) {
        if let Some(method) = self.program.method(class, self.known.call) {
            self.call_function(method, at, found);
        }
    }

    fn construct(&self, class: ClassId, at: ExprAt, found: &mut Gathered) {
        if let Some(new) = self.program.method(class, self.known.new) {
            // A singleton's `__new__` says what comes out; `object.__new__(cls)` in it is the class itself.
            let returned = self.returned_objects(new);
            if !returned.is_empty() {
                found.extend(returned.values());
                return;
            }
        }
        let kind = self.constructed_kind(class).unwrap_or(Kind::Instance(class));
        found.add(match self.singleton(class) {
            Some(born) => self.make_in(kind, born, Scope::Module(class.module), How::Made),
            None => self.make(kind, at),
        });
    }

    /// What makes all calls of a class give the same instance, if anything does: a metaclass of the program with a `__call__`, a decorator that says so,
    /// a `__new__` that keeps what it makes.
    fn singleton(&self, class: ClassId) -> Option<ExprAt> {
        let program = self.program;
        for &owner in program.lookup_order(class) {
            let tree = program.tree(owner.module);
            let declared = program.class(owner);
            for base in tree[declared.bases].iter().filter(|base| base.keyword.is_some()) {
                let at = owner.module.expr(base.value);
                if let Some(crate::program::Symbol::Class(meta)) = program.resolve(at)
                    && let Some(call) = program.method(meta, self.known.call)
                    && program.exits(call).iter().any(|exit| {
                        exit.value.is_some_and(|value| {
                            matches!(
                                tree_of(program, call)[value].kind,
                                ExprKind::Subscript { .. } | ExprKind::Attribute { .. }
                            )
                        })
                    })
                {
                    return Some(at);
                }
            }
            for &decorator in &tree[declared.decorators] {
                let at = owner.module.expr(decorator);
                let named = program.call(at).map_or(at, |(callee, _)| callee);
                if let ExprKind::Name(name) | ExprKind::Attribute { name, .. } = program.expr(named).kind
                    && program.text(name).eq_ignore_ascii_case("singleton")
                {
                    return Some(at);
                }
            }
        }
        let new = program.method(class, self.known.new)?;
        let kept = program.exits(new).iter().find_map(|exit| {
            let value = exit.value?;
            let keeps =
                matches!(tree_of(program, new)[value].kind, ExprKind::Attribute { .. } | ExprKind::Subscript { .. });
            keeps.then(|| new.module.expr(value))
        })?;
        Some(kept)
    }

    fn returned_objects(&self, function: FunctionId) -> Gathered {
        let mut found = Gathered::default();
        for value in self.returns(function) {
            if let Value::Object(_) = value {
                found.add(*value);
            }
        }
        found
    }

    pub(super) fn call_function(&self, function: FunctionId, at: ExprAt, found: &mut Gathered) {
        let declared = self.program.function(function);
        if declared.is_generator {
            let manages = self.program.is_decorated(function, |path| {
                matches!(path, "contextlib.contextmanager" | "contextlib.asynccontextmanager")
            });
            let kind = if manages { Kind::ContextManager(function) } else { Kind::Generator(function) };
            found.add(self.make(kind, at));
        } else if declared.is_async {
            found.add(self.make(Kind::Coroutine(function), at));
        } else {
            found.extend(self.return_of(function, at).values());
        }
    }

    /// What a function returns, or what awaiting it gives.
    pub(super) fn returned(&self, function: FunctionId) -> Gathered {
        let mut found = Gathered::default();
        let declared = self.program.function(function);
        if declared.is_generator {
            return found;
        }
        for exit in self.program.exits(function).iter().take(EXITS) {
            if let (ExitKind::Return, Some(value)) = (exit.kind, exit.value) {
                found.extend(self.eval(function.module.expr(value)));
            }
        }
        // `return None` on a path says nothing of the others.
        if let Some(annotation) = declared.returns
            && found.values().iter().all(|value| matches!(value, Value::Const(_)))
        {
            found.extend(self.annotated(function.module.expr(annotation)).values());
        }
        found
    }

    /// What a generator function yields.
    pub(super) fn yielded(&self, function: FunctionId) -> Gathered {
        let mut found = Gathered::default();
        for exit in self.program.exits(function).iter().take(EXITS) {
            let Some(value) = exit.value.map(|value| function.module.expr(value)) else { continue };
            match exit.kind {
                ExitKind::Yield => found.extend(self.eval(value)),
                ExitKind::YieldFrom => found.extend(self.iterated(value).values()),
                ExitKind::Return => {}
            }
        }
        found
    }

    /// What a function returned or yielded, as it is born at `at`.
    pub(super) fn reborn(&self, values: &[Value], function: FunctionId, at: ExprAt) -> Gathered {
        let mut found = Gathered::default();
        let scope = self.program.scope_of(at);
        for &value in values {
            let Value::Object(id) = value else {
                found.add(value);
                continue;
            };
            let object = *self.object(id);
            if object.scope != Scope::Function(function)
                || matches!(object.how, How::Declared | How::Field)
                || self.is_kept(&object, function)
            {
                found.add(value);
                continue;
            }
            found.add(Value::Object(self.arena.intern(Object { born: at, scope, ..object })));
        }
        found
    }

    /// Whether what a function makes stays after it has returned.
    fn is_kept(&self, object: &Object, function: FunctionId) -> bool {
        let program = self.program;
        let caches = program.decorators_of(function).any(|decorator| {
            let named = program.call(decorator).map_or(decorator, |(callee, _)| callee);
            match program.expr(named).kind {
                ExprKind::Name(name) | ExprKind::Attribute { name, .. } => {
                    let name = program.text(name).to_ascii_lowercase();
                    name.contains("cache") || name.contains("singleton") || name.contains("memo")
                }
                _ => false,
            }
        });
        if caches {
            return true;
        }
        let module = program.module(object.born.module);
        let mut expr = object.born.expr;
        loop {
            match module.links.owner(expr) {
                None => return false,
                Some(Owner::Expr(parent)) => match module.tree[parent].kind {
                    ExprKind::Bool { .. } | ExprKind::IfElse { .. } | ExprKind::Await(_) => expr = parent,
                    ExprKind::Named { target, .. } => return self.keeps_target(function, target),
                    ExprKind::Call { callee, .. } if callee != expr => {
                        return match module.tree[callee].kind {
                            ExprKind::Attribute { name, .. } => self.known.keeping.contains(&name),
                            _ => false,
                        };
                    }
                    _ => return false,
                },
                Some(Owner::Stmt(stmt)) => {
                    let StmtKind::Assign { targets, .. } = module.tree[stmt].kind else { return false };
                    return module.tree[targets].iter().any(|&target| self.keeps_target(function, target));
                }
            }
        }
    }

    fn keeps_target(&self, function: FunctionId, target: ExprId) -> bool {
        let module = self.program.module(function.module);
        match module.tree[target].kind {
            ExprKind::Name(name) => {
                let scope = crate::syntax::Parent::Function(function.ix);
                if module.bindings.is_global(scope, name) || module.bindings.is_nonlocal(scope, name) {
                    return true;
                }
                let mut kept = self.lookups.kept.borrow_mut();
                let names = kept.entry(function.module).or_insert_with(|| self.kept_names(function.module));
                names.contains(&(function.ix, name))
            }
            ExprKind::Tuple(_) | ExprKind::List(_) => false,
            _ => true,
        }
    }

    fn kept_names(&self, module: crate::program::ModuleId) -> KeptNames {
        let module = self.program.module(module);
        let tree = &module.tree;
        let name_of = |expr: ExprId| match tree[expr].kind {
            ExprKind::Name(name) => Some(name),
            _ => None,
        };
        let mut kept = KeptNames::default();
        let mut keep = |scope: Scope, value: Option<ExprId>| {
            if let (Some(function), Some(name)) = (scope.function(), value.and_then(name_of)) {
                kept.insert((function.ix, name));
            }
        };
        module.sites.attribute_stores.iter().for_each(|site| keep(site.scope, site.value));
        module.sites.subscript_stores.iter().for_each(|site| keep(site.scope, site.value));
        for site in &module.sites.calls {
            if let (Some(name), ExprKind::Call { callee, args }) = (site.name, tree[site.at.expr].kind)
                && self.known.keeping.contains(&name)
                && let ExprKind::Attribute { .. } = tree[callee].kind
            {
                tree[args].iter().for_each(|arg| keep(site.scope, Some(arg.value)));
            }
        }
        // `CLIENT = client` under `global CLIENT`.
        for (ix, _) in tree.functions() {
            let function = module.id.function(ix);
            for &stmt in &tree[tree[ix].body] {
                self.kept_by_globals(function, stmt, &mut kept);
            }
        }
        kept
    }

    fn kept_by_globals(&self, function: FunctionId, stmt: crate::syntax::StmtId, kept: &mut KeptNames) {
        let module = self.program.module(function.module);
        let tree = &module.tree;
        if let StmtKind::Assign { targets, value: Some(value), .. } = tree[stmt].kind
            && let ExprKind::Name(name) = tree[value].kind
        {
            let scope = crate::syntax::Parent::Function(function.ix);
            let global = tree[targets].iter().any(|&target| match tree[target].kind {
                ExprKind::Name(target) => module.bindings.is_global(scope, target),
                _ => false,
            });
            if global {
                kept.insert((function.ix, name));
            }
        }
        tree.blocks_of(stmt, &mut |block| {
            for &inner in &tree[block] {
                self.kept_by_globals(function, inner, kept);
            }
        });
    }
}

fn tree_of(program: &crate::program::Program, function: FunctionId) -> &crate::syntax::Tree {
    program.tree(function.module)
}
