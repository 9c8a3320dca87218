//! Where things happen: calls, stores, deletions, decorators, returns. Collected once per module in one walk, in the order of the source within a
//! scope, so that a rule starts from a name and never walks a program.

use std::ops::Range;

use crate::program::ids::{ClassId, ExprAt, FunctionId, Scope};
use crate::program::links;
use crate::syntax::{ExprId, Operator, Parent, StmtId, Sym};

/// How a place is surrounded within its scope.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Around {
    /// How many loops and comprehensions repeat it.
    pub loops: u8,
    /// Whether it runs on a condition: `if`, `match`, a conditional expression, the right side of `and` and `or`.
    pub conditional: bool,
    /// Whether it stands in the body of a `try` that has handlers.
    pub in_try: bool,
    /// Whether it stands in an `except` handler.
    pub in_handler: bool,
    /// Whether it stands in `finally`.
    pub in_finally: bool,
    /// Whether it stands in the body of a `with`.
    pub in_with_body: bool,
}

/// A call.
#[derive(Clone, Copy, Debug)]
pub struct CallSite {
    /// The whole call.
    pub at: ExprAt,
    /// Where it is executed.
    pub scope: Scope,
    /// The statement that it belongs to.
    pub stmt: StmtId,
    /// The last segment of the callee: `append` in `rows.append(x)`, `Thread` in `Thread(target=f)`; none when a computed value is called.
    pub name: Option<Sym>,
    /// How the place is surrounded.
    pub around: Around,
    /// Whether it is directly awaited.
    pub awaited: bool,
    /// Whether it is what a `with` or `async with` enters.
    pub in_with: bool,
}

/// `base.name = value`, also as one of several targets or as the target of a loop or `with`.
#[derive(Clone, Copy, Debug)]
pub struct AttributeStore {
    /// The target.
    pub at: ExprAt,
    /// What the attribute is of.
    pub base: ExprId,
    /// The attribute.
    pub name: Sym,
    /// The value where it is assigned as a whole; none in unpacking, loops and `with`.
    pub value: Option<ExprId>,
    /// Where it is executed.
    pub scope: Scope,
    /// The statement.
    pub stmt: StmtId,
    /// How the place is surrounded.
    pub around: Around,
}

/// `base[index] = value`, also with a slice as index.
#[derive(Clone, Copy, Debug)]
pub struct SubscriptStore {
    /// The target.
    pub at: ExprAt,
    /// What is indexed.
    pub base: ExprId,
    /// The index.
    pub index: ExprId,
    /// The value where it is assigned as a whole.
    pub value: Option<ExprId>,
    /// Where it is executed.
    pub scope: Scope,
    /// The statement.
    pub stmt: StmtId,
    /// How the place is surrounded.
    pub around: Around,
}

/// `target op= value`.
#[derive(Clone, Copy, Debug)]
pub struct AugAssign {
    /// The target.
    pub at: ExprAt,
    /// The operator.
    pub op: Operator,
    /// The value.
    pub value: ExprId,
    /// Where it is executed.
    pub scope: Scope,
    /// The statement.
    pub stmt: StmtId,
    /// How the place is surrounded.
    pub around: Around,
}

/// One target of a `del`.
#[derive(Clone, Copy, Debug)]
pub struct Delete {
    /// The target: a name, attribute or subscript.
    pub at: ExprAt,
    /// Where it is executed.
    pub scope: Scope,
    /// The statement.
    pub stmt: StmtId,
    /// How the place is surrounded.
    pub around: Around,
}

/// What a decorator stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decorated {
    /// A function.
    Function(FunctionId),
    /// A class.
    Class(ClassId),
}

/// A decorator.
#[derive(Clone, Copy, Debug)]
pub struct Decorator {
    /// The whole decorator: a name, an attribute, or a call of one.
    pub at: ExprAt,
    /// Its last segment: `get` in `@app.get("/")`.
    pub name: Option<Sym>,
    /// What it stands on.
    pub on: Decorated,
}

/// A `return`, `yield` or `yield from` of a function.
#[derive(Clone, Copy, Debug)]
pub struct Exit {
    /// The function.
    pub function: FunctionId,
    /// The statement.
    pub stmt: StmtId,
    /// The value; none for a bare one.
    pub value: Option<ExprId>,
    /// Which of the three.
    pub kind: ExitKind,
}

/// How a value leaves a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExitKind {
    /// `return`.
    Return,
    /// `yield`.
    Yield,
    /// `yield from`.
    YieldFrom,
}

/// The sites of one module.
#[derive(Clone, Debug, Default)]
pub struct Sites {
    /// Calls, one scope after the other.
    pub calls: Vec<CallSite>,
    /// Stores to attributes.
    pub attribute_stores: Vec<AttributeStore>,
    /// Stores to subscripts.
    pub subscript_stores: Vec<SubscriptStore>,
    /// Augmented assignments.
    pub aug_assigns: Vec<AugAssign>,
    /// Deletions.
    pub deletes: Vec<Delete>,
    /// Decorators.
    pub decorators: Vec<Decorator>,
    /// Returns and yields, those of one function together.
    pub exits: Vec<Exit>,
    pub(super) scopes: Vec<InScope>,
}

/// Which of a module's calls and exits belong to a scope.
#[derive(Clone, Debug)]
pub(super) struct InScope {
    pub(super) scope: u32,
    pub(super) calls: Range<u32>,
    pub(super) exits: Range<u32>,
}

impl Sites {
    fn within(&self, scope: Parent) -> Option<&InScope> {
        let scope = links::pack(scope);
        let at = self.scopes.binary_search_by_key(&scope, |entry| entry.scope).ok()?;
        Some(&self.scopes[at])
    }

    pub(super) fn calls_in(&self, scope: Parent) -> &[CallSite] {
        let range = self.within(scope).map(|entry| entry.calls.clone()).unwrap_or_default();
        &self.calls[range.start as usize..range.end as usize]
    }

    pub(super) fn exits_in(&self, scope: Parent) -> &[Exit] {
        let range = self.within(scope).map(|entry| entry.exits.clone()).unwrap_or_default();
        &self.exits[range.start as usize..range.end as usize]
    }
}
