//! Small questions about one expression.

use crate::program::{ExprAt, Owner, Program, StmtAt};
use crate::syntax::{Block, Compare, Const, ExprId, ExprKind, Parent, Span, StmtId, Sym, Tree, Visit};

/// How a mapping is asked for a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keyed {
    /// `x["key"]`: an error where it is missing.
    Index,
    /// `x.get("key")`, `x.pop("key")`.
    Get,
    /// `x.get("key", default)`.
    GetDefault,
    /// `"key" in x`, `"key" not in x`.
    In,
}

/// The text of a literal.
pub fn text(program: &Program, at: ExprAt) -> Option<&str> {
    match program.expr(at).kind {
        ExprKind::Const(Const::Str(text)) => Some(program.text(text)),
        _ => None,
    }
}

/// The number of a literal, with its sign.
pub fn int(program: &Program, at: ExprAt) -> Option<i64> {
    match program.expr(at).kind {
        ExprKind::Const(Const::Int(number)) => Some(number),
        _ => None,
    }
}

/// The name that an expression is.
pub fn name(program: &Program, at: ExprAt) -> Option<Sym> {
    if let ExprKind::Name(name) = program.expr(at).kind { Some(name) } else { None }
}

/// Whether an expression is `None`.
pub fn is_none(program: &Program, at: ExprAt) -> bool {
    matches!(program.expr(at).kind, ExprKind::Const(Const::None))
}

/// The last segment of what a call calls.
pub fn call_name(program: &Program, call: ExprAt) -> Option<&str> {
    let (callee, _) = program.call(call)?;
    match program.expr(callee).kind {
        ExprKind::Name(name) | ExprKind::Attribute { name, .. } => Some(program.text(name)),
        _ => None,
    }
}

/// The name at the root of `name.a[b].c(d)`.
pub fn root_name(program: &Program, mut at: ExprAt) -> Option<Sym> {
    loop {
        at = match program.expr(at).kind {
            ExprKind::Name(name) => return Some(name),
            ExprKind::Attribute { base, .. } | ExprKind::Subscript { base, .. } => at.beside(base),
            ExprKind::Call { callee, .. } => at.beside(callee),
            ExprKind::Await(inner) => at.beside(inner),
            _ => return None,
        };
    }
}

/// What is inside of `await`, `(x := …)` and `x or default`.
pub fn unwrapped(program: &Program, mut at: ExprAt) -> ExprAt {
    loop {
        at = match program.expr(at).kind {
            ExprKind::Await(inner) | ExprKind::Named { value: inner, .. } => at.beside(inner),
            ExprKind::Bool { or: true, values } => match program.tree(at.module)[values].first() {
                Some(&first) => at.beside(first),
                None => return at,
            },
            _ => return at,
        };
    }
}

/// The key that an expression asks its mapping for, the mapping, and how.
pub fn keyed(program: &Program, at: ExprAt) -> Option<(ExprAt, &str, Keyed)> {
    match program.expr(at).kind {
        ExprKind::Subscript { base, index } => Some((at.beside(base), text(program, at.beside(index))?, Keyed::Index)),
        ExprKind::Call { args, .. } => {
            let method = call_name(program, at)?;
            if method != "get" && method != "pop" {
                return None;
            }
            let key = text(program, program.positional(at, 0)?)?;
            let how = if program.tree(at.module)[args].len() > 1 { Keyed::GetDefault } else { Keyed::Get };
            Some((program.receiver(at)?, key, how))
        }
        ExprKind::Compare { left, rest } => {
            let tree = program.tree(at.module);
            let [only] = &tree[rest] else { return None };
            if !matches!(only.op, Compare::In | Compare::NotIn) {
                return None;
            }
            Some((at.beside(only.right), text(program, at.beside(left))?, Keyed::In))
        }
        _ => None,
    }
}

