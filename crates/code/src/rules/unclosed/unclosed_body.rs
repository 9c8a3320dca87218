//! A streamed body that is read in part and not closed.

use plimsoll_model::Severity;

use crate::program::{CallSite, ExprAt, Program, Scope};
use crate::rules::look::{Body, Closing, Fate, Reach, call_name, directly_of, fate, keyed, reach, spans};
use crate::rules::reads::read::bound_name;
use crate::rules::rule::{Rule, rule};
use crate::rules::{Cx, Draft, Drafts, Meta, Spot};
use crate::syntax::{Const, ExprKind, StmtKind};
use crate::values::Kind;

rule! {
    /// A streamed body that is read in part and not closed.
    UnclosedBody { id: "unclosed-body", weakness: UnclosedResource, kind: Cost, severity: Low, since: "0.1.0" }
}

const CLOSERS: &[&str] = &["close", "__exit__", "release_conn", "release"];

impl Rule for UnclosedBody {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, cx: &Cx<'_>, out: &mut Drafts) {
        for name in ["iter_lines", "iter_chunks", "read", "iter_content"] {
            for site in cx.program.calls_named(name) {
                partly_read(cx, site, out);
            }
        }
        for name in ["get", "post", "put", "request"] {
            for site in cx.program.calls_named(name) {
                streamed(cx, site, out);
            }
        }
    }
}

/// A part of an S3 object's body.
fn partly_read(cx: &Cx<'_>, site: &CallSite, out: &mut Drafts) {
    let program = cx.program;
    let Some(receiver) = program.receiver(site.at) else { return };
    if !is_body(cx, receiver) || !is_part(program, site) {
        return;
    }
    let body = Body::of(program, site.scope);
    let Some(opened) = opened(program, &body, receiver) else { return };
    let managed = match fate(program, &body, site.scope, opened, CLOSERS) {
        Fate::Managed | Fate::HandedOut | Fate::Local(Closing::Always | Closing::Unguarded) => true,
        Fate::Given(_) | Fate::Chained(_) | Fate::Iterated | Fate::Dropped | Fate::Local(_) => false,
    };
    if managed {
        return;
    }
    push(
        cx,
        site.at,
        site.scope,
        "the body is read in part and not closed: its connection does not go back to the pool",
        out,
    );
}

fn is_body(cx: &Cx<'_>, at: ExprAt) -> bool {
    cx.values.is(at, |kind| kind == Kind::Body) || keyed(cx.program, at).is_some_and(|(_, key, _)| key == "Body")
}

/// Where the body is taken out of its answer.
fn opened(program: &Program, body: &Body, at: ExprAt) -> Option<ExprAt> {
    match program.expr(at).kind {
        ExprKind::Name(name) => match body.values_of(program.tree(at.module), name).as_slice() {
            [only] => Some(at.beside(*only)),
            _ => None,
        },
        _ => Some(at),
    }
}

/// Whether a call reads only a part: an iteration that is left early or asked once, or a number of bytes outside of a loop.
fn is_part(program: &Program, site: &CallSite) -> bool {
    let module = program.module(site.at.module);
    if call_name(program, site.at) == Some("read") {
        return site.around.loops == 0 && program.positional(site.at, 0).is_some();
    }
    if let Some(stmt) = directly_of(program, site.at)
        && let StmtKind::For { .. } = module.tree[stmt].kind
    {
        return leaves_early(program, site.scope, stmt);
    }
    module.links.parent(site.at.expr).is_some_and(|parent| call_name(program, site.at.beside(parent)) == Some("next"))
}

/// Whether a loop has a way out in its middle.
pub fn leaves_early(program: &Program, scope: Scope, stmt: crate::syntax::StmtId) -> bool {
    let tree = program.tree(scope.module());
    let body = Body::of(program, scope);
    body.stmts.iter().any(|&inner| {
        inner != stmt
            && spans(tree[stmt].span, tree[inner].span)
            && matches!(tree[inner].kind, StmtKind::Return(_) | StmtKind::Break)
    })
}

/// `requests.get(…, stream=True)`.
fn streamed(cx: &Cx<'_>, site: &CallSite, out: &mut Drafts) {
    let program = cx.program;
    if site.in_with {
        return;
    }
    let Some(stream) = program.keyword(site.at, "stream") else { return };
    let path = program.call(site.at).and_then(|(callee, _)| program.external(callee)).unwrap_or_default();
    let http = path.starts_with("requests.")
        || program
            .receiver(site.at)
            .is_some_and(|receiver| cx.values.is(receiver, |kind| matches!(kind, Kind::HttpClient { .. })));
    if !http || !matches!(program.expr(stream).kind, ExprKind::Const(Const::Bool(true))) {
        return;
    }
    let body = Body::of(program, site.scope);
    let found = fate(program, &body, site.scope, site.at, CLOSERS);
    if !matches!(found, Fate::Local(Closing::Never | Closing::LeftAt(_)) | Fate::Dropped | Fate::Chained(_))
        || is_read_whole(program, &body, site)
    {
        return;
    }
    push(
        cx,
        site.at,
        site.scope,
        "the answer is streamed and not closed on every path: its connection does not go back to the pool",
        out,
    );
}

/// Whether the answer is read to its end: `.content`, `.json()`, a loop without a way out.
fn is_read_whole(program: &Program, body: &Body, site: &CallSite) -> bool {
    let Some(local) = bound_name(program, site.at) else { return false };
    let module = program.module(site.at.module);
    body.reads(local).iter().any(|&read| {
        let Some(parent) = module.links.parent(read) else { return false };
        let ExprKind::Attribute { name: attribute, .. } = module.tree[parent].kind else { return false };
        match program.text(attribute) {
            "content" | "text" | "json" => true,
            "iter_content" | "iter_lines" => module.links.parent(parent).is_some_and(|call| {
                directly_of(program, site.at.beside(call)).is_some_and(|stmt| {
                    matches!(module.tree[stmt].kind, StmtKind::For { .. }) && !leaves_early(program, site.scope, stmt)
                })
            }),
            _ => false,
        }
    })
}

fn push(cx: &Cx<'_>, at: ExprAt, scope: Scope, message: &str, out: &mut Drafts) {
    let reach = reach(cx, scope);
    if reach == Reach::Rare {
        return;
    }
    let severity = if reach.is_hot() { Severity::Low } else { Severity::Info };
    out.push(Draft::new(&UnclosedBody::META, Spot::expr(cx.program, at), scope, message).severity(severity));
}
