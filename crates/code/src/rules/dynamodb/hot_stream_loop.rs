//! A loop reads a stream or queue without a pause.

use plimsoll_model::Severity;

use crate::program::{CallSite, ExprAt, Program, Role, Scope};
use crate::rules::look::{Body, Reach, reach, spans};
use crate::rules::reads::read::option;
use crate::rules::rule::{Rule, rule};
use crate::rules::{Cx, Draft, Drafts, Meta, Spot};
use crate::syntax::{Span, StmtId, StmtKind};

rule! {
    /// A loop reads a stream or queue without a pause.
    HotStreamLoop { id: "hot-stream-loop", weakness: HotPollLoop, kind: Cost, severity: Medium, since: "0.1.0" }
}

/// Calls that let time pass, or wait for something.
const PAUSES: &[&str] = &["sleep", "wait", "wait_for", "select", "poll", "backoff", "join"];

impl Rule for HotStreamLoop {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, cx: &Cx<'_>, out: &mut Drafts) {
        for (name, keyword) in [("get_records", "ShardIterator"), ("receive_message", "QueueUrl")] {
            for site in cx.program.calls_named(name).filter(|site| site.around.loops > 0) {
                let ours = option(cx, site.at, keyword).is_some();
                let waits = option(cx, site.at, "WaitTimeSeconds").is_some();
                if ours && !waits && !is_aside(cx, site) {
                    check_one(cx, site, name, out);
                }
            }
        }
    }
}

fn is_aside(cx: &Cx<'_>, site: &CallSite) -> bool {
    matches!(cx.program.module(site.at.module).role, Role::Test | Role::Stub | Role::Generated | Role::Migration)
}

fn check_one(cx: &Cx<'_>, site: &CallSite, name: &str, out: &mut Drafts) {
    let program = cx.program;
    let tree = program.tree(site.at.module);
    let body = Body::of(program, site.scope);
    let around = body
        .loops(tree)
        .into_iter()
        .filter(|&stmt| {
            matches!(tree[stmt].kind, StmtKind::While { .. }) && spans(tree[stmt].span, tree[site.at.expr].span)
        })
        .min_by_key(|&stmt| tree[stmt].span.start);
    let Some(stmt) = around else { return };
    if pauses(cx, site.scope, tree[stmt].span) || may_end(program, site, &body, stmt) {
        return;
    }
    let draft = Draft::new(
        &HotStreamLoop::META,
        Spot::expr(program, site.at),
        site.scope,
        format!("the loop calls `{name}` again at once, also when the answer is empty: a core, and a call that is paid, all the time"),
    )
    .step(Spot { module: site.at.module, span: head(tree[stmt].span) }, "nothing in this loop waits");
    out.push(match reach(cx, site.scope) {
        Reach::Unknown => draft.at_most(Severity::Low).suspected(),
        _ => draft,
    });
}

/// Where a loop begins.
fn head(span: Span) -> Span {
    Span { start: span.start, end: span.start + 5 }
}

/// Whether something within a loop waits: here, or in a function of the project that it calls.
fn pauses(cx: &Cx<'_>, scope: Scope, within: Span) -> bool {
    let program = cx.program;
    let tree = program.tree(scope.module());
    program.calls_in(scope).iter().filter(|site| spans(within, tree[site.at.expr].span)).any(|site| {
        is_pause(program, site)
            || cx
                .values
                .targets(site.at)
                .into_iter()
                .any(|function| program.calls_in(Scope::Function(function)).iter().any(|site| is_pause(program, site)))
    })
}

fn is_pause(program: &Program, site: &CallSite) -> bool {
    site.name.is_some_and(|name| {
        let text = program.text(name);
        PAUSES.contains(&text) || text.contains("sleep") || text.contains("backoff")
    })
}

/// Whether the loop has a way out of its own: it drains what is there, and ends.
fn may_end(program: &Program, site: &CallSite, body: &Body, stmt: StmtId) -> bool {
    let module = program.module(site.at.module);
    let tree = &module.tree;
    let inside = |at: ExprAt| spans(tree[stmt].span, tree[at.expr].span);
    inside(site.at)
        && body.stmts.iter().any(|&inner| {
            let leaves = matches!(tree[inner].kind, StmtKind::Break | StmtKind::Return(_));
            // Handlers leave when something goes wrong, not when there is nothing to do.
            leaves
                && spans(tree[stmt].span, tree[inner].span)
                && module.links.parent_stmt(inner).is_some_and(|(_, part)| part != crate::program::Part::Handler)
        })
}