/// How the mapping, of which this is an expression, is asked for a key: the asking expression, the key, and how.
pub fn asked(program: &Program, mapping: ExprAt) -> Option<(ExprAt, &str, Keyed)> {
    let links = &program.module(mapping.module).links;
    let mut outer = links.parent(mapping.expr)?;
    if let ExprKind::Await(_) = program.tree(mapping.module)[outer].kind {
        outer = links.parent(outer)?;
    }
    // `x.get` is the callee of `x.get("key")`.
    if let ExprKind::Attribute { .. } = program.tree(mapping.module)[outer].kind {
        outer = links.parent(outer)?;
    }
    let outer = mapping.beside(outer);
    let (base, key, how) = keyed(program, outer)?;
    (unwrapped(program, base) == unwrapped(program, mapping)).then_some((outer, key, how))
}

/// The statement that an expression belongs to.
pub fn own_stmt(program: &Program, at: ExprAt) -> Option<StmtId> {
    program.module(at.module).links.stmt_of(at.expr)
}

/// The statements of the block that a statement stands in, in the order of the source.
pub fn block_of(program: &Program, at: StmtAt) -> &[StmtId] {
    let module = program.module(at.module);
    let mut found: &[StmtId] = &[];
    let mut look = |block: Block| {
        if module.tree[block].contains(&at.stmt) {
            found = &module.tree[block];
        }
    };
    match module.links.parent_stmt(at.stmt) {
        Some((outer, _)) => module.tree.blocks_of(outer, &mut look),
        None => match module.links.scope(at.stmt) {
            Parent::Module => look(module.tree.body),
            Parent::Function(ix) => look(module.tree[ix].body),
            Parent::Class(ix) => look(module.tree[ix].body),
        },
    }
    found
}

/// Whether a span lies within another one.
pub fn spans(outer: Span, inner: Span) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

/// Whether an expression holds the other one, or is it.
pub fn contains(program: &Program, outer: ExprAt, inner: ExprAt) -> bool {
    outer.module == inner.module && spans(program.expr(outer).span, program.expr(inner).span)
}

/// Whether one of the names is read within an expression.
pub fn mentions(program: &Program, at: ExprAt, is: impl Fn(Sym) -> bool) -> bool {
    struct Find<F> {
        is: F,
        found: bool,
    }
    impl<F: Fn(Sym) -> bool> Visit for Find<F> {
        fn expr(&mut self, tree: &Tree, expr: ExprId) -> bool {
            if let ExprKind::Name(name) = tree[expr].kind {
                self.found |= (self.is)(name);
            }
            !self.found
        }
    }
    let mut find = Find { is, found: false };
    program.tree(at.module).walk_expr(at.expr, &mut find);
    find.found
}

/// The literal texts within an expression.
pub fn texts(program: &Program, at: ExprAt) -> Vec<&str> {
    struct Collect(Vec<Sym>);
    impl Visit for Collect {
        fn expr(&mut self, tree: &Tree, expr: ExprId) -> bool {
            if let ExprKind::Const(Const::Str(text)) = tree[expr].kind {
                self.0.push(text);
            }
            true
        }
    }
    let mut found = Collect(Vec::new());
    program.tree(at.module).walk_expr(at.expr, &mut found);
    found.0.into_iter().map(|text| program.text(text)).collect()
}

/// The elements of a list, tuple or set literal.
pub fn elements(program: &Program, at: ExprAt) -> Option<Vec<ExprAt>> {
    match program.expr(at).kind {
        ExprKind::List(parts) | ExprKind::Tuple(parts) | ExprKind::Set(parts) => {
            Some(program.tree(at.module)[parts].iter().map(|&part| at.beside(part)).collect())
        }
        _ => None,
    }
}

/// Whether an expression is directly what a statement is made of, and which.
pub fn directly_of(program: &Program, at: ExprAt) -> Option<StmtId> {
    match program.module(at.module).links.owner(at.expr)? {
        Owner::Stmt(stmt) => Some(stmt),
        Owner::Expr(_) => None,
    }
}
