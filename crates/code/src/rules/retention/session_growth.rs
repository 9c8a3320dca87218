//! A list or mapping in a visitor's session gets longer with every request.

use plimsoll_model::Severity;

use super::registered::behind;
use crate::lifetimes::{is_capped_by, more};
use crate::program::{Binding, ExprAt, Scope};
use crate::rules::{Cx, Draft, Drafts, Meta, Rule, Spot, rule};
use crate::syntax::{ExprKind, StmtId, StmtKind};
use crate::values::Kind;

rule! {
    /// A list or mapping in a visitor's session gets longer with every request.
    SessionGrowth { id: "session-growth", weakness: SessionGrowth, kind: Leak, severity: Medium, since: "0.2.0" }
}

impl Rule for SessionGrowth {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, cx: &Cx<'_>, out: &mut Drafts) {
        for store in cx.program.subscript_stores().filter(|store| cx.lifetimes.is_hot(store.scope)) {
            let (at, Some(value)) = (store.at, store.value) else { continue };
            if !is_session(cx, at.beside(store.base)) {
                continue;
            }
            let value = at.beside(value);
            if let Some(added) = grown(cx, value) {
                report(cx, out, at, store.scope, added);
            }
        }
        for name in ["append", "extend", "insert", "add"] {
            for site in cx.program.calls_named(name).filter(|site| cx.lifetimes.is_hot(site.scope)) {
                let (Some(base), Some(added)) =
                    (cx.program.receiver(site.at), cx.program.positional(site.at, usize::from(name == "insert")))
                else {
                    continue;
                };
                let kept = match cx.program.expr(base).kind {
                    // In place: `session["seen"].append(x)`, `session.setdefault("seen", []).append(x)`.
                    ExprKind::Subscript { .. } | ExprKind::Call { .. } => of_session(cx, base, true),
                    ExprKind::Name(_) => is_written_back(cx, base, site.scope) && !is_shortened(cx, base, site.scope),
                    _ => false,
                };
                if kept && !is_capped_by(cx.lifetimes, site.at, site.stmt, base) {
                    report(cx, out, site.at, site.scope, added);
                }
            }
        }
    }
}

fn report(cx: &Cx<'_>, out: &mut Drafts, at: ExprAt, scope: Scope, added: ExprAt) {
    let spot = Spot::expr(cx.program, at);
    let message = "What the session holds gets longer with every request of its visitor, and is read and written back for each of them.";
    let draft = Draft::new(&SessionGrowth::META, spot, scope, message)
        .step(spot, "added here to what the session held already")
        .note("No slice, no look at the length and no removal was seen that keeps it short.");
    let small = matches!(
        cx.program.expr(added).kind,
        ExprKind::Name(_) | ExprKind::Subscript { .. } | ExprKind::Attribute { .. } | ExprKind::Const(_)
    );
    let row =
        cx.values.is(added, |kind| matches!(kind, Kind::Item { .. } | Kind::Items { .. } | Kind::Response { .. }));
    out.push(if small && !row { draft.severity(Severity::Low).suspected() } else { draft });
}

fn is_session(cx: &Cx<'_>, at: ExprAt) -> bool {
    cx.values.is(at, |kind| kind == Kind::RequestSession)
        || cx.program.external(at) == Some("flask.session")
        || matches!(cx.program.expr(at).kind, ExprKind::Attribute { base, name }
            if cx.program.text(name) == "session" && cx.values.is(at.beside(base), |kind| kind == Kind::Request))
}

/// Whether an expression is read out of the session; `living` for ways that give what the session itself holds.
fn of_session(cx: &Cx<'_>, at: ExprAt, living: bool) -> bool {
    match cx.program.expr(at).kind {
        ExprKind::Subscript { base, .. } => is_session(cx, at.beside(base)),
        ExprKind::Call { callee, .. } => match cx.program.expr(at.beside(callee)).kind {
            ExprKind::Attribute { base, name } => {
                let known = match cx.program.text(name) {
                    "setdefault" => true,
                    "get" | "pop" => !living,
                    _ => false,
                };
                known && is_session(cx, at.beside(base))
            }
            ExprKind::Name(name) if matches!(cx.program.text(name), "list" | "dict" | "set") => {
                cx.program.positional(at, 0).is_some_and(|inner| of_session(cx, inner, living))
            }
            _ => false,
        },
        ExprKind::Bool { values, .. } => {
            cx.program.tree(at.module)[values].first().is_some_and(|&first| of_session(cx, at.beside(first), living))
        }
        _ => false,
    }
}

