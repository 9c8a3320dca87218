//! A bounded deque between a producer and a consumer of records drops the oldest silently.

use crate::program::{CallSite, ExprAt, ModuleId, Program, Role};
use crate::rules::look::{calls, directly_of, is_none, kinds};
use crate::rules::rule::{Rule, rule};
use crate::rules::{Cx, Draft, Drafts, Meta, Spot};
use crate::syntax::{ExprKind, StmtKind, Sym};
use crate::values::Kind;

rule! {
    /// A bounded deque between a producer and a consumer of records drops the oldest silently.
    DroppingBuffer { id: "dropping-buffer", weakness: DroppedRecords, kind: DataLoss, severity: Medium, since: "0.1.0" }
}

/// Calls that fetch records.
const SOURCES: &[&str] = &["get_records", "receive_message", "receive_messages", "poll"];

/// What people call what must not be lost.
const NAMES: &[&str] = &["record", "event", "message", "job", "pending", "backlog", "queue", "incoming"];

impl Rule for DroppingBuffer {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, cx: &Cx<'_>, out: &mut Drafts) {
        let program = cx.program;
        for site in calls(cx, "deque") {
            let Some(bound) = program.argument(site.at, 1, "maxlen") else { continue };
            let role = program.module(site.at.module).role;
            if is_none(program, bound) || matches!(role, Role::Test | Role::Stub) {
                continue;
            }
            let Some(target) = target(program, site.at) else { continue };
            let puts = uses(cx, site.at, target, &["append", "extend", "appendleft", "extendleft"]);
            let takes = uses(cx, site.at, target, &["popleft", "pop"]);
            let fed = puts.iter().find(|put| is_record(cx, put));
            let declared = puts.is_empty() && takes.is_empty() && is_meant_for_records(program, target, site.at.module);
            let mut draft = Draft::new(
                &Self::META,
                Spot::expr(program, site.at),
                site.scope,
                "a full deque drops its oldest record without an error; a queue with a bound makes the producer wait instead",
            );
            match (fed, takes.first()) {
                (Some(put), Some(take)) => {
                    draft = draft
                        .step(Spot::expr(program, site.at), "the buffer")
                        .step(Spot::expr(program, put.at), "records go in here")
                        .step(Spot::expr(program, take.at), "and are taken out here");
                }
                _ if declared => {}
                _ => continue,
            }
            out.push(draft);
        }
    }
}

/// The name or attribute that takes the value of a call.
fn target(program: &Program, call: ExprAt) -> Option<Sym> {
    let stmt = directly_of(program, call)?;
    let tree = program.tree(call.module);
    let StmtKind::Assign { targets, .. } = tree[stmt].kind else { return None };
    let [target] = tree[targets] else { return None };
    match tree[target].kind {
        ExprKind::Name(name) | ExprKind::Attribute { name, .. } => Some(name),
        _ => None,
    }
}

/// Calls of these methods on the object that a call makes.
fn uses<'p>(cx: &Cx<'p>, made: ExprAt, target: Sym, methods: &[&str]) -> Vec<&'p CallSite> {
    let program = cx.program;
    let mut found = Vec::new();
    for method in methods {
        for site in program.calls_named(method) {
            let Some(receiver) = program.receiver(site.at) else { continue };
            let called = match program.expr(receiver).kind {
                ExprKind::Name(name) | ExprKind::Attribute { name, .. } => Some(name),
                _ => None,
            };
            if called == Some(target) && kinds::objects(cx, receiver).any(|object| object.made == made) {
                found.push(site);
            }
        }
    }
    found
}

/// Whether what is put in are records of a stream or queue: by their kind, or because they are fetched in the same function.
fn is_record(cx: &Cx<'_>, put: &CallSite) -> bool {
    let given = cx.program.positional(put.at, 0);
    let is_kind = given.is_some_and(|given| cx.values.is(given, |kind| matches!(kind, Kind::Records | Kind::Record)));
    is_kind
        || cx
            .program
            .calls_in(put.scope)
            .iter()
            .any(|site| site.name.is_some_and(|name| SOURCES.contains(&cx.program.text(name))))
}

/// Whether the buffer's name says that it is for records, in a module that reads a stream.
fn is_meant_for_records(program: &Program, target: Sym, module: ModuleId) -> bool {
    let text = program.text(target).to_ascii_lowercase();
    NAMES.iter().any(|word| text.contains(word))
        && SOURCES[..3].iter().any(|name| program.calls_named(name).any(|site| site.at.module == module))
}
