//! What becomes of a value that needs closing: who ends up with it, and whether it is closed on every way out of its scope. What a call of an
//! unknown function does with it is not guessed: such a value counts as handed out.

use super::body::Body;
use super::expr::call_name;
use crate::program::{ExprAt, Owner, Part, Program, Scope};
use crate::syntax::{ExprKind, StmtId, StmtKind, Sym};

/// What becomes of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// A `with`, an exit stack or `closing` ends it.
    Managed,
    /// It is returned, yielded, stored, or otherwise somebody else's.
    HandedOut,
    /// A method of it is called, and it is not kept: `open(path).read()`.
    Chained(ExprAt),
    /// It is given to this call, and not kept: `json.load(open(path))`.
    Given(ExprAt),
    /// It is iterated, and not kept: `for line in open(path)`.
    Iterated,
    /// Nobody takes it.
    Dropped,
    /// It is a local of its scope, which closes it or not.
    Local(Closing),
}

/// How a local is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closing {
    /// In a `finally`, or by a `with`.
    Always,
    /// Only when nothing between raises.
    Unguarded,
    /// Not where this statement leaves.
    LeftAt(StmtId),
    /// Nowhere.
    Never,
}

/// Calls that take a context manager or something closable over.
const TAKERS: &[&str] = &[
    "closing",
    "aclosing",
    "enter_context",
    "enter_async_context",
    "push",
    "push_async_exit",
    "callback",
    "push_async_callback",
    "nullcontext",
    "addCleanup",
    "addfinalizer",
    "register",
];

/// Calls that use what they are given and leave it to its owner.
const BORROWERS: &[&str] = &[
    "load",
    "dump",
    "reader",
    "writer",
    "DictReader",
    "DictWriter",
    "safe_load",
    "safe_dump",
    "copyfileobj",
    "print",
    "isinstance",
    "len",
    "iter",
    "next",
    "enumerate",
    "list",
    "sorted",
    "tuple",
    "set",
    "zip",
    "map",
    "filter",
    "bool",
    "repr",
    "str",
    "id",
    "type",
    "hasattr",
    "getattr",
    "fstat",
    "fsync",
    "upload_fileobj",
    "download_fileobj",
    "gather",
    "wait",
    "check_output",
    "check_call",
    "run",
    "call",
    "flock",
    "lockf",
];

/// What becomes of a value; `closers` are the methods that end it.
pub fn fate(program: &Program, body: &Body, scope: Scope, value: ExprAt, closers: &[&str]) -> Fate {
    let module = program.module(value.module);
    let tree = &module.tree;
    let mut at = value.expr;
    loop {
        match module.links.owner(at) {
            None => return Fate::HandedOut,
            Some(Owner::Expr(parent)) => match tree[parent].kind {
                ExprKind::Await(_) | ExprKind::IfElse { .. } | ExprKind::Bool { .. } => at = parent,
                ExprKind::Call { callee, .. } if callee != at => {
                    let call = value.beside(parent);
                    let taken = call_name(program, call).is_some_and(|name| TAKERS.contains(&name));
                    return if taken { Fate::Managed } else { Fate::Given(call) };
                }
                ExprKind::Attribute { .. } => {
                    let called = module
                        .links
                        .parent(parent)
                        .filter(|&outer| matches!(tree[outer].kind, ExprKind::Call { callee, .. } if callee == parent));
                    return called.map_or(Fate::HandedOut, |call| Fate::Chained(value.beside(call)));
                }
                ExprKind::Comprehension { clauses, .. } if tree[clauses].iter().any(|clause| clause.iter == at) => {
                    return Fate::Iterated;
                }
                ExprKind::Named { target, .. } => return local(program, body, scope, value, target, closers),
                _ => return Fate::HandedOut,
            },
            Some(Owner::Stmt(stmt)) => {
                return match tree[stmt].kind {
                    StmtKind::With { .. } => Fate::Managed,
                    StmtKind::Expr(_) => Fate::Dropped,
                    StmtKind::For { iter, .. } if iter == at => Fate::Iterated,
                    StmtKind::Assign { targets, .. } => match tree[targets] {
                        [target] => local(program, body, scope, value, target, closers),
                        _ => Fate::HandedOut,
                    },
                    _ => Fate::HandedOut,
                };
            }
        }
    }
}

