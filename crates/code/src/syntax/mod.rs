//! A compact syntax tree of one Python file.
//!
//! The tree is what everything behind the front end looks at: it keeps what the rules need (names, calls, blocks, spans) and drops what they do not
//! (comments, formatting, docstrings). Nodes live in vectors and refer to each other by index, so a tree is small, cheap to drop and free of
//! lifetimes; it knows nothing of the parser that made it. It holds no source text: a span is read again when it is shown.

mod walk;

use std::marker::PhantomData;
use std::ops::Index;

pub use crate::names::Sym;
pub use walk::Visit;

/// A range of bytes in a file, end excluded. In a notebook the file is the cells joined by line ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

macro_rules! index_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u32);
    };
}

index_type! {
    /// An expression of a tree.
    ExprId
}
index_type! {
    /// A statement of a tree.
    StmtId
}
index_type! {
    /// A function or lambda of a tree, in the order of the source.
    FunctionIx
}
index_type! {
    /// A class of a tree, in the order of the source.
    ClassIx
}

/// Consecutive entries of one of the tree's lists; read them by indexing the tree.
#[derive(Debug)]
pub struct Many<T> {
    start: u32,
    len: u32,
    of: PhantomData<fn() -> T>,
}

impl<T> Clone for Many<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Many<T> {}

impl<T> Default for Many<T> {
    fn default() -> Self {
        Self { start: 0, len: 0, of: PhantomData }
    }
}

impl<T> Many<T> {
    /// How many there are.
    pub fn len(self) -> usize {
        self.len as usize
    }

    /// Whether there are none.
    pub fn is_empty(self) -> bool {
        self.len == 0
    }
}

/// Statements that run one after the other.
pub type Block = Many<StmtId>;

/// An expression.
#[derive(Clone, Copy, Debug)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where it stands.
    pub span: Span,
}

/// What an expression is.
#[derive(Clone, Copy, Debug)]
pub enum ExprKind {
    /// A name.
    Name(Sym),
    /// `base.name`.
    Attribute {
        /// What the attribute is of.
        base: ExprId,
        /// Its name.
        name: Sym,
    },
    /// `callee(args)`.
    Call {
        /// What is called.
        callee: ExprId,
        /// Positional and keyword arguments in the order of the source.
        args: Many<Arg>,
    },
    /// `base[index]`.
    Subscript {
        /// What is indexed.
        base: ExprId,
        /// The index; a tuple for several.
        index: ExprId,
    },
    /// `lower:upper:step` inside of an index.
    Slice {
        /// Lower bound.
        lower: Option<ExprId>,
        /// Upper bound.
        upper: Option<ExprId>,
        /// Step.
        step: Option<ExprId>,
    },
    /// A literal.
    Const(Const),
    /// An f-string: its literal parts as text constants and its interpolated expressions, in the order of the source.
    Fstring(Many<ExprId>),
    /// `[…]`.
    List(Many<ExprId>),
    /// `(…,)`.
    Tuple(Many<ExprId>),
    /// `{…}`.
    Set(Many<ExprId>),
    /// `{key: value}`.
    Dict(Many<Entry>),
    /// A comprehension or generator expression.
    Comprehension {
        /// Which kind.
        kind: Comprehension,
        /// The element; the key of a dict comprehension.
        element: ExprId,
        /// The value of a dict comprehension.
        value: Option<ExprId>,
        /// Its `for` clauses, the outermost first.
        clauses: Many<Clause>,
    },
    /// `lambda …: …`; the body of the function is one `return`.
    Lambda(FunctionIx),
    /// `await value`.
    Await(ExprId),
    /// `yield value`.
    Yield(Option<ExprId>),
    /// `yield from value`.
    YieldFrom(ExprId),
    /// `*value`.
    Starred(ExprId),
    /// `target := value`.
    Named {
        /// The name.
        target: ExprId,
        /// The value.
        value: ExprId,
    },
    /// `body if test else orelse`.
    IfElse {
        /// The condition.
        test: ExprId,
        /// When it holds.
        body: ExprId,
        /// When it does not.
        orelse: ExprId,
    },
    /// `a and b`, `a or b`.
    Bool {
        /// Whether it is `or`.
        or: bool,
        /// The operands.
        values: Many<ExprId>,
    },
    /// `left op right`.
    Binary {
        /// The operator.
        op: Operator,
        /// Left operand.
        left: ExprId,
        /// Right operand.
        right: ExprId,
    },
    /// `not value`, `-value`, `+value`, `~value`.
    Unary {
        /// Whether it is `not`.
        not: bool,
        /// The operand.
        value: ExprId,
    },
    /// `left op right op …`.
    Compare {
        /// The first operand.
        left: ExprId,
        /// Operators with the operands that follow.
        rest: Many<Comparison>,
    },
    /// What the parser could not read.
    Missing,
}

