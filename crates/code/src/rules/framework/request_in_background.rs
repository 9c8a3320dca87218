//! Work that goes on after the answer holds the request.

use rustc_hash::FxHashSet;

use crate::entries::{Declared, Framework, Location};
use crate::program::{CallSite, ExprAt, FunctionId, Owner, Program, Scope, Symbol};
use crate::rules::look::{Body, kinds};
use crate::rules::reads::read::bound_name;
use crate::rules::rule::{Rule, rule};
use crate::rules::{Cx, Draft, Drafts, Meta, Spot};
use crate::syntax::{ExprKind, FunctionIx, StmtKind, Sym};
use crate::values::Kind;

rule! {
    /// Work that goes on after the answer holds the request.
    RequestInBackground { id: "request-in-background", weakness: RequestInBackground, kind: Peak, severity: Low, since: "0.1.0" }
}

/// Calls that start work which nobody waits for, unless what they give is awaited.
const STARTERS: &[&str] = &[
    "add_task",
    "BackgroundTask",
    "create_task",
    "ensure_future",
    "submit",
    "Thread",
    "Timer",
    "start_soon",
    "run_in_executor",
    "call_later",
    "delay",
    "start_new_thread",
];

/// Calls that wait for what they are given.
const WAITERS: &[&str] = &["gather", "wait", "wait_for", "as_completed", "shield", "result", "join"];

impl Rule for RequestInBackground {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, cx: &Cx<'_>, out: &mut Drafts) {
        let mut seen: FxHashSet<(FunctionId, Sym)> = FxHashSet::default();
        for (function, request) in requests(cx) {
            if !seen.insert((function, request)) {
                continue;
            }
            let scope = Scope::Function(function);
            let body = Body::of(cx.program, scope);
            for site in cx.program.calls_in(scope) {
                let starts = site.name.is_some_and(|name| STARTERS.contains(&cx.program.text(name)));
                if !starts || site.awaited || is_waited_for(cx, &body, site) {
                    continue;
                }
                let Some(held) = holds(cx.program, site, request) else { continue };
                let name = cx.program.text(request);
                let draft = Draft::new(
                    &Self::META,
                    Spot::expr(cx.program, held),
                    scope,
                    format!(
                        "what runs after the answer holds `{name}` with its body, session and user until it is done"
                    ),
                )
                .cause(name)
                .step(Spot::expr(cx.program, site.at), "started here, and not waited for")
                .step(Spot::expr(cx.program, held), "with the request");
                out.push(draft);
            }
        }
    }
}

/// The functions that get a request, with the name that it has there.
fn requests(cx: &Cx<'_>) -> Vec<(FunctionId, Sym)> {
    let program = cx.program;
    let mut found = Vec::new();
    for route in &cx.entries.routes {
        for param in route.params.iter().filter(|param| param.location == Location::Framework) {
            if let (Declared::Library(path), Some((function, _))) = (param.declared, param.function)
                && program.text(path).ends_with(".Request")
            {
                found.push((function, param.name));
            }
        }
        if let (Some(handler), Framework::Django | Framework::Rest | Framework::Starlette | Framework::Ninja) =
            (route.handler, route.framework)
        {
            let skip = usize::from(program.class_of(handler).is_some());
            if let Some(first) = program.params(handler).get(skip) {
                found.push((handler, first.name));
            }
        }
    }
    found
}

/// Where an argument of the call holds the request as a whole.
fn holds(program: &Program, site: &CallSite, request: Sym) -> Option<ExprAt> {
    let (_, args) = program.call(site.at)?;
    args.iter().find_map(|arg| whole(program, site.at.beside(arg.value), request, site.scope))
}

