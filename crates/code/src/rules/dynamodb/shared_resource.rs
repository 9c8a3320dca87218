//! A resource or session of the process is used by several threads.

use crate::entries::{EntryKind, Framework};
use crate::program::{CallSite, FunctionId, Scope};
use crate::rules::churn::rebuilt;
use crate::rules::look::{Reach, kinds, reach};
use crate::rules::rule::{Rule, rule};
use crate::rules::{Cx, Draft, Drafts, Meta, Spot};
use crate::values::{Kind, Object};

rule! {
    /// A resource or session of the process is used by several threads.
    SharedResource { id: "shared-resource", weakness: SharedResourceThreads, kind: Crash, severity: Low, since: "0.1.0" }
}

impl Rule for SharedResource {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, cx: &Cx<'_>, out: &mut Drafts) {
        let program = cx.program;
        for (name, message) in [
            (
                "Table",
                "threads share one resource and build tables from it: a resource is not thread-safe, a client is",
            ),
            (
                "client",
                "threads share one session and build clients from it: a session is not thread-safe, a client is",
            ),
            ("resource", "threads share one session and build resources from it: neither is thread-safe, a client is"),
        ] {
            for site in program.calls_named(name) {
                let Some(object) = shared(cx, site, |object| match object.kind {
                    Kind::Resource { .. } => name == "Table",
                    Kind::Session(sdk) => name != "Table" && !sdk.is_async(),
                    _ => false,
                }) else {
                    continue;
                };
                if runs_in_threads(cx, site.scope) && rebuilt(cx, site.at).is_some() {
                    let draft = Draft::new(&Self::META, Spot::expr(program, site.at), site.scope, message)
                        .step(Spot::expr(program, object.made), "one for the process")
                        .step(Spot::expr(program, site.at), "used by many threads");
                    out.push(draft);
                }
            }
        }
    }
}

/// The object of the process that a method is called on.
fn shared<'c>(cx: &'c Cx<'_>, site: &CallSite, is: impl Fn(&Object) -> bool) -> Option<&'c Object> {
    let receiver = cx.program.receiver(site.at)?;
    kinds::objects(cx, receiver).find(|object| is(object) && matches!(object.scope, Scope::Module(_) | Scope::Class(_)))
}

/// Whether a scope runs in several threads at once: plain functions of routes, and what is handed to threads.
fn runs_in_threads(cx: &Cx<'_>, scope: Scope) -> bool {
    let Some(function) = scope.function() else { return false };
    match reach(cx, scope) {
        Reach::Request => has_threaded_route(cx, function),
        Reach::Message => is_handed_over(cx, function),
        Reach::Unknown | Reach::Rare => false,
    }
}

/// Whether an operation gets there whose handler the server runs in a thread.
fn has_threaded_route(cx: &Cx<'_>, function: FunctionId) -> bool {
    let program = cx.program;
    if program.function(function).is_async {
        return false;
    }
    cx.entries.routes_reaching(function).any(|route| match route.framework {
        Framework::FastApi | Framework::Starlette => {
            route.enters.iter().any(|&entered| !program.function(entered).is_async)
        }
        Framework::Lambda => false,
        _ => route.handler.is_none_or(|handler| !program.function(handler).is_async),
    })
}

/// Whether it is handed to a thread or a pool, or started as one.
fn is_handed_over(cx: &Cx<'_>, function: FunctionId) -> bool {
    cx.values.callers(function).iter().any(|caller| caller.handed)
        || cx.entries.others.iter().any(|entry| entry.function == function && entry.kind == EntryKind::Thread)
}