/// A literal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Const {
    /// `None`.
    None,
    /// `True`, `False`.
    Bool(bool),
    /// An integer that fits; larger ones are cut to the largest.
    Int(i64),
    /// A float or complex number.
    Float(f64),
    /// Text, implicit concatenation joined; cut after 1,024 bytes.
    Str(Sym),
    /// Bytes; only that they are bytes.
    Bytes,
    /// `...`.
    Ellipsis,
}

/// A binary operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `|`
    BitOr,
    /// `&`
    BitAnd,
    /// `%`
    Mod,
    /// Every other one.
    Other,
}

/// A comparison's operator with its right operand.
#[derive(Clone, Copy, Debug)]
pub struct Comparison {
    /// The operator.
    pub op: Compare,
    /// The right operand.
    pub right: ExprId,
}

/// A comparison operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compare {
    /// `==`
    Eq,
    /// `!=`
    NotEq,
    /// `<`
    Lt,
    /// `<=`
    LtE,
    /// `>`
    Gt,
    /// `>=`
    GtE,
    /// `is`
    Is,
    /// `is not`
    IsNot,
    /// `in`
    In,
    /// `not in`
    NotIn,
}

/// An argument of a call.
#[derive(Clone, Copy, Debug)]
pub struct Arg {
    /// The keyword of `keyword=value`; none for positional arguments, `*value` (a [`ExprKind::Starred`]) and `**value`.
    pub keyword: Option<Sym>,
    /// Whether it is `**value`.
    pub double_star: bool,
    /// The value.
    pub value: ExprId,
}

/// An entry of a dict literal.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// The key; none for `**value`.
    pub key: Option<ExprId>,
    /// The value.
    pub value: ExprId,
}

/// Which comprehension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comprehension {
    /// `[… for …]`
    List,
    /// `{… for …}`
    Set,
    /// `{…: … for …}`
    Dict,
    /// `(… for …)`
    Generator,
}

/// A `for` clause of a comprehension.
#[derive(Clone, Copy, Debug)]
pub struct Clause {
    /// What is assigned.
    pub target: ExprId,
    /// What is iterated.
    pub iter: ExprId,
    /// The conditions.
    pub conditions: Many<ExprId>,
    /// Whether it is `async for`.
    pub is_async: bool,
}

/// A statement.
#[derive(Clone, Copy, Debug)]
pub struct Stmt {
    /// What it is.
    pub kind: StmtKind,
    /// Where it stands.
    pub span: Span,
}

