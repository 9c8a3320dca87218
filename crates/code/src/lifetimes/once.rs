//! What runs once although requests reach it: providers that are cached, and what stands behind a test of something that outlives the call.

use super::{Lifetimes, Spread};
use crate::program::{Binding, ExprAt, FunctionId, Scope, StmtAt, Symbol};
use crate::syntax::{Compare, ExprKind, StmtKind};

impl Lifetimes<'_> {
    /// Whether a function runs once, or a few times, although requests reach it: its results are cached, or every call of it stands behind a test of
    /// something that outlives the call (`if _pool is None: _pool = make()`).
    pub fn runs_once(&self, function: FunctionId) -> bool {
        if let Some(&known) = self.once.borrow().get(&function) {
            return known;
        }
        self.once.borrow_mut().insert(function, false);
        let found = self.find_once(function);
        self.once.borrow_mut().insert(function, found);
        found
    }

    pub(super) fn find_once(&self, function: FunctionId) -> bool {
        if self.is_cached(function) {
            let first = usize::from(self.program.class_of(function).is_some());
            return (first..self.program.params(function).len())
                .all(|n| self.param_spread_of(function, n) != Spread::Open);
        }
        if self.entries.is_entry(function) {
            return false;
        }
        let mut hot = self.values.callers(function).into_iter().filter(|caller| self.is_hot(caller.scope)).peekable();
        hot.peek().is_some()
            && hot.all(|caller| {
                let stmt = self.program.module(caller.call.module).links.stmt_of(caller.call.expr);
                let behind = stmt.is_some_and(|stmt| {
                    self.is_behind_state(StmtAt { module: caller.call.module, stmt }, Some(function))
                });
                behind || caller.scope.function().is_some_and(|above| above != function && self.runs_once(above))
            })
    }

    /// Whether a statement only runs while something that outlives the call is not there yet, which the function around it then sets, or the one that
    /// it calls.
    pub fn is_behind_state(&self, at: StmtAt, calls: Option<FunctionId>) -> bool {
        let here = self.program.scope_of_stmt(at);
        let changes = |state: ExprAt| self.is_state(state) && self.is_set_in(state, here, calls);
        self.facts(at).into_iter().any(|fact| {
            let tree = self.program.tree(fact.test.module);
            match tree[fact.test.expr].kind {
                ExprKind::Attribute { name, .. } if self.text(name) == "handlers" => !fact.holds,
                ExprKind::Name(_) | ExprKind::Attribute { .. } => !fact.holds && changes(fact.test),
                ExprKind::Call { callee, .. } => {
                    let asks = matches!(tree[callee].kind, ExprKind::Name(name) | ExprKind::Attribute { name, .. } if matches!(self.text(name), "hasHandlers" | "hasattr" | "is_alive"));
                    asks && !fact.holds
                }
                ExprKind::Compare { left, rest } => match tree[rest] {
                    [one] => {
                        let at = fact.test.beside(left);
                        match (one.op, fact.holds) {
                            (Compare::Is | Compare::Eq, true) | (Compare::IsNot | Compare::NotEq, false) => {
                                matches!(tree[one.right].kind, ExprKind::Const(_)) && changes(at)
                            }
                            (Compare::NotIn, true) | (Compare::In, false) => self.spread(at) == Spread::Few,
                            _ => false,
                        }
                    }
                    _ => false,
                },
                _ => false,
            }
        })
    }

    /// Whether a function assigns to a variable or attribute.
    pub(super) fn is_set_in(&self, state: ExprAt, here: Scope, calls: Option<FunctionId>) -> bool {
        let within = |scope: Scope| scope == here || calls.is_some_and(|function| scope == Scope::Function(function));
        let stored = |name| self.program.attribute_stores_of(Some(name)).any(|store| within(store.scope));
        match self.program.expr(state).kind {
            ExprKind::Attribute { name, .. } => stored(name),
            ExprKind::Name(_) => {
                if let Some(Symbol::Variable(module, name)) = self.program.resolve(state) {
                    return self.program.bindings(Scope::Module(module), name).any(
                        |binding| matches!(binding, Binding::Target(target) if within(self.program.scope_of(module.expr(target)))),
                    );
                }
                // What was looked up under a fixed name is put there again under it.
                let scope = self.program.scope_of(state);
                let stores = &self.program.module(state.module).sites;
                stores.attribute_stores.iter().any(|store| store.scope == scope)
                    || stores.subscript_stores.iter().any(|store| store.scope == scope)
            }
            _ => false,
        }
    }

    /// A variable of the module, an attribute of something that lives long, or what is looked up there under a fixed name.
    pub(super) fn is_state(&self, at: ExprAt) -> bool {
        match self.program.expr(at).kind {
            ExprKind::Attribute { base, .. } => {
                self.is_own(at.beside(base)) || self.attribute_life(at.beside(base), 12).life.is_long()
            }
            ExprKind::Name(name) => {
                if let Some(Symbol::Variable(..)) = self.program.resolve(at) {
                    return true;
                }
                // `pool = _pools.get("x")`, `pool = getattr(app.state, "pool", None)`
                let scope = self.program.binding_scope(self.program.scope_of(at), name);
                let mut bindings = scope.into_iter().flat_map(|scope| self.program.bindings(scope, name));
                bindings.next().is_some_and(|binding| self.is_fixed_lookup(at, binding))
            }
            _ => false,
        }
    }

    pub(super) fn is_own(&self, at: ExprAt) -> bool {
        let ExprKind::Name(name) = self.program.expr(at).kind else { return false };
        if self.text(name) == "cls" {
            return true;
        }
        let class = self.program.scope_of(at).function().and_then(|function| self.program.class_of(function));
        self.text(name) == "self" && class.is_some_and(|class| !self.is_made_again(class))
    }

    pub(super) fn is_fixed_lookup(&self, at: ExprAt, binding: Binding) -> bool {
        let Binding::Target(target) = binding else { return false };
        let module = self.program.module(at.module);
        let Some(stmt) = module.links.stmt_of(target) else { return false };
        let StmtKind::Assign { value: Some(value), .. } = module.tree[stmt].kind else { return false };
        let value = module.id.expr(value);
        let Some((callee, _)) = self.program.call(value) else { return false };
        match self.program.expr(callee).kind {
            ExprKind::Attribute { name, .. } if self.text(name) == "get" => {
                self.program.positional(value, 0).is_some_and(|key| self.spread(key) == Spread::Few)
            }
            ExprKind::Name(name) if self.text(name) == "getattr" => {
                self.program.positional(value, 0).is_some_and(|base| self.attribute_life(base, 12).life.is_long())
            }
            _ => false,
        }
    }
}
