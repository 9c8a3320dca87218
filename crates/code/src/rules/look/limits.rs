//! What limits a value of the caller's: annotations and defaults with a largest value, comparisons, the least of two.

use crate::program::{ExprAt, FunctionId, Program, Scope, Symbol};
use crate::rules::look::{Body, call_name, mentions};
use crate::syntax::{Compare, Const, ExprId, ExprKind, StmtKind, Sym, Tree, Visit};

/// `Depends(…)` and `Security(…)` in an annotation.
pub(super) fn is_marker(program: &Program, at: ExprAt, left: u8) -> bool {
    match program.expr(at).kind {
        ExprKind::Subscript { index, .. } => is_marker(program, at.beside(index), left),
        ExprKind::Tuple(parts) => {
            program.tree(at.module)[parts].iter().any(|&part| is_marker(program, at.beside(part), left))
        }
        ExprKind::Call { .. } => matches!(call_name(program, at), Some("Depends" | "Security")),
        ExprKind::Name(_) | ExprKind::Attribute { .. } => match program.resolve(at) {
            Some(Symbol::Variable(module, variable)) if left > 0 => {
                let body = Body::of(program, Scope::Module(module));
                let values = body.values_of(program.tree(module), variable);
                values.into_iter().any(|value| is_marker(program, module.expr(value), left - 1))
            }
            _ => false,
        },
        _ => false,
    }
}

/// Whether an annotation, a default or an alias of one names a largest value.
pub(super) fn limits(program: &Program, at: ExprAt, left: u8) -> bool {
    struct Find<'t> {
        program: &'t Program,
        at: ExprAt,
        found: bool,
        names: Vec<ExprId>,
    }
    impl Visit for Find<'_> {
        fn expr(&mut self, tree: &Tree, expr: ExprId) -> bool {
            match tree[expr].kind {
                ExprKind::Call { args, .. } => {
                    self.found |= tree[args].iter().any(|arg| {
                        arg.keyword.is_some_and(|keyword| {
                            matches!(
                                self.program.text(keyword),
                                "le" | "lt" | "max_length" | "max_items" | "pattern" | "regex" | "max_value"
                            )
                        })
                    });
                    let name = call_name(self.program, self.at.beside(expr)).unwrap_or_default();
                    self.found |= matches!(
                        name,
                        "Le" | "Lt" | "Interval" | "MaxLen" | "Len" | "AfterValidator" | "BeforeValidator"
                    );
                }
                ExprKind::Name(_) | ExprKind::Attribute { .. } => self.names.push(expr),
                _ => {}
            }
            !self.found
        }
    }
    let Some(left) = left.checked_sub(1) else { return false };
    let mut find = Find { program, at, found: false, names: Vec::new() };
    program.tree(at.module).walk_expr(at.expr, &mut find);
    let names = find.names;
    find.found
        || names.into_iter().any(|name| match program.resolve(at.beside(name)) {
            Some(Symbol::Variable(module, variable)) => {
                let body = Body::of(program, Scope::Module(module));
                body.values_of(program.tree(module), variable)
                    .into_iter()
                    .any(|value| limits(program, module.expr(value), left))
            }
            _ => false,
        })
}

/// Whether the function compares the name, or its length, with a largest value, or takes the least of it.
pub(super) fn is_limited(program: &Program, body: &Body, function: FunctionId, name: Sym) -> bool {
    let module = function.module;
    let tree = program.tree(module);
    body.stmts.iter().any(|&stmt| match tree[stmt].kind {
        StmtKind::If { test, .. } | StmtKind::Assert { test, .. } | StmtKind::While { test, .. } => {
            is_measure(program, module.expr(test), Some(name))
        }
        StmtKind::Assign { targets, value: Some(value), .. } => {
            let own =
                tree[targets].iter().any(|&target| matches!(tree[target].kind, ExprKind::Name(found) if found == name));
            own && (has_least(program, module.expr(value)) || is_checked(program, module.expr(value), name))
        }
        _ => false,
    })
}

/// `limit = checked(limit)`, a call of the project.
fn is_checked(program: &Program, value: ExprAt, name: Sym) -> bool {
    let Some((callee, args)) = program.call(value) else { return false };
    matches!(program.resolve(callee), Some(Symbol::Function(_)))
        && args.iter().any(|arg| mentions(program, value.beside(arg.value), |other| other == name))
}

/// Whether an expression holds a `min(…)`.
fn has_least(program: &Program, at: ExprAt) -> bool {
    let tree = program.tree(at.module);
    if matches!(tree[at.expr].kind, ExprKind::Call { .. }) && call_name(program, at) == Some("min") {
        return true;
    }
    let mut found = false;
    tree.children(at.expr, &mut |child| found |= has_least(program, at.beside(child)));
    found
}

/// Whether a condition compares the name (or its length) with something that is not zero; any name where none is given.
pub(super) fn is_measure(program: &Program, test: ExprAt, name: Option<Sym>) -> bool {
    let tree = program.tree(test.module);
    match tree[test.expr].kind {
        ExprKind::Compare { left, rest } => {
            let about =
                |expr: ExprId| name.is_none_or(|name| mentions(program, test.beside(expr), |other| other == name));
            let mut sides = vec![left];
            sides.extend(tree[rest].iter().map(|comparison| comparison.right));
            let ordered = tree[rest].iter().any(|comparison| {
                matches!(
                    comparison.op,
                    Compare::Lt | Compare::LtE | Compare::Gt | Compare::GtE | Compare::In | Compare::NotIn
                )
            });
            let bound = sides.iter().any(|&side| {
                !about(side)
                    && !matches!(tree[side].kind, ExprKind::Const(Const::Int(0 | 1) | Const::None | Const::Str(_)))
            });
            ordered && bound && sides.iter().any(|&side| about(side))
        }
        ExprKind::Bool { values, .. } => {
            tree[values].iter().any(|&value| is_measure(program, test.beside(value), name))
        }
        ExprKind::Unary { value, .. } => is_measure(program, test.beside(value), name),
        _ => false,
    }
}
