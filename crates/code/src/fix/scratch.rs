//! Fixes of scratch space that threads keep: it is emptied before it is used.

use super::holder::{Holder, Home, Use};
use super::site::Site;
use super::source::{FILE, Source};
use super::{Fix, Refusal};
use crate::program::{FunctionId, Scope};
use crate::syntax::{ExprId, ExprKind, StmtKind, Sym};

/// `local.items.append(x)` in the only function that uses it: it begins empty each time.
pub(super) fn emptied(site: &Site<'_>) -> Result<Fix, Refusal> {
    begins(site, |of, _| format!("{of}.clear()"))
}

/// The same where the function itself makes it when it is not there yet.
pub(super) fn renewed(site: &Site<'_>) -> Result<Fix, Refusal> {
    begins(site, |of, empty| format!("{of} = {empty}"))
}

fn begins(site: &Site<'_>, line: impl Fn(&str, &str) -> String) -> Result<Fix, Refusal> {
    let source = &site.source;
    let tree = source.tree();
    let methods = ["append", "extend", "add", "update", "setdefault", "insert"];
    let at = source.calls(site.line, |name| methods.contains(&name)).into_iter().find_map(|call| {
        let receiver = source.program.receiver(call.at)?.expr;
        matches!(tree[receiver].kind, ExprKind::Attribute { .. }).then_some(receiver)
    });
    let at = at.or_else(|| stored_to(source, site.line));
    let at = at.ok_or_else(|| Refusal::shape("the line adds nothing to an attribute"))?;
    let ExprKind::Attribute { base, name } = tree[at].kind else { return Err(Refusal::shape("it is no attribute")) };
    let ExprKind::Name(local) = tree[base].kind else {
        return Err(Refusal::shape("it is not sure whose attribute it is"));
    };
    let scope = source.program.scope_of(FILE.expr(at));
    if source.program.binding_scope(scope, local) != Some(Scope::Module(FILE)) {
        return Err(Refusal::shape("the thread's own space is made elsewhere"));
    }
    let function = scope.function().ok_or_else(|| Refusal::shape("it is added to while the module is imported"))?;
    let uses = source.exprs().filter(|&expr| {
        matches!(tree[expr].kind, ExprKind::Attribute { base, name: found } if found == name
            && matches!(tree[base].kind, ExprKind::Name(of) if of == local))
    });
    for one in uses {
        if source.program.scope_of(FILE.expr(one)).function() != Some(function) {
            return Err(Refusal::OtherUsers {
                name: source.expr(at).to_owned(),
                place: format!("{}:{}", site.file, source.line(tree[one].span.start)),
                why: "what is left in it is used".to_owned(),
            });
        }
    }
    is_entered_once(site, function)?;
    let shared = Holder { name: source.program.text(local).to_owned(), home: Home::Module, uses: Vec::<Use>::new() };
    shared.is_own(site)?;
    let empty = empty_of(source, name).ok_or_else(|| Refusal::shape("how it is made was not seen"))?;
    let first = source.first_of(function).ok_or_else(|| Refusal::shape("the function is empty"))?;
    let line = line(source.expr(at), empty);
    let edit = source.before(first, &line).ok_or_else(|| Refusal::shape("a statement shares its line with another"))?;
    Ok(Fix::review(format!("begin with an empty `{}`", source.expr(at)), vec![edit])
        .minding(format!("what earlier requests left in `{}` is not seen any more", source.expr(at))))
}

/// What a subscript store or an augmented assignment of a line adds to.
fn stored_to(source: &Source<'_>, line: u32) -> Option<ExprId> {
    let tree = source.tree();
    let stmt = source.statement(line, |kind| matches!(kind, StmtKind::Assign { .. } | StmtKind::AugAssign { .. }))?;
    let target = match tree[stmt].kind {
        StmtKind::Assign { targets, .. } => *tree[targets].first()?,
        StmtKind::AugAssign { target, .. } => target,
        _ => return None,
    };
    match tree[target].kind {
        ExprKind::Subscript { base, .. } => Some(base),
        ExprKind::Attribute { .. } => Some(target),
        _ => None,
    }
}

/// Refuses a function that others call: what is in it may have been put there by an earlier call for the same request.
fn is_entered_once(site: &Site<'_>, function: FunctionId) -> Result<(), Refusal> {
    let source = &site.source;
    let name = source.program.text(source.program.function(function).name).to_owned();
    let own = source.program.calls_named(&name).next().map(|call| source.line(source.tree()[call.at.expr].span.start));
    let others = site.others(&name).ok_or_else(|| Refusal::shape("it needs a look at the whole project"))?;
    let called = others.iter().find(|(_, text)| text.contains(&format!("{name}(")));
    let place = match (own, called) {
        (Some(line), _) => format!("{}:{line}", site.file),
        (None, Some((file, _))) => file.clone(),
        (None, None) => return Ok(()),
    };
    Err(Refusal::OtherUsers { name, place, why: "it may be called several times for one request".to_owned() })
}

/// What an attribute is when it is made: an empty list, dict or set.
fn empty_of<'t>(source: &'t Source<'_>, name: Sym) -> Option<&'t str> {
    let tree = source.tree();
    let stores = &source.program.module(FILE).sites.attribute_stores;
    let value = stores.iter().filter(|store| store.name == name).find_map(|store| store.value)?;
    match tree[value].kind {
        ExprKind::List(parts) if parts.is_empty() => Some(source.expr(value)),
        ExprKind::Dict(entries) if entries.is_empty() => Some(source.expr(value)),
        ExprKind::Call { args, .. } if args.is_empty() => Some(source.expr(value)),
        _ => None,
    }
}
