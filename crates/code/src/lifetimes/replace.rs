//! Places that put another object where a container was: what was there before goes, unless the place only sets it up.

use super::Lifetimes;
use super::add::{Add, more_of, same};
use super::evict::{Removal, Takes};
use super::guard::Fact;
use crate::program::{Binding, ExprAt, Scope, StmtAt};
use crate::syntax::{Compare, Const, ExprKind, Parent, StmtKind};
use crate::values::ObjectId;

impl Lifetimes<'_> {
    /// Places that put another object where the holder was.
    pub(super) fn replacements(&self, add: &Add, objects: &[ObjectId]) -> Vec<Removal> {
        let mut found = Vec::new();
        // What was made in a function and put into the same place.
        for &object in objects {
            let object = self.values.object(object);
            if matches!(object.scope, Scope::Function(_)) {
                self.replacement(object.born, object.scope, &mut found);
            }
        }
        match self.program.expr(add.base).kind {
            ExprKind::Name(name) => {
                let scope = self.program.binding_scope(self.program.scope_of(add.base), name);
                for binding in scope.into_iter().flat_map(|scope| self.program.bindings(scope, name)) {
                    if let Binding::Target(target) = binding {
                        let target = add.base.beside(target);
                        let scope = self.program.scope_of(target);
                        if matches!(scope, Scope::Function(_)) {
                            self.rebinding(target, scope, &mut found);
                        }
                    }
                }
            }
            ExprKind::Attribute { name, .. } => {
                for store in self.program.attribute_stores_of(Some(name)).filter(|store| self.runs(store.scope)) {
                    let same = self.values.objects(store.at).any(|(id, _)| objects.contains(&id))
                        || store.value.is_some_and(|value| {
                            self.values.objects(store.at.beside(value)).any(|(id, _)| objects.contains(&id))
                        })
                        || store.at.module == add.base.module
                            && same(self.program.tree(store.at.module), store.at.expr, add.base.expr);
                    if same {
                        self.rebinding(store.at, store.scope, &mut found);
                    }
                }
            }
            _ => {}
        }
        found
    }

    pub(super) fn replacement(&self, born: ExprAt, scope: Scope, found: &mut Vec<Removal>) {
        let module = self.program.module(born.module);
        let Some(stmt) = module.links.stmt_of(born.expr) else { return };
        let StmtKind::Assign { targets, .. } = module.tree[stmt].kind else { return };
        let Some(&target) = module.tree[targets].first() else { return };
        if matches!(module.tree[target].kind, ExprKind::Name(_) | ExprKind::Attribute { .. }) {
            self.rebinding(born.beside(target), scope, found);
        }
    }

    /// An assignment that replaces what was there, unless it only sets it up.
    pub(super) fn rebinding(&self, target: ExprAt, scope: Scope, found: &mut Vec<Removal>) {
        let module = self.program.module(target.module);
        let Scope::Function(function) = scope else { return };
        let Some(stmt) = module.links.stmt_of(target.expr) else { return };
        let StmtKind::Assign { value: Some(value), .. } = module.tree[stmt].kind else { return };
        let name = self.text(self.program.function(function).name);
        if matches!(name, "__init__" | "__new__" | "__post_init__" | "setUp" | "ready" | "__enter__")
            || more_of(&module.tree, target.expr, value).is_some()
            || found.iter().any(|known| known.at == target)
        {
            return;
        }
        // A local name that is bound in its own function is where it is made, not where it is replaced.
        if let ExprKind::Name(name) = module.tree[target.expr].kind
            && !module.bindings.is_global(Parent::Function(function.ix), name)
            && !module.bindings.is_nonlocal(Parent::Function(function.ix), name)
        {
            return;
        }
        let facts = self.facts(StmtAt { module: target.module, stmt });
        if facts.iter().any(|fact| self.sets_up(*fact, target)) {
            return;
        }
        found.push(Removal { at: target, stmt, scope, base: target, takes: Takes::All, later: false });
    }

    /// `if x is None`, `if not x`, `if not hasattr(o, "x")`, `if "x" not in o.__dict__`.
    pub(super) fn sets_up(&self, fact: Fact, target: ExprAt) -> bool {
        let tree = self.program.tree(fact.test.module);
        if self.is_first_time(&[fact], target, &[]) {
            return true;
        }
        match tree[fact.test.expr].kind {
            ExprKind::Call { callee, .. } => {
                let asks = matches!(tree[callee].kind, ExprKind::Name(name) if matches!(self.text(name), "hasattr" | "getattr"));
                asks && !fact.holds
            }
            ExprKind::Compare { rest, .. } => match tree[rest] {
                [one] => {
                    let by_name = matches!((one.op, fact.holds), (Compare::NotIn, true) | (Compare::In, false));
                    let none = matches!(tree[one.right].kind, ExprKind::Const(Const::None));
                    by_name || none && matches!((one.op, fact.holds), (Compare::Is, true) | (Compare::IsNot, false))
                }
                _ => false,
            },
            _ => false,
        }
    }
}
