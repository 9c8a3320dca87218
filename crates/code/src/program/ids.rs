//! Names of things in a program: small numbers that are cheap to copy, compare and keep. Nothing here knows what it names.

use crate::syntax::{ClassIx, ExprId, FunctionIx, StmtId};

/// A module of a program, in the order in which the modules were given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModuleId(pub u32);

/// A function, method or lambda of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FunctionId {
    /// The module that it is written in.
    pub module: ModuleId,
    /// Which of the module's functions.
    pub ix: FunctionIx,
}

/// A class of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClassId {
    /// The module that it is written in.
    pub module: ModuleId,
    /// Which of the module's classes.
    pub ix: ClassIx,
}

/// An expression of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExprAt {
    /// The module that it stands in.
    pub module: ModuleId,
    /// Which of the module's expressions.
    pub expr: ExprId,
}

/// A statement of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StmtAt {
    /// The module that it stands in.
    pub module: ModuleId,
    /// Which of the module's statements.
    pub stmt: StmtId,
}

/// What names are bound in: a module, a function or lambda, the body of a class. Comprehensions are no scopes of their own here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// The top of a module.
    Module(ModuleId),
    /// The body of a function, method or lambda.
    Function(FunctionId),
    /// The body of a class.
    Class(ClassId),
}

impl Scope {
    /// The module that the scope is written in.
    pub fn module(self) -> ModuleId {
        match self {
            Self::Module(module) => module,
            Self::Function(function) => function.module,
            Self::Class(class) => class.module,
        }
    }

    /// The function, if it is one.
    pub fn function(self) -> Option<FunctionId> {
        if let Self::Function(function) = self { Some(function) } else { None }
    }
}

impl ModuleId {
    /// An expression of this module.
    pub fn expr(self, expr: ExprId) -> ExprAt {
        ExprAt { module: self, expr }
    }

    /// A statement of this module.
    pub fn stmt(self, stmt: StmtId) -> StmtAt {
        StmtAt { module: self, stmt }
    }

    /// A function of this module.
    pub fn function(self, ix: FunctionIx) -> FunctionId {
        FunctionId { module: self, ix }
    }

    /// A class of this module.
    pub fn class(self, ix: ClassIx) -> ClassId {
        ClassId { module: self, ix }
    }
}

impl ExprAt {
    /// Another expression of the same module.
    pub fn beside(self, expr: ExprId) -> Self {
        Self { expr, ..self }
    }
}