fn local(
    program: &Program,
    body: &Body,
    scope: Scope,
    value: ExprAt,
    target: crate::syntax::ExprId,
    closers: &[&str],
) -> Fate {
    let module = program.module(value.module);
    let ExprKind::Name(name) = module.tree[target].kind else { return Fate::HandedOut };
    let owned = match scope {
        Scope::Function(function) => {
            let parent = crate::syntax::Parent::Function(function.ix);
            !module.bindings.is_global(parent, name) && !module.bindings.is_nonlocal(parent, name)
        }
        Scope::Module(_) | Scope::Class(_) => false,
    };
    if !owned || body.captures(name) {
        return Fate::HandedOut;
    }
    match uses(program, body, value, name, closers) {
        Uses::Managed => Fate::Managed,
        Uses::HandedOut => Fate::HandedOut,
        Uses::Kept(closes) => Fate::Local(closing(program, body, value, &closes)),
    }
}

enum Uses {
    Managed,
    HandedOut,
    Kept(Vec<StmtId>),
}

fn uses(program: &Program, body: &Body, value: ExprAt, name: Sym, closers: &[&str]) -> Uses {
    let module = program.module(value.module);
    let tree = &module.tree;
    let mut closes = Vec::new();
    for &read in body.reads(name) {
        match module.links.owner(read) {
            Some(Owner::Stmt(stmt)) => match tree[stmt].kind {
                StmtKind::With { .. } => return Uses::Managed,
                StmtKind::Return(_) | StmtKind::Assign { .. } | StmtKind::AugAssign { .. } => return Uses::HandedOut,
                _ => {}
            },
            Some(Owner::Expr(parent)) => match tree[parent].kind {
                ExprKind::Attribute { name: attribute, .. } => {
                    if closers.contains(&program.text(attribute))
                        && let Some(stmt) = module.links.stmt_of(read)
                    {
                        closes.push(stmt);
                    }
                }
                ExprKind::Call { callee, .. } if callee != read => {
                    let called = call_name(program, value.beside(parent)).unwrap_or_default();
                    if TAKERS.contains(&called) {
                        return Uses::Managed;
                    }
                    if !BORROWERS.contains(&called) {
                        return Uses::HandedOut;
                    }
                }
                ExprKind::List(_)
                | ExprKind::Tuple(_)
                | ExprKind::Set(_)
                | ExprKind::Dict(_)
                | ExprKind::Yield(_)
                | ExprKind::YieldFrom(_)
                | ExprKind::Starred(_)
                | ExprKind::Named { .. }
                | ExprKind::IfElse { .. } => return Uses::HandedOut,
                _ => {}
            },
            None => {}
        }
    }
    Uses::Kept(closes)
}

/// Whether the statements that close are reached on every way out.
fn closing(program: &Program, body: &Body, value: ExprAt, closes: &[StmtId]) -> Closing {
    let module = program.module(value.module);
    let tree = &module.tree;
    let born = tree[value.expr].span.end;
    let closes: Vec<StmtId> = closes.iter().copied().filter(|&stmt| tree[stmt].span.start >= born).collect();
    let Some(last) = closes.iter().map(|&stmt| tree[stmt].span.start).max() else { return Closing::Never };
    if closes.iter().any(|&stmt| ancestors(program, value, stmt).any(|(_, part)| part == Part::Finally)) {
        return Closing::Always;
    }
    let left = body.stmts.iter().copied().find(|&stmt| {
        let start = tree[stmt].span.start;
        let leaves = matches!(tree[stmt].kind, StmtKind::Return(_));
        leaves && start > born && start < last && !closes.iter().any(|&close| precedes(program, value, close, stmt))
    });
    left.map_or(Closing::Unguarded, Closing::LeftAt)
}

/// The compound statements around a statement, the innermost first, and in which part of each.
fn ancestors(program: &Program, at: ExprAt, stmt: StmtId) -> impl Iterator<Item = (StmtId, Part)> {
    let links = &program.module(at.module).links;
    let mut next = links.parent_stmt(stmt);
    std::iter::from_fn(move || {
        let found = next?;
        next = links.parent_stmt(found.0);
        Some(found)
    })
}

/// Whether one statement has always been run when the other one is reached: it stands before it, in the same block or one around it.
fn precedes(program: &Program, at: ExprAt, first: StmtId, second: StmtId) -> bool {
    let module = program.module(at.module);
    let block = module.links.parent_stmt(first);
    module.tree[first].span.start < module.tree[second].span.start
        && (block.is_none()
            || module.links.parent_stmt(second) == block
            || ancestors(program, at, second).any(|around| Some(around) == block))
}