/// What a statement is.
#[derive(Clone, Copy, Debug)]
pub enum StmtKind {
    /// An expression for its effect.
    Expr(ExprId),
    /// `target = … = value`, `target: annotation = value`; without a value it only declares.
    Assign {
        /// The targets, in the order of the source.
        targets: Many<ExprId>,
        /// The value.
        value: Option<ExprId>,
        /// The annotation.
        annotation: Option<ExprId>,
    },
    /// `target op= value`.
    AugAssign {
        /// The target.
        target: ExprId,
        /// The operator.
        op: Operator,
        /// The value.
        value: ExprId,
    },
    /// `return value`.
    Return(Option<ExprId>),
    /// `raise exception from cause`.
    Raise {
        /// The exception.
        exception: Option<ExprId>,
        /// The cause.
        cause: Option<ExprId>,
    },
    /// `del target, …`.
    Delete(Many<ExprId>),
    /// `assert test, message`.
    Assert {
        /// The condition.
        test: ExprId,
        /// The message.
        message: Option<ExprId>,
    },
    /// `if test: …`; an `elif` is an `if` inside of `orelse`.
    If {
        /// The condition.
        test: ExprId,
        /// When it holds.
        body: Block,
        /// When it does not.
        orelse: Block,
    },
    /// `while test: …`.
    While {
        /// The condition.
        test: ExprId,
        /// The loop's body.
        body: Block,
        /// After the loop, without `break`.
        orelse: Block,
    },
    /// `for target in iter: …`.
    For {
        /// What is assigned.
        target: ExprId,
        /// What is iterated.
        iter: ExprId,
        /// The loop's body.
        body: Block,
        /// After the loop, without `break`.
        orelse: Block,
        /// Whether it is `async for`.
        is_async: bool,
    },
    /// `with item, …: …`.
    With {
        /// The context managers.
        items: Many<WithItem>,
        /// The body.
        body: Block,
        /// Whether it is `async with`.
        is_async: bool,
    },
    /// `try: …`.
    Try {
        /// The guarded body.
        body: Block,
        /// The handlers.
        handlers: Many<Handler>,
        /// When nothing was raised.
        orelse: Block,
        /// Always.
        finally: Block,
    },
    /// `match subject: …`.
    Match {
        /// What is matched.
        subject: ExprId,
        /// The cases.
        cases: Many<Case>,
    },
    /// `def …`.
    Function(FunctionIx),
    /// `class …`.
    Class(ClassIx),
    /// `import …`, `from … import …`.
    Import(Many<Import>),
    /// `global name, …`.
    Global(Many<Sym>),
    /// `nonlocal name, …`.
    Nonlocal(Many<Sym>),
    /// `break`.
    Break,
    /// `continue`.
    Continue,
    /// `pass`, a docstring, or what the parser could not read.
    Pass,
}

/// A context manager of a `with`.
#[derive(Clone, Copy, Debug)]
pub struct WithItem {
    /// The context manager.
    pub context: ExprId,
    /// What follows `as`.
    pub target: Option<ExprId>,
}

/// An `except` handler.
#[derive(Clone, Copy, Debug)]
pub struct Handler {
    /// The exceptions; none for a bare `except`.
    pub exceptions: Option<ExprId>,
    /// The name after `as`.
    pub name: Option<Sym>,
    /// The body.
    pub body: Block,
    /// Where it stands.
    pub span: Span,
}

/// A case of a `match`.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// The names that the pattern binds.
    pub names: Many<Sym>,
    /// The guard.
    pub guard: Option<ExprId>,
    /// The body.
    pub body: Block,
}

/// One name of an import statement.
#[derive(Clone, Copy, Debug)]
pub struct Import {
    /// `a.b` of `import a.b` and of `from a.b import c`; empty in `from . import c`.
    pub module: Sym,
    /// `c` of `from a.b import c`; `*` for all; none in `import a.b`.
    pub name: Option<Sym>,
    /// The name after `as`.
    pub alias: Option<Sym>,
    /// Number of leading dots.
    pub level: u8,
    /// Whether it stands under `if TYPE_CHECKING`.
    pub type_checking: bool,
    /// Where the name stands.
    pub span: Span,
}

/// The scope that a function or class is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Parent {
    /// The module.
    Module,
    /// A function.
    Function(FunctionIx),
    /// A class.
    Class(ClassIx),
}

