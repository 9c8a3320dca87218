//! The text of an exception of the SDK is part of an answer.

use crate::program::{ExprAt, FunctionId, Program, Scope};
use crate::rules::look::{Body, kinds, spans, told};
use crate::rules::rule::{Rule, rule};
use crate::rules::{Cx, Draft, Drafts, Meta, Spot};
use crate::syntax::{ExprKind, Handler, StmtId, StmtKind};

rule! {
    /// The text of an exception of the SDK is part of an answer.
    SdkErrorAnswered { id: "sdk-error-answered", weakness: StoreErrorExposed, kind: Exposure, severity: Medium, since: "0.1.0" }
}

impl Rule for SdkErrorAnswered {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, cx: &Cx<'_>, out: &mut Drafts) {
        let program = cx.program;
        for scope in told::scopes(cx) {
            caught(cx, scope, out);
        }
        for (about, function) in told::registered(cx) {
            if is_sdk_error(program, about) || is_any_error(program, about) && uses_sdk(program) {
                answers_with_it(cx, function, out);
            }
        }
    }
}

/// Handlers of `except` in a scope that put what they caught into an answer.
fn caught(cx: &Cx<'_>, scope: Scope, out: &mut Drafts) {
    let program = cx.program;
    let module = scope.module();
    let body = Body::of(program, scope);
    for (stmt, handler) in told::caught(program, scope, &body) {
        let stmts = told::inside(program, module, &body, &handler);
        // Frames alone are another rule's.
        if let Some(told) = told::answers(program, module, &stmts, handler.name).iter().find(|told| told.text)
            && is_of_sdk(cx, scope, stmt, &handler)
        {
            say(cx, told.part, scope, Spot { module, span: handler.span }, out);
        }
    }
}

/// Whether what a handler catches comes from the SDK.
pub(in crate::rules) fn is_of_sdk(cx: &Cx<'_>, scope: Scope, stmt: StmtId, handler: &Handler) -> bool {
    let program = cx.program;
    let module = scope.module();
    let tree = program.tree(module);
    let StmtKind::Try { body: guarded, .. } = tree[stmt].kind else { return false };
    handler.exceptions.is_some_and(|exceptions| is_sdk_error(program, module.expr(exceptions)))
        || handler.exceptions.is_none_or(|exceptions| is_any_error(program, module.expr(exceptions)))
            && tree[guarded].iter().any(|&inner| calls_sdk(cx, scope, inner))
}

/// Whether the expression names exceptions of the SDK.
fn is_sdk_error(program: &Program, at: ExprAt) -> bool {
    match program.expr(at).kind {
        ExprKind::Tuple(parts) => {
            program.tree(at.module)[parts].iter().any(|&part| is_sdk_error(program, at.beside(part)))
        }
        ExprKind::Attribute { base, name } => {
            // `client.exceptions.ResourceNotFoundException`
            let of_client = matches!(program.expr(at.beside(base)).kind, ExprKind::Attribute { name, .. } if program.text(name) == "exceptions");
            of_client && program.text(name) != "RequestException" && program.external(at).is_none()
                || is_sdk_path(program, at)
        }
        _ => is_sdk_path(program, at),
    }
}

fn is_sdk_path(program: &Program, at: ExprAt) -> bool {
    program.external(at).is_some_and(|path| {
        path.starts_with("botocore.exceptions.")
            || path.starts_with("boto3.exceptions.")
            || path.starts_with("aiobotocore.")
            || path.starts_with("pynamodb.exceptions.")
    })
}

pub(in crate::rules) fn is_any_error(program: &Program, at: ExprAt) -> bool {
    matches!(program.external(at), Some("builtins.Exception" | "builtins.BaseException"))
}

pub(in crate::rules) fn uses_sdk(program: &Program) -> bool {
    ["boto3", "botocore", "aioboto3", "aiobotocore", "pynamodb"]
        .into_iter()
        .any(|name| program.names.find(name).is_some())
}

/// Whether a statement calls the SDK: here, or in a function of the project that it calls.
fn calls_sdk(cx: &Cx<'_>, scope: Scope, stmt: StmtId) -> bool {
    let program = cx.program;
    let tree = program.tree(scope.module());
    let within = tree[stmt].span;
    program.calls_in(scope).iter().filter(|site| spans(within, tree[site.at.expr].span)).any(|site| {
        is_store_call(cx, site.at)
            || cx.values.targets(site.at).into_iter().any(|function| {
                program.calls_in(Scope::Function(function)).iter().any(|site| is_store_call(cx, site.at))
            })
    })
}

fn is_store_call(cx: &Cx<'_>, call: ExprAt) -> bool {
    cx.program.receiver(call).is_some_and(|receiver| kinds::store(cx, receiver) == kinds::Store::Yes)
}

/// A handler of errors of the application that answers with the text of what it is given.
fn answers_with_it(cx: &Cx<'_>, function: FunctionId, out: &mut Drafts) {
    let program = cx.program;
    if let Some(told) = told::of_registered(program, function).iter().find(|told| told.text) {
        say(cx, told.part, Scope::Function(function), Spot::function(program, function), out);
    }
}

fn say(cx: &Cx<'_>, at: ExprAt, scope: Scope, handler: Spot, out: &mut Drafts) {
    let draft = Draft::new(
        &SdkErrorAnswered::META,
        Spot::expr(cx.program, at),
        scope,
        "the text of the store's error is part of the answer: it names operation, table and account to whoever asks",
    )
    .step(handler, "caught here")
    .step(Spot::expr(cx.program, at), "and told to the caller");
    out.push(draft);
}
