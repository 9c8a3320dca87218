//! An asynchronous client that is entered by hand and not left on every path, or used without being entered.

use plimsoll_model::{Kind as Effect, Severity};

use crate::program::{CallSite, ExprAt, Scope};
use crate::rules::churn::rebuilt;
use crate::rules::look::{Body, call_name, is_aside, kinds, reach};
use crate::rules::reads::read::bound_name;
use crate::rules::rule::{Rule, rule};
use crate::rules::{Cx, Draft, Drafts, Meta, Spot};
use crate::syntax::ExprKind;
use crate::values::Kind;

rule! {
    /// An asynchronous client that is entered by hand and not left on every path, or used without being entered.
    UnclosedAioClient { id: "unclosed-aio-client", weakness: UnclosedClient, kind: Cost, severity: Low, since: "0.1.0" }
}

impl Rule for UnclosedAioClient {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, cx: &Cx<'_>, out: &mut Drafts) {
        for site in cx.program.calls_named("__aenter__") {
            entered(cx, site, out);
        }
        for name in ["client", "resource", "create_client"] {
            for site in cx.program.calls_named(name) {
                used(cx, site, out);
            }
        }
    }
}

fn is_context(cx: &Cx<'_>, at: ExprAt) -> bool {
    kinds::objects(cx, at)
        .any(|object| matches!(object.kind, Kind::ClientContext { .. } | Kind::HttpClient { is_async: true, .. }))
}

fn entered(cx: &Cx<'_>, site: &CallSite, out: &mut Drafts) {
    let program = cx.program;
    let Some(context) = program.receiver(site.at) else { return };
    let Some(function) = site.scope.function() else { return };
    if !is_context(cx, context) || !reach(cx, site.scope).is_hot() || rebuilt(cx, site.at).is_none() {
        return;
    }
    // A class that is a context itself leaves in its own `__aexit__`.
    if program.text(program.function(function).name) == "__aenter__" {
        return;
    }
    let leaves: Vec<&CallSite> = program
        .calls_in(site.scope)
        .iter()
        .filter(|call| {
            call.name
                .is_some_and(|name| matches!(program.text(name), "__aexit__" | "aclose" | "close" | "push_async_exit"))
        })
        .collect();
    let guarded =
        leaves.iter().any(|leave| leave.around.in_finally || call_name(program, leave.at) == Some("push_async_exit"));
    if guarded {
        return;
    }
    let message = if leaves.is_empty() {
        "the client is entered by hand and never left: its connection waits for the collector"
    } else {
        "the client is left only when nothing goes wrong: an exception between keeps its connection until the collector comes"
    };
    let draft = Draft::new(&UnclosedAioClient::META, Spot::expr(program, site.at), site.scope, message)
        .step(Spot::expr(program, site.at), "entered here")
        .note("On current versions the collector closes it in the end: it is late and dear, not a leak.");
    let draft = leaves
        .iter()
        .fold(draft, |draft, leave| draft.step(Spot::expr(program, leave.at), "left here, outside of `finally`"));
    out.push(draft);
}

/// A context on which an operation is called.
fn used(cx: &Cx<'_>, site: &CallSite, out: &mut Drafts) {
    let program = cx.program;
    // A session that may be a synchronous one as well makes a client as well.
    let mut objects = kinds::objects(cx, site.at).peekable();
    let made = objects.peek().is_some()
        && objects.all(|object| object.made == site.at && matches!(object.kind, Kind::ClientContext { .. }));
    if !made || is_aside(program.module(site.at.module).role) || !matches!(site.scope, Scope::Function(_)) {
        return;
    }
    let links = &program.module(site.at.module).links;
    let tree = program.tree(site.at.module);
    let operation = |at: ExprAt| {
        let parent = links.parent(at.expr)?;
        let ExprKind::Attribute { name, .. } = tree[parent].kind else { return None };
        let call = links.parent(parent)?;
        let called = matches!(tree[call].kind, ExprKind::Call { callee, .. } if callee == parent);
        let awaited = links.parent(call).is_some_and(|outer| matches!(tree[outer].kind, ExprKind::Await(_)));
        (called && awaited && !program.text(name).starts_with("__")).then(|| at.beside(call))
    };
    let body = Body::of(program, site.scope);
    let found = operation(site.at).or_else(|| {
        let local = bound_name(program, site.at)?;
        let reads = body.reads(local);
        let entered = reads.iter().any(|&read| {
            links.stmt_of(read).is_some_and(|stmt| matches!(tree[stmt].kind, crate::syntax::StmtKind::With { .. }))
                || links.parent(read).is_some_and(|parent| match tree[parent].kind {
                    ExprKind::Attribute { name, .. } => program.text(name) == "__aenter__",
                    ExprKind::Call { callee, .. } => callee != read,
                    _ => false,
                })
        });
        // A name that is bound again may be the entered client.
        let again = body.values_of(tree, local).len() > 1;
        if entered || again { None } else { reads.iter().find_map(|&read| operation(site.at.beside(read))) }
    });
    if let Some(call) = found {
        let draft = Draft::new(
            &UnclosedAioClient::META,
            Spot::expr(program, call),
            site.scope,
            "an operation is called on a client that was never entered: this fails every time",
        )
        .kind(Effect::Crash)
        .severity(Severity::High)
        .step(Spot::expr(program, site.at), "this gives a context, not a client");
        out.push(draft);
    }
}
