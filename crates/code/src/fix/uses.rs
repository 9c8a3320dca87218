//! What is done with something long-lived at one place.

use super::holder::How;
use super::source::Source;
use crate::syntax::{Compare, ExprId, ExprKind, Operator, StmtId, StmtKind};

/// Methods that add one element.
const APPEND: &[&str] = &["append", "appendleft", "add"];
/// Methods that take out.
const EMPTY: &[&str] = &["clear", "popleft", "popitem", "discard", "remove", "truncate"];

/// What is done with the expression.
pub(super) fn how(source: &Source<'_>, at: ExprId, stmt: StmtId) -> How {
    let tree = source.tree();
    let program = &source.program;
    let Some(parent) = source.parent(at) else {
        return match tree[stmt].kind {
            StmtKind::Assign { targets, value: Some(value), .. } if tree[targets] == [at] => How::Made(value),
            StmtKind::AugAssign { target, op: Operator::Add, value } if target == at => How::Extend(value),
            StmtKind::If { test, .. } | StmtKind::While { test, .. } if test == at => How::Truth,
            _ => How::Other,
        };
    };
    match tree[parent].kind {
        ExprKind::Unary { not: true, .. } => How::Truth,
        ExprKind::Call { callee, args } if callee != at => match (tree[callee].kind, &tree[args]) {
            (ExprKind::Name(len), [_]) if program.text(len) == "len" => How::Len(parent),
            (ExprKind::Name(bool), [_]) if program.text(bool) == "bool" => How::Truth,
            _ => How::Other,
        },
        ExprKind::Compare { left, rest } => match &tree[rest] {
            [one] if one.right == at && matches!(one.op, Compare::In | Compare::NotIn) => {
                How::Test { whole: parent, key: left, negated: one.op == Compare::NotIn }
            }
            _ => How::Other,
        },
        ExprKind::Subscript { base, index } if base == at => subscript(source, parent, index, stmt),
        ExprKind::Attribute { base, name } if base == at => {
            let Some(call) = source.parent(parent) else { return How::Other };
            let ExprKind::Call { callee, args } = tree[call].kind else { return How::Other };
            if callee != parent {
                return How::Other;
            }
            let args = &tree[args];
            match (program.text(name), args) {
                (method, [value]) if APPEND.contains(&method) => How::Append(call, value.value),
                ("extend", [values]) => How::Extend(values.value),
                // What is added to the entry is kept too.
                ("setdefault", [_, _]) if source.parent(call).is_none_or(|user| !is_changed(source, call, user)) => {
                    How::SetDefault(call)
                }
                ("get", [_] | [_, _]) | ("pop", [_, _]) => How::Asked,
                ("pop", [key]) if matches!(tree[stmt].kind, StmtKind::Expr(found) if found == call) => {
                    How::Drop { stmt, key: key.value }
                }
                ("pop", []) => How::Emptied,
                (method, _) if EMPTY.contains(&method) => How::Emptied,
                _ => How::Other,
            }
        }
        _ => How::Other,
    }
}

fn subscript(source: &Source<'_>, whole: ExprId, index: ExprId, stmt: StmtId) -> How {
    let tree = source.tree();
    if source.parent(whole).is_none() {
        match tree[stmt].kind {
            StmtKind::Assign { targets, value: Some(value), .. } if tree[targets].contains(&whole) => {
                return if tree[targets] == [whole] { How::Store { key: index, value } } else { How::Other };
            }
            StmtKind::AugAssign { target, .. } if target == whole => return How::Other,
            StmtKind::Delete(targets) if tree[targets].contains(&whole) => {
                return match tree[index].kind {
                    ExprKind::Slice { .. } => How::Emptied,
                    _ if tree[targets].len() == 1 => How::Drop { stmt, key: index },
                    _ => How::Other,
                };
            }
            _ => {}
        }
    }
    match tree[index].kind {
        ExprKind::Slice { lower: Some(lower), upper: None, step: None } => {
            match source.expr(lower).strip_prefix('-').map(str::parse::<u32>) {
                Some(Ok(last)) if last > 0 => How::Tail { whole, last },
                _ => How::Other,
            }
        }
        ExprKind::Slice { .. } => How::Other,
        _ if source.parent(whole).is_some_and(|user| is_changed(source, whole, user)) => How::Other,
        _ => How::Load { whole, key: index },
    }
}

/// Whether an entry is added to: `holder[key].append(x)`, `holder[key]["n"] = 1`.
fn is_changed(source: &Source<'_>, entry: ExprId, user: ExprId) -> bool {
    const CHANGES: &[&str] =
        &["append", "appendleft", "add", "extend", "insert", "update", "setdefault", "put", "put_nowait", "write"];
    let tree = source.tree();
    match tree[user].kind {
        ExprKind::Attribute { base, name } if base == entry => CHANGES.contains(&source.program.text(name)),
        ExprKind::Subscript { base, .. } if base == entry => {
            let stmt = source.directly_of(user).map(|stmt| tree[stmt].kind);
            match stmt {
                Some(StmtKind::Assign { targets, .. }) => tree[targets].contains(&user),
                Some(StmtKind::AugAssign { target, .. }) => target == user,
                _ => false,
            }
        }
        _ => false,
    }
}
