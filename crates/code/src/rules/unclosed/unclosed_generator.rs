//! A generator that cleans up is started and left half-way.

use plimsoll_model::Severity;

use super::unclosed_body::leaves_early;
use crate::program::{ExitKind, ExprAt, FunctionId, Part, Program};
use crate::rules::look::{Reach, call_name, directly_of, reach};
use crate::rules::rule::{Rule, rule};
use crate::rules::{Cx, Draft, Drafts, Meta, Spot};
use crate::syntax::{Function, StmtId, StmtKind};

rule! {
    /// A generator that cleans up is started and left half-way.
    UnclosedGenerator { id: "unclosed-generator", weakness: UnclosedResource, kind: Cost, severity: Low, since: "0.1.0" }
}

impl Rule for UnclosedGenerator {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, cx: &Cx<'_>, out: &mut Drafts) {
        let program = cx.program;
        let generators = program.functions().filter(|(_, function)| function.is_generator);
        for (id, function) in
            generators.filter(|&(id, function)| cleans_up(program, id) && !is_finished_elsewhere(program, function, id))
        {
            for caller in cx.values.callers(id).into_iter().filter(|caller| !caller.handed) {
                let reach = reach(cx, caller.scope);
                if reach == Reach::Rare || !is_left(program, caller.call) {
                    continue;
                }
                let severity = if function.is_async && reach.is_hot() { Severity::Low } else { Severity::Info };
                let message = if function.is_async {
                    "the generator is left half-way: its clean-up is run by the event loop at some later time, or never"
                } else {
                    "the generator is left half-way: its clean-up waits until it is collected"
                };
                let draft = Draft::new(&Self::META, Spot::expr(program, caller.call), caller.scope, message)
                    .severity(severity)
                    .step(Spot::function(program, id), "it has something to clean up");
                out.push(draft);
            }
        }
    }
}

/// Whether a `yield` stands in a `with` or in a `try` with `finally`.
fn cleans_up(program: &Program, function: FunctionId) -> bool {
    let module = program.module(function.module);
    let guarded = |stmt: StmtId| {
        let mut at = stmt;
        while let Some((parent, part)) = module.links.parent_stmt(at) {
            match module.tree[parent].kind {
                StmtKind::With { .. } => return true,
                StmtKind::Try { finally, .. } if !finally.is_empty() && part == Part::Body => return true,
                _ => at = parent,
            }
        }
        false
    };
    program.exits(function).iter().any(|exit| exit.kind != ExitKind::Return && guarded(exit.stmt))
}

/// Whether a framework finishes it: context managers and fixtures.
fn is_finished_elsewhere(program: &Program, function: &Function, id: FunctionId) -> bool {
    !program.tree(id.module)[function.decorators].is_empty()
}

/// `next(rows())`, or a loop over it with a way out.
fn is_left(program: &Program, call: ExprAt) -> bool {
    let module = program.module(call.module);
    if let Some(stmt) = directly_of(program, call)
        && let StmtKind::For { .. } = module.tree[stmt].kind
    {
        return leaves_early(program, program.scope_of(call), stmt);
    }
    module
        .links
        .parent(call.expr)
        .is_some_and(|parent| matches!(call_name(program, call.beside(parent)), Some("next" | "anext")))
}
