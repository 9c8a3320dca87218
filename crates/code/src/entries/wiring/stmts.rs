//! Playing statements.

use std::rc::Rc;

use super::{Env, Val, Wiring};
use crate::program::{ExprAt, Scope};
use crate::syntax::{Block, ExprId, ExprKind, Operator, Parent, StmtId, StmtKind, Sym};

/// Iterations of one loop that are played.
const ITERATIONS: usize = 512;

/// How a block ended.
#[derive(Debug)]
pub(super) enum Flow {
    /// At its end.
    Next,
    /// By `return`.
    Return(Val),
    /// By `break`.
    Break,
    /// By `continue`.
    Continue,
    /// By `raise`, or for want of budget.
    Stop,
}

impl Wiring<'_> {
    pub(super) fn block(&mut self, block: Block, env: &Rc<Env>) -> Flow {
        let program = self.program;
        let tree = program.tree(env.scope.module());
        // What an undecided branch would have returned, if nothing better follows.
        let mut perhaps = None;
        for &stmt in &tree[block] {
            match self.statement(stmt, env) {
                (Flow::Next, maybe) => perhaps = perhaps.or(maybe),
                (Flow::Return(Val::Unknown | Val::None), _) if perhaps.is_some() => break,
                (flow, _) => return flow,
            }
        }
        match perhaps {
            Some(value) => Flow::Return(value),
            None => Flow::Next,
        }
    }

    /// Plays a statement; the second part is what an undecided branch of it returned.
    fn statement(&mut self, stmt: StmtId, env: &Rc<Env>) -> (Flow, Option<Val>) {
        if !self.step() {
            return (Flow::Stop, None);
        }
        let program = self.program;
        let module = env.scope.module();
        let tree = program.tree(module);
        let at = |expr: ExprId| ExprAt { module, expr };
        match tree[stmt].kind {
            StmtKind::Expr(value) => {
                self.expr(at(value), env);
            }
            StmtKind::Assign { targets, value: Some(value), .. } => {
                let value = self.expr(at(value), env);
                for &target in &tree[targets] {
                    self.assign(target, value.clone(), env);
                }
            }
            StmtKind::AugAssign { target, op, value } => self.augment(target, op, value, env),
            StmtKind::Return(value) => {
                let value = value.map_or(Val::None, |value| self.expr(at(value), env));
                return (Flow::Return(value), None);
            }
            StmtKind::Raise { .. } => return (Flow::Stop, None),
            StmtKind::Break => return (Flow::Break, None),
            StmtKind::Continue => return (Flow::Continue, None),
            StmtKind::If { test, body, orelse } => return self.branch(test, body, orelse, env),
            StmtKind::While { test, body, .. } => {
                self.expr(at(test), env);
                return (Flow::Next, self.undecided(body, env));
            }
            StmtKind::For { target, iter, body, orelse, .. } => {
                let iter = self.expr(at(iter), env);
                let Some(items) = self.iterate(&iter) else {
                    self.assign(target, Val::Unknown, env);
                    return (Flow::Next, self.undecided(body, env));
                };
                for item in items.into_iter().take(ITERATIONS) {
                    self.assign(target, item, env);
                    match self.block(body, env) {
                        Flow::Break => return (Flow::Next, None),
                        Flow::Next | Flow::Continue => {}
                        flow => return (flow, None),
                    }
                }
                return (self.block(orelse, env), None);
            }
            StmtKind::With { items, body, .. } => {
                for item in &tree[items] {
                    let context = self.expr(at(item.context), env);
                    if let Some(target) = item.target {
                        let entered = if matches!(context, Val::Object(_)) { context } else { Val::Unknown };
                        self.assign(target, entered, env);
                    }
                }
                return (self.block(body, env), None);
            }
            StmtKind::Try { body, handlers, orelse, finally } => {
                let flow = self.block(body, env);
                let mut perhaps = None;
                // Names that the body bound stay what they are: mostly a handler stands in for a missing import.
                for handler in &tree[handlers] {
                    let before = env.vars.borrow().clone();
                    perhaps = perhaps.or(self.undecided(handler.body, env));
                    env.vars.borrow_mut().extend(before);
                }
                let flow = if matches!(flow, Flow::Next) { self.block(orelse, env) } else { flow };
                let last = self.block(finally, env);
                return match (flow, last) {
                    (Flow::Stop, Flow::Next) => (Flow::Next, perhaps),
                    (flow, Flow::Next) => (flow, perhaps),
                    (_, last) => (last, perhaps),
                };
            }
            StmtKind::Match { subject, cases } => {
                self.expr(at(subject), env);
                let mut perhaps = None;
                for case in &tree[cases] {
                    perhaps = perhaps.or(self.undecided(case.body, env));
                }
                return (Flow::Next, perhaps);
            }
            StmtKind::Function(ix) => {
                let function = module.function(ix);
                let outer = match env.scope {
                    // Methods do not see the names of their class.
                    Scope::Class(_) => env.outer.as_ref().unwrap_or(env),
                    _ => env,
                };
                let value = Val::Function(Rc::new(self.function_value(function, Some(outer))));
                env.vars.borrow_mut().insert(tree[ix].name, value.clone());
                for &decorator in tree[tree[ix].decorators].iter().rev() {
                    self.decorate(at(decorator), &value, tree[ix].name, env);
                }
            }
            StmtKind::Class(ix) => {
                let id = module.class(ix);
                let class = if env.outer.is_none() {
                    self.class_value(id)
                } else {
                    let class = Self::fresh_class(id, env);
                    self.class_body(&class);
                    class
                };
                let value = Val::Class(class);
                env.vars.borrow_mut().insert(tree[ix].name, value.clone());
                for &decorator in tree[tree[ix].decorators].iter().rev() {
                    self.decorate(at(decorator), &value, tree[ix].name, env);
                }
            }
            StmtKind::Delete(targets) => {
                for &target in &tree[targets] {
                    if let ExprKind::Name(name) = tree[target].kind {
                        env.vars.borrow_mut().remove(&name);
                    }
                }
            }
            StmtKind::Assign { value: None, .. }
            | StmtKind::Assert { .. }
            | StmtKind::Import(_)
            | StmtKind::Global(_)
            | StmtKind::Nonlocal(_)
            | StmtKind::Pass => {}
        }
        (Flow::Next, None)
    }

    /// What a name is bound to after a decorator: the function or class itself, whatever wraps it, unless the decorator gives something of another kind.
    fn decorate(&mut self, decorator: ExprAt, value: &Val, name: Sym, env: &Rc<Env>) {
        let function = self.expr(decorator, env);
        let result = self.apply(&function, value, decorator, env);
        if let Val::Object(object) = &result
            && !matches!(function, Val::External(_))
            && matches!(object.class, Val::Class(_))
        {
            env.vars.borrow_mut().insert(name, result);
        }
    }

    fn branch(&mut self, test: ExprId, body: Block, orelse: Block, env: &Rc<Env>) -> (Flow, Option<Val>) {
        let value = self.expr(ExprAt { module: env.scope.module(), expr: test }, env);
        match value.truth() {
            Some(true) => (self.block(body, env), None),
            Some(false) => (self.block(orelse, env), None),
            None if self.is_type_checking(&value) => (Flow::Next, None),
            None => {
                // Texts keep what they were before: a branch mostly replaces a default for some environment.
                let before: Vec<(Sym, Val)> = env
                    .vars
                    .borrow()
                    .iter()
                    .filter(|(_, value)| matches!(value, Val::Text(text) if !text.text.is_empty()))
                    .map(|(name, value)| (*name, value.clone()))
                    .collect();
                let first = self.undecided(body, env);
                let after_body = env.vars.borrow().clone();
                let second = self.undecided(orelse, env);
                let mut vars = env.vars.borrow_mut();
                // What both sides bind is what the first side says, unless it says nothing.
                for (name, value) in after_body {
                    if !matches!(value, Val::Unknown | Val::None) {
                        vars.insert(name, value);
                    }
                }
                vars.extend(before);
                (Flow::Next, first.or(second))
            }
        }
    }

    fn is_type_checking(&self, value: &Val) -> bool {
        matches!(value, Val::External(path) if self.text(*path).ends_with(".TYPE_CHECKING"))
    }

    /// Plays a block that may or may not run; gives what it returned.
    fn undecided(&mut self, block: Block, env: &Rc<Env>) -> Option<Val> {
        match self.perhaps(|wiring| wiring.block(block, env)) {
            Flow::Return(value) if !matches!(value, Val::Unknown | Val::None) => Some(value),
            _ => None,
        }
    }

    pub(super) fn assign(&mut self, target: ExprId, value: Val, env: &Rc<Env>) {
        let program = self.program;
        let module = env.scope.module();
        let tree = program.tree(module);
        match tree[target].kind {
            ExprKind::Name(name) => {
                self.scope_of_store(name, env).vars.borrow_mut().insert(name, value);
            }
            ExprKind::Attribute { base, name } => {
                let base = self.expr(ExprAt { module, expr: base }, env);
                match base {
                    Val::Object(object) => {
                        object.attrs.borrow_mut().insert(name, value);
                    }
                    Val::Class(class) => {
                        class.body.vars.borrow_mut().insert(name, value);
                    }
                    _ => {}
                }
            }
            ExprKind::Subscript { base, index } => {
                let base = self.expr(ExprAt { module, expr: base }, env);
                let index = self.expr(ExprAt { module, expr: index }, env);
                if let Val::Dict(entries) = &base {
                    let mut entries = entries.borrow_mut();
                    match entries.iter_mut().find(|(key, _)| key.same(&index) == Some(true)) {
                        Some(entry) => entry.1 = value,
                        None => entries.push((index, value)),
                    }
                }
            }
            ExprKind::Tuple(parts) | ExprKind::List(parts) => {
                let items = value.items();
                for (n, &part) in tree[parts].iter().enumerate() {
                    if let ExprKind::Starred(part) = tree[part].kind {
                        self.assign(part, Val::Unknown, env);
                        continue;
                    }
                    let item = items.as_ref().and_then(|items| items.get(n)).cloned();
                    self.assign(part, item.unwrap_or(Val::Unknown), env);
                }
            }
            _ => {}
        }
    }

    fn scope_of_store(&mut self, name: Sym, env: &Rc<Env>) -> Rc<Env> {
        let Scope::Function(function) = env.scope else { return Rc::clone(env) };
        let bindings = &self.program.module(function.module).bindings;
        let parent = Parent::Function(function.ix);
        if bindings.is_global(parent, name) {
            return self.module_env(function.module);
        }
        if bindings.is_nonlocal(parent, name) {
            let mut at = env.outer.clone();
            while let Some(scope) = at {
                if scope.vars.borrow().contains_key(&name) {
                    return scope;
                }
                at = scope.outer.as_ref().map(Rc::clone);
            }
        }
        Rc::clone(env)
    }

    fn augment(&mut self, target: ExprId, op: Operator, value: ExprId, env: &Rc<Env>) {
        let module = env.scope.module();
        let value = self.expr(ExprAt { module, expr: value }, env);
        let old = self.expr(ExprAt { module, expr: target }, env);
        match (&old, op) {
            (Val::List(items), Operator::Add | Operator::BitOr) => match self.iterate(&value) {
                Some(more) => items.borrow_mut().extend(more),
                None => items.borrow_mut().push(value),
            },
            (Val::Dict(entries), Operator::BitOr) => {
                if let Val::Dict(more) = &value
                    && !Rc::ptr_eq(entries, more)
                {
                    let more = more.borrow().clone();
                    entries.borrow_mut().extend(more);
                }
            }
            _ => {
                let value = self.binary(op, &old, &value);
                self.assign(target, value, env);
            }
        }
    }
}
