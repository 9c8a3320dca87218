//! Fixes that bound a queue, so that whoever puts waits while it is full: nothing is lost, and nothing piles up.

use super::holder::Holder;
use super::site::Site;
use super::source::{FILE, insert, replace};
use super::{Fix, Refusal};
use crate::program::FunctionId;
use crate::syntax::{Const, ExprId, ExprKind, Operator};

/// How many elements wait at most.
const WAITING: u32 = 64;

/// A queue without a bound that somebody takes from gets one, and who puts without waiting waits.
pub(super) fn bounded(site: &Site<'_>) -> Result<Fix, Refusal> {
    let source = &site.source;
    let tree = source.tree();
    let names = ["Queue", "LifoQueue", "PriorityQueue", "JoinableQueue", "SimpleQueue"];
    let call = source.calls(site.line, |name| names.contains(&name)).into_iter().next();
    let call = call.ok_or_else(|| Refusal::shape("it is no queue of the standard library"))?;
    let (callee, args) = source.program.call(call.at).ok_or_else(|| Refusal::shape("it is no call"))?;
    let stmt =
        source.directly_of(call.at.expr).ok_or_else(|| Refusal::shape("it is made within another expression"))?;
    let crate::syntax::StmtKind::Assign { targets, .. } = tree[stmt].kind else {
        return Err(Refusal::shape("it is given no name"));
    };
    let &[target] = &tree[targets] else { return Err(Refusal::Ambiguous { what: "name of the queue".to_owned() }) };
    let holder = Holder::at(source, target)?;
    holder.is_own(site)?;
    let is_async = source.program.external(callee).is_some_and(|path| path.starts_with("asyncio."));
    let mut edits = Vec::new();
    let end = tree[call.at.expr].span.end - 1;
    match args {
        [] => edits.push(insert(end, format!("maxsize={WAITING}"))),
        [size]
            if matches!(tree[size.value].kind, ExprKind::Const(Const::Int(_)))
                || matches!(tree[size.value].kind, ExprKind::Unary { .. }) =>
        {
            edits.push(replace(tree[size.value].span, WAITING.to_string()));
        }
        _ => return Err(Refusal::shape("its size is worked out elsewhere")),
    }
    if call.name.is_some_and(|name| source.program.text(name) == "SimpleQueue") {
        let span = tree[callee.expr].span;
        let text = source.slice(span);
        edits.push(replace(span, text.replace("SimpleQueue", "Queue")));
    }
    let (mut puts, mut takers) = (Vec::new(), Vec::new());
    for one in &holder.uses {
        let Some((method, call)) = method_of(site, one.at) else { continue };
        match method {
            "put" | "put_nowait" => puts.push((method, call, one.function)),
            "get" | "get_nowait" => takers.push(one.function),
            _ => {}
        }
    }
    if takers.is_empty() {
        return Err(Refusal::shape(format!(
            "nothing was seen that takes from `{}`: with a bound, putting would wait for ever",
            holder.name
        )));
    }
    if puts.iter().any(|(_, _, function)| takers.contains(function)) {
        return Err(Refusal::shape("one function puts and takes: with a bound, it could wait for itself"));
    }
    for (method, call, function) in puts {
        let function = function.ok_or_else(|| Refusal::shape("it is put into while the module is imported"))?;
        waits(site, method, call, function, is_async, &mut edits)?;
    }
    Ok(Fix::review(format!("bound `{}`; whoever puts waits while it is full", holder.name), edits)
        .minding(format!("a request waits while {WAITING} elements of `{}` are not taken yet", holder.name)))
}

/// The method that is called on an expression.
fn method_of<'s>(site: &'s Site<'_>, at: ExprId) -> Option<(&'s str, ExprId)> {
    let source = &site.source;
    let attribute = source.parent(at)?;
    let ExprKind::Attribute { name, .. } = source.tree()[attribute].kind else { return None };
    let call = source.parent(attribute)?;
    matches!(source.tree()[call].kind, ExprKind::Call { callee, .. } if callee == attribute)
        .then(|| (source.program.text(name), call))
}

