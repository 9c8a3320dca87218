//! What of an expression gets into an answer: what answers, texts, mappings and lists hold. What a function of the project or a lookup makes of a text is
//! another thing: a status, an id, a message for people.

use super::{ANSWERS, debug};
use crate::program::{ExprAt, Program};
use crate::rules::look::call_name;
use crate::syntax::{ExprId, ExprKind};

/// Methods that give a text of a text, or the mapping of a model.
const METHODS: &[&str] = &[
    "format",
    "join",
    "strip",
    "lstrip",
    "rstrip",
    "replace",
    "lower",
    "upper",
    "capitalize",
    "title",
    "split",
    "rsplit",
    "splitlines",
    "partition",
    "encode",
    "decode",
    "removeprefix",
    "removesuffix",
    "dict",
    "json",
    "to_dict",
    "model_dump",
    "model_dump_json",
];

/// Functions that give a text of a text, or put it into what is sent.
const FUNCTIONS: &[&str] = &[
    "str",
    "repr",
    "format",
    "escape",
    "force_str",
    "smart_str",
    "shorten",
    "list",
    "tuple",
    "sorted",
    "map",
    "dict",
    "dumps",
    "jsonable_encoder",
    "asdict",
];

/// Whether what a call is given is still in what it gives.
pub fn carries(program: &Program, call: ExprAt) -> bool {
    let Some((callee, _)) = program.call(call) else { return false };
    let called = call_name(program, call).unwrap_or_default();
    let is_method = matches!(program.expr(callee).kind, ExprKind::Attribute { .. });
    // `Problem(detail=…)`: models and responses have names like this.
    let is_class = called.starts_with(char::is_uppercase) && called.contains(char::is_lowercase);
    is_class
        || ANSWERS.contains(&called)
        || called.ends_with("_response")
        || FUNCTIONS.contains(&called)
        || is_method && METHODS.contains(&called)
}

/// The outermost parts of an expression for which something holds, with what it is: those that get into what the expression gives. What is compared, asked for
/// or looked up with is no part of an answer, nor is what only a flag for debugging shows.
pub fn parts<T>(program: &Program, at: ExprAt, is: &dyn Fn(ExprAt) -> Option<T>) -> Vec<(ExprAt, T)> {
    let mut found = Vec::new();
    carry(program, at, is, &mut found);
    found
}

fn carry<T>(program: &Program, at: ExprAt, is: &dyn Fn(ExprAt) -> Option<T>, found: &mut Vec<(ExprAt, T)>) {
    if let Some(what) = is(at) {
        found.push((at, what));
        return;
    }
    for inner in held(program, at) {
        carry(program, at.beside(inner), is, found);
    }
}

/// What an expression gives with its own value.
fn held(program: &Program, at: ExprAt) -> Vec<ExprId> {
    let tree = program.tree(at.module);
    match tree[at.expr].kind {
        ExprKind::Call { callee, args } if carries(program, at) => {
            let base = if let ExprKind::Attribute { base, .. } = tree[callee].kind { Some(base) } else { None };
            base.into_iter().chain(tree[args].iter().map(|arg| arg.value)).collect()
        }
        ExprKind::Fstring(parts) | ExprKind::List(parts) | ExprKind::Tuple(parts) | ExprKind::Set(parts) => {
            tree[parts].to_vec()
        }
        ExprKind::Bool { values, .. } => tree[values].to_vec(),
        ExprKind::Dict(entries) => {
            tree[entries].iter().flat_map(|entry| entry.key.into_iter().chain([entry.value])).collect()
        }
        ExprKind::Binary { left, right, .. } => vec![left, right],
        ExprKind::IfElse { test, body, orelse } => {
            let flag = debug::flag(program, at.beside(test));
            [(body, flag.holds), (orelse, flag.fails)]
                .into_iter()
                .filter_map(|(branch, hidden)| (!hidden).then_some(branch))
                .collect()
        }
        ExprKind::Comprehension { element, value, clauses, .. } => {
            let iters = tree[clauses].iter().map(|clause| clause.iter);
            [element].into_iter().chain(value).chain(iters).collect()
        }
        ExprKind::Await(inner) | ExprKind::Starred(inner) | ExprKind::Named { value: inner, .. } => vec![inner],
        ExprKind::Subscript { base, .. } => vec![base],
        _ => Vec::new(),
    }
}
