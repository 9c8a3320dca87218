//! A stream is read from one shard, and nobody looks which shards follow it.

use plimsoll_model::Severity;

use crate::program::{CallSite, ExprAt, Program, Role};
use crate::rules::look::{Body, Keyed, Reach, int, keyed, mentions, reach};
use crate::rules::reads::read::option;
use crate::rules::rule::{Rule, rule};
use crate::rules::{Cx, Draft, Drafts, Meta, Spot};
use crate::syntax::ExprKind;

rule! {
    /// A stream is read from one shard, and nobody looks which shards follow it.
    SingleShard { id: "single-shard", weakness: MissingCheckpoint, kind: DataLoss, severity: Medium, since: "0.1.0" }
}

/// Operations, and paginators of them, that say which shards there are.
const LISTS: &[&str] = &["describe_stream", "list_shards", "DescribeStream", "ListShards", "subscribe_to_shard"];

/// Assignments that are followed in a row.
const DEEPEST: u8 = 8;

impl Rule for SingleShard {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, cx: &Cx<'_>, out: &mut Drafts) {
        let program = cx.program;
        // What reads once takes a sample; only a loop follows a stream.
        if !program.calls_named("get_records").any(|site| site.around.loops > 0) {
            return;
        }
        let listed = LISTS.iter().any(|name| program.names.find(name).is_some());
        for site in program.calls_named("get_shard_iterator") {
            let role = program.module(site.at.module).role;
            let Some(shard) = option(cx, site.at, "ShardId") else { continue };
            if matches!(role, Role::Test | Role::Stub | Role::Generated | Role::Migration) {
                continue;
            }
            if !listed {
                let message = "shards are never listed: a shard is closed after hours, and what its children hold from then on is not read";
                say(cx, site, shard, message, None, out);
            } else if let Some(first) = first_of(program, shard, DEEPEST) {
                let message = "one shard of the stream is read: what the others hold is not";
                say(cx, site, shard, message, Some(first), out);
            }
        }
    }
}

fn say(cx: &Cx<'_>, site: &CallSite, shard: ExprAt, message: &str, first: Option<ExprAt>, out: &mut Drafts) {
    let program = cx.program;
    let mut draft = Draft::new(&SingleShard::META, Spot::expr(program, shard), site.scope, message);
    if let Some(first) = first {
        draft = draft.step(Spot::expr(program, first), "one shard is taken from the list");
    }
    // A task or handler that is given its shard has somebody else who lists them.
    let given = site.scope.function().is_some_and(|function| {
        cx.entries.is_entry(function)
            && mentions(program, shard, |name| program.params(function).iter().any(|param| param.name == name))
    });
    out.push(match reach(cx, site.scope) {
        Reach::Unknown => draft.at_most(Severity::Low).suspected(),
        _ if given => draft.at_most(Severity::Low).suspected(),
        _ => draft,
    });
}

/// Where one shard is taken from a list of them by its place: `shards[0]`, of `answer["StreamDescription"]["Shards"]`.
fn first_of(program: &Program, at: ExprAt, left: u8) -> Option<ExprAt> {
    let left = left.checked_sub(1)?;
    match program.expr(at).kind {
        ExprKind::Subscript { base, index } => {
            let base = at.beside(base);
            if int(program, at.beside(index)).is_some() && is_shards(program, base, left) {
                return Some(at);
            }
            first_of(program, base, left)
        }
        ExprKind::Name(name) => {
            let scope = program.binding_scope(program.scope_of(at), name)?;
            let values = Body::of(program, scope).values_of(program.tree(scope.module()), name);
            let [value] = values.as_slice() else { return None };
            first_of(program, scope.module().expr(*value), left)
        }
        _ => None,
    }
}

fn is_shards(program: &Program, at: ExprAt, left: u8) -> bool {
    let Some(left) = left.checked_sub(1) else { return false };
    if let Some((_, key, Keyed::Index | Keyed::Get | Keyed::GetDefault)) = keyed(program, at) {
        return key == "Shards";
    }
    match program.expr(at).kind {
        ExprKind::Name(name) => {
            let Some(scope) = program.binding_scope(program.scope_of(at), name) else { return false };
            let values = Body::of(program, scope).values_of(program.tree(scope.module()), name);
            matches!(values.as_slice(), [value] if is_shards(program, scope.module().expr(*value), left))
        }
        _ => false,
    }
}
