//! An operation is called on the client of another service.

use crate::program::{CallSite, ExprAt, Role};
use crate::rules::look::{kinds, text};
use crate::rules::reads::read::option;
use crate::rules::rule::{Rule, rule};
use crate::rules::{Cx, Draft, Drafts, Meta, Spot};
use crate::syntax::{Const, ExprKind};
use crate::values::Kind;

rule! {
    /// An operation is called on the client of another service.
    WrongClient { id: "wrong-client", weakness: SdkMisuse, kind: Crash, severity: High, since: "0.1.0" }
}

/// Operations of `dynamodbstreams` (botocore 1.44).
const STREAMS: &[&str] = &["get_shard_iterator", "get_records", "describe_stream", "list_streams"];

/// Operations of tables and of the `dynamodb` client that neither a resource nor `dynamodbstreams` has.
const TABLE: &[&str] = &["scan", "query", "get_item", "put_item", "update_item", "delete_item"];

impl Rule for WrongClient {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, cx: &Cx<'_>, out: &mut Drafts) {
        for name in STREAMS {
            for site in cx.program.calls_named(name) {
                if is_client(cx, site, "dynamodb") {
                    say(
                        cx,
                        site,
                        &format!(
                            "`{name}` is an operation of the `dynamodbstreams` client; the `dynamodb` client does not have it"
                        ),
                        out,
                    );
                }
            }
        }
        for name in TABLE {
            for site in cx.program.calls_named(name) {
                if is_client(cx, site, "dynamodbstreams") {
                    say(
                        cx,
                        site,
                        &format!(
                            "`{name}` is an operation of the `dynamodb` client; the `dynamodbstreams` client does not have it"
                        ),
                        out,
                    );
                } else if is_resource(cx, site) {
                    say(
                        cx,
                        site,
                        &format!("`{name}` is an operation of a table; the resource itself does not have it"),
                        out,
                    );
                } else if is_client(cx, site, "dynamodb") && has_plain_key(cx, site.at) {
                    say(
                        cx,
                        site,
                        "a client takes attribute values such as `{\"S\": …}` for a key; plain values are for tables",
                        out,
                    );
                }
            }
        }
    }
}

/// Whether the receiver is certainly a client of the service, and nothing else.
fn is_client(cx: &Cx<'_>, site: &CallSite, service: &str) -> bool {
    let Some(receiver) = cx.program.receiver(site.at) else { return false };
    let mut all = kinds::objects(cx, receiver).peekable();
    all.peek().is_some()
        && all.all(|object| matches!(object.kind, Kind::Client { service: Some(found), .. } if cx.program.text(found) == service))
}

fn is_resource(cx: &Cx<'_>, site: &CallSite) -> bool {
    let Some(receiver) = cx.program.receiver(site.at) else { return false };
    let mut all = kinds::objects(cx, receiver).peekable();
    all.peek().is_some() && all.all(|object| matches!(object.kind, Kind::Resource { .. }))
}

/// Whether a value of the key is plainly no attribute value: a number or text, an f-string, or a parameter that is declared as one.
fn has_plain_key(cx: &Cx<'_>, call: ExprAt) -> bool {
    let program = cx.program;
    let Some(key) = option(cx, call, "Key") else { return false };
    let ExprKind::Dict(entries) = program.expr(key).kind else { return false };
    program.tree(key.module)[entries].iter().any(|entry| {
        let value = key.beside(entry.value);
        match program.expr(value).kind {
            ExprKind::Const(Const::Str(_) | Const::Int(_)) | ExprKind::Fstring(_) => true,
            ExprKind::Name(name) => declared_plain(cx, value, name),
            ExprKind::Call { .. } => matches!(crate::rules::look::call_name(program, value), Some("str" | "int")),
            _ => false,
        }
    }) && text(program, key).is_none()
}

fn declared_plain(cx: &Cx<'_>, at: ExprAt, name: crate::syntax::Sym) -> bool {
    let program = cx.program;
    let Some(function) = program.scope_of(at).function() else { return false };
    program.params(function).iter().any(|param| {
        param.name == name
            && param.annotation.is_some_and(|annotation| {
                matches!(program.expr(function.module.expr(annotation)).kind, ExprKind::Name(name) if matches!(program.text(name), "str" | "int"))
            })
    })
}

fn say(cx: &Cx<'_>, site: &CallSite, message: &str, out: &mut Drafts) {
    if matches!(cx.program.module(site.at.module).role, Role::Test | Role::Stub) {
        return;
    }
    let mut draft = Draft::new(&WrongClient::META, Spot::expr(cx.program, site.at), site.scope, message);
    if let Some(receiver) = cx.program.receiver(site.at)
        && let Some(object) = kinds::objects(cx, receiver).next()
    {
        draft = draft.step(Spot::expr(cx.program, object.made), "this is what it is called on");
    }
    out.push(draft);
}