/// A function, method or lambda.
#[derive(Clone, Debug)]
pub struct Function {
    /// Its name; `<lambda>` for a lambda.
    pub name: Sym,
    /// Its parameters, in the order of the source.
    pub params: Many<Param>,
    /// The annotation after `->`.
    pub returns: Option<ExprId>,
    /// Its decorators, the outermost first.
    pub decorators: Many<ExprId>,
    /// Its body.
    pub body: Block,
    /// Where it is written.
    pub parent: Parent,
    /// Whether it is `async def`.
    pub is_async: bool,
    /// Whether it holds a `yield` of its own.
    pub is_generator: bool,
    /// Where its name stands; the whole expression of a lambda.
    pub name_span: Span,
    /// The whole statement, decorators included.
    pub span: Span,
}

/// A parameter.
#[derive(Clone, Copy, Debug)]
pub struct Param {
    /// Its name.
    pub name: Sym,
    /// Which kind.
    pub kind: ParamKind,
    /// Its annotation.
    pub annotation: Option<ExprId>,
    /// Its default.
    pub default: Option<ExprId>,
    /// Where its name stands.
    pub span: Span,
}

/// Which kind of parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamKind {
    /// Before `/`.
    PositionalOnly,
    /// Ordinary.
    Normal,
    /// `*args`.
    Args,
    /// After `*`.
    KeywordOnly,
    /// `**kwargs`.
    Kwargs,
}

/// A class.
#[derive(Clone, Debug)]
pub struct Class {
    /// Its name.
    pub name: Sym,
    /// Bases and keywords such as `metaclass=`.
    pub bases: Many<Arg>,
    /// Its decorators, the outermost first.
    pub decorators: Many<ExprId>,
    /// Its body.
    pub body: Block,
    /// Where it is written.
    pub parent: Parent,
    /// Where its name stands.
    pub name_span: Span,
    /// The whole statement, decorators included.
    pub span: Span,
}

macro_rules! lists {
    ($($field:ident: $type:ty,)+) => {
        /// The lists of a tree.
        #[derive(Clone, Debug, Default)]
        struct Lists { $($field: Vec<$type>,)+ }

        $(
            impl Index<Many<$type>> for Tree {
                type Output = [$type];

                fn index(&self, many: Many<$type>) -> &[$type] {
                    &self.lists.$field[many.start as usize..(many.start + many.len) as usize]
                }
            }

            impl Listed for $type {
                fn list(tree: &mut Tree) -> &mut Vec<Self> {
                    &mut tree.lists.$field
                }
            }
        )+
    };
}

/// What a tree keeps lists of.
pub trait Listed: Sized {
    /// The tree's list of it.
    #[doc(hidden)]
    fn list(tree: &mut Tree) -> &mut Vec<Self>;
}

lists! {
    exprs: ExprId,
    stmts: StmtId,
    syms: Sym,
    args: Arg,
    entries: Entry,
    comparisons: Comparison,
    clauses: Clause,
    with_items: WithItem,
    handlers: Handler,
    cases: Case,
    imports: Import,
    params: Param,
}

/// The syntax tree of a file.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    /// The module's own statements.
    pub body: Block,
    exprs: Vec<Expr>,
    stmts: Vec<Stmt>,
    functions: Vec<Function>,
    classes: Vec<Class>,
    lists: Lists,
}

impl Tree {
    /// Adds an expression.
    pub fn add_expr(&mut self, kind: ExprKind, span: Span) -> ExprId {
        self.exprs.push(Expr { kind, span });
        ExprId(self.exprs.len() as u32 - 1)
    }

    /// Adds a statement.
    pub fn add_stmt(&mut self, kind: StmtKind, span: Span) -> StmtId {
        self.stmts.push(Stmt { kind, span });
        StmtId(self.stmts.len() as u32 - 1)
    }

    /// Adds a function. Functions are added before their bodies are known, so that they stand in the order of the source.
    pub fn add_function(&mut self, function: Function) -> FunctionIx {
        self.functions.push(function);
        FunctionIx(self.functions.len() as u32 - 1)
    }

