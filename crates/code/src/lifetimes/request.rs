//! What a request says: of some things there are only a few (its method, its route), of everything else as many as callers like.

use super::Lifetimes;
use super::add::same;
use super::guard::Fact;
use super::spread::Spread;
use crate::program::{Binding, ExprAt};
use crate::syntax::{Compare, ExprKind, StmtKind};
use crate::values::Kind;

impl Lifetimes<'_> {
    /// Whether an expression is a request or read from one; the method and the scheme are a few, everything else is not.
    pub(super) fn is_of_request(&self, at: ExprAt) -> bool {
        if self.is_route(at) {
            return false;
        }
        let mut at = at;
        for _ in 0..12 {
            if self.values.is(at, |kind| matches!(kind, Kind::Request | Kind::RequestSession)) {
                return true;
            }
            at = match self.program.expr(at).kind {
                ExprKind::Attribute { base, name }
                    if !matches!(self.text(name), "method" | "scheme" | "app" | "state" | "resolver_match") =>
                {
                    at.beside(base)
                }
                ExprKind::Subscript { base, .. } => at.beside(base),
                ExprKind::Call { callee, .. } => at.beside(callee),
                ExprKind::Await(value) => at.beside(value),
                _ => return false,
            };
        }
        false
    }

    /// Whether a value was checked against a fixed set before: `if kind not in KINDS: raise …`.
    pub(super) fn is_checked(&self, key: ExprAt, facts: &[Fact], holder: ExprAt) -> bool {
        let tree = self.program.tree(key.module);
        facts.iter().any(|fact| {
            let ExprKind::Compare { left, rest } = tree[fact.test.expr].kind else { return false };
            let [comparison] = tree[rest] else { return false };
            let inside = matches!((comparison.op, fact.holds), (Compare::In, true) | (Compare::NotIn, false));
            inside
                && same(tree, left, key.expr)
                && !same(tree, comparison.right, holder.expr)
                && self.spread(key.beside(comparison.right)) == Spread::Few
        })
    }

    /// The route that a framework found for a request: `request.scope["route"]`.
    pub(super) fn is_route(&self, at: ExprAt) -> bool {
        let named = |at: ExprAt| self.values.strings(at).any(says_few);
        match self.program.expr(at).kind {
            ExprKind::Attribute { name, .. } => says_few(self.text(name)),
            ExprKind::Subscript { index, .. } => named(at.beside(index)),
            ExprKind::Call { callee, .. } => match self.program.expr(at.beside(callee)).kind {
                ExprKind::Attribute { name, .. } if self.text(name) == "get" => {
                    self.program.positional(at, 0).is_some_and(named)
                }
                ExprKind::Name(name) if self.text(name) == "getattr" => {
                    self.program.positional(at, 1).is_some_and(named)
                        || self.program.positional(at, 0).is_some_and(|of| self.is_route(of))
                }
                _ => false,
            },
            ExprKind::Name(name) => {
                let scope = self.program.binding_scope(self.program.scope_of(at), name);
                scope.is_some_and(|scope| {
                    let mut bindings = self.program.bindings(scope, name);
                    let (Some(Binding::Target(target)), None) = (bindings.next(), bindings.next()) else {
                        return false;
                    };
                    let module = self.program.module(scope.module());
                    match module.links.stmt_of(target).map(|stmt| module.tree[stmt].kind) {
                        Some(StmtKind::Assign { value: Some(value), .. }) if value != at.expr => {
                            self.is_route(module.id.expr(value))
                        }
                        _ => false,
                    }
                })
            }
            _ => false,
        }
    }
}

/// What a request says that there are only a few of: its method, the route's template, the name of the view, the status.
pub(super) fn says_few(name: &str) -> bool {
    matches!(
        name,
        "method"
            | "scheme"
            | "route"
            | "endpoint"
            | "url_rule"
            | "resolver_match"
            | "view_name"
            | "url_name"
            | "status"
            | "status_code"
            | "http_version"
            | "REQUEST_METHOD"
            | "asgi"
            | "type"
            | "is_ajax"
            | "is_secure"
            | "blueprint"
            | "view_args_names"
    )
}
