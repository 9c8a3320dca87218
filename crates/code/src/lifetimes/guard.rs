//! What is known to hold where a statement runs: the tests around it, and the tests before it that leave otherwise.

use super::Lifetimes;
use super::add::same;
use crate::program::{ExprAt, Part, Scope, StmtAt};
use crate::syntax::{Block, Compare, Const, ExprId, ExprKind, StmtId, StmtKind, Tree};
use crate::values::ObjectId;

/// A test, and whether it held.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fact {
    pub(super) test: ExprAt,
    pub(super) holds: bool,
}

/// From this size on a bound is none worth the name: that much is reached after days, or never because the memory is full before.
pub(super) const TOO_LARGE: i64 = 50_000;

impl Lifetimes<'_> {
    /// The facts at a statement.
    pub(super) fn facts(&self, at: StmtAt) -> Vec<Fact> {
        let module = self.program.module(at.module);
        let tree = &module.tree;
        let mut facts = Vec::new();
        let mut stmt = at.stmt;
        loop {
            let parent = module.links.parent_stmt(stmt);
            let blocks = match parent {
                Some((parent, _)) => blocks(tree, parent),
                None => vec![self.body(self.program.scope_of_stmt(StmtAt { stmt, ..at }))],
            };
            if let Some(block) = blocks.into_iter().find(|&block| tree[block].contains(&stmt)) {
                for &before in tree[block].iter().take_while(|&&other| other != stmt) {
                    if let StmtKind::If { test, body, orelse } = tree[before].kind {
                        if leaves(tree, body) {
                            add(tree, at.module.expr(test), false, &mut facts);
                        } else if leaves(tree, orelse) {
                            add(tree, at.module.expr(test), true, &mut facts);
                        }
                    }
                }
            }
            let Some((parent, part)) = parent else { return facts };
            match tree[parent].kind {
                StmtKind::If { test, .. } => add(tree, at.module.expr(test), part == Part::Body, &mut facts),
                StmtKind::While { test, .. } if part == Part::Body => add(tree, at.module.expr(test), true, &mut facts),
                _ => {}
            }
            stmt = parent;
        }
    }

    fn body(&self, scope: Scope) -> Block {
        match scope {
            Scope::Module(module) => self.program.tree(module).body,
            Scope::Function(function) => self.program.function(function).body,
            Scope::Class(class) => self.program.class(class).body,
        }
    }

    /// Whether two expressions are the same container: by what they are called, or by what they may be.
    pub(super) fn same_holder(&self, a: ExprAt, b: ExprAt, objects: &[ObjectId]) -> bool {
        a.module == b.module && same(self.program.tree(a.module), a.expr, b.expr)
            || self.values.objects(a).any(|(id, _)| objects.contains(&id))
    }

    /// If the expression is the size of the holder: `len(x)`, `x.qsize()`.
    fn is_size(&self, at: ExprAt, base: ExprAt, objects: &[ObjectId]) -> bool {
        let Some((callee, _)) = self.program.call(at) else { return false };
        match self.program.expr(callee).kind {
            ExprKind::Name(name) if self.text(name) == "len" => {
                self.program.positional(at, 0).is_some_and(|of| self.same_holder(of, base, objects))
            }
            ExprKind::Attribute { base: of, name } if matches!(self.text(name), "qsize" | "__len__") => {
                self.same_holder(at.beside(of), base, objects)
            }
            _ => false,
        }
    }

    /// What a comparison says of the holder's size: the smallest size at which the test holds (`upper` false) or the largest.
    /// None where it does not speak of it.
    fn size_test(&self, fact: Fact, base: ExprAt, objects: &[ObjectId]) -> Option<Size> {
        let tree = self.program.tree(fact.test.module);
        let ExprKind::Compare { left, rest } = tree[fact.test.expr].kind else { return None };
        let [comparison] = tree[rest] else { return None };
        let (limit, op) = if self.is_size(fact.test.beside(left), base, objects) {
            (comparison.right, comparison.op)
        } else if self.is_size(fact.test.beside(comparison.right), base, objects) {
            (left, flipped(comparison.op))
        } else {
            return None;
        };
        let at_least = match (op, fact.holds) {
            (Compare::Gt | Compare::GtE | Compare::Eq, true) | (Compare::Lt | Compare::LtE, false) => true,
            (Compare::Lt | Compare::LtE, true) | (Compare::Gt | Compare::GtE | Compare::Eq, false) => false,
            _ => return None,
        };
        let exact = op == Compare::Eq && fact.holds;
        Some(Size { at_least, exact, limit: self.values.int(fact.test.beside(limit)) })
    }

    /// Whether something is only added while there is room.
    pub(super) fn is_capped(&self, facts: &[Fact], base: ExprAt, objects: &[ObjectId]) -> bool {
        facts.iter().any(|&fact| match self.size_test(fact, base, objects) {
            Some(size) => !size.at_least && size.limit.is_none_or(|limit| limit < 10 * TOO_LARGE && limit != 0),
            None => {
                // `if not queue.full()`
                !fact.holds && self.method_on(fact.test, "full", base, objects)
            }
        })
    }

    /// Whether something is only added while there is nothing yet.
    pub(super) fn is_first_time(&self, facts: &[Fact], base: ExprAt, objects: &[ObjectId]) -> bool {
        facts.iter().any(|&fact| {
            let tree = self.program.tree(fact.test.module);
            if !fact.holds && self.same_holder(fact.test, base, objects) {
                return true;
            }
            if let Some(size) = self.size_test(fact, base, objects) {
                return size.limit == Some(0) && (size.exact || !size.at_least);
            }
            match tree[fact.test.expr].kind {
                ExprKind::Compare { left, rest } => match tree[rest] {
                    [comparison] => {
                        let none = matches!(tree[comparison.right].kind, ExprKind::Const(Const::None));
                        let is = matches!(comparison.op, Compare::Is | Compare::Eq) == fact.holds
                            && !matches!(comparison.op, Compare::In | Compare::NotIn);
                        none && is && self.same_holder(fact.test.beside(left), base, objects)
                    }
                    _ => false,
                },
                _ => false,
            }
        })
    }

    fn method_on(&self, test: ExprAt, method: &str, base: ExprAt, objects: &[ObjectId]) -> bool {
        let Some((callee, _)) = self.program.call(test) else { return false };
        match self.program.expr(callee).kind {
            ExprKind::Attribute { base: of, name } => {
                self.text(name) == method && self.same_holder(test.beside(of), base, objects)
            }
            _ => false,
        }
    }

    /// Why a removal under these facts is none to rely on.
    pub(super) fn unreliable(&self, facts: &[Fact], base: ExprAt, objects: &[ObjectId]) -> Option<String> {
        facts.iter().find_map(|&fact| {
            if let Some(size) = self.size_test(fact, base, objects) {
                let limit = size.limit?;
                return (size.at_least && limit >= TOO_LARGE)
                    .then(|| format!("runs only at {limit} elements, which is no bound worth the name"));
            }
            if self.is_wish(fact.test) {
                return Some("runs only when the caller asks for it".to_owned());
            }
            self.is_debug(fact.test).then(|| "runs only in tests or debugging".to_owned())
        })
    }

    /// A flag that the caller sets: a boolean parameter of an operation, an argument of the query.
    fn is_wish(&self, test: ExprAt) -> bool {
        let scope = self.program.scope_of(test);
        match self.program.expr(test).kind {
            ExprKind::Name(name) => {
                let Some(function) = scope.function() else { return false };
                self.entries.is_entry(function)
                    && self.program.params(function).iter().any(|param| param.name == name && param.default.is_some())
            }
            ExprKind::Call { callee, .. } => match self.program.expr(test.beside(callee)).kind {
                ExprKind::Attribute { name, .. } if self.text(name) == "get" => self.is_of_request(test),
                _ => false,
            },
            _ => false,
        }
    }

    fn is_debug(&self, test: ExprAt) -> bool {
        let name = match self.program.expr(test).kind {
            ExprKind::Name(name) | ExprKind::Attribute { name, .. } => self.text(name),
            _ => return false,
        };
        matches!(name, "DEBUG" | "TESTING" | "TEST" | "debug" | "testing" | "__debug__")
    }
}