    /// Adds a class.
    pub fn add_class(&mut self, class: Class) -> ClassIx {
        self.classes.push(class);
        ClassIx(self.classes.len() as u32 - 1)
    }

    /// A function that is still being built.
    pub fn function_mut(&mut self, index: FunctionIx) -> &mut Function {
        &mut self.functions[index.0 as usize]
    }

    /// A class that is still being built.
    pub fn class_mut(&mut self, index: ClassIx) -> &mut Class {
        &mut self.classes[index.0 as usize]
    }

    /// Adds a list.
    pub fn many<T: Listed>(&mut self, items: impl IntoIterator<Item = T>) -> Many<T> {
        let list = T::list(self);
        let start = list.len();
        list.extend(items);
        Many { start: start as u32, len: (list.len() - start) as u32, of: PhantomData }
    }

    /// Gives back what growing took.
    pub fn shrink(&mut self) {
        self.exprs.shrink_to_fit();
        self.stmts.shrink_to_fit();
        self.functions.shrink_to_fit();
        self.classes.shrink_to_fit();
        let Lists {
            exprs,
            stmts,
            syms,
            args,
            entries,
            comparisons,
            clauses,
            with_items,
            handlers,
            cases,
            imports,
            params,
        } = &mut self.lists;
        exprs.shrink_to_fit();
        stmts.shrink_to_fit();
        syms.shrink_to_fit();
        args.shrink_to_fit();
        entries.shrink_to_fit();
        comparisons.shrink_to_fit();
        clauses.shrink_to_fit();
        with_items.shrink_to_fit();
        handlers.shrink_to_fit();
        cases.shrink_to_fit();
        imports.shrink_to_fit();
        params.shrink_to_fit();
    }

    /// The functions, in the order of the source.
    pub fn functions(&self) -> impl ExactSizeIterator<Item = (FunctionIx, &Function)> {
        self.functions.iter().enumerate().map(|(index, function)| (FunctionIx(index as u32), function))
    }

    /// The classes, in the order of the source.
    pub fn classes(&self) -> impl ExactSizeIterator<Item = (ClassIx, &Class)> {
        self.classes.iter().enumerate().map(|(index, class)| (ClassIx(index as u32), class))
    }

    /// How many expressions there are.
    pub fn expr_count(&self) -> usize {
        self.exprs.len()
    }

    /// The value of the argument with this keyword.
    pub fn keyword(&self, args: Many<Arg>, is: impl Fn(Sym) -> bool) -> Option<ExprId> {
        self[args].iter().find(|arg| arg.keyword.is_some_and(&is)).map(|arg| arg.value)
    }

    /// The value of the n-th positional argument, where no `*value` stands before it.
    pub fn positional(&self, args: Many<Arg>, n: usize) -> Option<ExprId> {
        let mut before = self[args].iter().filter(|arg| arg.keyword.is_none() && !arg.double_star);
        let arg = before.clone().take(n + 1).all(|arg| !matches!(self[arg.value].kind, ExprKind::Starred(_)));
        if arg { before.nth(n).map(|arg| arg.value) } else { None }
    }
}

impl Index<ExprId> for Tree {
    type Output = Expr;

    fn index(&self, id: ExprId) -> &Expr {
        &self.exprs[id.0 as usize]
    }
}

impl Index<StmtId> for Tree {
    type Output = Stmt;

    fn index(&self, id: StmtId) -> &Stmt {
        &self.stmts[id.0 as usize]
    }
}

impl Index<FunctionIx> for Tree {
    type Output = Function;

    fn index(&self, index: FunctionIx) -> &Function {
        &self.functions[index.0 as usize]
    }
}

impl Index<ClassIx> for Tree {
    type Output = Class;

    fn index(&self, index: ClassIx) -> &Class {
        &self.classes[index.0 as usize]
    }
}
