//! What a route's handler answers with, taken apart: the values of the dicts and lists that it returns, what it gives to responses, what helpers return
//! for it. Judges nothing.

use rustc_hash::FxHashSet;

use crate::program::{ExitKind, ExprAt, FunctionId, Scope};
use crate::rules::Cx;
use crate::rules::look::{Body, call_name};
use crate::syntax::ExprKind;

/// Helpers and names that are followed in a row.
const DEEPEST: u8 = 5;

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
        if self.cx.program.function(function).is_generator {
            return;
        }
        for exit in self.cx.program.exits(function) {
            if let (ExitKind::Return, Some(value)) = (exit.kind, exit.value) {
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
            ExprKind::Call { args, .. } => {
                let name = call_name(program, at).unwrap_or_default();
                if name.ends_with("Response")
                    || matches!(name, "jsonify" | "make_response" | "jsonable_encoder" | "dict" | "list" | "sorted")
                {
                    tree[args].iter().for_each(|arg| one(self, arg.value));
                } else if let [helper] = self.cx.values.targets(at).as_slice() {
                    self.function(*helper, left);
                }
            }
            ExprKind::Name(name) => {
                let body = Body::of(program, Scope::Function(function));
                let Some(left) = left.checked_sub(1) else { return };
                for value in body.values_of(tree, name) {
                    self.expr(Piece { at: at.beside(value), function }, left);
                }
            }
            _ => {}
        }
    }
}
