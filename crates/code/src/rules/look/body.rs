//! One scope's body, walked once: where names are read, which statements it has, what nested functions capture.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::program::{Program, Scope};
use crate::syntax::{Block, ExprId, ExprKind, FunctionIx, StmtId, StmtKind, Sym, Tree, Visit};

/// The body of a module, function or class.
#[derive(Debug)]
pub struct Body {
    /// Its own statements, those in its blocks included, in the order of the source.
    pub stmts: Vec<StmtId>,
    reads: FxHashMap<Sym, Vec<ExprId>>,
    named: Vec<(Sym, ExprId)>,
    captured: FxHashSet<Sym>,
}

impl Body {
    /// Walks a scope.
    pub fn of(program: &Program, scope: Scope) -> Self {
        let tree = program.tree(scope.module());
        let block = match scope {
            Scope::Module(_) => tree.body,
            Scope::Function(function) => program.function(function).body,
            Scope::Class(class) => program.class(class).body,
        };
        let mut walk = Walk::default();
        tree.walk(block, &mut walk);
        let mut reads: FxHashMap<Sym, Vec<ExprId>> = FxHashMap::default();
        for &(name, expr) in walk.names.iter().filter(|(_, expr)| !walk.targets.contains(expr)) {
            reads.entry(name).or_default().push(expr);
        }
        for found in reads.values_mut() {
            found.sort_by_key(|&expr| tree[expr].span.start);
        }
        let mut captured = FxHashSet::default();
        let mut open: Vec<FunctionIx> = walk.functions.clone();
        while let Some(function) = open.pop() {
            let mut inner = Walk::default();
            tree.walk(tree[function].body, &mut inner);
            captured.extend(inner.names.iter().map(|&(name, _)| name));
            open.extend(inner.functions);
        }
        walk.stmts.sort_by_key(|&stmt| tree[stmt].span.start);
        Self { stmts: walk.stmts, reads, named: walk.named, captured }
    }

    /// Where a name is read, not where it is bound, in the order of the source.
    pub fn reads(&self, name: Sym) -> &[ExprId] {
        self.reads.get(&name).map(Vec::as_slice).unwrap_or_default()
    }

    /// Whether a function or lambda that is written in this scope uses the name.
    pub fn captures(&self, name: Sym) -> bool {
        self.captured.contains(&name)
    }

    /// The loops of the scope, in the order of the source.
    pub fn loops(&self, tree: &Tree) -> Vec<StmtId> {
        let is_loop = |stmt: &StmtId| matches!(tree[*stmt].kind, StmtKind::While { .. } | StmtKind::For { .. });
        self.stmts.iter().copied().filter(is_loop).collect()
    }

    /// The values that a name is assigned as a whole in this scope, in the order of the source.
    pub fn values_of(&self, tree: &Tree, name: Sym) -> Vec<ExprId> {
        let is = |target: ExprId| matches!(tree[target].kind, ExprKind::Name(found) if found == name);
        let assigned = |stmt: &StmtId| match tree[*stmt].kind {
            StmtKind::Assign { targets, value, .. } => value.filter(|_| tree[targets].iter().any(|&target| is(target))),
            _ => None,
        };
        let named = self.named.iter().filter(|(found, _)| *found == name).map(|&(_, value)| value);
        self.stmts.iter().filter_map(assigned).chain(named).collect()
    }
}

/// What a walk over one scope meets.
#[derive(Default)]
struct Walk {
    stmts: Vec<StmtId>,
    names: Vec<(Sym, ExprId)>,
    targets: FxHashSet<ExprId>,
    named: Vec<(Sym, ExprId)>,
    functions: Vec<FunctionIx>,
}

impl Walk {
    fn target(&mut self, tree: &Tree, target: ExprId) {
        match tree[target].kind {
            ExprKind::Name(_) => {
                self.targets.insert(target);
            }
            ExprKind::Tuple(parts) | ExprKind::List(parts) => {
                tree[parts].iter().for_each(|&part| self.target(tree, part));
            }
            ExprKind::Starred(inner) => self.target(tree, inner),
            _ => {}
        }
    }

    fn class_bodies(&mut self, tree: &Tree, body: Block) {
        for &stmt in &tree[body] {
            if let StmtKind::Function(function) = tree[stmt].kind {
                self.functions.push(function);
            }
        }
    }
}

impl Visit for Walk {
    fn stmt(&mut self, tree: &Tree, stmt: StmtId) -> bool {
        self.stmts.push(stmt);
        match tree[stmt].kind {
            StmtKind::Assign { targets, .. } => tree[targets].iter().for_each(|&target| self.target(tree, target)),
            StmtKind::AugAssign { target, .. } | StmtKind::For { target, .. } => self.target(tree, target),
            StmtKind::With { items, .. } => {
                tree[items].iter().filter_map(|item| item.target).for_each(|target| self.target(tree, target));
            }
            StmtKind::Delete(targets) => tree[targets].iter().for_each(|&target| self.target(tree, target)),
            StmtKind::Function(function) => self.functions.push(function),
            StmtKind::Class(class) => self.class_bodies(tree, tree[class].body),
            _ => {}
        }
        true
    }

    fn expr(&mut self, tree: &Tree, expr: ExprId) -> bool {
        match tree[expr].kind {
            ExprKind::Name(name) => self.names.push((name, expr)),
            ExprKind::Lambda(function) => self.functions.push(function),
            ExprKind::Comprehension { clauses, .. } => {
                tree[clauses].iter().for_each(|clause| self.target(tree, clause.target));
            }
            ExprKind::Named { target, value } => {
                self.target(tree, target);
                if let ExprKind::Name(name) = tree[target].kind {
                    self.named.push((name, value));
                }
            }
            _ => {}
        }
        true
    }
}