struct Size {
    at_least: bool,
    exact: bool,
    limit: Option<i64>,
}

fn flipped(op: Compare) -> Compare {
    match op {
        Compare::Lt => Compare::Gt,
        Compare::LtE => Compare::GtE,
        Compare::Gt => Compare::Lt,
        Compare::GtE => Compare::LtE,
        other => other,
    }
}

/// Takes a test apart as far as its outcome says something of its parts.
fn add(tree: &Tree, test: ExprAt, holds: bool, facts: &mut Vec<Fact>) {
    match tree[test.expr].kind {
        ExprKind::Unary { not: true, value } => add(tree, test.beside(value), !holds, facts),
        ExprKind::Bool { or, values } if or != holds => {
            tree[values].iter().for_each(|&value| add(tree, test.beside(value), holds, facts));
        }
        _ => facts.push(Fact { test, holds }),
    }
}

pub(super) fn blocks(tree: &Tree, stmt: StmtId) -> Vec<Block> {
    let mut found = Vec::new();
    tree.blocks_of(stmt, &mut |block| found.push(block));
    found
}

/// Whether a block always leaves what it stands in.
fn leaves(tree: &Tree, block: Block) -> bool {
    tree[block].last().is_some_and(|&last| match tree[last].kind {
        StmtKind::Return(_) | StmtKind::Raise { .. } | StmtKind::Continue | StmtKind::Break => true,
        StmtKind::If { body, orelse, .. } => leaves(tree, body) && leaves(tree, orelse),
        _ => false,
    })
}

