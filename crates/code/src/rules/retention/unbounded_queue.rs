//! A queue without a bound is filled by requests.

use std::collections::BTreeMap;

use super::{Class, each};
use crate::rules::{Cx, Draft, Drafts, Meta, Rule, Spot, rule};

rule! {
    /// A queue without a bound is filled by requests.
    UnboundedQueue { id: "unbounded-queue", weakness: UnboundedQueue, kind: Leak, severity: High, since: "0.2.0" }
}

impl Rule for UnboundedQueue {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, cx: &Cx<'_>, out: &mut Drafts) {
        // One finding for a queue, where it is made, however many places fill it.
        let mut queues: BTreeMap<Spot, Vec<_>> = BTreeMap::new();
        for growth in cx.growth().iter().filter(|growth| Class::of(growth) == Class::Queue) {
            queues.entry(growth.holder.born).or_default().push(growth);
        }
        for (born, puts) in queues {
            let Some(first) = puts.first() else { continue };
            let size = cx.program.argument(first.holder.made, 0, "maxsize");
            if size.is_some_and(|size| {
                !matches!(cx.values.int(size), Some(i64::MIN..=0 | 500_000..)) && !is_none(cx, size)
            }) {
                continue;
            }
            let name = &first.holder.name;
            let mut operations = Vec::new();
            for put in &puts {
                for operation in cx.operations(put.add.scope) {
                    if !operations.contains(&operation) {
                        operations.push(operation);
                    }
                }
            }
            let each = each(cx, first);
            let message = format!(
                "The queue `{name}` has no bound and lives as long as the process; what every {each} puts in stays until it is taken out, and nothing slows the callers down."
            );
            let mut draft = Draft::new(&Self::META, born, cx.program.scope_of(first.holder.made), message)
                .cause(name.clone())
                .operations(operations)
                .step(born, format!("`{name}` is made here, without `maxsize`"));
            for put in puts {
                draft = draft.step(Spot::expr(cx.program, put.add.at), "put in here");
            }
            out.push(draft);
        }
    }
}

fn is_none(cx: &Cx<'_>, at: crate::program::ExprAt) -> bool {
    matches!(cx.program.expr(at).kind, crate::syntax::ExprKind::Const(crate::syntax::Const::None))
}