/// A put that does not wait does.
fn waits(
    site: &Site<'_>,
    method: &str,
    call: ExprId,
    function: FunctionId,
    is_async: bool,
    edits: &mut Vec<super::Edit>,
) -> Result<(), Refusal> {
    let source = &site.source;
    let tree = source.tree();
    if method == "put" {
        return Ok(());
    }
    if is_async && !source.program.function(function).is_async {
        return Err(Refusal::shape("a function that cannot wait puts into it"));
    }
    // `except QueueFull` has its own idea of what to do.
    let ExprKind::Call { callee, .. } = tree[call].kind else { return Ok(()) };
    let handled = source.program.calls_in(source.program.scope_of(FILE.expr(call)));
    if handled.iter().any(|one| one.at.expr == call && one.around.in_try) {
        return Ok(());
    }
    if let ExprKind::Attribute { name, .. } = tree[callee].kind {
        let span = tree[callee].span;
        let word = source.program.text(name).len() as u32;
        edits.push(replace(crate::syntax::Span { start: span.end - word, end: span.end }, "put"));
    }
    if is_async {
        edits.push(insert(tree[call].span.start, "await "));
    }
    Ok(())
}

/// A batch that is written out when it is large is written out when it is not so large yet.
pub(super) fn batch(site: &Site<'_>) -> Result<Fix, Refusal> {
    /// A batch that is larger than this is hardly ever full.
    const LARGE: i64 = 1000;
    let source = &site.source;
    let tree = source.tree();
    let holder = Holder::of(site)?;
    // Another template's.
    let none = || Refusal::NoTemplate { check: format!("`{}`", holder.name) };
    if !holder.uses.iter().any(|one| matches!(one.how, super::holder::How::Emptied)) {
        return Err(none());
    }
    let limit = holder.uses.iter().find_map(|one| {
        let super::holder::How::Len(call) = one.how else { return None };
        let whole = source.parent(call)?;
        let ExprKind::Compare { left, rest } = tree[whole].kind else { return None };
        let [only] = &tree[rest] else { return None };
        use crate::syntax::Compare::{Eq, Gt, GtE};
        (left == call && matches!(only.op, Gt | GtE | Eq)).then_some(only.right)
    });
    let limit = limit.ok_or_else(none)?;
    let number = match tree[limit].kind {
        ExprKind::Const(Const::Int(_)) => limit,
        ExprKind::Name(name) => {
            let scope = source.program.scope_of(FILE.expr(limit));
            let bound = source.program.binding_scope(scope, name).ok_or_else(none)?;
            let mut all = source.program.bindings(bound, name);
            let (Some(crate::program::Binding::Target(target)), None) = (all.next(), all.next()) else {
                return Err(Refusal::Ambiguous { what: "size of the batch".to_owned() });
            };
            let stmt = source.stmt_of(target).ok_or_else(none)?;
            let crate::syntax::StmtKind::Assign { value: Some(value), .. } = tree[stmt].kind else {
                return Err(none());
            };
            let readers =
                source.exprs().filter(|&expr| matches!(tree[expr].kind, ExprKind::Name(found) if found == name));
            if readers.count() > 2 {
                return Err(Refusal::OtherUsers {
                    name: source.program.text(name).to_owned(),
                    place: site.file.to_owned(),
                    why: "it decides something else too".to_owned(),
                });
            }
            value
        }
        _ => return Err(none()),
    };
    let value = match tree[number].kind {
        ExprKind::Const(Const::Int(value)) => value,
        ExprKind::Binary { op: Operator::Mul | Operator::Other, .. } => i64::MAX,
        _ => return Err(none()),
    };
    if value <= LARGE {
        return Err(none());
    }
    let edit = replace(tree[number].span, "100");
    Ok(Fix::review(format!("write `{}` out when there are 100 entries", holder.name), vec![edit])
        .minding("smaller batches are written more often"))
}