impl Lifetimes<'_> {
    /// Whether a statement leaves its function somewhere within: `return`, `raise`, `abort(404)`, outside of inner functions.
    pub(super) fn exits_within(&self, at: StmtAt) -> bool {
        let tree = self.program.tree(at.module);
        match tree[at.stmt].kind {
            StmtKind::Return(_) | StmtKind::Raise { .. } => true,
            StmtKind::Expr(value) => match tree[value].kind {
                ExprKind::Call { callee, .. } => match tree[callee].kind {
                    ExprKind::Name(name) | ExprKind::Attribute { name, .. } => {
                        matches!(self.text(name), "abort" | "exit")
                    }
                    _ => false,
                },
                _ => false,
            },
            _ => blocks(tree, at.stmt)
                .into_iter()
                .any(|block| tree[block].iter().any(|&stmt| self.exits_within(StmtAt { stmt, ..at }))),
        }
    }
}

/// Whether a block holds a loop that only an exception ends.
pub(super) fn is_endless(tree: &Tree, block: Block) -> bool {
    tree[block].iter().any(|&stmt| match tree[stmt].kind {
        StmtKind::While { test, body, .. } => always(tree, test) && !breaks(tree, body),
        StmtKind::For { is_async: true, .. } => true,
        _ => blocks(tree, stmt).into_iter().any(|block| is_endless(tree, block)),
    })
}

pub(super) fn always(tree: &Tree, test: ExprId) -> bool {
    matches!(tree[test].kind, ExprKind::Const(Const::Bool(true) | Const::Int(1)))
}

fn breaks(tree: &Tree, block: Block) -> bool {
    tree[block].iter().any(|&stmt| match tree[stmt].kind {
        StmtKind::Break => true,
        StmtKind::While { .. } | StmtKind::For { .. } => false,
        _ => blocks(tree, stmt).into_iter().any(|block| breaks(tree, block)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comparison_is_turned_around() {
        assert_eq!(flipped(Compare::Lt), Compare::Gt);
        assert_eq!(flipped(Compare::GtE), Compare::LtE);
        assert_eq!(flipped(Compare::Eq), Compare::Eq);
    }
}
