//! A task that nobody holds.

use plimsoll_model::Severity;

use crate::program::{CallSite, Scope};
use crate::rules::look::{Body, call_name, calls, directly_of, is_aside, name, reach};
use crate::rules::rule::{Rule, rule};
use crate::rules::{Cx, Draft, Drafts, Meta, Spot};
use crate::syntax::StmtKind;
use crate::values::Kind;

rule! {
    /// A task that nobody holds.
    DanglingTask { id: "dangling-task", weakness: DanglingTask, kind: DataLoss, severity: Medium, since: "0.1.0" }
}

impl Rule for DanglingTask {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, cx: &Cx<'_>, out: &mut Drafts) {
        for name in ["create_task", "ensure_future"] {
            for site in calls(cx, name) {
                if is_aside(cx.program.module(site.at.module).role) || !makes_task(cx, site) || !is_dropped(cx, site) {
                    continue;
                }
                let severity = if reach(cx, site.scope).is_hot() { Severity::Medium } else { Severity::Low };
                let draft = Draft::new(
                    &Self::META,
                    Spot::expr(cx.program, site.at),
                    site.scope,
                    "nobody holds this task: the event loop does so weakly, it may be collected while it runs, and its exception is lost",
                );
                out.push(draft.severity(severity));
            }
        }
    }
}

/// Whether the call makes a task of asyncio, not of a group and not of something else.
fn makes_task(cx: &Cx<'_>, site: &CallSite) -> bool {
    let program = cx.program;
    let Some((callee, _)) = program.call(site.at) else { return false };
    if let Some(path) = program.external(callee) {
        return matches!(path, "asyncio.create_task" | "asyncio.ensure_future" | "asyncio.tasks.create_task");
    }
    let Some(receiver) = program.receiver(site.at) else { return false };
    cx.values.is(receiver, |kind| kind == Kind::EventLoop)
        || matches!(call_name(program, receiver), Some("get_event_loop" | "get_running_loop"))
}

/// Whether nothing is done with the task: a statement of its own, or a name that is never read.
fn is_dropped(cx: &Cx<'_>, site: &CallSite) -> bool {
    let program = cx.program;
    let Some(stmt) = directly_of(program, site.at) else { return false };
    let tree = program.tree(site.at.module);
    match tree[stmt].kind {
        StmtKind::Expr(_) => true,
        StmtKind::Assign { targets, .. } => {
            let [target] = tree[targets] else { return false };
            let Some(name) = name(program, site.at.beside(target)) else { return false };
            let body = Body::of(program, site.scope);
            let is_local =
                matches!(site.scope, Scope::Function(_)) && program.binding_scope(site.scope, name) == Some(site.scope);
            is_local && body.reads(name).is_empty() && !body.captures(name)
        }
        _ => false,
    }
}
