//! What becomes of a function's local names: where they are put, and which inner functions keep them. One walk for each function that is asked for.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::Lifetimes;
use crate::program::{ExprAt, FunctionId, Owner, Scope};
use crate::syntax::{ExprId, ExprKind, Parent, StmtKind, Sym, Tree, Visit};

/// One way in which the value of a local name leaves the function, or outlives the statement that it stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Escape {
    /// The name's expression is a value somewhere: `place` says where.
    Use(ExprAt),
    /// An inner function reads the name.
    Captured(FunctionId),
}

/// The escapes of each local name.
#[derive(Debug, Default)]
pub(super) struct Escapes(FxHashMap<Sym, Vec<Escape>>);

impl Escapes {
    pub(super) fn of(&self, name: Sym) -> &[Escape] {
        self.0.get(&name).map(Vec::as_slice).unwrap_or_default()
    }
}

impl Lifetimes<'_> {
    pub(super) fn escapes(&self, function: FunctionId) -> Rc<Escapes> {
        if let Some(known) = self.escapes.borrow().get(&function) {
            return Rc::clone(known);
        }
        let found = Rc::new(self.find_escapes(function));
        self.escapes.borrow_mut().insert(function, Rc::clone(&found));
        found
    }

    fn find_escapes(&self, function: FunctionId) -> Escapes {
        let tree = self.program.tree(function.module);
        let mut escapes = Escapes::default();
        let mut names = Names::default();
        tree.walk(tree[function.ix].body, &mut names);
        for expr in names.uses {
            let at = function.module.expr(expr);
            if let ExprKind::Name(name) = tree[expr].kind
                && self.is_placed(at)
                && self.program.binding_scope(Scope::Function(function), name) == Some(Scope::Function(function))
            {
                escapes.0.entry(name).or_default().push(Escape::Use(at));
            }
        }
        for inner in self.inner_functions(function) {
            let mut names = Names::default();
            tree.walk(tree[inner.ix].body, &mut names);
            for expr in names.uses {
                let ExprKind::Name(name) = tree[expr].kind else { continue };
                if self.program.binding_scope(Scope::Function(inner), name) == Some(Scope::Function(function)) {
                    let found = escapes.0.entry(name).or_default();
                    if !found.contains(&Escape::Captured(inner)) {
                        found.push(Escape::Captured(inner));
                    }
                }
            }
        }
        escapes
    }

    /// The functions written inside of a function, at any depth, lambdas included.
    fn inner_functions(&self, function: FunctionId) -> Vec<FunctionId> {
        let tree = self.program.tree(function.module);
        let outer = tree[function.ix].span;
        tree.functions()
            .filter(|(ix, inner)| *ix != function.ix && inner.span.start >= outer.start && inner.span.end <= outer.end)
            .filter(|(ix, _)| is_within(tree, Parent::Function(*ix), function))
            .map(|(ix, _)| function.module.function(ix))
            .collect()
    }

    /// Whether an expression is a value that is put somewhere, rather than looked into or called.
    fn is_placed(&self, at: ExprAt) -> bool {
        let module = self.program.module(at.module);
        match module.links.owner(at.expr) {
            Some(Owner::Expr(parent)) => match module.tree[parent].kind {
                ExprKind::Attribute { .. } | ExprKind::Compare { .. } | ExprKind::Fstring(_) => false,
                ExprKind::Subscript { base, .. } => base != at.expr,
                ExprKind::Call { callee, .. } => callee != at.expr,
                _ => true,
            },
            Some(Owner::Stmt(stmt)) => match module.tree[stmt].kind {
                StmtKind::Assign { value, .. } => value == Some(at.expr),
                StmtKind::Return(_) | StmtKind::AugAssign { .. } => true,
                _ => false,
            },
            None => false,
        }
    }
}

fn is_within(tree: &Tree, mut scope: Parent, function: FunctionId) -> bool {
    loop {
        scope = match scope {
            Parent::Module => return false,
            Parent::Function(ix) => tree[ix].parent,
            Parent::Class(ix) => tree[ix].parent,
        };
        if scope == Parent::Function(function.ix) {
            return true;
        }
    }
}

/// Collects the names that a body reads or writes.
#[derive(Default)]
struct Names {
    uses: Vec<ExprId>,
}

impl Visit for Names {
    fn expr(&mut self, tree: &Tree, expr: ExprId) -> bool {
        if let ExprKind::Name(_) = tree[expr].kind {
            self.uses.push(expr);
        }
        true
    }
}
