//! Walking a tree: children of expressions and statements, in the order in which Python evaluates them as far as that matters here.

use super::{Block, ExprId, ExprKind, StmtId, StmtKind, Tree};

/// What a walk hands out.
pub trait Visit {
    /// A statement; return whether to go into it. Bodies of functions and classes are never gone into.
    fn stmt(&mut self, _tree: &Tree, _stmt: StmtId) -> bool {
        true
    }

    /// An expression; return whether to go into it. Bodies of lambdas are never gone into.
    fn expr(&mut self, _tree: &Tree, _expr: ExprId) -> bool {
        true
    }
}

impl Tree {
    /// Walks the statements of a block with all that is in them.
    pub fn walk(&self, block: Block, visit: &mut dyn Visit) {
        for &stmt in &self[block] {
            if visit.stmt(self, stmt) {
                self.exprs_of(stmt, &mut |expr| self.walk_expr(expr, visit));
                self.blocks_of(stmt, &mut |block| self.walk(block, visit));
            }
        }
    }

    /// Walks an expression with all that is in it.
    pub fn walk_expr(&self, expr: ExprId, visit: &mut dyn Visit) {
        if visit.expr(self, expr) {
            self.children(expr, &mut |child| self.walk_expr(child, visit));
        }
    }

    /// The expressions that belong to a statement itself, not to statements in it.
    pub fn exprs_of(&self, stmt: StmtId, each: &mut dyn FnMut(ExprId)) {
        match self[stmt].kind {
            StmtKind::Expr(value) => each(value),
            StmtKind::Assign { targets, value, annotation } => {
                value.iter().for_each(|&value| each(value));
                self[targets].iter().for_each(|&target| each(target));
                annotation.iter().for_each(|&annotation| each(annotation));
            }
            StmtKind::AugAssign { target, value, .. } => {
                each(value);
                each(target);
            }
            StmtKind::Return(value) => value.iter().for_each(|&value| each(value)),
            StmtKind::Raise { exception, cause } => exception.iter().chain(&cause).for_each(|&value| each(value)),
            StmtKind::Delete(targets) => self[targets].iter().for_each(|&target| each(target)),
            StmtKind::Assert { test, message } => {
                each(test);
                message.iter().for_each(|&message| each(message));
            }
            StmtKind::If { test, .. } | StmtKind::While { test, .. } => each(test),
            StmtKind::For { target, iter, .. } => {
                each(iter);
                each(target);
            }
            StmtKind::With { items, .. } => {
                for item in &self[items] {
                    each(item.context);
                    item.target.iter().for_each(|&target| each(target));
                }
            }
            StmtKind::Try { handlers, .. } => {
                self[handlers].iter().filter_map(|handler| handler.exceptions).for_each(each);
            }
            StmtKind::Match { subject, cases } => {
                each(subject);
                self[cases].iter().filter_map(|case| case.guard).for_each(each);
            }
            StmtKind::Function(index) => {
                let function = &self[index];
                self[function.decorators].iter().for_each(|&decorator| each(decorator));
                for param in &self[function.params] {
                    param.default.iter().chain(&param.annotation).for_each(|&value| each(value));
                }
                function.returns.iter().for_each(|&value| each(value));
            }
            StmtKind::Class(index) => {
                let class = &self[index];
                self[class.decorators].iter().for_each(|&decorator| each(decorator));
                self[class.bases].iter().for_each(|base| each(base.value));
            }
            StmtKind::Import(_)
            | StmtKind::Global(_)
            | StmtKind::Nonlocal(_)
            | StmtKind::Break
            | StmtKind::Continue
            | StmtKind::Pass => {}
        }
    }

    /// The blocks directly inside of a statement, but not the bodies of functions and classes.
    pub fn blocks_of(&self, stmt: StmtId, each: &mut dyn FnMut(Block)) {
        match self[stmt].kind {
            StmtKind::If { body, orelse, .. }
            | StmtKind::While { body, orelse, .. }
            | StmtKind::For { body, orelse, .. } => {
                each(body);
                each(orelse);
            }
            StmtKind::With { body, .. } => each(body),
            StmtKind::Try { body, handlers, orelse, finally } => {
                each(body);
                self[handlers].iter().for_each(|handler| each(handler.body));
                each(orelse);
                each(finally);
            }
            StmtKind::Match { cases, .. } => self[cases].iter().for_each(|case| each(case.body)),
            _ => {}
        }
    }

    /// The expressions directly inside of an expression. A lambda's defaults are its children, its body is not.
    pub fn children(&self, expr: ExprId, each: &mut dyn FnMut(ExprId)) {
        match self[expr].kind {
            ExprKind::Name(_) | ExprKind::Const(_) | ExprKind::Missing => {}
            ExprKind::Attribute { base, .. } => each(base),
            ExprKind::Call { callee, args } => {
                each(callee);
                self[args].iter().for_each(|arg| each(arg.value));
            }
            ExprKind::Subscript { base, index } => {
                each(base);
                each(index);
            }
            ExprKind::Slice { lower, upper, step } => {
                lower.iter().chain(&upper).chain(&step).for_each(|&part| each(part));
            }
            ExprKind::Fstring(parts) | ExprKind::List(parts) | ExprKind::Tuple(parts) | ExprKind::Set(parts) => {
                self[parts].iter().for_each(|&part| each(part));
            }
            ExprKind::Dict(entries) => {
                for entry in &self[entries] {
                    entry.key.iter().for_each(|&key| each(key));
                    each(entry.value);
                }
            }
            ExprKind::Comprehension { element, value, clauses, .. } => {
                for clause in &self[clauses] {
                    each(clause.iter);
                    each(clause.target);
                    self[clause.conditions].iter().for_each(|&condition| each(condition));
                }
                each(element);
                value.iter().for_each(|&value| each(value));
            }
            ExprKind::Lambda(index) => {
                self[self[index].params].iter().filter_map(|param| param.default).for_each(each);
            }
            ExprKind::Await(value) | ExprKind::YieldFrom(value) | ExprKind::Starred(value) => each(value),
            ExprKind::Yield(value) => value.iter().for_each(|&value| each(value)),
            ExprKind::Named { target, value } => {
                each(value);
                each(target);
            }
            ExprKind::IfElse { test, body, orelse } => {
                each(test);
                each(body);
                each(orelse);
            }
            ExprKind::Bool { values, .. } => self[values].iter().for_each(|&value| each(value)),
            ExprKind::Binary { left, right, .. } => {
                each(left);
                each(right);
            }
            ExprKind::Unary { value, .. } => each(value),
            ExprKind::Compare { left, rest } => {
                each(left);
                self[rest].iter().for_each(|comparison| each(comparison.right));
            }
        }
    }
}