/// `[*seen, x]`, `seen + [x]` where `seen` is what the session held: then what is added.
fn grown(cx: &Cx<'_>, value: ExprAt) -> Option<ExprAt> {
    let tree = cx.program.tree(value.module);
    let held = |expr| {
        let at = value.beside(expr);
        of_session(cx, at, false) || of_session(cx, behind(cx, at), false)
    };
    match tree[value.expr].kind {
        ExprKind::List(parts) => {
            let parts = &tree[parts];
            let whole = parts.iter().any(|&part| matches!(tree[part].kind, ExprKind::Starred(inner) if held(inner)));
            let added = parts.iter().find(|&&part| !matches!(tree[part].kind, ExprKind::Starred(_)));
            added.filter(|_| whole).map(|&added| value.beside(added))
        }
        ExprKind::Binary { left, right, op } if more(op) => {
            let added = if held(left) {
                right
            } else if held(right) {
                left
            } else {
                return None;
            };
            match tree[added].kind {
                ExprKind::List(parts) => tree[parts].first().map(|&first| value.beside(first)),
                _ => Some(value.beside(added)),
            }
        }
        _ => None,
    }
}

/// A local name that is read out of the session, and stored there again as a whole or living in it.
fn is_written_back(cx: &Cx<'_>, name: ExprAt, scope: Scope) -> bool {
    let ExprKind::Name(sym) = cx.program.expr(name).kind else { return false };
    let origin = origins(cx, name).into_iter().find(|&value| of_session(cx, value, false));
    let Some(origin) = origin else { return false };
    let stored = cx.program.subscript_stores().filter(|store| store.scope == scope).any(|store| {
        let value = store.value.map(|value| cx.program.expr(store.at.beside(value)).kind);
        is_session(cx, store.at.beside(store.base)) && matches!(value, Some(ExprKind::Name(other)) if other == sym)
    });
    stored || of_session(cx, origin, true)
}

/// Whether something else makes the list short again: `pop`, `del`, a slice.
fn is_shortened(cx: &Cx<'_>, name: ExprAt, scope: Scope) -> bool {
    let ExprKind::Name(sym) = cx.program.expr(name).kind else { return false };
    let same = |at: ExprAt| matches!(cx.program.expr(at).kind, ExprKind::Name(other) if other == sym);
    let popped = ["pop", "popleft", "clear", "remove"].iter().any(|name| {
        cx.program.calls_named(name).any(|site| site.scope == scope && cx.program.receiver(site.at).is_some_and(same))
    });
    let deleted = cx.program.deletes().any(|delete| {
        delete.scope == scope && matches!(cx.program.expr(delete.at).kind, ExprKind::Subscript { base, .. } if same(delete.at.beside(base)))
    });
    let sliced = origins(cx, name).into_iter().any(|value| match cx.program.expr(value).kind {
        ExprKind::Subscript { index, .. } => {
            matches!(cx.program.expr(value.beside(index)).kind, ExprKind::Slice { .. })
        }
        _ => false,
    });
    popped || deleted || sliced
}

/// What a local name is assigned.
fn origins(cx: &Cx<'_>, name: ExprAt) -> Vec<ExprAt> {
    let ExprKind::Name(sym) = cx.program.expr(name).kind else { return Vec::new() };
    let Some(scope) = cx.program.binding_scope(cx.program.scope_of(name), sym) else { return Vec::new() };
    let module = cx.program.module(scope.module());
    let value_of = |stmt: StmtId| match module.tree[stmt].kind {
        StmtKind::Assign { value: Some(value), .. } => Some(module.id.expr(value)),
        _ => None,
    };
    let targets = cx.program.bindings(scope, sym).filter_map(|binding| match binding {
        Binding::Target(target) => module.links.stmt_of(target),
        _ => None,
    });
    targets.filter_map(value_of).collect()
}
