//! What a route's handler answers with, taken apart: the values of the dicts and lists that it returns, what it gives to responses, what helpers return
//! for it, what a generator yields into a response that streams, and what is put into a list that goes out. Judges nothing.

use rustc_hash::FxHashSet;

use crate::program::{ExitKind, ExprAt, FunctionId, Program, Scope};
use crate::rules::Cx;
use crate::rules::look::{Body, call_name};
use crate::syntax::{ExprKind, Operator, StmtKind, Sym};

/// Helpers and names that are followed in a row.
const DEEPEST: u8 = 5;

/// Calls that give out what they are given.
const WRAPPERS: &[&str] =
    &["jsonify", "make_response", "jsonable_encoder", "dict", "list", "sorted", "iter", "iterate_in_threadpool"];

/// Libraries whose `dumps` writes a value as text, and does nothing else to it: those of signers have the same name.
const JSON: &[&str] = &["json", "orjson", "ujson", "rapidjson", "simplejson", "msgspec.json", "flask.json"];

/// One part of an answer.
#[derive(Clone, Copy, Debug)]
pub struct Piece {
    /// The expression.
    pub at: ExprAt,
    /// The function that it stands in.
    pub function: FunctionId,
}

/// Hands out the parts of what a function answers with; `take` says whether it has taken one, which is then not taken apart further.
pub fn pieces(cx: &Cx<'_>, handler: FunctionId, take: &mut dyn FnMut(Piece) -> bool) {
    let mut walk = Walk { cx, take, seen: FxHashSet::default() };
    walk.function(handler, DEEPEST);
}

struct Walk<'w, 'c> {
    cx: &'w Cx<'c>,
    take: &'w mut dyn FnMut(Piece) -> bool,
    seen: FxHashSet<ExprAt>,
}

impl Walk<'_, '_> {
    fn function(&mut self, function: FunctionId, left: u8) {
        let Some(left) = left.checked_sub(1) else { return };
        // What a generator returns nobody answers with; what it yields goes out line by line.
        let streams = self.cx.program.function(function).is_generator;
        for exit in self.cx.program.exits(function) {
            let goes_out = if streams { exit.kind != ExitKind::Return } else { exit.kind == ExitKind::Return };
            if let Some(value) = exit.value.filter(|_| goes_out) {
                self.expr(Piece { at: function.module.expr(value), function }, left);
            }
        }
    }

    fn expr(&mut self, piece: Piece, left: u8) {
        let program = self.cx.program;
        let Piece { at, function } = piece;
        if !self.seen.insert(at) || (self.take)(piece) {
            return;
        }
        let tree = program.tree(at.module);
        let one = |walk: &mut Self, expr| walk.expr(Piece { at: at.beside(expr), function }, left);
        match tree[at.expr].kind {
            ExprKind::Await(inner) | ExprKind::Starred(inner) | ExprKind::Named { value: inner, .. } => {
                one(self, inner);
            }
            ExprKind::Dict(entries) => tree[entries].iter().for_each(|entry| one(self, entry.value)),
            ExprKind::List(parts) | ExprKind::Tuple(parts) => tree[parts].iter().for_each(|&part| one(self, part)),
            ExprKind::Comprehension { element, value: None, .. } => one(self, element),
            ExprKind::IfElse { body, orelse, .. } => {
                one(self, body);
                one(self, orelse);
            }
            ExprKind::Bool { values, .. } => tree[values].iter().for_each(|&value| one(self, value)),
            // `json.dumps(item) + "\n"` and `f"{json.dumps(item)}\n"` are what they are made of.
            ExprKind::Binary { op: Operator::Add, left, right } => {
                one(self, left);
                one(self, right);
            }
            ExprKind::Fstring(parts) => tree[parts].iter().for_each(|&part| one(self, part)),
            ExprKind::Call { args, .. } => {
                let name = call_name(program, at).unwrap_or_default();
                if name.ends_with("Response") || WRAPPERS.contains(&name) || is_json(self.cx, at) {
                    tree[args].iter().for_each(|arg| one(self, arg.value));
                } else if let [helper] = self.cx.values.targets(at).as_slice() {
                    self.function(*helper, left);
                } else if let Some(receiver) = program.receiver(at) {
                    // `"\n".join(lines).encode()`
                    match name {
                        "encode" | "decode" => one(self, receiver.expr),
                        "join" => tree[args].iter().for_each(|arg| one(self, arg.value)),
                        _ => {}
                    }
                }
            }
            ExprKind::Name(name) => {
                let body = Body::of(program, Scope::Function(function));
                let Some(left) = left.checked_sub(1) else { return };
                let values = body.values_of(tree, name);
                let is_list = values.iter().any(|&value| is_empty_list(program, at.beside(value)));
                for value in values {
                    self.expr(Piece { at: at.beside(value), function }, left);
                }
                if is_list {
                    for added in self.added(function, name) {
                        self.expr(Piece { at: added, function }, left);
                    }
                }
            }
            _ => {}
        }
    }

    /// What is put into a list by its name: `rows.append(x)`, `rows.extend(more)`, `rows += more`.
    fn added(&self, function: FunctionId, name: Sym) -> Vec<ExprAt> {
        let program = self.cx.program;
        let scope = Scope::Function(function);
        let tree = program.tree(function.module);
        let is = |at: ExprAt| matches!(program.expr(at).kind, ExprKind::Name(found) if found == name);
        let calls = program.calls_in(scope).iter().filter_map(|site| {
            let puts = matches!(call_name(program, site.at), Some("append" | "extend"));
            (puts && program.receiver(site.at).is_some_and(is)).then(|| program.positional(site.at, 0)).flatten()
        });
        let sums = Body::of(program, scope).stmts.into_iter().filter_map(|stmt| match tree[stmt].kind {
            StmtKind::AugAssign { target, value, .. } => {
                is(function.module.expr(target)).then(|| function.module.expr(value))
            }
            _ => None,
        });
        calls.chain(sums).collect()
    }
}

/// `json.dumps(…)`.
fn is_json(cx: &Cx<'_>, call: ExprAt) -> bool {
    let path = cx.program.call(call).and_then(|(callee, _)| cx.values.path(callee));
    let module = path.and_then(|path| path.strip_suffix(".dumps").or_else(|| path.strip_suffix(".encode")));
    module.is_some_and(|module| JSON.contains(&module))
}

/// `[]`, `list()`.
fn is_empty_list(program: &Program, at: ExprAt) -> bool {
    match program.expr(at).kind {
        ExprKind::List(parts) => parts.is_empty(),
        ExprKind::Call { args, .. } => args.is_empty() && call_name(program, at) == Some("list"),
        _ => false,
    }
}
