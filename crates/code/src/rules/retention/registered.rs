//! What the rules about registering have in common: is the function that is registered new each time, does it happen once only, is it undone.

use crate::lifetimes::{Add, AddKind};
use crate::program::{CallSite, ExprAt, StmtAt};
use crate::rules::Cx;
use crate::syntax::{ExprKind, StmtKind};
use crate::values::{Kind, Value};

/// Whether an expression gives a function, or another object, that is made anew whenever the code around it runs.
pub(super) fn is_new_each_time(cx: &Cx<'_>, at: ExprAt) -> bool {
    if matches!(cx.program.expr(at).kind, ExprKind::Lambda(_)) {
        return true;
    }
    cx.values.eval(at).iter().any(|value| match *value {
        Value::Function(function) => cx.lifetimes.is_made_for_it(function),
        Value::Bound(_, class) => {
            matches!(cx.program.expr(at).kind, ExprKind::Attribute { .. }) && cx.lifetimes.is_made_again(class)
        }
        Value::Object(id) => {
            let object = cx.values.object(id);
            let made = matches!(object.kind, Kind::Partial | Kind::LogHandler | Kind::Instance(_) | Kind::Made(_));
            made && cx.lifetimes.is_hot(object.scope) && !cx.lifetimes.of(id).life.is_long()
        }
        _ => false,
    })
}

/// Whether a place runs once for each instance, of a class of which there are no new instances all the time; or once for each result of a cache.
pub(super) fn is_set_up(cx: &Cx<'_>, site: &CallSite) -> bool {
    let Some(function) = site.scope.function() else { return true };
    if cx.lifetimes.runs_once(function) {
        return true;
    }
    let name = cx.program.text(cx.program.function(function).name);
    let begins = matches!(name, "__init__" | "__new__" | "__post_init__");
    cx.lifetimes.is_cached(function)
        || begins && cx.program.class_of(function).is_some_and(|class| !cx.lifetimes.is_made_again(class))
}

/// Whether a place runs once only: behind a test of something that outlives the call, which the place itself would change.
pub(super) fn is_once(cx: &Cx<'_>, site: &CallSite) -> bool {
    cx.lifetimes.is_behind_state(StmtAt { module: site.at.module, stmt: site.stmt }, None)
}

/// Whether a call with one of these names, on the same receiver, undoes a registration on every way.
pub(super) fn is_undone(cx: &Cx<'_>, site: &CallSite, what: Option<ExprAt>, names: &[&str]) -> bool {
    let Some(base) = cx.program.receiver(site.at) else { return false };
    let kind = what.map_or(AddKind::Append, AddKind::Element);
    let add = Add { at: site.at, stmt: site.stmt, scope: site.scope, base, kind, value: what };
    names.iter().any(|name| {
        cx.program.calls_named(name).any(|undo| {
            let Some(other) = cx.program.receiver(undo.at) else { return false };
            let key = (cx.program.call(undo.at)).and_then(|(_, args)| args.last()).map(|arg| undo.at.beside(arg.value));
            let keyed = key.or(what).filter(|_| undo.scope == site.scope);
            cx.lifetimes.is_same(base, other) && cx.lifetimes.takes_back(&add, undo, other, keyed)
        })
    })
}

/// The value behind a local name that is assigned once.
pub(super) fn behind(cx: &Cx<'_>, at: ExprAt) -> ExprAt {
    let ExprKind::Name(name) = cx.program.expr(at).kind else { return at };
    let Some(scope) = cx.program.binding_scope(cx.program.scope_of(at), name) else { return at };
    let mut bindings = cx.program.bindings(scope, name);
    let (Some(crate::program::Binding::Target(target)), None) = (bindings.next(), bindings.next()) else { return at };
    let module = cx.program.module(scope.module());
    match module.links.stmt_of(target).map(|stmt| module.tree[stmt].kind) {
        Some(StmtKind::Assign { value: Some(value), .. }) if module.links.parent(target).is_none() => {
            module.id.expr(value)
        }
        _ => at,
    }
}
