//! Whether a value holds data of a page, and not just a number that was made of it.

use crate::program::{ExprAt, Program};
use crate::rules::look::{self, call_name};
use crate::rules::reads::pages::target_names;
use crate::syntax::{ExprId, ExprKind, Sym};

/// Calls that make a number or a yes of what they are given.
const REDUCERS: &[&str] = &[
    "len",
    "sum",
    "any",
    "all",
    "int",
    "float",
    "bool",
    "count",
    "isinstance",
    "Decimal",
    "round",
    "abs",
    "fsum",
    "hash",
    "id",
    "print",
    "update_item",
    "put_item",
    "delete_item",
    "nlargest",
    "nsmallest",
];

/// Keys of an answer that are numbers or metadata.
const METADATA: &[&str] = &[
    "Count",
    "ScannedCount",
    "LastEvaluatedKey",
    "ConsumedCapacity",
    "ResponseMetadata",
    "KeyCount",
    "IsTruncated",
    "NextToken",
    "NextContinuationToken",
];

/// Whether the value of an expression holds data of what the names hold, and not just a number made of it.
pub fn carries(program: &Program, at: ExprAt, names: &[Sym]) -> bool {
    let tree = program.tree(at.module);
    let one = |expr: ExprId| carries(program, at.beside(expr), names);
    if let Some((_, key, _)) = look::keyed(program, at)
        && METADATA.contains(&key)
    {
        return false;
    }
    match tree[at.expr].kind {
        ExprKind::Name(name) => names.contains(&name),
        ExprKind::Compare { .. } | ExprKind::Lambda(_) | ExprKind::Const(_) | ExprKind::Missing => false,
        ExprKind::Unary { .. } => false,
        ExprKind::Binary { op, left, right } => {
            use crate::syntax::Operator::{Add, BitOr, Mod};
            matches!(op, Add | BitOr | Mod) && (one(left) || one(right))
        }
        ExprKind::IfElse { body, orelse, .. } => one(body) || one(orelse),
        ExprKind::Subscript { base, .. } | ExprKind::Attribute { base, .. } => one(base),
        ExprKind::Call { args, .. } => {
            if call_name(program, at).is_some_and(|name| REDUCERS.contains(&name)) {
                return false;
            }
            program.receiver(at).is_some_and(|receiver| carries(program, receiver, names))
                || tree[args].iter().any(|arg| one(arg.value))
        }
        ExprKind::Comprehension { element, value, clauses, .. } => {
            let mut inner = names.to_vec();
            for clause in &tree[clauses] {
                if carries(program, at.beside(clause.iter), &inner) {
                    inner.extend(target_names(program, at.beside(clause.target)));
                }
            }
            carries(program, at.beside(element), &inner)
                || value.is_some_and(|value| carries(program, at.beside(value), &inner))
        }
        _ => {
            let mut found = false;
            tree.children(at.expr, &mut |child| found |= one(child));
            found
        }
    }
}