fn whole(program: &Program, at: ExprAt, request: Sym, scope: Scope) -> Option<ExprAt> {
    let module = program.module(at.module);
    let tree = &module.tree;
    match tree[at.expr].kind {
        ExprKind::Name(name) if name == request => Some(at),
        // A function of this function that uses the request holds it.
        ExprKind::Name(_) => match program.resolve(at) {
            Some(Symbol::Function(inner))
                if is_inside(program, inner, scope) && mentions(program, inner.ix, at, request) =>
            {
                Some(at)
            }
            _ => None,
        },
        ExprKind::Lambda(ix) => mentions(program, ix, at, request).then_some(at),
        // `request.client.host` is a value of its own.
        ExprKind::Attribute { .. } | ExprKind::Subscript { .. } => None,
        ExprKind::Call { callee, args } => {
            // What a call of a method gives is not the request: `request.headers.get("x")`, `str(request.url)`.
            let is_function = matches!(program.resolve(at.beside(callee)), Some(Symbol::Function(_)))
                || matches!(tree[callee].kind, ExprKind::Attribute { .. })
                    && !crate::rules::look::mentions(program, at.beside(callee), |name| name == request);
            let called = match program.resolve(at.beside(callee)) {
                Some(Symbol::Function(inner))
                    if is_inside(program, inner, scope) && mentions(program, inner.ix, at, request) =>
                {
                    Some(at)
                }
                _ => None,
            };
            let partial = matches!(tree[callee].kind, ExprKind::Name(name) | ExprKind::Attribute { name, .. } if program.text(name) == "partial");
            called.or_else(|| {
                if is_function || partial {
                    tree[args].iter().find_map(|arg| whole(program, at.beside(arg.value), request, scope))
                } else {
                    None
                }
            })
        }
        ExprKind::Tuple(parts) | ExprKind::List(parts) => {
            tree[parts].iter().find_map(|&part| whole(program, at.beside(part), request, scope))
        }
        ExprKind::Dict(entries) => {
            tree[entries].iter().find_map(|entry| whole(program, at.beside(entry.value), request, scope))
        }
        ExprKind::Starred(inner) => whole(program, at.beside(inner), request, scope),
        _ => None,
    }
}

fn is_inside(program: &Program, inner: FunctionId, scope: Scope) -> bool {
    scope.function().is_some_and(|outer| {
        outer.module == inner.module && program.function(inner).parent == crate::syntax::Parent::Function(outer.ix)
    })
}

fn mentions(program: &Program, ix: FunctionIx, at: ExprAt, request: Sym) -> bool {
    let function = at.module.function(ix);
    let own = program.params(function).iter().any(|param| param.name == request);
    !own && !Body::of(program, Scope::Function(function)).reads(request).is_empty()
}

/// Whether the work is done before the function returns: a task group, or a name that is awaited.
fn is_waited_for(cx: &Cx<'_>, body: &Body, site: &CallSite) -> bool {
    let program = cx.program;
    let grouped = program.receiver(site.at).is_some_and(|receiver| {
        kinds::objects(cx, receiver).any(|object| matches!(object.kind, Kind::TaskGroup))
            || matches!(program.expr(receiver).kind, ExprKind::Name(name) if is_entered_here(program, body, site, name))
    });
    if grouped {
        return true;
    }
    let module = program.module(site.at.module);
    let parent = module.links.parent(site.at.expr).map(|parent| site.at.beside(parent));
    let direct = parent.is_some_and(|parent| matches!(module.tree[parent.expr].kind, ExprKind::Await(_)))
        || waits(program, parent);
    direct
        || bound_name(program, site.at).is_some_and(|name| {
            body.reads(name).iter().any(|&read| {
                let parent = module.links.parent(read).map(|parent| site.at.beside(parent));
                parent.is_some_and(|parent| matches!(module.tree[parent.expr].kind, ExprKind::Await(_)))
                    || waits(program, parent)
            })
        })
}

/// `gather(task)`, `task.result()`, `thread.join()`.
fn waits(program: &Program, parent: Option<ExprAt>) -> bool {
    let Some(parent) = parent else { return false };
    match program.expr(parent).kind {
        ExprKind::Call { callee, .. } => match program.expr(parent.beside(callee)).kind {
            ExprKind::Name(name) | ExprKind::Attribute { name, .. } => WAITERS.contains(&program.text(name)),
            _ => false,
        },
        ExprKind::Attribute { name, .. } => WAITERS.contains(&program.text(name)),
        ExprKind::Starred(_) => {
            waits(program, program.module(parent.module).links.parent(parent.expr).map(|above| parent.beside(above)))
        }
        ExprKind::List(_) | ExprKind::Tuple(_) => {
            let module = program.module(parent.module);
            matches!(module.links.owner(parent.expr), Some(Owner::Expr(above)) if waits(program, Some(parent.beside(above))))
        }
        _ => false,
    }
}

/// `async with create_task_group() as group:`, `with ThreadPoolExecutor() as pool:`: leaving the block waits.
fn is_entered_here(program: &Program, body: &Body, site: &CallSite, name: Sym) -> bool {
    let tree = program.tree(site.at.module);
    site.around.in_with_body
        && body.stmts.iter().any(|&stmt| match tree[stmt].kind {
            StmtKind::With { items, .. } => tree[items].iter().any(|item| {
                item.target.is_some_and(|target| matches!(tree[target].kind, ExprKind::Name(found) if found == name))
            }),
            _ => false,
        })
}
