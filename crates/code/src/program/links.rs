//! The way up in a tree: which expression or statement a node is part of, and which scope a statement belongs to. Trees themselves only lead
//! down. Four bytes per expression and nine per statement, so that it can be kept for every file.

use crate::syntax::{ClassIx, ExprId, FunctionIx, Parent, StmtId};

/// What a node is directly part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// An expression.
    Expr(ExprId),
    /// A statement.
    Stmt(StmtId),
}

/// Which block of a statement another statement stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The body of a module, function, class, loop, `if`, `with` or `try`.
    Body,
    /// After `else` or `elif`.
    Else,
    /// An `except` handler.
    Handler,
    /// After `finally`.
    Finally,
    /// A case of a `match`.
    Case,
}

const NONE: u32 = u32::MAX;
const STMT: u32 = 1 << 31;
const FUNCTION: u32 = 1 << 30;
const CLASS: u32 = 1 << 31;
const INDEX: u32 = FUNCTION - 1;

/// The way up in one tree.
#[derive(Clone, Debug, Default)]
pub struct Links {
    exprs: Vec<u32>,
    stmts: Vec<Above>,
}

#[derive(Clone, Copy, Debug)]
struct Above {
    parent: u32,
    scope: u32,
    part: Part,
}

impl Links {
    pub(super) fn new(exprs: usize) -> Self {
        Self { exprs: vec![NONE; exprs], stmts: Vec::new() }
    }

    pub(super) fn set_expr(&mut self, expr: ExprId, owner: Owner) {
        self.exprs[expr.0 as usize] = match owner {
            Owner::Expr(parent) => parent.0,
            Owner::Stmt(parent) => parent.0 | STMT,
        };
    }

    pub(super) fn set_stmt(&mut self, stmt: StmtId, parent: Option<StmtId>, scope: Parent, part: Part) {
        if self.stmts.len() <= stmt.0 as usize {
            self.stmts.resize(stmt.0 as usize + 1, Above { parent: NONE, scope: 0, part: Part::Body });
        }
        self.stmts[stmt.0 as usize] =
            Above { parent: parent.map_or(NONE, |parent| parent.0), scope: pack(scope), part };
    }

    /// What an expression is directly part of; none for what the tree holds but no statement leads to.
    pub fn owner(&self, expr: ExprId) -> Option<Owner> {
        match self.exprs[expr.0 as usize] {
            NONE => None,
            stmt if stmt & STMT != 0 => Some(Owner::Stmt(StmtId(stmt & !STMT))),
            parent => Some(Owner::Expr(ExprId(parent))),
        }
    }

    /// The expression that this one is directly part of.
    pub fn parent(&self, expr: ExprId) -> Option<ExprId> {
        if let Some(Owner::Expr(parent)) = self.owner(expr) { Some(parent) } else { None }
    }

    /// The statement that an expression belongs to.
    pub fn stmt_of(&self, mut expr: ExprId) -> Option<StmtId> {
        loop {
            match self.owner(expr)? {
                Owner::Expr(parent) => expr = parent,
                Owner::Stmt(stmt) => return Some(stmt),
            }
        }
    }

    /// The compound statement that a statement stands in, within its scope, and in which part of it.
    pub fn parent_stmt(&self, stmt: StmtId) -> Option<(StmtId, Part)> {
        let above = self.stmts[stmt.0 as usize];
        (above.parent != NONE).then_some((StmtId(above.parent), above.part))
    }

    /// The scope that a statement belongs to.
    pub fn scope(&self, stmt: StmtId) -> Parent {
        unpack(self.stmts[stmt.0 as usize].scope)
    }
}

pub(super) fn pack(scope: Parent) -> u32 {
    match scope {
        Parent::Module => 0,
        Parent::Function(ix) => ix.0 | FUNCTION,
        Parent::Class(ix) => ix.0 | CLASS,
    }
}

pub(super) fn unpack(scope: u32) -> Parent {
    match scope {
        0 => Parent::Module,
        class if class & CLASS != 0 => Parent::Class(ClassIx(class & INDEX)),
        function => Parent::Function(FunctionIx(function & INDEX)),
    }
}
