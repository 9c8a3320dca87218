//! Targets: what a name is given by an assignment, a loop, a `with`, an unpacking; and what iterating or entering something gives.

use crate::program::{ExprAt, Owner};
use crate::syntax::{Arg, Comprehension, ExprId, ExprKind, StmtKind, Sym};

use super::Values;
use super::kind::{Container, Kind, Literal, Value};
use super::sets::Gathered;

/// A position within a pattern; none stands for `*rest`.
type Step = Option<u32>;

/// How deep patterns are followed.
const DEEPEST: usize = 6;

impl Values<'_> {
    /// What a name that is a target is given.
    pub(super) fn target(&self, target: ExprAt) -> Gathered {
        let module = self.program.module(target.module);
        let tree = &module.tree;
        let mut path: Vec<Step> = Vec::new();
        let mut at = target.expr;
        loop {
            match module.links.owner(at) {
                None => return Gathered::default(),
                Some(Owner::Expr(parent)) => match tree[parent].kind {
                    ExprKind::Tuple(parts) | ExprKind::List(parts) => {
                        let Some(n) = tree[parts].iter().position(|&part| part == at) else {
                            return Gathered::default();
                        };
                        let after_star = tree[parts][..n].iter().any(|&part| is_starred(tree, part));
                        let starred = is_starred(tree, at);
                        if path.len() >= DEEPEST {
                            return Gathered::default();
                        }
                        path.push(if starred || after_star { None } else { Some(n as u32) });
                        at = parent;
                    }
                    ExprKind::Starred(_) => at = parent,
                    ExprKind::Named { value, .. } => {
                        return self.evaluated(target.beside(value));
                    }
                    ExprKind::Comprehension { clauses, .. } => {
                        let Some(clause) = tree[clauses].iter().find(|clause| clause.target == at) else {
                            return Gathered::default();
                        };
                        path.reverse();
                        return self.iterated_at(target.beside(clause.iter), &path);
                    }
                    _ => return Gathered::default(),
                },
                Some(Owner::Stmt(stmt)) => {
                    path.reverse();
                    return self.assigned(target, at, stmt, &path);
                }
            }
        }
    }

    fn assigned(&self, target: ExprAt, root: ExprId, stmt: crate::syntax::StmtId, path: &[Step]) -> Gathered {
        let tree = self.program.tree(target.module);
        match tree[stmt].kind {
            StmtKind::Assign { value, annotation, .. } => {
                let mut found = value.map(|value| self.project(target.beside(value), path)).unwrap_or_default();
                if let Some(annotation) = annotation
                    && found.values().iter().all(|value| matches!(value, Value::Const(_)))
                {
                    found.extend(self.annotated(target.beside(annotation)).values());
                }
                found
            }
            StmtKind::For { iter, .. } => self.iterated_at(target.beside(iter), path),
            StmtKind::With { items, .. } => {
                let Some(item) = tree[items].iter().find(|item| item.target == Some(root)) else {
                    return Gathered::default();
                };
                if path.is_empty() { self.entered(target.beside(item.context)) } else { Gathered::default() }
            }
            _ => Gathered::default(),
        }
    }

    pub(super) fn evaluated(&self, at: ExprAt) -> Gathered {
        let mut found = Gathered::default();
        found.extend(self.eval(at));
        found
    }

    /// What stands at a position of what an expression gives.
    fn project(&self, at: ExprAt, path: &[Step]) -> Gathered {
        let Some((step, rest)) = path.split_first() else { return self.evaluated(at) };
        if let Some(part) = step.and_then(|n| self.literal_part(at, n)) {
            return self.project(part, rest);
        }
        let mut found = Gathered::default();
        for value in self.eval(at) {
            found.extend(self.element_at(*value, at, path).values());
        }
        found
    }

    /// The n-th part of a tuple or list that is written out.
    pub(super) fn literal_part(&self, at: ExprAt, n: u32) -> Option<ExprAt> {
        let (ExprKind::Tuple(parts) | ExprKind::List(parts)) = self.program.expr(at).kind else { return None };
        let tree = self.program.tree(at.module);
        let up_to = tree[parts].get(..=n as usize)?;
        let part = *up_to.last()?;
        (!up_to.iter().any(|&part| is_starred(tree, part))).then(|| at.beside(part))
    }

    /// What stands at a position of a value.
    fn element_at(&self, value: Value, at: ExprAt, path: &[Step]) -> Gathered {
        let Some((step, rest)) = path.split_first() else { return Gathered::one(value) };
        let Value::Object(id) = value else { return Gathered::default() };
        let object = *self.object(id);
        if let Kind::Container { .. } = object.kind {
            if let Some(part) = step.and_then(|n| self.literal_part(object.made, n)) {
                return self.project(part, rest);
            }
            // `first, *rest = rows`
            let mut found = Gathered::default();
            for element in self.elements(id) {
                found.extend(self.element_at(*element, at, rest).values());
            }
            return found;
        }
        let mut found = Gathered::default();
        for element in self.arena.set(self.elements_set(value, at)) {
            found.extend(self.element_at(*element, at, rest).values());
        }
        found
    }

    /// What iterating over an expression gives.
    pub(super) fn iterated(&self, at: ExprAt) -> Gathered {
        self.iterated_at(at, &[])
    }

    /// What stands at a position of each element of what an expression gives.
    pub(super) fn iterated_at(&self, at: ExprAt, path: &[Step]) -> Gathered {
        if let Some((callee, args)) = self.program.call(at)
            && let Some(found) = self.iterated_call(at, callee, args, path)
        {
            return found;
        }
        let mut found = Gathered::default();
        if let ExprKind::Tuple(parts) | ExprKind::List(parts) | ExprKind::Set(parts) = self.program.expr(at).kind {
            for &part in self.program.tree(at.module)[parts].iter().take(16) {
                found.extend(self.project(at.beside(part), path).values());
            }
            return found;
        }
        for value in self.eval(at) {
            for element in self.arena.set(self.elements_set(*value, at)) {
                found.extend(self.element_at(*element, at, path).values());
            }
        }
        found
    }

    /// Iterating over `enumerate(…)`, `zip(…)`, `d.items()` and the like, whose elements are pairs that nobody keeps.
    fn iterated_call(&self, at: ExprAt, callee: ExprAt, args: &[Arg], path: &[Step]) -> Option<Gathered> {
        let arg = |n: usize| self.program.positional(at, n);
        let split = path.split_first();
        match self.program.expr(callee).kind {
            ExprKind::Name(name) => match (self.program.text(name), split) {
                ("enumerate", Some((Some(1), rest))) => Some(self.iterated_at(arg(0)?, rest)),
                ("enumerate", _) => Some(Gathered::default()),
                ("zip" | "izip", Some((Some(n), rest))) => Some(self.iterated_at(arg(*n as usize)?, rest)),
                ("zip", _) => Some(Gathered::default()),
                ("sorted" | "reversed" | "list" | "tuple" | "set" | "iter" | "aiter" | "frozenset", _)
                    if self.is_builtin(callee) =>
                {
                    Some(self.iterated_at(arg(0)?, path))
                }
                ("filter", _) if self.is_builtin(callee) => Some(self.iterated_at(arg(1)?, path)),
                ("as_completed", _) => Some(self.iterated_at(arg(0)?, path)),
                ("chain", _) => {
                    let mut found = Gathered::default();
                    for arg in args.iter().take(8) {
                        found.extend(self.iterated_at(at.beside(arg.value), path).values());
                    }
                    Some(found)
                }
                _ => None,
            },
            ExprKind::Attribute { base, name } => {
                let base = at.beside(base);
                match (self.program.text(name), split) {
                    ("items", Some((Some(1), rest))) if args.is_empty() => {
                        let mut found = Gathered::default();
                        for value in self.eval(base) {
                            for element in self.arena.set(self.elements_set(*value, base)) {
                                found.extend(self.element_at(*element, base, rest).values());
                            }
                        }
                        Some(found)
                    }
                    ("items" | "keys", _) if args.is_empty() && self.is(base, is_mapping) => Some(Gathered::default()),
                    ("values", _) if args.is_empty() && self.is(base, is_mapping) => Some(self.iterated_at(base, path)),
                    ("from_iterable", _) => {
                        let mut found = Gathered::default();
                        for outer in self.iterated(arg(0)?).values() {
                            for element in self.arena.set(self.elements_set(*outer, at)) {
                                found.extend(self.element_at(*element, at, path).values());
                            }
                        }
                        Some(found)
                    }
                    ("as_completed", _) => Some(self.iterated_at(arg(0)?, path)),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    pub(super) fn is_builtin(&self, callee: ExprAt) -> bool {
        self.eval(callee)
            .iter()
            .all(|value| matches!(value, Value::External(path) if self.program.text(*path).starts_with("builtins.")))
    }

    /// What `with expression as name` binds.
    pub(super) fn entered(&self, context: ExprAt) -> Gathered {
        let mut found = Gathered::default();
        for value in self.eval(context) {
            self.enter(*value, context, &mut found);
        }
        found
    }

    pub(super) fn enter(&self, value: Value, at: ExprAt, found: &mut Gathered) {
        match value {
            Value::Object(id) => {
                let object = *self.object(id);
                match object.kind {
                    Kind::ClientContext { sdk, service, resource: false } => {
                        found.add(self.derive(Kind::Client { sdk, service }, at));
                    }
                    Kind::ClientContext { sdk, service, resource: true } => {
                        found.add(self.derive(Kind::Resource { sdk, service }, at));
                    }
                    Kind::ContextManager(function) => {
                        let yielded = self.arena.set(self.yields_set(function));
                        found.extend(self.reborn(yielded, function, at).values());
                    }
                    Kind::Instance(class) => self.enter_instance(class, value, at, found),
                    _ => found.add(value),
                }
            }
            Value::Instance(class) => self.enter_instance(class, value, at, found),
            _ => {}
        }
    }

    fn enter_instance(&self, class: crate::program::ClassId, value: Value, at: ExprAt, found: &mut Gathered) {
        let method =
            [self.known.enter, self.known.aenter].into_iter().find_map(|name| self.program.method(class, name));
        match method {
            Some(method) => {
                let returned = self.arena.set(self.returns_set(method));
                found.extend(self.reborn(returned, method, at).values());
            }
            None => found.add(value),
        }
    }

    /// What an element under a constant key is: of a dict literal, or of an answer.
    pub(super) fn constant_key(&self, index: ExprAt) -> Option<Literal> {
        if let ExprKind::Const(literal) = self.program.expr(index).kind {
            super::expr::literal(literal)
        } else {
            let mut literals = self.eval(index).iter().filter_map(|value| match value {
                Value::Const(literal) => Some(*literal),
                _ => None,
            });
            let first = literals.next()?;
            (literals.next().is_none() && self.eval(index).len() == 1).then_some(first)
        }
    }

    pub(super) fn text_of(&self, at: ExprAt) -> Option<Sym> {
        match self.constant_key(at)? {
            Literal::Str(text) => Some(text),
            _ => None,
        }
    }
}

fn is_starred(tree: &crate::syntax::Tree, expr: ExprId) -> bool {
    matches!(tree[expr].kind, ExprKind::Starred(_))
}

pub(super) fn is_mapping(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Container { kind: Container::Dict | Container::Counter | Container::Weak | Container::Cache, .. }
            | Kind::Response { .. }
            | Kind::Item { .. }
    )
}

/// The container that a comprehension makes.
pub(super) fn comprehension(kind: Comprehension) -> Container {
    match kind {
        Comprehension::List => Container::List,
        Comprehension::Set => Container::Set,
        Comprehension::Dict => Container::Dict,
        Comprehension::Generator => Container::Lazy,
    }
}
