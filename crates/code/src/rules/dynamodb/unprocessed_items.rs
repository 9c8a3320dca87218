//! What a batch did not do is not looked at.

use plimsoll_model::Severity;

use crate::program::{CallSite, ExprAt, Owner, Program, Role};
use crate::rules::look::{Body, Reach, call_name, kinds, reach, texts};
use crate::rules::reads::read::{bound_name, option};
use crate::rules::rule::{Rule, rule};
use crate::rules::{Cx, Draft, Drafts, Meta, Spot};
use crate::syntax::{ExprKind, StmtKind};

rule! {
    /// What a batch did not do is not looked at.
    UnprocessedItems { id: "unprocessed-items", weakness: UnprocessedItems, kind: DataLoss, severity: Medium, since: "0.1.0" }
}

/// Operations, an option that only they take, the key of what was not done, and whether they write.
const BATCHES: &[(&str, &str, &str, bool)] = &[
    ("batch_write_item", "RequestItems", "UnprocessedItems", true),
    ("batch_get_item", "RequestItems", "UnprocessedKeys", false),
    ("send_message_batch", "Entries", "Failed", true),
    ("delete_message_batch", "Entries", "Failed", true),
    ("publish_batch", "PublishBatchRequestEntries", "Failed", true),
    ("put_records", "Records", "FailedRecordCount", true),
    ("put_record_batch", "Records", "FailedPutCount", true),
    ("put_events", "Entries", "FailedEntryCount", true),
    ("delete_objects", "Delete", "Errors", true),
];

impl Rule for UnprocessedItems {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, cx: &Cx<'_>, out: &mut Drafts) {
        for &(operation, keyword, key, writes) in BATCHES {
            for site in cx.program.calls_named(operation) {
                let role = cx.program.module(site.at.module).role;
                if matches!(role, Role::Test | Role::Stub | Role::Generated | Role::Migration)
                    || option(cx, site.at, keyword).is_none()
                    || is_something_else(cx, site)
                    || looks(cx.program, site, key)
                {
                    continue;
                }
                let reach = reach(cx, site.scope);
                let severity = if writes && reach.is_hot() { Severity::Medium } else { Severity::Low };
                let draft = Draft::new(
                    &Self::META,
                    Spot::expr(cx.program, site.at),
                    site.scope,
                    format!(
                        "`{operation}` may do a part and answer 200: `{key}` is not looked at, so the rest is lost"
                    ),
                )
                .severity(severity);
                out.push(if reach == Reach::Unknown { draft.suspected() } else { draft });
            }
        }
    }
}

/// Whether the receiver is known to be no client.
fn is_something_else(cx: &Cx<'_>, site: &CallSite) -> bool {
    use crate::values::Kind;
    let Some(receiver) = cx.program.receiver(site.at) else { return true };
    let mut all = kinds::objects(cx, receiver).peekable();
    all.peek().is_some()
        && !all.any(|object| {
            matches!(
                object.kind,
                Kind::Client { .. }
                    | Kind::ClientContext { .. }
                    | Kind::Resource { .. }
                    | Kind::ResourceItem(_)
                    | Kind::Table(_)
            )
        })
}

/// Whether the failures are looked at here, or the answer goes to somebody who may.
fn looks(program: &Program, site: &CallSite, key: &str) -> bool {
    let body = Body::of(program, site.scope);
    let tree = program.tree(site.at.module);
    let named = body.stmts.iter().any(|&stmt| {
        let mut says = false;
        tree.exprs_of(stmt, &mut |expr| {
            says |= texts(program, site.at.beside(expr)).iter().any(|text| *text == key || text.starts_with(key));
        });
        says
    });
    named
        || goes_on(program, site.at)
        || bound_name(program, site.at).is_some_and(|name| {
            body.captures(name) || body.reads(name).iter().any(|&read| goes_on(program, site.at.beside(read)))
        })
}

/// Whether an expression as a whole is returned, stored, compared or given to a call.
fn goes_on(program: &Program, at: ExprAt) -> bool {
    let module = program.module(at.module);
    match module.links.owner(at.expr) {
        Some(Owner::Stmt(stmt)) => match module.tree[stmt].kind {
            StmtKind::Return(_) => true,
            StmtKind::Assign { targets, .. } => {
                module.tree[targets].iter().any(|&target| !matches!(module.tree[target].kind, ExprKind::Name(_)))
            }
            _ => false,
        },
        Some(Owner::Expr(parent)) => match module.tree[parent].kind {
            ExprKind::Await(_) => goes_on(program, at.beside(parent)),
            ExprKind::Call { callee, .. } => {
                callee != at.expr
                    && !matches!(
                        call_name(program, at.beside(parent)),
                        Some("print" | "debug" | "info" | "len" | "log" | "warning" | "dumps")
                    )
            }
            ExprKind::Dict(_) | ExprKind::List(_) | ExprKind::Tuple(_) | ExprKind::Yield(_) => true,
            _ => false,
        },
        None => true,
    }
}
